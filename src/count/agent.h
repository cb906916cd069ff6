/**
 * User agents: browser, system, device, and whether it is a bot, from the text that a client sends.
 *
 * Browsers and systems are what uap-core's rules say, matched in their order. All texts that come
 * out are clean UTF-8 (utf8_is_clean) of at most AGENT_MAX_NAME bytes, whatever the agent holds.
 */
#ifndef FOOTFALL_COUNT_AGENT_H
#define FOOTFALL_COUNT_AGENT_H

#include "base/err.h"
#include "base/slice.h"
#include "count/bot.h"
#include "count/device.h"

/** Of longer agents only so many bytes are looked at; those of people have 400 at most. */
#define AGENT_MAX_BYTES 512

/** The digest is taken of more, since a visitor may differ from another in what is behind. */
#define AGENT_MAX_DIGESTED 8192

/** What stands for the agent in a visitor's pseudonym. */
#define AGENT_DIGEST_BYTES 16

/** Bytes of each text. */
#define AGENT_MAX_NAME 100

/* The texts with a version have the major one; without any they are the family. */
struct agent {
    struct slice browser;         /* family: "Firefox"; empty: not known */
    struct slice browser_version; /* "Firefox 121" */
    struct slice system;          /* family: "Windows"; empty: not known */
    struct slice system_version;  /* "Windows 10" */
    enum device_class device;
    enum bot_reason bot;
    unsigned char digest[AGENT_DIGEST_BYTES]; /* BLAKE2b of the agent, AGENT_MAX_DIGESTED of it */
};

struct agent_parser;

/**
 * One thread may use it at a time. Made after fork, since it compiles patterns when they are
 * needed. NULL without memory.
 */
struct agent_parser *agent_parser_create(void);
void agent_parser_destroy(struct agent_parser *parser);

/**
 * Parses an agent; agent_memo_find() is for those that come again.
 *
 * @param agent       its texts live in the parser until the next call
 * @param user_agent  any bytes; empty, also with ptr NULL: none was sent
 * @return            ERR_OK or ERR_NO_MEMORY; then `agent` is not written
 */
enum err agent_parse(struct agent_parser *parser, struct agent *agent,
                     struct slice user_agent) MUST_CHECK;

#endif
