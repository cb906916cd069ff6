/**
 * The model: random operations on the store under test and on a memory store have to give the same
 * results, step by step.
 */
#ifndef FOOTFALL_TESTS_MODEL_H
#define FOOTFALL_TESTS_MODEL_H

#include "store/store.h"
#include "support/test_loop.h"

/**
 * Runs 10,000 steps in a shard, or FOOTFALL_TEST_STEPS. Prints the seed; FOOTFALL_TEST_SEED repeats
 * a run. Fails the running test at the first difference.
 */
void model_compare(struct test_loop *loop, struct store *store, unsigned shard, const char *name);

#endif
