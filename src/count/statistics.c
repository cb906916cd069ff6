#include "count/statistics_part.h"

#include <stdlib.h>

#include "base/log.h"
#include "count/bucket.h"
#include "count/moment.h"
#include "count/settings_key.h"

/* Texts of a question, points and rows of an answer. A thousand rows with the longest names have
 * 2.6 MB, and ten years of days 0.5 MB. */
#define ARENA_CHUNK_BYTES 8192
#define ARENA_MAX_BYTES   (8 << 20)

struct statistics_question statistics_question_init(void)
{
    return (struct statistics_question){
        .kind = STATISTICS_SERIES,
        .site = SLICE(SITE_DEFAULT),
        .period = PERIOD_30_DAYS,
        .last_day = -1,
        .page = SLICE(""),
        .filter = DIMENSION_NO_FILTER,
        .filter_value = SLICE(""),
        .unit = SERIES_UNIT_COUNT_,
        .dimension = DIMENSION_PAGE,
        .sort = METRIC_COUNT_,
        .limit = 10,
        .search = SLICE(""),
    };
}

/* ---- the end -------------------------------------------------------------------------------- */

static void query_free(struct statistics_query *query)
{
    struct statistics *statistics = query->owner;

    if (query->prev)
        query->prev->next = query->next;
    else
        statistics->first = query->next;
    if (query->next)
        query->next->prev = query->prev;
    statistics->count--;
    store_op_cancel(query->op);
    zone_close(query->answer.zone);
    site_destroy(query->site);
    ranking_fini(&query->ranking);
    arena_fini(&query->arena);
    free(query);
}

void statistics_finish(struct statistics_query *query, enum err err)
{
    query->answer.err = err;
    query->done(query->ctx, &query->answer);
    query_free(query);
}

void statistics_cancel(struct statistics_query *query)
{
    if (query)
        query_free(query);
}

/* ---- the days ------------------------------------------------------------------------------- */

static void begin(struct statistics_query *query)
{
    enum err err = ERR_OK;

    if (query->question.comparison != COMPARISON_NONE) {
        err = date_range_compared(query->answer.range, query->question.comparison,
                                  &query->answer.previous, &query->answer.info);
        query->answer.has_previous = err == ERR_OK;
    }
    query->answer.has_range = true;
    if (err != ERR_OK)
        statistics_finish(query, err);
    else if (query->question.kind == STATISTICS_TOP)
        statistics_begin_top(query);
    else
        statistics_begin_series(query);
}

/* The sums come in the order of the months. */
static void on_months(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct statistics_query *query = ctx;
    size_t first = 0;

    query->op = NULL;
    if (err != ERR_OK) {
        statistics_finish(query, err);
        return;
    }
    while (first < count && metrics_are_zero(&sums[first].metrics))
        first++;
    query->answer.range.first_day =
        first < count ? bucket_month_start((int32_t)sums[first].id) : query->answer.range.last_day;
    begin(query);
}

/* All there is begins with the first month that has counts. */
static void find_first_month(struct statistics_query *query)
{
    int32_t last = bucket_month_of_day(query->answer.range.last_day);
    int32_t months[DATE_RANGE_MAX_BUCKETS];
    struct rollup_query rollups = {
        .dimension = DIMENSION_TOTAL, .buckets = months, .group = ROLLUP_BY_BUCKET};

    for (int32_t month = BUCKET_FIRST_MONTH; month <= last; month++)
        months[rollups.bucket_count++] = month;
    statistics_read_rollups(query, &rollups, on_months);
}

static void find_days(struct statistics_query *query, int32_t today)
{
    const struct statistics_question *question = &query->question;
    struct date_range *range = &query->answer.range;

    if (question->period != PERIOD_COUNT_) {
        *range = period_range(question->period, today);
    } else {
        range->first_day = question->first_day;
        range->last_day = question->last_day < 0 ? today : question->last_day;
    }
    if (range->last_day < range->first_day) {
        err_info_set(&query->answer.info, "the range ends before it begins");
        statistics_finish(query, ERR_INVALID);
    } else if (question->period != PERIOD_ALL) {
        begin(query);
    } else if (question->comparison != COMPARISON_NONE) {
        err_info_set(&query->answer.info, "there is nothing before all to compare it with");
        statistics_finish(query, ERR_INVALID);
    } else {
        find_first_month(query);
    }
}

/* ---- the site ------------------------------------------------------------------------------- */

void statistics_no_site(struct slice site, struct err_info *info)
{
    err_info_set(info, "there is no site \"%.*s\"; `footfall site list` names those there are",
                 SLICE_ARG(site));
}

static enum err open_site(struct statistics_query *query, const struct record *record)
{
    struct slice id = query->question.site;
    struct err_info *info = &query->answer.info;
    enum err err = ERR_OK;

    if (record->version != RECORD_ABSENT) {
        err = site_decode(record->value, &query->site, info);
    } else if (slice_eq(id, SLICE(SITE_DEFAULT))) {
        query->site = site_default();
        err = query->site ? ERR_OK : ERR_NO_MEMORY;
    } else {
        statistics_no_site(id, info);
        return ERR_NOT_FOUND;
    }
    if (err == ERR_OK)
        err = zone_open(query->site->zone, &query->answer.zone, info);
    if (err == ERR_OK || err == ERR_NO_MEMORY)
        return err;
    log_error("a site's settings cannot be used", LOG_SLICE("site", id),
              LOG_STR("reason", info->text));
    return ERR_UNAVAILABLE;
}

static void on_site(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct statistics_query *query = ctx;
    struct statistics_answer *answer = &query->answer;
    struct moment moment;

    query->op = NULL;
    if (err == ERR_OK && count == 1)
        err = open_site(query, &records[0]);
    if (err == ERR_OK)
        err = statistics_check(&query->question, &answer->info);
    if (err != ERR_OK) {
        statistics_finish(query, err);
        return;
    }
    answer->site = query->site;
    answer->metrics = statistics_metrics(&query->question);
    moment_of(answer->zone, answer->unix_s, &moment);
    if (query->question.kind == STATISTICS_LIVE)
        statistics_begin_live(query);
    else
        find_days(query, moment.day);
}

/* ---- the store ------------------------------------------------------------------------------ */

static unsigned shard_of(const struct statistics_query *query)
{
    return store_shard_of(query->owner->store, query->question.site);
}

void statistics_read_rollups(struct statistics_query *query, struct rollup_query *rollups,
                             store_rollups_fn *done)
{
    rollups->site = query->question.site;
    query->op = store_rollups(query->owner->store, shard_of(query), rollups, done, query);
    if (!query->op)
        statistics_finish(query, ERR_BUSY);
}

void statistics_read_names(struct statistics_query *query, const uint64_t *ids, size_t count,
                           store_names_fn *done)
{
    query->op = store_names(query->owner->store, shard_of(query), query->question.site, ids, count,
                            done, query);
    if (!query->op)
        statistics_finish(query, ERR_BUSY);
}

static bool read_site(struct statistics_query *query)
{
    char text[SITE_KEY_BYTES];
    struct slice key = site_key(query->question.site, text);

    query->op = store_read(query->owner->store, shard_of(query), &key, 1, on_site, query);
    return query->op != NULL;
}

/* ---- asking --------------------------------------------------------------------------------- */

static bool keep_question(struct statistics_query *query, const struct statistics_question *asked)
{
    struct statistics_question *kept = &query->question;

    *kept = *asked;
    kept->site = arena_dup(&query->arena, asked->site);
    kept->page = arena_dup(&query->arena, asked->page);
    kept->filter_value = arena_dup(&query->arena, asked->filter_value);
    kept->search = arena_dup(&query->arena, asked->search);
    return kept->site.ptr && kept->page.ptr && kept->filter_value.ptr && kept->search.ptr;
}

static struct statistics_query *query_create(struct statistics *statistics)
{
    struct statistics_query *query = calloc(1, sizeof(*query));

    if (!query)
        return NULL;
    arena_init(&query->arena, ARENA_CHUNK_BYTES, ARENA_MAX_BYTES);
    query->owner = statistics;
    query->answer.question = &query->question;
    query->answer.unix_s = clock_unix_ms(statistics->clock) / 1000;
    query->next = statistics->first;
    if (query->next)
        query->next->prev = query;
    statistics->first = query;
    statistics->count++;
    return query;
}

struct statistics_query *statistics_ask(struct statistics *statistics,
                                        const struct statistics_question *question,
                                        statistics_done_fn *done, void *ctx)
{
    size_t max = question->is_public ? STATISTICS_MAX_PUBLIC : STATISTICS_MAX_ASKED;
    struct statistics_query *query;

    if (statistics->count >= max)
        return NULL;
    query = query_create(statistics);
    if (!query)
        return NULL;
    query->done = done;
    query->ctx = ctx;
    if (keep_question(query, question) && read_site(query))
        return query;
    query_free(query);
    return NULL;
}

struct statistics *statistics_create(struct store *store, const struct clock *clock)
{
    struct statistics *statistics = calloc(1, sizeof(*statistics));

    if (statistics)
        *statistics = (struct statistics){.store = store, .clock = clock};
    return statistics;
}

void statistics_destroy(struct statistics *statistics)
{
    struct statistics_query *next;

    if (!statistics)
        return;
    for (struct statistics_query *query = statistics->first; query; query = next) {
        next = query->next;
        query_free(query);
    }
    free(statistics);
}
