/**
 * The rules that tell browsers, systems and bots from user agents, as tools/generate-agent-rules
 * takes them from npm's uap-core and crawler-user-agents when Footfall is built.
 *
 * A rule is a pattern of PCRE2. All rules stand behind one another: those of browsers, of systems,
 * of bots, each kind in its own order, in which the first that matches decides.
 *
 * A mark is a text; every match of a rule contains at least one of its marks. Marks are found by a
 * hash of three of their bytes:
 *
 *     agent_buckets[h] .. agent_buckets[h + 1]     the marks whose three bytes have the hash h
 *
 * Texts are named by where they begin in agent_texts; there they end with a NUL.
 */
#ifndef FOOTFALL_COUNT_AGENT_RULES_H
#define FOOTFALL_COUNT_AGENT_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "count/bot.h"

/** More rules than there are. */
#define AGENT_MAX_RULES 4096

/** The hash of a, b, c: the upper AGENT_BUCKET_BITS of (a << 16 | b << 8 | c) * the factor. */
#define AGENT_HASH_FACTOR 2654435761U
#define AGENT_BUCKET_BITS 12
#define AGENT_GRAM_BYTES  3

struct agent_rule {
    uint32_t pattern;       /* text; 0: one of the marks alone is a match */
    uint32_t family;        /* text in which $1 to $9 stand for groups; 0: the first group */
    uint32_t version;       /* the same; 0: the second group */
    enum bot_reason reason; /* of a bot; else BOT_NONE */
};

struct agent_mark {
    uint32_t text;
    uint16_t length; /* bytes, at least AGENT_GRAM_BYTES */
    uint16_t gram;   /* where in the text the hashed bytes begin */
    uint16_t rule;
};

/** One behind the last rule of each kind; each begins where the one before ends. */
struct agent_rule_ends {
    uint16_t browsers;
    uint16_t systems;
    uint16_t bots;
};

extern const struct agent_rule_ends agent_rule_ends;
extern const struct agent_rule agent_rules[];
extern const char agent_texts[];
extern const struct agent_mark agent_marks[];
extern const uint16_t agent_buckets[];  /* 2^AGENT_BUCKET_BITS + 1 */
extern const uint16_t agent_unmarked[]; /* rules without marks: any agent may match */
extern const size_t agent_unmarked_count;

#endif
