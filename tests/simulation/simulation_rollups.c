#include "simulation_rollups.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "count/plan.h"

#define SITE         SLICE("default")
#define BROWSER      UINT64_C(77)
#define PAGE_CAP     2
#define BUCKET_COUNT 2

/* More rows than any query here finds. */
#define MAX_SUMS 16

/* A day and a month of 1970, where no plan puts anything of its own. */
static const int32_t buckets[BUCKET_COUNT] = {1, 100000};

/* All five numbers move together, so that none can be lost alone. */
static struct metrics metrics_of(int64_t views)
{
    return (struct metrics){views, 2 * views, 3 * views, -views, 10 * views};
}

/* ---- in each commit ------------------------------------------------------------------------- */

static enum err roll_up_in(struct commit *commit, int32_t bucket, const struct addition *addition)
{
    struct slice path = addition->counter.value;
    uint64_t page = value_id(path);
    const struct rollup_addition rows[] = {
        {.rollup = {SITE, bucket, DIMENSION_ENTRY, VALUE_NONE, page}, .text = path},
        {.rollup = {SITE, bucket, DIMENSION_PAGE, VALUE_NONE, page}, .cap = PAGE_CAP, .text = path},
        {.rollup = {SITE, bucket, DIMENSION_BROWSER, page, BROWSER}, .cap = 1},
        {.rollup = {SITE, bucket, DIMENSION_TOTAL, VALUE_NONE, VALUE_NONE}},
    };
    bool is_total = addition->counter.dimension == DIMENSION_TOTAL;
    enum err err = ERR_OK;

    for (size_t i = is_total ? 3 : 0; err == ERR_OK && i < (is_total ? 4 : 3); i++) {
        struct rollup_addition row = rows[i];

        row.delta = metrics_of(addition->delta);
        err = commit_roll_up(commit, &row);
    }
    return err;
}

static enum err roll_up(struct commit *commit)
{
    enum err err = ERR_OK;

    for (size_t i = 0; i < commit->addition_count; i++) {
        for (size_t k = 0; err == ERR_OK && k < BUCKET_COUNT; k++) {
            if (commit->additions[i].delta != 0)
                err = roll_up_in(commit, buckets[k], &commit->additions[i]);
        }
    }
    return err;
}

/* The names are the linker's: --wrap. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
enum err __real_plan_commit(struct plan *plan, struct commit *commit);
enum err __wrap_plan_commit(struct plan *plan, struct commit *commit);

enum err __wrap_plan_commit(struct plan *plan, struct commit *commit)
{
    enum err err = __real_plan_commit(plan, commit);

    return err == ERR_OK ? roll_up(commit) : err;
}

/* NOLINTEND(bugprone-reserved-identifier) */

/* ---- at the end ----------------------------------------------------------------------------- */

struct answer {
    bool is_told;
    struct rollup_sum sums[MAX_SUMS];
    size_t count;
    bool is_named; /* as it is to be */
    struct slice name;
};

static void on_sums(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct answer *answer = ctx;

    if (err != ERR_OK || count > MAX_SUMS)
        abort();
    memcpy(answer->sums, sums, count * sizeof(*sums));
    answer->count = count;
    answer->is_told = true;
}

static struct answer ask(struct store *store, struct timers *timers,
                         const struct rollup_query *query)
{
    struct answer answer = {.is_told = false};

    if (!store_rollups(store, 0, query, on_sums, &answer))
        abort();
    while (!answer.is_told)
        timers_run(timers);
    return answer;
}

static void on_names(void *ctx, enum err err, const struct name *names, size_t count)
{
    struct answer *answer = ctx;

    answer->is_named = err == ERR_OK && count == 1 && slice_eq(names[0].text, answer->name);
    answer->is_told = true;
}

static bool is_named(struct store *store, struct timers *timers, struct slice path)
{
    struct answer answer = {.name = path};
    uint64_t id = value_id(path);

    if (!store_names(store, 0, SITE, &id, 1, on_names, &answer))
        abort();
    while (!answer.is_told)
        timers_run(timers);
    return answer.is_named;
}

/* The query's rows, in each bucket, add up to `views`; those of a store without hits are none. */
static bool adds_up(struct store *store, struct timers *timers, struct rollup_query query,
                    int64_t views, uint64_t *rows)
{
    const struct metrics expected = metrics_of(views);
    struct answer answer;
    bool holds;

    query.site = SITE;
    query.buckets = buckets;
    query.bucket_count = BUCKET_COUNT;
    query.group = ROLLUP_BY_BUCKET;
    answer = ask(store, timers, &query);
    holds = answer.count == (views > 0 ? BUCKET_COUNT : 0);
    for (size_t i = 0; i < answer.count; i++)
        holds = holds && memcmp(&answer.sums[i].metrics, &expected, sizeof(expected)) == 0;
    *rows += answer.count;
    return holds;
}

static bool keeps_its_cap(struct store *store, struct timers *timers)
{
    const struct rollup_query query = {
        .site = SITE,
        .dimension = DIMENSION_PAGE,
        .buckets = buckets,
        .bucket_count = 1,
        .group = ROLLUP_BY_VALUE,
    };

    return ask(store, timers, &query).count <= PAGE_CAP + 1;
}

bool simulation_check_rollups(struct store *store, struct timers *timers, struct slice path,
                              int64_t views, uint64_t *rows, char *why, size_t size)
{
    const struct rollup_query of_page[] = {
        {.dimension = DIMENSION_ENTRY, .value = value_id(path)},
    };
    const struct rollup_query of_site[] = {
        {.dimension = DIMENSION_TOTAL},
        {.dimension = DIMENSION_ENTRY},
        {.dimension = DIMENSION_PAGE},
        {.dimension = DIMENSION_BROWSER, .scope = ROLLUP_WITHIN_PAGES},
    };
    const struct rollup_query *queries = path.len > 0 ? of_page : of_site;
    bool holds =
        path.len > 0 ? views == 0 || is_named(store, timers, path) : keeps_its_cap(store, timers);

    if (!holds)
        (void)snprintf(why, size, "rollups of '%.*s': no name, or too many rows", SLICE_ARG(path));
    for (size_t i = 0; holds && i < (path.len > 0 ? 1 : 4); i++) {
        holds = adds_up(store, timers, queries[i], views, rows);
        if (!holds)
            (void)snprintf(why, size, "rollups of '%.*s' by %s are not its %" PRId64 " views",
                           SLICE_ARG(path), dimension_name(queries[i].dimension), views);
    }
    return holds;
}
