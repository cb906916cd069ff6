/* Every allocation of a call fails once, in turn: the call gives the documented error or does what
 * it should, and nothing is lost or leaks. */
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "store/memory.h"
#include "store/writer.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"
#include "support/virtual_loop.h"

#define TIMEOUT_MS 1000

static const struct counter site_total = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};

/* 30 records and 30 counters: enough for maps and lists to grow on the way. */
static enum err fill(struct commit *commit)
{
    enum err err = commit_add(commit, &(struct addition){.counter = site_total, .delta = 1});

    for (char c = 'A'; c < 'A' + 30 && err == ERR_OK; c++) {
        struct record_write write = {.key = slice_of(&c, 1), .value = SLICE("v"), .ttl_s = 60};

        err = commit_write(commit, &write);
        if (err == ERR_OK)
            err =
                commit_add(commit, &(struct addition){.counter = (struct counter){SLICE("default"),
                                                                                  DIMENSION_PAGE,
                                                                                  slice_of(&c, 1)},
                                                      .delta = 1});
    }
    commit->totals_wanted = commit->addition_count;
    return err;
}

static void test_a_commit_is_built_whole_or_says_that_it_was_not(void **state)
{
    size_t k = 1;
    bool has_failed;

    (void)state;
    do {
        struct commit *commit;
        struct commit *copy = NULL;
        enum err err = ERR_NO_MEMORY;

        failing_malloc_at(k++);
        commit = commit_create();
        if (commit)
            err = fill(commit);
        if (err == ERR_OK)
            copy = commit_dup(commit);
        has_failed = failing_malloc_stop();
        assert_int_equal(copy ? copy->addition_count : 0, has_failed ? 0 : 31);
        assert_true(err == ERR_OK || (has_failed && err == ERR_NO_MEMORY));
        commit_unref(copy);
        commit_unref(commit);
    } while (has_failed);
    assert_true(k > 5);
}

struct fixture {
    struct virtual_loop loop;
    struct store_env env;
    struct store *store;
    size_t told;
    enum err err;
    enum commit_status status;
    int64_t total;
    bool is_purged;
};

static void set_up(struct fixture *f)
{
    *f = (struct fixture){.told = 0};
    virtual_loop_init(&f->loop);
    f->env = (struct store_env){
        .timers = &f->loop.timers, .clock = &f->loop.clock, .timeout_ms = TIMEOUT_MS};
}

static void on_done(void *ctx, enum err err)
{
    struct fixture *f = ctx;

    f->told++;
    f->err = err;
}

static void on_commit(void *ctx, const struct commit_result *result)
{
    struct fixture *f = ctx;

    f->told++;
    f->status = result->status;
    f->total = result->status == COMMIT_DONE ? result->totals[0] : 0;
}

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct fixture *f = ctx;

    (void)records;
    f->told++;
    f->err = err;
    assert_int_equal(count, err == ERR_OK ? 2 : 0);
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct fixture *f = ctx;

    (void)count;
    f->told++;
    f->err = err;
    f->total = err == ERR_OK ? totals[0] : 0;
}

static void on_list(void *ctx, enum err err, const struct record *records, size_t count)
{
    (void)records;
    assert_int_equal(count, err == ERR_OK ? 1 : 0);
    on_done(ctx, err);
}

static void on_rollups(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    assert_int_equal(count, err == ERR_OK ? 1 : 0);
    assert_true(count == 0 || sums[0].metrics.views == 1);
    on_done(ctx, err);
}

static void on_names(void *ctx, enum err err, const struct name *names, size_t count)
{
    assert_int_equal(count, err == ERR_OK ? 1 : 0);
    assert_true(count == 0 || names[0].text.len == 2);
    on_done(ctx, err);
}

static void on_purge(void *ctx, enum err err, bool is_done)
{
    struct fixture *f = ctx;

    assert_true(is_done || err != ERR_OK);
    f->is_purged = err == ERR_OK;
    on_done(ctx, err);
}

static void on_scan(void *ctx, enum err err, const struct scan_step *step)
{
    const struct fixture *f = ctx;

    if (err == ERR_OK)
        assert_int_equal(step->rollup_count, f->is_purged ? 0 : 1);
    on_done(ctx, err);
}

static void test_a_store_is_opened_whole_or_not_at_all(void **state)
{
    (void)state;
    for (size_t k = 1;; k++) {
        struct fixture f;
        enum err err;
        bool has_failed;

        set_up(&f);
        failing_malloc_at(k);
        err = store_open("memory:", &f.env, &f.store, NULL);
        has_failed = failing_malloc_stop();
        assert_int_equal(err, has_failed ? ERR_NO_MEMORY : ERR_OK);
        store_close(f.store);
        virtual_loop_fini(&f.loop);
        if (!has_failed)
            break;
    }
}

static const struct rollup_addition page_view = {
    .rollup = {SLICE_INIT("default"), 1, DIMENSION_PAGE, VALUE_NONE, 7},
    .delta = {.views = 1},
    .text = SLICE_INIT("/a"),
    .title = SLICE_INIT(""),
};

/* One record to list, one that is not listed, and one row of one page: a call that asks for
 * something else than it was told to finds something else. */
static void stock(struct fixture *f)
{
    const struct record_write site = {.key = SLICE("site/a"), .value = SLICE("v"), .ttl_s = 60};
    const struct record_write hit = {.key = SLICE("hit/a/1"), .value = SLICE("v"), .ttl_s = 60};
    struct writer *writer = writer_create(f->store, 0, &f->env);
    struct commit *commit = commit_create();

    assert_non_null(writer);
    assert_non_null(commit);
    assert_int_equal(commit_write(commit, &site), ERR_OK);
    assert_int_equal(commit_write(commit, &hit), ERR_OK);
    assert_int_equal(commit_add(commit, &(struct addition){.counter = site_total, .delta = 1}),
                     ERR_OK);
    commit->totals_wanted = 1;
    assert_int_equal(commit_roll_up(commit, &page_view), ERR_OK);
    writer_commit(writer, commit, on_commit, f);
    virtual_loop_pass(&f->loop, TIMEOUT_MS);
    assert_int_equal(f->status, COMMIT_DONE);
    commit_unref(commit);
    writer_destroy(writer);
}

/* The calls for sites and statistics; returns how many were taken. */
static size_t call_statistics(struct fixture *f)
{
    static const int32_t buckets[] = {1, 2};
    static const uint64_t ids[] = {7};
    const struct slice site = SLICE("default");
    const struct rollup_query query = {
        .site = site,
        .dimension = DIMENSION_PAGE,
        .scope = ROLLUP_OF_SITE,
        .page = VALUE_NONE,
        .value = VALUE_NONE,
        .buckets = buckets,
        .bucket_count = 2,
        .group = ROLLUP_BY_VALUE,
    };
    size_t taken = 0;

    taken += store_list(f->store, 0, SLICE("site/"), SLICE(""), 10, on_list, f) ? 1 : 0;
    taken += store_rollups(f->store, 0, &query, on_rollups, f) ? 1 : 0;
    taken += store_names(f->store, 0, site, ids, 1, on_names, f) ? 1 : 0;
    taken += store_purge(f->store, 0, site, 1, 2, on_purge, f) ? 1 : 0;
    taken += store_scan(f->store, 0, SLICE(""), on_scan, f) ? 1 : 0;
    return taken;
}

/* Starts a call of each kind; what was taken has to be told, or its deadline tells. */
static void call_all(struct fixture *f, const struct writer_id *writer)
{
    static const struct slice keys[] = {SLICE_INIT("a"), SLICE_INIT("b")};
    size_t taken = 0;

    f->told = 0;
    taken += store_register(f->store, 0, writer, 0, on_done, f) ? 1 : 0;
    taken += store_read(f->store, 0, keys, 2, on_read, f) ? 1 : 0;
    taken += store_totals(f->store, 0, &site_total, 1, on_totals, f) ? 1 : 0;
    taken += store_sweep(f->store, on_done, f) ? 1 : 0;
    taken += call_statistics(f);
    virtual_loop_pass(&f->loop, TIMEOUT_MS);
    assert_int_equal(f->told, taken);
}

static void test_every_call_that_was_taken_is_told(void **state)
{
    const struct writer_id writer = {{1}};

    (void)state;
    for (size_t k = 1;; k++) {
        struct store_stats stats;
        struct fixture f;
        bool has_failed;

        set_up(&f);
        assert_int_equal(store_open("memory:", &f.env, &f.store, NULL), ERR_OK);
        stock(&f);
        failing_malloc_at(k);
        call_all(&f, &writer);
        has_failed = failing_malloc_stop();
        store_get_stats(f.store, &stats);
        assert_int_equal(stats.in_flight, 0);
        store_close(f.store);
        virtual_loop_fini(&f.loop);
        if (!has_failed)
            break;
    }
}

/* The whole way of a commit, from its writer's first breath. It ends as DONE, or as REFUSED and
 * then nothing of it is in the store; a second one always goes through. */
static void test_a_commit_is_applied_whole_or_refused(void **state)
{
    size_t k = 1;
    size_t refused = 0;
    bool has_failed;

    (void)state;
    do {
        struct fixture f;
        struct writer *writer;
        struct commit *commit = commit_create();

        set_up(&f);
        assert_non_null(commit);
        assert_int_equal(fill(commit), ERR_OK);
        assert_int_equal(store_open("memory:", &f.env, &f.store, NULL), ERR_OK);
        writer = writer_create(f.store, 0, &f.env);
        assert_non_null(writer);
        failing_malloc_at(k++);
        writer_commit(writer, commit, on_commit, &f);
        assert_int_equal(f.told, 0);
        virtual_loop_pass(&f.loop, 5 * (int64_t)TIMEOUT_MS);
        has_failed = failing_malloc_stop();
        assert_int_equal(f.told, 1);
        if (f.status == COMMIT_REFUSED) {
            refused++;
            writer_commit(writer, commit, on_commit, &f);
            virtual_loop_pass(&f.loop, TIMEOUT_MS);
        }
        assert_int_equal(f.status, COMMIT_DONE);
        assert_int_equal(f.total, 1);
        commit_unref(commit);
        writer_destroy(writer);
        store_close(f.store);
        virtual_loop_fini(&f.loop);
    } while (has_failed);
    assert_true(refused > 10);
}

static void on_nothing(void *ctx)
{
    (void)ctx;
}

/* Takes all room that the heap of timers has, far in the future. */
static void crowd(struct virtual_loop *loop)
{
    static struct timer others[64];
    size_t count = 0;

    while (timer_start(&loop->timers, &others[count], INT64_MAX - 1, on_nothing, NULL) == ERR_OK)
        assert_true(++count < sizeof(others) / sizeof(others[0]));
}

/* Nothing can be sent, not even "later" can be said: the writer keeps its place in the timers and
 * gets on when there is memory again. */
static void test_a_writer_without_any_memory_waits_for_better_times(void **state)
{
    struct fixture f;
    struct writer *writer;
    struct commit *commit = commit_create();

    (void)state;
    set_up(&f);
    assert_non_null(commit);
    assert_int_equal(fill(commit), ERR_OK);
    assert_int_equal(store_open("memory:", &f.env, &f.store, NULL), ERR_OK);
    writer = writer_create(f.store, 0, &f.env);
    assert_non_null(writer);
    failing_malloc_from(1);
    crowd(&f.loop);
    writer_commit(writer, commit, on_commit, &f);
    virtual_loop_pass(&f.loop, 60000);
    assert_true(failing_malloc_stop());
    assert_int_equal(f.told, 0);
    virtual_loop_pass(&f.loop, 2000);
    assert_int_equal(f.told, 1);
    assert_int_equal(f.status, COMMIT_DONE);
    commit_unref(commit);
    writer_destroy(writer);
    store_close(f.store);
    virtual_loop_fini(&f.loop);
}

static void test_a_writer_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    for (size_t k = 1;; k++) {
        struct fixture f;
        struct writer *writer;
        bool has_failed;

        set_up(&f);
        assert_int_equal(store_open("memory:", &f.env, &f.store, NULL), ERR_OK);
        failing_malloc_at(k);
        writer = writer_create(f.store, 0, &f.env);
        has_failed = failing_malloc_stop();
        assert_true(has_failed ? !writer : writer != NULL);
        writer_destroy(writer);
        store_close(f.store);
        virtual_loop_fini(&f.loop);
        if (!has_failed)
            break;
    }
}

/* A store that lost its contents, and no memory for a moment: what was confirmed comes back. */
static void test_a_replay_gets_over_a_lack_of_memory(void **state)
{
    size_t k = 1;
    bool has_failed;

    (void)state;
    do {
        struct fixture f;
        struct memory_db *db = memory_db_create();
        struct writer *writer;
        struct commit *commit = commit_create();

        set_up(&f);
        assert_non_null(db);
        assert_non_null(commit);
        assert_int_equal(commit_add(commit, &(struct addition){.counter = site_total, .delta = 1}),
                         ERR_OK);
        commit->totals_wanted = 1;
        assert_int_equal(memory_open_on(db, &f.env, &f.store), ERR_OK);
        writer = writer_create(f.store, 0, &f.env);
        assert_non_null(writer);
        writer_commit(writer, commit, on_commit, &f);
        virtual_loop_settle(&f.loop);
        assert_int_equal(f.status, COMMIT_DONE);
        memory_db_clear(db);
        failing_malloc_at(k++);
        writer_commit(writer, commit, on_commit, &f);
        virtual_loop_pass(&f.loop, 5 * (int64_t)TIMEOUT_MS);
        has_failed = failing_malloc_stop();
        assert_int_equal(f.told, 2);
        assert_true(f.status == COMMIT_DONE || (has_failed && f.status == COMMIT_REFUSED));
        if (f.status == COMMIT_REFUSED) {
            writer_commit(writer, commit, on_commit, &f);
            virtual_loop_pass(&f.loop, TIMEOUT_MS);
        }
        assert_int_equal(f.status, COMMIT_DONE);
        assert_int_equal(f.total, 2);
        commit_unref(commit);
        writer_destroy(writer);
        store_close(f.store);
        memory_db_destroy(db);
        virtual_loop_fini(&f.loop);
    } while (has_failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_commit_is_built_whole_or_says_that_it_was_not),
        cmocka_unit_test(test_a_store_is_opened_whole_or_not_at_all),
        cmocka_unit_test(test_every_call_that_was_taken_is_told),
        cmocka_unit_test(test_a_commit_is_applied_whole_or_refused),
        cmocka_unit_test(test_a_writer_without_any_memory_waits_for_better_times),
        cmocka_unit_test(test_a_writer_is_made_whole_or_not_at_all),
        cmocka_unit_test(test_a_replay_gets_over_a_lack_of_memory),
    };

    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR + 1); /* lost commits are the subject here */
    return cmocka_run_group_tests_name("store out of memory", tests, NULL, NULL);
}
