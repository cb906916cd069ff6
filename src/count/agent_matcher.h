/**
 * Matches agents against the patterns of the rules (agent_rules.h), with PCRE2.
 *
 * A pattern is compiled when it is needed for the first time, to machine code where the system lets
 * us (a service with MemoryDenyWriteExecute= does not; then PCRE2 interprets). What a hostile agent
 * can cost is limited: a pattern that takes too long does not match.
 */
#ifndef FOOTFALL_COUNT_AGENT_MATCHER_H
#define FOOTFALL_COUNT_AGENT_MATCHER_H

#include "base/err.h"
#include "base/slice.h"

#define AGENT_MATCH_GROUPS 10

/** Group 0 is the whole match. */
struct agent_match {
    struct slice groups[AGENT_MATCH_GROUPS]; /* into the agent; those that took no part: empty */
};

struct agent_matcher;

/** One thread may use it at a time. NULL without memory. */
struct agent_matcher *agent_matcher_create(void);
void agent_matcher_destroy(struct agent_matcher *matcher);

/**
 * Looks for the pattern of the rule anywhere in the agent.
 *
 * @param out   filled when there is a match
 * @param rule  index in agent_rules; it has a pattern
 * @return      ERR_OK: a match; ERR_NOT_FOUND: none; ERR_NO_MEMORY
 */
enum err agent_matcher_match(struct agent_matcher *matcher, struct agent_match *out, size_t rule,
                             struct slice agent) MUST_CHECK;

#endif
