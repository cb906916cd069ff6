/**
 * Which rules can match an agent at all: one pass over its bytes instead of 2,000 patterns.
 */
#ifndef FOOTFALL_COUNT_AGENT_FILTER_H
#define FOOTFALL_COUNT_AGENT_FILTER_H

#include "base/slice.h"
#include "count/agent_rules.h"

/** A set of rules: rule i is bit i % 64 of word i / 64. */
struct agent_candidates {
    uint64_t words[AGENT_MAX_RULES / 64];
};

/** Fills `candidates` with the rules one of whose marks is in `agent`, and those without marks. */
void agent_filter(struct slice agent, struct agent_candidates *candidates);

/** The first rule of the set from `from` on that is below `end`; `end` when there is none. */
size_t agent_candidates_next(const struct agent_candidates *candidates, size_t from, size_t end);

#endif
