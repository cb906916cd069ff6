#include "count/histogram.h"

#include <stddef.h>

void histogram_add(struct histogram *histogram, uint64_t value)
{
    size_t bucket = 0;

    while (bucket + 1 < HISTOGRAM_BUCKETS && value > (UINT64_C(1) << bucket))
        bucket++;
    histogram->buckets[bucket]++;
    histogram->count++;
    histogram->sum += value;
}
