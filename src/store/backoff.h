/**
 * How long a connection waits before it is tried again.
 */
#ifndef FOOTFALL_STORE_BACKOFF_H
#define FOOTFALL_STORE_BACKOFF_H

#include <stdint.h>

/**
 * Doubles from 50 ms to 2 s. Half of it is random, so that the processes that lost one server at
 * the same moment do not come back at the same moment.
 *
 * @param failures  before this attempt, in a row
 */
uint64_t backoff_ms(unsigned failures);

#endif
