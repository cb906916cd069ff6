/* Old statistics are dropped, by one process at a time, whichever. */
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "count/bucket.h"
#include "count/civil_date.h"
#include "count/moment.h"
#include "count/prune.h"
#include "count/settings_key.h"
#include "count/zone.h"
#include "store/memory.h"
#include "store/writer.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"
#include "support/scripted_store.h"
#include "support/virtual_loop.h"

#define LEASE_S       60
#define DONE_S        86400

#define TWO_LEASES_MS INT64_C(120000)

/* Of the virtual loop: 2023-11-14 22:13:21, UTC. */
#define TODAY 19675

/* ---- what is too old ------------------------------------------------------------------------ */

static const struct {
    int64_t retention_days;
    const char *zone;
    size_t count;
    int32_t days_from;
    int32_t hours_from;
} cuts[] = {
    {0, "UTC", 2, 0, TODAY - PRUNE_HOURS_DAYS},
    {30, "UTC", 4, TODAY - 30, TODAY - 30},
    {30, "Pacific/Auckland", 4, TODAY + 1 - 30, TODAY + 1 - 30},
    {1, "Australia/Lord_Howe", 4, TODAY, TODAY},
    {PRUNE_HOURS_DAYS + 1, "UTC", 4, TODAY - PRUNE_HOURS_DAYS - 1, TODAY - PRUNE_HOURS_DAYS},
    {TODAY, "UTC", 2, 0, TODAY - PRUNE_HOURS_DAYS},
    {1000000, "UTC", 2, 0, TODAY - PRUNE_HOURS_DAYS},
};

static void what_is_too_old_follows_from_the_site(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        struct site *site = site_default();
        struct zone *zone = NULL;
        struct prune_cut cut;

        assert_non_null(site);
        site->retention_days = cuts[i].retention_days;
        assert_int_equal(zone_open(cuts[i].zone, &zone, NULL), ERR_OK);
        prune_cut_make(site, zone, VIRTUAL_EPOCH_MS / 1000, &cut);
        assert_int_equal(cut.count, cuts[i].count);
        assert_int_equal(cut.days_from, cuts[i].days_from);
        assert_int_equal(cut.hours_from, cuts[i].hours_from);
        for (size_t r = 0; r < cut.count; r++) {
            assert_true(cut.ranges[r].first <= cut.ranges[r].last);
            assert_int_equal(bucket_kind(cut.ranges[r].first), bucket_kind(cut.ranges[r].last));
        }
        zone_close(zone);
        site_destroy(site);
    }
}

/* ---- processes on one store ----------------------------------------------------------------- */

/* A process with a clock of its own, which the test lets go on. */
struct process {
    struct virtual_loop loop;
    struct store_env env;
    struct store *store;
    struct prune *prune; /* NULL: told */
    struct prune_result result;
    unsigned told;
    unsigned sites;
};

#define PROCESSES 2

struct fixture {
    struct memory_db *db;
    struct process processes[PROCESSES];
};

static void process_open(struct process *p, struct memory_db *db)
{
    *p = (struct process){.told = 0};
    virtual_loop_init(&p->loop);
    p->env =
        (struct store_env){.timers = &p->loop.timers, .clock = &p->loop.clock, .timeout_ms = 200};
    assert_int_equal(memory_open_on(db, &p->env, &p->store), ERR_OK);
}

static void process_close(struct process *p)
{
    prune_cancel(p->prune);
    store_close(p->store);
    virtual_loop_fini(&p->loop);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->db = memory_db_create();
    assert_non_null(f->db);
    for (size_t i = 0; i < PROCESSES; i++)
        process_open(&f->processes[i], f->db);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < PROCESSES; i++)
        process_close(&f->processes[i]);
    memory_db_destroy(f->db);
    free(f);
    return 0;
}

static void on_done(void *ctx, const struct prune_result *result)
{
    struct process *p = ctx;

    p->prune = NULL;
    p->result = *result;
    p->told++;
}

static void on_site(void *ctx, const struct site *site, struct zone *zone,
                    const struct prune_cut *cut)
{
    struct process *p = ctx;

    (void)zone;
    assert_non_null(site);
    assert_true(cut->count > 0);
    p->sites++;
}

static const struct prune_order daily = {
    .site = SLICE_INIT(""), .lease_s = LEASE_S, .done_s = DONE_S, .on_site = on_site};

static void start(struct process *p, const struct prune_order *order)
{
    p->told = 0;
    p->sites = 0;
    p->prune = prune_start(p->store, &p->env, order, on_done, p);
    assert_non_null(p->prune);
    assert_int_equal(p->told, 0);
}

static void pass(struct process *p, int64_t ms)
{
    virtual_loop_pass(&p->loop, ms);
}

static void assert_outcome(struct process *p, enum prune_outcome outcome)
{
    pass(p, 30000);
    assert_int_equal(p->told, 1);
    assert_int_equal(p->result.outcome, outcome);
}

/* ---- what is stored ------------------------------------------------------------------------- */

static void on_committed(void *ctx, const struct commit_result *result)
{
    unsigned *told = ctx;

    assert_int_equal(result->status, COMMIT_DONE);
    ++*told;
}

static void commit(struct process *p, struct commit *c)
{
    struct writer *writer = writer_create(p->store, 0, &p->env);
    unsigned told = 0;

    assert_non_null(writer);
    writer_commit(writer, c, on_committed, &told);
    virtual_loop_settle(&p->loop);
    assert_int_equal(told, 1);
    writer_destroy(writer);
    commit_unref(c);
}

static void add_rows(struct commit *c, const char *site, int32_t first, int32_t last, int32_t by)
{
    for (int32_t bucket = first; bucket <= last; bucket += by) {
        const struct rollup_addition addition = {
            .rollup = {.site = slice_str(site), .bucket = bucket, .dimension = DIMENSION_TOTAL},
            .delta = {.views = 1},
            .text = SLICE(""),
            .title = SLICE(""),
        };

        assert_int_equal(commit_roll_up(c, &addition), ERR_OK);
    }
}

static int32_t hour_of(int32_t day)
{
    return bucket_hour_of(DAY_S * day, 0);
}

/* 600 days with an hour each, their months, and the minutes of the last two hours. */
static void fill_site(struct process *p, const char *site)
{
    struct commit *c = commit_create();
    int32_t minute = bucket_minute_of(VIRTUAL_EPOCH_MS / 1000);

    assert_non_null(c);
    add_rows(c, site, TODAY - 599, TODAY, 1);
    add_rows(c, site, hour_of(TODAY - 599), hour_of(TODAY), 24);
    add_rows(c, site, bucket_month_of_day(TODAY - 599), bucket_month_of_day(TODAY), 1);
    add_rows(c, site, minute - 119, minute, 1);
    commit(p, c);
}

static void write_record(struct process *p, struct slice key, struct slice value)
{
    struct commit *c = commit_create();

    assert_non_null(c);
    assert_int_equal(commit_write(c, &(struct record_write){.key = key,
                                                            .value = value,
                                                            .expect_version = RECORD_ABSENT,
                                                            .ttl_s = RECORD_FOREVER}),
                     ERR_OK);
    commit(p, c);
}

static void keep_site(struct process *p, const char *id, int64_t retention_days)
{
    struct site *site = NULL;
    char key[SITE_KEY_BYTES];
    struct strbuf json;

    strbuf_init(&json, SITE_MAX_JSON);
    assert_int_equal(site_create(slice_str(id), 0, &site, NULL), ERR_OK);
    site->retention_days = retention_days;
    assert_int_equal(site_encode(site, &json), ERR_OK);
    write_record(p, site_key(slice_str(id), key), strbuf_slice(&json));
    strbuf_fini(&json);
    site_destroy(site);
}

struct rows {
    size_t count;
    bool is_told;
};

static void on_sums(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct rows *rows = ctx;

    (void)sums;
    assert_int_equal(err, ERR_OK);
    *rows = (struct rows){.count = count, .is_told = true};
}

static size_t count_rows(struct process *p, const char *site, int32_t first, int32_t last,
                         int32_t by)
{
    int32_t buckets[1000];
    struct rows rows = {.count = 0};
    struct rollup_query query = {.site = slice_str(site),
                                 .dimension = DIMENSION_TOTAL,
                                 .buckets = buckets,
                                 .group = ROLLUP_BY_BUCKET};

    for (int32_t bucket = first; bucket <= last; bucket += by)
        buckets[query.bucket_count++] = bucket;
    assert_non_null(store_rollups(p->store, 0, &query, on_sums, &rows));
    virtual_loop_settle(&p->loop);
    assert_true(rows.is_told);
    return rows.count;
}

struct held {
    size_t days;
    size_t hours;
    size_t months;
    size_t minutes;
};

static void assert_held(struct process *p, const char *site, struct held held)
{
    int32_t minute = bucket_minute_of(VIRTUAL_EPOCH_MS / 1000);

    assert_int_equal(count_rows(p, site, TODAY - 599, TODAY, 1), held.days);
    assert_int_equal(count_rows(p, site, hour_of(TODAY - 599), hour_of(TODAY), 24), held.hours);
    assert_int_equal(
        count_rows(p, site, bucket_month_of_day(TODAY - 599), bucket_month_of_day(TODAY), 1),
        held.months);
    assert_in_range(count_rows(p, site, minute - 119, minute, 1), held.minutes - 2,
                    held.minutes + 2);
}

static const struct held all = {600, 600, 21, 120};
static const struct held by_default = {600, PRUNE_HOURS_DAYS + 1, 21, PRUNE_LIVE_MINUTES};
static const struct held of_thirty_days = {31, 31, 2, PRUNE_LIVE_MINUTES};

/* ---- dropping ------------------------------------------------------------------------------- */

static void sites_keep_what_they_are_told_to_keep(void **state)
{
    struct fixture *f = *state;
    struct process *p = &f->processes[0];

    fill_site(p, "default");
    fill_site(p, "blog");
    fill_site(p, "gone"); /* no site any more: its statistics are somebody else's task */
    keep_site(p, "blog", 30);
    keep_site(p, "shop", 30);
    start(p, &daily);
    assert_outcome(p, PRUNE_FINISHED);
    assert_int_equal(p->result.sites, 3);
    assert_int_equal(p->sites, 3);
    assert_held(p, "default", by_default);
    assert_held(p, "blog", of_thirty_days);
    assert_held(p, "gone", all);
}

static void the_default_site_may_have_a_retention_too(void **state)
{
    struct fixture *f = *state;
    struct process *p = &f->processes[0];

    fill_site(p, "default");
    keep_site(p, "default", 30);
    start(p, &daily);
    assert_outcome(p, PRUNE_FINISHED);
    assert_int_equal(p->sites, 1);
    assert_held(p, "default", of_thirty_days);
}

static void one_site_is_pruned_alone(void **state)
{
    struct fixture *f = *state;
    struct process *p = &f->processes[0];
    struct prune_order order = daily;

    fill_site(p, "default");
    fill_site(p, "blog");
    keep_site(p, "blog", 30);
    order.site = SLICE("blog");
    start(p, &order);
    assert_outcome(p, PRUNE_FINISHED);
    assert_held(p, "default", all);
    assert_held(p, "blog", of_thirty_days);
    order.site = SLICE("nowhere");
    order.even_if_done = true;
    start(p, &order);
    assert_outcome(p, PRUNE_NO_SITE);
}

static void a_dry_prune_tells_and_drops_nothing_whoever_is_at_it(void **state)
{
    struct fixture *f = *state;
    struct process *p = &f->processes[0];
    struct prune_order order = daily;

    fill_site(p, "default");
    start(&f->processes[1], &daily);
    virtual_loop_settle(&f->processes[1].loop);
    order.is_dry = true;
    start(p, &order);
    assert_outcome(p, PRUNE_FINISHED);
    assert_int_equal(p->sites, 1);
    assert_int_equal(p->result.steps, 0);
    assert_held(p, "default",
                (struct held){600, 600, 21, PRUNE_LIVE_MINUTES}); /* the other's step */
}

static void a_site_whose_settings_are_broken_is_left_alone(void **state)
{
    struct fixture *f = *state;
    struct process *p = &f->processes[0];

    fill_site(p, "default");
    fill_site(p, "broken");
    fill_site(p, "well");
    write_record(p, SLICE("site/broken"), SLICE("{\"id\":"));
    keep_site(p, "well", 30);
    log_setup(LOG_LOGFMT, LOG_ERROR);
    start(p, &daily);
    assert_outcome(p, PRUNE_FINISHED);
    assert_int_equal(p->result.skipped, 1);
    assert_held(p, "broken", all);
    assert_held(p, "well", of_thirty_days);
}

/* ---- the lease ------------------------------------------------------------------------------ */

static void of_two_processes_one_does_it(void **state)
{
    struct fixture *f = *state;
    struct process *first = &f->processes[0];
    struct process *second = &f->processes[1];

    fill_site(first, "default");
    start(first, &daily);
    virtual_loop_settle(&first->loop);
    start(second, &daily);
    assert_outcome(second, PRUNE_HELD);
    assert_outcome(first, PRUNE_FINISHED);
    start(second, &daily);
    assert_outcome(second, PRUNE_DONE);
    pass(second, (int64_t)DONE_S * 1000);
    start(second, &daily);
    assert_outcome(second, PRUNE_FINISHED);
}

static void when_its_process_dies_another_one_does_it_anew(void **state)
{
    struct fixture *f = *state;
    struct process *first = &f->processes[0];
    struct process *second = &f->processes[1];

    fill_site(first, "default");
    start(first, &daily);
    virtual_loop_settle(&first->loop);
    prune_cancel(first->prune);
    first->prune = NULL;
    start(second, &daily);
    assert_outcome(second, PRUNE_HELD);
    pass(second, TWO_LEASES_MS / 2);
    start(second, &daily);
    assert_outcome(second, PRUNE_FINISHED);
    assert_held(second, "default", by_default);
}

static void who_was_stopped_for_longer_than_his_lease_stops(void **state)
{
    struct fixture *f = *state;
    struct process *first = &f->processes[0];
    struct process *second = &f->processes[1];

    fill_site(first, "default");
    start(first, &daily);
    virtual_loop_settle(&first->loop);
    pass(second, TWO_LEASES_MS);
    start(second, &daily);
    assert_outcome(second, PRUNE_FINISHED);
    first->loop.now_ms += TWO_LEASES_MS;
    assert_outcome(first, PRUNE_HELD);
}

static void who_is_slow_renews_his_lease(void **state)
{
    struct fixture *f = *state;
    struct process *first = &f->processes[0];
    struct process *second = &f->processes[1];
    struct prune_order order = daily;

    order.lease_s = 1;
    for (int i = 0; i < 300; i++) {
        char id[32];

        (void)snprintf(id, sizeof(id), "site-%d", i);
        keep_site(first, id, 30);
    }
    start(first, &order);
    pass(first, 5000);
    assert_int_equal(first->told, 0);
    second->loop.now_ms = first->loop.now_ms;
    start(second, &order);
    pass(second, 100);
    assert_int_equal(second->told, 1);
    assert_int_equal(second->result.outcome, PRUNE_HELD);
    assert_outcome(first, PRUNE_FINISHED);
    assert_int_equal(first->result.sites, 301);
}

/* ---- what goes wrong ------------------------------------------------------------------------ */

static void a_store_that_does_not_answer_is_given_up(void **state)
{
    struct process p = {.told = 0};
    unsigned asked = 0;

    (void)state;
    virtual_loop_init(&p.loop);
    p.env = (struct store_env){.timers = &p.loop.timers, .clock = &p.loop.clock, .timeout_ms = 200};
    p.store = scripted_open(&p.env);
    assert_non_null(p.store);
    start(&p, &(struct prune_order){.site = SLICE(""), .is_dry = true, .on_site = on_site});
    for (int i = 0; i < 100; i++) {
        pass(&p, 100);
        if (scripted_waiting(p.store) == 0)
            continue;
        asked++;
        op_finish_records(scripted_take(p.store, OP_READ), ERR_UNAVAILABLE, NULL);
    }
    assert_int_equal(asked, 5);
    assert_outcome(&p, PRUNE_FAILED);
    process_close(&p);
}

static void without_memory_it_is_told_or_not_begun(void **state)
{
    bool has_failed;
    size_t k = 1;

    do {
        struct fixture *f;
        struct process *p;

        set_up(state);
        f = *state;
        p = &f->processes[0];
        keep_site(p, "blog", 30);
        log_setup(LOG_LOGFMT, LOG_ERROR);
        failing_malloc_at(k++);
        p->prune = prune_start(p->store, &p->env, &daily, on_done, p);
        pass(p, 60000);
        has_failed = failing_malloc_stop();
        assert_null(p->prune);
        assert_true(has_failed || p->result.outcome == PRUNE_FINISHED);
        tear_down(state);
    } while (has_failed);
    assert_true(k > 10);
}

#define ON_A_STORE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_too_old_follows_from_the_site),
        ON_A_STORE(sites_keep_what_they_are_told_to_keep),
        ON_A_STORE(the_default_site_may_have_a_retention_too),
        ON_A_STORE(one_site_is_pruned_alone),
        ON_A_STORE(a_dry_prune_tells_and_drops_nothing_whoever_is_at_it),
        ON_A_STORE(a_site_whose_settings_are_broken_is_left_alone),
        ON_A_STORE(of_two_processes_one_does_it),
        ON_A_STORE(when_its_process_dies_another_one_does_it_anew),
        ON_A_STORE(who_was_stopped_for_longer_than_his_lease_stops),
        ON_A_STORE(who_is_slow_renews_his_lease),
        cmocka_unit_test(a_store_that_does_not_answer_is_given_up),
        cmocka_unit_test(without_memory_it_is_told_or_not_begun),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
