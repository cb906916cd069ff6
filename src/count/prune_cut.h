/**
 * What of a site's statistics is too old to be kept:
 *
 *     minutes   those in which visitors were live, older than an hour; nobody looks at them
 *     hours     older than PRUNE_HOURS_DAYS, so that a year can be compared with the one before by
 *               the hour; or older than the site's retention, if that is shorter
 *     days      older than the site's retention, if it has one
 *     months    that ended before that
 */
#ifndef FOOTFALL_COUNT_PRUNE_CUT_H
#define FOOTFALL_COUNT_PRUNE_CUT_H

#include <stddef.h>
#include <stdint.h>

struct site;
struct zone;

#define PRUNE_LIVE_MINUTES 60
#define PRUNE_HOURS_DAYS   400

/** Buckets, both ends belong to it. */
struct prune_range {
    int32_t first;
    int32_t last; /* not before `first` */
};

#define PRUNE_MAX_RANGES 4

struct prune_cut {
    struct prune_range ranges[PRUNE_MAX_RANGES];
    size_t count;
    int32_t days_from;  /* days before this one are dropped; 0: none is */
    int32_t hours_from; /* the hours of days before this one are dropped */
    int32_t hour_from;  /* the first hour of that day, a bucket */
};

/** @param zone  the site's; NULL: UTC */
void prune_cut_make(const struct site *site, struct zone *zone, int64_t now_unix_s,
                    struct prune_cut *out);

#endif
