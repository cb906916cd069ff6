#include "support/store_load.h"

#include <inttypes.h>
#include <stdio.h>

#include "support/cmocka.h"

#define PATIENCE_MS 60000
#define DAY         20000
#define MONTH       100671

static struct counter total_of(const struct store_load_site *site)
{
    return (struct counter){slice_str(site->id), DIMENSION_TOTAL, SLICE("")};
}

static bool is_shard_taken(const struct store_load *load, unsigned shard)
{
    for (size_t i = 0; i < load->site_count; i++) {
        if (load->sites[i].shard == shard)
            return true;
    }
    return false;
}

void store_load_start(struct store_load *load, struct test_loop *loop, struct store *store,
                      const struct store_env *env, size_t site_count)
{
    assert_true(site_count <= store_shard_count(store));
    *load = (struct store_load){.loop = loop, .store = store};
    for (unsigned number = 0; load->site_count < site_count; number++) {
        struct store_load_site *site = &load->sites[load->site_count];

        (void)snprintf(site->id, sizeof(site->id), "site-%u", number);
        site->shard = store_shard_of(store, slice_str(site->id));
        if (is_shard_taken(load, site->shard))
            continue;
        site->load = load;
        site->writer = writer_create(store, site->shard, env);
        assert_non_null(site->writer);
        load->site_count++;
    }
}

static void on_done(void *ctx, const struct commit_result *result)
{
    struct store_load_site *site = ctx;

    commit_unref(site->commit);
    site->commit = NULL;
    assert_int_not_equal(result->status, COMMIT_CONFLICT);
    if (result->status == COMMIT_DONE)
        site->confirmed++;
    else
        site->refused++;
}

static void add_id(struct store_load *load, struct commit *commit)
{
    char key[32];
    int len = snprintf(key, sizeof(key), "hit/id/%" PRIu64, load->next_id++);
    struct record_write write = {slice_of(key, (size_t)len), SLICE("1"), RECORD_ABSENT, 3600};

    assert_int_equal(commit_write(commit, &write), ERR_OK);
}

/* The rows that every hit has: of the site and of its page, by day and by month. */
static void add_rollups(const struct store_load_site *site, struct commit *commit)
{
    static const int32_t buckets[] = {DAY, MONTH};
    const struct slice path = SLICE("/");
    struct rollup_addition addition = {
        .rollup = {.site = slice_str(site->id)}, .delta = {1, 1, 1, 1, 30}, .cap = 100};

    for (size_t i = 0; i < 2; i++) {
        addition.rollup.bucket = buckets[i];
        addition.rollup.dimension = DIMENSION_TOTAL;
        addition.rollup.value = VALUE_NONE;
        addition.text = SLICE("");
        assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
        addition.rollup.dimension = DIMENSION_PAGE;
        addition.rollup.value = value_id(path);
        addition.text = path;
        assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
    }
}

static void begin(struct store_load_site *site)
{
    struct addition additions[] = {
        {.counter = total_of(site), .delta = 1},
        {.counter = {slice_str(site->id), DIMENSION_PAGE, SLICE("/")}, .delta = 1},
    };

    site->commit = commit_create();
    assert_non_null(site->commit);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(commit_add(site->commit, &additions[i]), ERR_OK);
    site->commit->totals_wanted = 1;
    if (site->load->has_ids)
        add_id(site->load, site->commit);
    if (site->load->has_rollups)
        add_rollups(site, site->commit);
    writer_commit(site->writer, site->commit, on_done, site);
}

void store_load_turn(struct store_load *load)
{
    for (size_t i = 0; i < load->site_count; i++) {
        if (!load->sites[i].commit)
            begin(&load->sites[i]);
    }
    test_loop_turn(load->loop);
}

static int64_t patience(const struct store_load *load)
{
    return clock_mono_ms(&load->loop->clock) + PATIENCE_MS;
}

void store_load_run(struct store_load *load, uint64_t hits)
{
    int64_t until_ms = patience(load);
    uint64_t goals[STORE_LOAD_MAX_SITES] = {0};

    for (size_t i = 0; i < load->site_count; i++)
        goals[i] = load->sites[i].confirmed + hits;
    for (size_t i = 0; i < load->site_count; i++) {
        while (load->sites[i].confirmed < goals[i]) {
            if (clock_mono_ms(&load->loop->clock) > until_ms)
                fail_msg("site %s, shard %u: nothing is confirmed", load->sites[i].id,
                         load->sites[i].shard);
            store_load_turn(load);
        }
    }
}

void store_load_settle(struct store_load *load)
{
    int64_t until_ms = patience(load);

    for (size_t i = 0; i < load->site_count; i++) {
        while (load->sites[i].commit) {
            assert_true(clock_mono_ms(&load->loop->clock) < until_ms);
            test_loop_turn(load->loop);
        }
    }
}

uint64_t store_load_confirmed(const struct store_load *load)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < load->site_count; i++)
        sum += load->sites[i].confirmed;
    return sum;
}

uint64_t store_load_refused(const struct store_load *load)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < load->site_count; i++)
        sum += load->sites[i].refused;
    return sum;
}

struct writer_stats store_load_stats(const struct store_load *load)
{
    struct writer_stats sum = {0};

    for (size_t i = 0; i < load->site_count; i++) {
        struct writer_stats stats;

        writer_get_stats(load->sites[i].writer, &stats);
        sum.commits += stats.commits;
        sum.refused += stats.refused;
        sum.retries += stats.retries;
        sum.went_back += stats.went_back;
        sum.lost_commits += stats.lost_commits;
        sum.replaced += stats.replaced;
        sum.replayed += stats.replayed;
    }
    return sum;
}

struct answer {
    volatile bool is_told;
    enum err err;
    int64_t total;
};

static void on_total(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct answer *answer = ctx;

    (void)count;
    answer->is_told = true;
    answer->err = err;
    answer->total = totals ? totals[0] : -1;
}

/* Of both buckets together, so twice the hits; 0 when there is no row. */
static void on_rollups(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct answer *answer = ctx;

    answer->is_told = true;
    answer->err = err;
    answer->total = 0;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sums[i].metrics.views, sums[i].metrics.visitors);
        assert_int_equal(30 * sums[i].metrics.views, sums[i].metrics.seconds);
        answer->total += sums[i].metrics.views;
    }
}

/* Starts the question of a total, or of the rollups of a dimension. */
static struct store_op *ask(struct store_load *load, const struct store_load_site *site,
                            const enum dimension *of_rollups, struct answer *answer)
{
    static const int32_t buckets[] = {DAY, MONTH};
    struct counter counter = total_of(site);
    struct rollup_query query = {
        .site = slice_str(site->id), .buckets = buckets, .bucket_count = 2};

    if (!of_rollups)
        return store_totals(load->store, site->shard, &counter, 1, on_total, answer);
    query.dimension = *of_rollups;
    return store_rollups(load->store, site->shard, &query, on_rollups, answer);
}

static int64_t read_sum(struct store_load *load, const struct store_load_site *site,
                        const enum dimension *of_rollups)
{
    int64_t until_ms = patience(load);
    struct answer answer;

    do {
        assert_true(clock_mono_ms(&load->loop->clock) < until_ms);
        answer = (struct answer){.is_told = false};
        assert_non_null(ask(load, site, of_rollups, &answer));
        assert_true(test_loop_wait(load->loop, &answer.is_told));
    } while (answer.err != ERR_OK);
    return answer.total;
}

static void check_rollups(struct store_load *load, const struct store_load_site *site,
                          int64_t stored)
{
    static const enum dimension dimensions[] = {DIMENSION_TOTAL, DIMENSION_PAGE};

    for (size_t i = 0; i < 2; i++) {
        int64_t sum = read_sum(load, site, &dimensions[i]);

        if (sum != 2 * stored)
            fail_msg("site %s, shard %u: %" PRId64 " in two rollups by %s, %" PRId64 " stored",
                     site->id, site->shard, sum, dimension_name(dimensions[i]), stored);
    }
}

void store_load_check(struct store_load *load)
{
    store_load_settle(load);
    for (size_t i = 0; i < load->site_count; i++) {
        const struct store_load_site *site = &load->sites[i];
        struct writer_stats stats;
        int64_t stored = read_sum(load, site, NULL);

        writer_get_stats(site->writer, &stats);
        if (stored != (int64_t)(site->confirmed - stats.lost_commits))
            fail_msg("site %s, shard %u: %" PRId64 " stored, %" PRIu64 " confirmed, %" PRIu64
                     " lost",
                     site->id, site->shard, stored, site->confirmed, stats.lost_commits);
        if (load->has_rollups)
            check_rollups(load, site, stored);
    }
}

void store_load_end(struct store_load *load)
{
    for (size_t i = 0; i < load->site_count; i++) {
        writer_destroy(load->sites[i].writer);
        commit_unref(load->sites[i].commit);
    }
    load->site_count = 0;
}
