/**
 * The metrics: what the five numbers of a rollup are called, and what is worked out of them.
 */
#ifndef FOOTFALL_COUNT_METRIC_H
#define FOOTFALL_COUNT_METRIC_H

#include "base/strbuf.h"
#include "store/rollup.h"

enum metric {
    METRIC_VIEWS,
    METRIC_VISITS,
    METRIC_VISITORS,
    METRIC_BOUNCES,
    METRIC_SECONDS,
    METRIC_SUM, /* of the values of events, in thousandths in the place of the seconds */
    METRIC_BOUNCE_RATE,
    METRIC_VISIT_DURATION,
    METRIC_VIEWS_PER_VISIT,
    METRIC_COUNT_ /* how many there are; none itself */
};

/** A set of metrics: bit 1 << enum metric. */
#define METRIC_BIT(metric_) (1U << (metric_))

/** All that there are of a visit: all but METRIC_SUM. */
#define METRICS_OF_VISITS (METRIC_BIT(METRIC_COUNT_) - 1 - METRIC_BIT(METRIC_SUM))

/** "views", "bounce_rate", …: as it is called everywhere. */
const char *metric_name(enum metric metric);

/** False: there is none of this name. */
bool metric_parse(struct slice name, enum metric *out);

/** True for those that can be sorted by: all that are sums. */
bool metric_is_sum(enum metric metric);

/** The number of one that is a sum; of METRIC_SUM, in thousandths. */
int64_t metric_sum(enum metric metric, const struct metrics *metrics);

/**
 * Appends the number in decimal, as JSON and CSV have it: whole, or with a point and the digits
 * that say something. Appends nothing when there is none: a rate of no visits.
 */
void metric_format(enum metric metric, const struct metrics *metrics, struct strbuf *out);

#endif
