/**
 * What the statistics mean: a sentence for each metric and each dimension, and what is counted of
 * which. Shown wherever a number is.
 */
#ifndef FOOTFALL_COUNT_DEFINITION_H
#define FOOTFALL_COUNT_DEFINITION_H

#include "count/metric.h"

/** Live is a number of now, and no metric of a range. */
#define STATISTICS_LIVE_MINUTES 5
#define LIVE_NAME               "live"
#define LIVE_DEFINITION         "Visitors whose last hit was within the last 5 minutes."

struct metric_definition {
    const char *unit; /* "count", "seconds", "ratio" */
    const char *text; /* one sentence */
};

struct dimension_definition {
    const char *text;     /* one sentence */
    unsigned metrics;     /* a set: what is counted of its values */
    bool is_within_pages; /* its values are counted for each page, too */
    bool is_of_pages;     /* its values are pages, which have titles */
};

const struct metric_definition *metric_definition(enum metric metric);
const struct dimension_definition *dimension_definition(enum dimension dimension);

/** What lists of its values are sorted by, when nothing is said. */
enum metric dimension_first_metric(enum dimension dimension);

#endif
