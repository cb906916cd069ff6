/**
 * A memo of parsed agents. The same few hundred agents come again and again; parsing is a pure
 * function of the agent, so what it gave may be kept.
 *
 * It holds at most AGENT_MEMO_MAX_AGENTS in about AGENT_MEMO_MAX_BYTES. When one more would not
 * fit, all are forgotten: simple, and rare even when somebody makes agents up.
 */
#ifndef FOOTFALL_COUNT_AGENT_MEMO_H
#define FOOTFALL_COUNT_AGENT_MEMO_H

#include "count/agent.h"

#define AGENT_MEMO_MAX_AGENTS 4096
#define AGENT_MEMO_MAX_BYTES  2097152

struct agent_memo;

/** One thread may use it at a time; made after fork. NULL without memory. */
struct agent_memo *agent_memo_create(void);
void agent_memo_destroy(struct agent_memo *memo);

/**
 * What `user_agent` says.
 *
 * @param user_agent  any bytes; empty, also with ptr NULL: none was sent; borrowed for the call
 * @return            the memo's, with its texts; valid until the next call. NULL when there was no
 *                    memory to parse it
 */
const struct agent *agent_memo_find(struct agent_memo *memo, struct slice user_agent);

/** How many agents are kept now. */
size_t agent_memo_count(const struct agent_memo *memo);

#endif
