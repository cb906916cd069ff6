/**
 * A histogram whose bounds are powers of two: bucket i counts the values up to 2^i.
 */
#ifndef FOOTFALL_COUNT_HISTOGRAM_H
#define FOOTFALL_COUNT_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS 17

struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS]; /* not cumulated; larger values go in the last */
    uint64_t count;
    uint64_t sum;
};

void histogram_add(struct histogram *histogram, uint64_t value);

#endif
