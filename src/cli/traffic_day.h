/**
 * One day of traffic: which visits begin, and when.
 */
#ifndef FOOTFALL_CLI_TRAFFIC_DAY_H
#define FOOTFALL_CLI_TRAFFIC_DAY_H

#include "base/err.h"
#include "cli/traffic.h"

/** A visit that begins. */
struct traffic_start {
    int32_t second;   /* of the day, UTC */
    uint32_t number;  /* of the visit within the day */
    uint16_t channel; /* index of traffic_channels; of a robot traffic_channel_count */
    uint16_t country; /* index of traffic_countries */
};

struct traffic_day {
    struct traffic_start *starts; /* in the order of their seconds */
    size_t count;
    size_t capacity;
};

/** Visits a day for each weight of a channel, so that the plan's hits come out. */
double traffic_scale(const struct traffic_plan *plan);

/** Views of a visit, on average. */
double traffic_views_per_visit(const struct traffic_site *site, size_t channel);

/**
 * Fills `out`, whose memory is used again, and in the end is the caller's to free.
 *
 * @param day    0 … plan->days - 1
 * @param scale  traffic_scale()
 */
enum err traffic_day_draw(const struct traffic_plan *plan, int32_t day, double scale,
                          struct traffic_day *out) MUST_CHECK;

#endif
