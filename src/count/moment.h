/**
 * A moment, as the buckets of a site's zone that it falls into.
 */
#ifndef FOOTFALL_COUNT_MOMENT_H
#define FOOTFALL_COUNT_MOMENT_H

#include <stdint.h>

struct zone;

struct moment {
    int32_t minute; /* buckets: see bucket.h */
    int32_t hour;
    int32_t day;
    int32_t month;
    int64_t day_ends_unix_s; /* the local day is over for good then; always later than the moment */
};

/**
 * Cheap while the hour stays the same: two comparisons and a division.
 *
 * @param zone    NULL: UTC
 * @param unix_s  any; before 1970-01-02 and after 2243-10-15 it is taken for these days, so that no
 *                bucket is negative or another kind's
 */
void moment_of(struct zone *zone, int64_t unix_s, struct moment *out);

#endif
