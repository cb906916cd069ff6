/* What is special about the SQLite store; what all stores do is in tests/contract. */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sqlite_fixture.h"
#include "store/sqlite_lock.h"
#include "support/cmocka.h"

static const struct counter site_total = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};

static struct sqlite_lock lock_of(const struct fixture *f)
{
    struct sqlite_lock lock;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s.lock", f->path);
    assert_true(sqlite_lock_open(&lock, path, 0600));
    return lock;
}

static int64_t wal_bytes(const struct fixture *f)
{
    struct stat st;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s-wal", f->path);
    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

static void wait_until_idle(struct fixture *f)
{
    struct store_stats stats;

    do {
        test_loop_turn(&f->loop);
        store_get_stats(f->store, &stats);
    } while (stats.in_flight > 0);
}

/* ---- turns and deadlines -------------------------------------------------------------------- */

static void on_unknown(void *ctx, const struct commit_result *result)
{
    assert_int_equal(result->status, COMMIT_UNKNOWN);
    *(bool *)ctx = true;
}

static void test_a_commit_whose_deadline_passed_before_its_turn_is_dropped(void **state)
{
    struct fixture *f = *state;
    struct commit *commit = fixture_commit(f, 1);
    struct sqlite_lock lock;
    bool told = false;

    fixture_register(f);
    f->env.timeout_ms = 20;
    fixture_reopen(f);
    assert_int_equal(fixture_total(f), 0);
    assert_true(call_check(&f->loop, f->store).reachable); /* both threads have opened it */
    lock = lock_of(f);
    assert_true(sqlite_lock_take(&lock));
    commit_add_views(commit, site_total, 1);
    assert_non_null(store_commit(f->store, commit, on_unknown, &told));
    assert_true(test_loop_wait(&f->loop, &told));
    sqlite_lock_close(&lock);
    wait_until_idle(f);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM counter"), 0);

    f->env.timeout_ms = 10000;
    fixture_reopen(f);
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    assert_int_equal(fixture_total(f), 1);
}

static void on_nobody(void *ctx, const struct commit_result *result)
{
    (void)ctx;
    (void)result;
    fail_msg("told after close");
}

static void test_closing_drops_what_waits_for_its_turn(void **state)
{
    struct fixture *f = *state;
    struct commit *commit = fixture_commit(f, 1);
    struct sqlite_lock lock;

    fixture_register(f);
    lock = lock_of(f);
    assert_true(sqlite_lock_take(&lock));
    commit_add_views(commit, site_total, 1);
    assert_non_null(store_commit(f->store, commit, on_nobody, NULL));
    store_close(f->store);
    commit_unref(commit);
    sqlite_lock_close(&lock);
    test_loop_fini(&f->loop);
    test_loop_init(&f->loop);
    assert_int_equal(store_open(f->url, &f->env, &f->store, NULL), ERR_OK);
    assert_int_equal(fixture_total(f), 0);
}

static void test_another_program_in_the_way_is_a_refusal(void **state)
{
    struct fixture *f = *state;
    sqlite3 *other;

    fixture_register(f);
    assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(fixture_count(f, 1, 1), COMMIT_REFUSED);
    sqlite3_close(other);
    assert_int_equal(fixture_count(f, 1, 1), COMMIT_DONE);
    assert_int_equal(fixture_total(f), 1);
}

/* ---- failing commits ------------------------------------------------------------------------ */

/* No file can grow: as on a disk that fails. */
static void let_files_grow(bool allowed)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = allowed ? limit.rlim_max : 4096;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_commit_that_fails_to_be_written_is_unknown_until_it_is_sent_again(void **state)
{
    struct fixture *f = *state;
    struct commit *commit = fixture_commit(f, 2);
    struct store_stats stats;
    char detail[160];

    (void)signal(SIGXFSZ, SIG_IGN);
    fixture_register(f);
    assert_int_equal(fixture_count(f, 1, 1), COMMIT_DONE);
    assert_int_equal(fixture_total(f), 1); /* the reader has it open, too */
    commit_add_views(commit, site_total, 10);
    let_files_grow(false);
    assert_int_equal(fixture_submit(f, commit_ref(commit), detail), COMMIT_UNKNOWN);
    assert_false(call_check(&f->loop, f->store).sufficient);
    let_files_grow(true);
    assert_non_null(strstr(detail, "SQLite: "));
    assert_int_equal(fixture_submit(f, commit_ref(commit), NULL), COMMIT_DONE);
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    assert_true(call_check(&f->loop, f->store).sufficient);
    assert_int_equal(fixture_total(f), 11);
    store_get_stats(f->store, &stats);
    assert_int_equal(stats.reconnects, 1);
    assert_int_equal(stats.connected, 1);
}

static void test_a_counter_that_is_full_refuses_the_whole_commit(void **state)
{
    struct fixture *f = *state;
    struct commit *commit = fixture_commit(f, 2);
    const struct counter page = {SLICE("default"), DIMENSION_PAGE, SLICE("/")};
    char detail[160];

    fixture_register(f);
    assert_int_equal(fixture_count(f, 1, INT64_MAX), COMMIT_DONE);
    commit_add_views(commit, page, 1);
    commit_add_views(commit, site_total, 1);
    assert_int_equal(fixture_submit(f, commit, detail), COMMIT_REFUSED);
    assert_non_null(strstr(detail, "a counter is full"));
    assert_int_equal(call_total(&f->loop, f->store, &page), 0);
    assert_int_equal(fixture_count(f, 2, -1), COMMIT_DONE);
    assert_int_equal(fixture_total(f), INT64_MAX - 1);
}

static void test_tables_that_somebody_dropped_are_told_as_such(void **state)
{
    struct fixture *f = *state;
    struct commit *commit = fixture_commit(f, 1);
    char detail[160];

    fixture_register(f);
    fixture_execute(f, "DROP TABLE counter");
    commit_add_views(commit, site_total, 1);
    assert_int_equal(fixture_submit(f, commit, detail), COMMIT_REFUSED);
    assert_non_null(strstr(detail, "no such table: counter"));
    /* Opening again finds it out at once. */
    assert_false(call_check(&f->loop, f->store).sufficient);
}

/* ---- what is in the file -------------------------------------------------------------------- */

static void test_hostile_keys_and_values_stay_apart(void **state)
{
    static const struct slice values[] = {
        SLICE_INIT("a"),        SLICE_INIT("a\0"), SLICE_INIT("a\0b"),
        SLICE_INIT("a\0c"),     SLICE_INIT("a'b"), SLICE_INIT("a'); DROP TABLE counter; --"),
        SLICE_INIT("\xff\xfe"), SLICE_INIT("A"),   SLICE_INIT("a "),
        SLICE_INIT("1"),        SLICE_INIT("1.0"),
    };
    const size_t count = sizeof(values) / sizeof(values[0]);
    struct fixture *f = *state;
    struct commit *commit = fixture_commit(f, 1);
    char value[64];
    size_t len;

    fixture_register(f);
    for (size_t i = 0; i < count; i++) {
        commit_add_views(commit, (struct counter){SLICE("s"), DIMENSION_PAGE, values[i]},
                         (int64_t)i + 1);
        commit_put(commit, values[i], values[count - 1 - i], 3600);
    }
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    fixture_reopen(f);
    for (size_t i = 0; i < count; i++) {
        struct counter counter = {SLICE("s"), DIMENSION_PAGE, values[i]};

        assert_int_equal(call_total(&f->loop, f->store, &counter), i + 1);
        assert_int_not_equal(call_read(&f->loop, f->store, values[i], value, sizeof(value), &len),
                             RECORD_ABSENT);
        assert_true(slice_eq(slice_of(value, len), values[count - 1 - i]));
    }
}

static void test_a_sweep_removes_what_expired_in_small_steps(void **state)
{
    struct fixture *f = *state;
    struct commit *commit = fixture_commit(f, 1);
    char key[32];

    fixture_register(f);
    for (int i = 0; i < 700; i++) {
        int len = snprintf(key, sizeof(key), "hit/default/%d", i);

        commit_put(commit, slice_of(key, (size_t)len), SLICE("1"), i < 650 ? 60 : 3600);
    }
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    assert_int_equal(call_sweep(&f->loop, f->store), ERR_OK);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM record"), 700);
    f->loop.unix_shift_ms = 61000;
    assert_int_equal(call_sweep(&f->loop, f->store), ERR_OK);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM record"), 200);
    assert_int_equal(call_sweep(&f->loop, f->store), ERR_OK);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM record"), 50);
}

static void test_a_sweep_forgets_writers_unseen_for_seven_days(void **state)
{
    struct fixture *f = *state;
    const int64_t ttl_ms = INT64_C(1000) * (int64_t)STORE_WRITER_TTL_S;

    fixture_register(f);
    f->loop.unix_shift_ms = ttl_ms / 2;
    assert_int_equal(fixture_count(f, 1, 1), COMMIT_DONE); /* seen again */
    f->loop.unix_shift_ms = ttl_ms + 1000;
    assert_int_equal(call_sweep(&f->loop, f->store), ERR_OK);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM writer"), 1);
    f->loop.unix_shift_ms = ttl_ms / 2 + ttl_ms + 1000;
    assert_int_equal(call_sweep(&f->loop, f->store), ERR_OK);
    assert_int_equal(fixture_count(f, 2, 1), COMMIT_NO_WRITER);
}

/* ---- the log -------------------------------------------------------------------------------- */

static void put_many(struct fixture *f, uint64_t number, int count)
{
    static char value[RECORD_MAX_VALUE];
    struct commit *commit = fixture_commit(f, number);
    char key[48];

    for (int i = 0; i < count; i++) {
        int len = snprintf(key, sizeof(key), "big/%u/%d", (unsigned)number, i);

        commit_put(commit, slice_of(key, (size_t)len), slice_of(value, sizeof(value)), 3600);
    }
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
}

static void test_the_log_is_used_again_after_a_checkpoint(void **state)
{
    struct fixture *f = *state;

    fixture_register(f);
    /* 30 commits of 2 MiB: 60 MiB in all, 4 MiB and a last commit at most at a time. */
    for (uint64_t n = 1; n <= 30; n++)
        put_many(f, n, 128);
    assert_in_range(wal_bytes(f), 1, 16 << 20);
}

static void test_a_log_that_a_reader_let_grow_gives_its_space_back(void **state)
{
    struct fixture *f = *state;
    sqlite3 *reader;

    fixture_register(f);
    /* Somebody who reads keeps the log from starting over. */
    assert_int_equal(sqlite3_open(f->path, &reader), SQLITE_OK);
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT * FROM writer", NULL, NULL, NULL),
                     SQLITE_OK);
    for (uint64_t n = 1; n <= 3; n++)
        put_many(f, n, 1500);
    assert_true(wal_bytes(f) >= 64 << 20);
    sqlite3_close(reader);
    put_many(f, 4, 300);
    assert_in_range(wal_bytes(f), 0, 16 << 20);
}

static void test_a_footfall_that_is_closed_is_one_file(void **state)
{
    struct fixture *f = *state;

    fixture_register(f);
    assert_int_equal(fixture_count(f, 1, 1), COMMIT_DONE);
    assert_true(wal_bytes(f) > 0);
    store_close(f->store);
    test_loop_fini(&f->loop);
    assert_int_equal(wal_bytes(f), -1);
    test_loop_init(&f->loop);
    assert_int_equal(store_open(f->url, &f->env, &f->store, NULL), ERR_OK);
    assert_int_equal(fixture_total(f), 1);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_commit_whose_deadline_passed_before_its_turn_is_dropped),
        CASE(test_closing_drops_what_waits_for_its_turn),
        CASE(test_another_program_in_the_way_is_a_refusal),
        CASE(test_a_commit_that_fails_to_be_written_is_unknown_until_it_is_sent_again),
        CASE(test_a_counter_that_is_full_refuses_the_whole_commit),
        CASE(test_tables_that_somebody_dropped_are_told_as_such),
        CASE(test_hostile_keys_and_values_stay_apart),
        CASE(test_a_sweep_removes_what_expired_in_small_steps),
        CASE(test_a_sweep_forgets_writers_unseen_for_seven_days),
        CASE(test_the_log_is_used_again_after_a_checkpoint),
        CASE(test_a_log_that_a_reader_let_grow_gives_its_space_back),
        CASE(test_a_footfall_that_is_closed_is_one_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
