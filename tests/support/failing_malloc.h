/**
 * Memory that runs out when a test wants it to. For programs linked with footfall_fail_malloc().
 *
 *     for (size_t k = 1; ; k++) {
 *         failing_malloc_at(k);
 *         …call…
 *         if (!failing_malloc_stop())
 *             break;           the call asks for memory less than k times: all were tried
 *         …check what the call promises without memory…
 *     }
 */
#ifndef FOOTFALL_TESTS_FAILING_MALLOC_H
#define FOOTFALL_TESTS_FAILING_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

/** From now on the k-th allocation fails, once; k from 1. */
void failing_malloc_at(size_t k);

/** From now on the k-th allocation fails and so does every later one. */
void failing_malloc_from(size_t k);

/** Memory is plenty again. True when an allocation had failed. */
bool failing_malloc_stop(void);

#endif
