#include "count/metric.h"

#define THOUSANDTHS 1000

static const struct {
    const char *name;
    int decimals; /* of one that is no whole number */
    bool is_sum;
} table[METRIC_COUNT_] = {
    [METRIC_VIEWS] = {"views", 0, true},
    [METRIC_VISITS] = {"visits", 0, true},
    [METRIC_VISITORS] = {"visitors", 0, true},
    [METRIC_BOUNCES] = {"bounces", 0, true},
    [METRIC_SECONDS] = {"seconds", 0, true},
    [METRIC_SUM] = {"sum", 3, true},
    [METRIC_BOUNCE_RATE] = {"bounce_rate", 4, false},
    [METRIC_VISIT_DURATION] = {"visit_duration", 1, false},
    [METRIC_VIEWS_PER_VISIT] = {"views_per_visit", 2, false},
};

const char *metric_name(enum metric metric)
{
    return table[metric].name;
}

bool metric_parse(struct slice name, enum metric *out)
{
    for (enum metric metric = 0; metric < METRIC_COUNT_; metric++) {
        if (slice_eq(slice_str(table[metric].name), name)) {
            *out = metric;
            return true;
        }
    }
    return false;
}

bool metric_is_sum(enum metric metric)
{
    return table[metric].is_sum;
}

int64_t metric_sum(enum metric metric, const struct metrics *metrics)
{
    switch (metric) {
    case METRIC_VIEWS:
    case METRIC_VIEWS_PER_VISIT:
        return metrics->views;
    case METRIC_VISITS:
        return metrics->visits;
    case METRIC_VISITORS:
        return metrics->visitors;
    case METRIC_BOUNCES:
    case METRIC_BOUNCE_RATE:
        return metrics->bounces;
    case METRIC_SECONDS:
    case METRIC_SUM:
    case METRIC_VISIT_DURATION:
        return metrics->seconds;
    case METRIC_COUNT_:
        break;
    }
    return 0;
}

void metric_format(enum metric metric, const struct metrics *metrics, struct strbuf *out)
{
    int64_t sum = metric_sum(metric, metrics);
    int64_t parts = metric == METRIC_SUM ? THOUSANDTHS : metrics->visits;

    if (table[metric].decimals == 0)
        strbuf_append_int(out, sum);
    else if (parts > 0)
        strbuf_printf(out, "%.*f", table[metric].decimals, (double)sum / (double)parts);
}
