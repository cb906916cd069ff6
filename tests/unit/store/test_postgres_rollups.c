/* Rollups that several sessions change at once, and what is big, inside PostgreSQL. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "calls_rollups.h"
#include "postgres_fixture.h"
#include "support/cmocka.h"

#define SITE SLICE("default")

static struct rollup_addition addition_of(struct slice site, int32_t bucket, uint64_t value)
{
    return (struct rollup_addition){
        .rollup = {.site = site, .bucket = bucket, .dimension = DIMENSION_PAGE, .value = value},
        .delta = {.views = 1},
        .text = SLICE(""),
        .title = SLICE(""),
    };
}

static void roll_up(struct commit *commit, int32_t bucket, uint64_t value)
{
    struct rollup_addition addition = addition_of(SITE, bucket, value);

    assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
}

struct told {
    volatile bool is_told;
    enum commit_status status;
};

static void on_told(void *ctx, const struct commit_result *result)
{
    struct told *told = ctx;

    told->is_told = true;
    told->status = result->status;
}

static void begin(struct store *store, struct commit *commit, struct told *told)
{
    *told = (struct told){.is_told = false};
    assert_non_null(store_commit(store, commit, on_told, told));
}

static void end(struct postgres_fixture *f, struct told *told)
{
    assert_true(test_loop_wait(&f->loop, &told->is_told));
    assert_int_equal(told->status, COMMIT_DONE);
}

static void wait_for_waiting(struct postgres_fixture *f, int64_t count)
{
    while (postgres_server_int(f->server, "SELECT count(*) FROM pg_stat_activity WHERE"
                                          " application_name = 'footfall'"
                                          " AND wait_event_type = 'Lock'") < count)
        test_loop_turn(&f->loop);
}

/* Each list is said to have as many rows as it has. */
static void assert_lists_fit(struct postgres_fixture *f)
{
    assert_int_equal(postgres_server_int(
                         f->server,
                         "SELECT count(*) FROM (SELECT site, bucket, dimension, page <> 0 AS w,"
                         " count(*) AS n FROM footfall_rollup GROUP BY 1, 2, 3, 4) AS r"
                         " FULL JOIN footfall_list AS l ON l.site = r.site AND l.bucket = r.bucket"
                         " AND l.dimension = r.dimension AND l.is_within = r.w"
                         " WHERE coalesce(r.n, 0) <> coalesce(l.rows, 0)"),
                     0);
}

/* ---- commits that meet ---------------------------------------------------------------------- */

static void test_twins_are_applied_once(void **state)
{
    struct postgres_fixture *f = *state;
    struct store *second = postgres_fixture_open(f, NULL, 10000);
    struct commit *commit = postgres_fixture_commit(f);
    struct told told[2];

    postgres_fixture_wait(f, second, true);
    postgres_server_do(f->server, "BEGIN; INSERT INTO footfall_rollup"
                                  " VALUES ('default', 1, 1, 0, 7, 10, 0, 0, 0, 0)");
    roll_up(commit, 1, 7);
    begin(f->store, commit, &told[0]);
    wait_for_waiting(f, 1);
    begin(second, commit, &told[1]);
    wait_for_waiting(f, 2);
    postgres_server_do(f->server, "ROLLBACK");
    for (int i = 0; i < 2; i++)
        end(f, &told[i]);
    assert_int_equal(postgres_server_int(f->server, "SELECT sum(views) FROM footfall_rollup"), 1);
    store_close(second);
    commit_unref(commit);
}

/* It is not there when the statement begins, and is when it comes to it. */
static void test_a_row_that_appears_meanwhile_is_added_to(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct told told;

    postgres_server_do(f->server, "BEGIN; INSERT INTO footfall_rollup"
                                  " VALUES ('default', 1, 1, 0, 7, 10, 0, 0, 0, 0);"
                                  " INSERT INTO footfall_list VALUES ('default', 1, 1, false, 1)");
    roll_up(commit, 1, 7);
    roll_up(commit, 1, 8);
    begin(f->store, commit, &told);
    wait_for_waiting(f, 1);
    postgres_server_do(f->server, "COMMIT");
    end(f, &told);
    assert_int_equal(
        postgres_server_int(f->server, "SELECT views FROM footfall_rollup WHERE value = 7"), 11);
    assert_lists_fit(f);
    commit_unref(commit);
}

static void test_a_row_that_changes_meanwhile_is_added_to(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct told told;

    roll_up(commit, 1, 7);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    postgres_server_do(f->server, "BEGIN; UPDATE footfall_rollup SET views = views + 10");
    commit = postgres_fixture_commit(f);
    roll_up(commit, 1, 7);
    begin(f->store, commit, &told);
    wait_for_waiting(f, 1);
    postgres_server_do(f->server, "COMMIT");
    end(f, &told);
    assert_int_equal(postgres_server_int(f->server, "SELECT views FROM footfall_rollup"), 12);
    assert_lists_fit(f);
    commit_unref(commit);
}

/* Rows of several sites, some of them new each time, named in opposite orders; and counters. */
static struct commit *make_crossing(const struct writer_id *writer, uint64_t number, bool backwards)
{
    enum { SITES = 3, ROWS = 8 };

    static const char *const sites[SITES] = {"a", "default", "b"};
    struct commit *commit = commit_create();

    assert_non_null(commit);
    commit->writer = *writer;
    commit->number = number;
    commit->version = random_nonzero_u64();
    for (uint64_t i = 0; i < (uint64_t)SITES * ROWS; i++) {
        uint64_t n = backwards ? SITES * ROWS - 1 - i : i;
        struct slice site = slice_str(sites[n % SITES]);
        int32_t bucket = n % 2 ? 1 : (int32_t)(number / 10);
        struct rollup_addition addition = addition_of(site, bucket, 100 + n);
        struct addition total = {.counter = {site, DIMENSION_TOTAL, SLICE("")}, .delta = 1};

        addition.text = SLICE("/");
        assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
        if (n < SITES)
            assert_int_equal(commit_add(commit, &total), ERR_OK);
    }
    return commit;
}

static void test_commits_that_cross_do_not_deadlock(void **state)
{
    enum { ROUNDS = 200, STORES = 3 };

    struct postgres_fixture *f = *state;
    struct store *stores[STORES] = {f->store};
    struct writer_id writers[STORES];
    int64_t deadlocks =
        postgres_server_int(f->server, "SELECT sum(deadlocks) FROM pg_stat_database");

    random_bytes(writers, sizeof(writers));
    for (int i = 0; i < STORES; i++) {
        stores[i] = i > 0 ? postgres_fixture_open(f, NULL, 10000) : f->store;
        postgres_fixture_wait(f, stores[i], true);
        assert_int_equal(call_register(&f->loop, stores[i], &writers[i], 0), ERR_OK);
    }
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        struct told told[STORES];
        struct commit *commits[STORES];

        for (int i = 0; i < STORES; i++) {
            commits[i] = make_crossing(&writers[i], round, i == 0);
            begin(stores[i], commits[i], &told[i]);
        }
        for (int i = 0; i < STORES; i++) {
            end(f, &told[i]);
            commit_unref(commits[i]);
        }
    }
    assert_int_equal(postgres_server_int(f->server, "SELECT sum(views) FROM footfall_rollup"),
                     STORES * ROUNDS * 24);
    assert_lists_fit(f);
    for (int i = 1; i < STORES; i++)
        store_close(stores[i]);
    postgres_server_do(f->server, "SELECT pg_stat_clear_snapshot()");
    assert_int_equal(postgres_server_int(f->server, "SELECT sum(deadlocks) FROM pg_stat_database"),
                     deadlocks);
}

/* ---- limits --------------------------------------------------------------------------------- */

static void test_a_full_number_refuses_and_applies_nothing(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct outcome outcome;

    postgres_server_do(f->server,
                       "INSERT INTO footfall_rollup VALUES"
                       " ('default', 1, 1, 0, 7, %" PRId64 ", 0, 0, 0, 0)",
                       INT64_MAX);
    roll_up(commit, 1, 6);
    roll_up(commit, 1, 7);
    postgres_fixture_add(commit, "/", 1);
    outcome = postgres_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_REFUSED);
    assert_non_null(strstr(outcome.detail, "out of range"));
    outcome_fini(&outcome);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_rollup"), 1);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_counter"), 0);
    postgres_server_do(f->server, "UPDATE footfall_rollup SET views = 41");
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    assert_int_equal(postgres_server_int(f->server, "SELECT sum(views) FROM footfall_rollup"), 43);
}

/* One addition means the row of what a cap keeps out, and others come to it. */
static void test_all_that_goes_to_one_row_is_added(void **state)
{
    struct postgres_fixture *f = *state;

    for (int round = 1; round <= 2; round++) {
        struct commit *commit = postgres_fixture_commit(f);

        for (uint64_t value = VALUE_OTHER; value < 10; value++) {
            struct rollup_addition addition = addition_of(SITE, 1, value);

            addition.cap = value == VALUE_OTHER ? 0 : 3;
            assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
        }
        assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
        assert_int_equal(postgres_server_int(f->server, "SELECT sum(views) FROM footfall_rollup"),
                         9 * round);
        assert_lists_fit(f);
    }
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_rollup"), 3);
}

static void test_a_name_of_any_bytes_is_kept(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct rollup_addition addition = addition_of(SITE, 1, 7);
    char name[16];

    addition.text = SLICE("\xff\\\x01");
    addition.title = SLICE("\xc3\xa9\xc3");
    assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    call_name(&f->loop, f->store, SITE, 7, name, sizeof(name));
    assert_string_equal(name, "\xff\\\x01|\xc3\xa9\xc3");
}

/* ---- queries -------------------------------------------------------------------------------- */

struct answer {
    volatile bool is_told;
    enum err err;
    size_t count;
};

static void on_sums(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct answer *answer = ctx;

    (void)sums;
    *answer = (struct answer){.is_told = true, .err = err, .count = count};
}

static void ask(struct postgres_fixture *f, const struct rollup_query *query, struct answer *answer)
{
    *answer = (struct answer){.is_told = false};
    assert_non_null(store_rollups(f->store, 0, query, on_sums, answer));
}

static const int32_t some_buckets[] = {1, 2};

static const struct rollup_query of_pages = {
    .site = SLICE_INIT("default"),
    .dimension = DIMENSION_PAGE,
    .buckets = some_buckets,
    .bucket_count = 2,
    .group = ROLLUP_BY_VALUE,
};

static void test_reads_and_commits_do_not_wait_for_a_query(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct answer answer;
    char value[8];
    size_t len;

    postgres_server_do(f->server, "BEGIN; LOCK TABLE footfall_rollup IN ACCESS EXCLUSIVE MODE");
    ask(f, &of_pages, &answer);
    wait_for_waiting(f, 1);
    (void)call_read(&f->loop, f->store, SLICE("x"), value, sizeof(value), &len);
    postgres_fixture_add(commit, "/", 1);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    assert_false(answer.is_told);
    postgres_server_do(f->server, "COMMIT");
    assert_true(test_loop_wait(&f->loop, &answer.is_told));
    assert_int_equal(answer.err, ERR_OK);
}

static void test_too_many_groups_are_told_so(void **state)
{
    struct postgres_fixture *f = *state;
    struct answer answer;

    postgres_server_do(f->server,
                       "INSERT INTO footfall_rollup SELECT 'default', 1, 1, 0, i, 1, 1, 1, 1, 1"
                       " FROM generate_series(1, %d) i",
                       ROLLUP_MAX_GROUPS);
    ask(f, &of_pages, &answer);
    assert_true(test_loop_wait(&f->loop, &answer.is_told));
    assert_int_equal(answer.err, ERR_OK);
    assert_int_equal(answer.count, ROLLUP_MAX_GROUPS);
    postgres_server_do(f->server, "UPDATE footfall_rollup SET bucket = 2 WHERE value = 1; "
                                  "INSERT INTO footfall_rollup VALUES"
                                  " ('default', 2, 1, 0, -1, 1, 1, 1, 1, 1)");
    ask(f, &of_pages, &answer);
    assert_true(test_loop_wait(&f->loop, &answer.is_told));
    assert_int_equal(answer.err, ERR_NO_MEMORY);
    postgres_server_do(f->server, "TRUNCATE footfall_rollup");
}

static void test_a_sum_that_is_too_large_is_unavailable(void **state)
{
    struct postgres_fixture *f = *state;
    struct answer answer;

    postgres_server_do(f->server,
                       "INSERT INTO footfall_rollup SELECT 'default', i, 1, 0, 7, %" PRId64
                       ", 1, 1, 1, 1 FROM generate_series(1, 2) i",
                       INT64_MAX);
    ask(f, &of_pages, &answer);
    assert_true(test_loop_wait(&f->loop, &answer.is_told));
    assert_int_equal(answer.err, ERR_UNAVAILABLE);
}

/* ---- purges --------------------------------------------------------------------------------- */

static void on_purged(void *ctx, enum err err, bool is_done)
{
    struct answer *answer = ctx;

    *answer = (struct answer){.is_told = true, .err = err, .count = is_done ? 1 : 0};
}

static unsigned purge(struct postgres_fixture *f, int32_t first, int32_t last)
{
    struct answer answer = {.count = 0};
    unsigned steps = 0;

    while (answer.count == 0) {
        answer.is_told = false;
        assert_non_null(store_purge(f->store, 0, SITE, first, last, on_purged, &answer));
        assert_true(test_loop_wait(&f->loop, &answer.is_told));
        assert_int_equal(answer.err, ERR_OK);
        assert_lists_fit(f);
        steps++;
    }
    return steps;
}

static void test_a_purge_goes_in_steps_and_leaves_other_buckets_and_sites(void **state)
{
    struct postgres_fixture *f = *state;

    postgres_server_do(
        f->server,
        "INSERT INTO footfall_rollup SELECT site, i %% 3, 1, i %% 2, i, 1, 1, 1, 1, 1 FROM"
        " generate_series(1, 9000) i, unnest('{default,other}'::text[]) site;"
        "INSERT INTO footfall_list SELECT site, bucket, dimension, page <> 0, count(*)"
        " FROM footfall_rollup GROUP BY 1, 2, 3, 4;"
        "INSERT INTO footfall_name SELECT site, i, '', '' FROM generate_series(1, 1500) i,"
        " unnest('{default,other}'::text[]) site;"
        "INSERT INTO footfall_counter SELECT site, 1, i::text, 1 FROM generate_series(1, 2500) i,"
        " unnest('{default,other}'::text[]) site;"
        "INSERT INTO footfall_counter_list SELECT site, 1, count(*) FROM footfall_counter"
        " GROUP BY 1");
    assert_int_equal(purge(f, 1, 1), 4);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_rollup"), 15000);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_list"), 10);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_name"), 3000);
    assert_in_range(purge(f, 0, INT32_MAX), 7, 12);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_rollup"), 9000);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_list"), 6);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_name"), 1500);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_counter"), 2500);
    assert_int_equal(
        postgres_server_int(f->server, "SELECT sum(counters) FROM footfall_counter_list"), 2500);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_counter_list"),
                     1);
}

static void test_a_purge_waits_for_who_has_the_site(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct answer answer = {.is_told = false};

    roll_up(commit, 1, 7);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    postgres_server_do(f->server, "BEGIN; SELECT pg_advisory_xact_lock(1718579060,"
                                  " hashtext('default') & 255)");
    assert_non_null(store_purge(f->store, 0, SITE, 0, 5, on_purged, &answer));
    wait_for_waiting(f, 1);
    postgres_server_do(f->server, "UPDATE footfall_rollup SET views = views + 1; COMMIT");
    assert_true(test_loop_wait(&f->loop, &answer.is_told));
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_rollup"), 0);
}

#define ON_SERVER(test_)                                                                           \
    cmocka_unit_test_setup_teardown(test_, postgres_fixture_set_up, postgres_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SERVER(test_twins_are_applied_once),
        ON_SERVER(test_a_row_that_appears_meanwhile_is_added_to),
        ON_SERVER(test_a_row_that_changes_meanwhile_is_added_to),
        ON_SERVER(test_commits_that_cross_do_not_deadlock),
        ON_SERVER(test_a_full_number_refuses_and_applies_nothing),
        ON_SERVER(test_all_that_goes_to_one_row_is_added),
        ON_SERVER(test_a_name_of_any_bytes_is_kept),
        ON_SERVER(test_reads_and_commits_do_not_wait_for_a_query),
        ON_SERVER(test_too_many_groups_are_told_so),
        ON_SERVER(test_a_sum_that_is_too_large_is_unavailable),
        ON_SERVER(test_a_purge_goes_in_steps_and_leaves_other_buckets_and_sites),
        ON_SERVER(test_a_purge_waits_for_who_has_the_site),
    };

    return cmocka_run_group_tests(tests, postgres_fixture_start, postgres_fixture_end);
}
