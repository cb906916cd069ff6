/* Series, and how many visitors there are now. */
#include "count/bucket.h"
#include "count/statistics_part.h"

/* ---- series --------------------------------------------------------------------------------- */

static void read_series(struct statistics_query *query, const struct series *series,
                        store_rollups_fn *done)
{
    struct rollup_query rollups = statistics_rollups(&query->question);
    enum err err = series_buckets(series, &query->arena, &rollups.buckets, &rollups.bucket_count);

    if (err == ERR_OK)
        statistics_read_rollups(query, &rollups, done);
    else
        statistics_finish(query, err);
}

static void add_all(struct series *series, const struct rollup_sum *sums, size_t count)
{
    for (size_t i = 0; i < count; i++)
        series_add(series, (int32_t)sums[i].id, &sums[i].metrics);
}

static void on_previous(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct statistics_query *query = ctx;

    query->op = NULL;
    if (err == ERR_OK)
        add_all(&query->answer.previous_series, sums, count);
    statistics_finish(query, err);
}

static void on_series(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct statistics_query *query = ctx;

    query->op = NULL;
    if (err == ERR_OK)
        add_all(&query->answer.series, sums, count);
    if (err == ERR_OK && query->answer.has_previous)
        read_series(query, &query->answer.previous_series, on_previous);
    else
        statistics_finish(query, err);
}

void statistics_begin_series(struct statistics_query *query)
{
    struct statistics_answer *answer = &query->answer;
    enum series_unit unit = query->question.unit;
    enum err err;

    if (unit == SERIES_UNIT_COUNT_)
        unit = series_unit_of(answer->range, query->question.filter == DIMENSION_NO_FILTER);
    err = series_plan(&answer->series, unit, answer->range, answer->zone, &query->arena,
                      &answer->info);
    if (err == ERR_OK && answer->has_previous)
        err = series_plan(&answer->previous_series, unit, answer->previous, answer->zone,
                          &query->arena, &answer->info);
    if (err == ERR_OK)
        read_series(query, &answer->series, on_series);
    else
        statistics_finish(query, err);
}

/* ---- live ----------------------------------------------------------------------------------- */

/* A visitor is in one minute only: that of the last hit. */
static void on_live(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct statistics_query *query = ctx;

    query->op = NULL;
    for (size_t i = 0; err == ERR_OK && i < count; i++)
        query->answer.live += sums[i].metrics.visitors;
    statistics_finish(query, err);
}

void statistics_begin_live(struct statistics_query *query)
{
    int32_t minutes[STATISTICS_LIVE_MINUTES];
    struct rollup_query rollups = {.dimension = DIMENSION_TOTAL,
                                   .buckets = minutes,
                                   .bucket_count = STATISTICS_LIVE_MINUTES,
                                   .group = ROLLUP_BY_BUCKET};
    int32_t first = bucket_minute_of(query->answer.unix_s) - STATISTICS_LIVE_MINUTES + 1;

    for (int32_t i = 0; i < STATISTICS_LIVE_MINUTES; i++)
        minutes[i] = first + i;
    statistics_read_rollups(query, &rollups, on_live);
}
