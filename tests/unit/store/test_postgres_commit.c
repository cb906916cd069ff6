/* Commits that meet each other, and sessions of others, inside PostgreSQL. */
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "postgres_fixture.h"
#include "support/cmocka.h"

/* ---- another session ------------------------------------------------------------------------ */

/* Waits until so many connections of Footfall wait for a lock. */
static void wait_for_waiting(struct postgres_fixture *f, int64_t count)
{
    while (postgres_server_int(f->server, "SELECT count(*) FROM pg_stat_activity WHERE"
                                          " application_name = 'footfall'"
                                          " AND wait_event_type = 'Lock'") < count)
        test_loop_turn(&f->loop);
}

/* Lets another session have the total of the default site; `release()` gives it back. */
static void hold_total(struct postgres_fixture *f)
{
    struct commit *commit = postgres_fixture_commit(f);

    postgres_fixture_add(commit, "/", 1);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    postgres_server_do(f->server, "BEGIN");
    postgres_server_do(f->server, "SELECT FROM footfall_counter WHERE dimension = 0 FOR UPDATE");
}

static void release(struct postgres_fixture *f)
{
    postgres_server_do(f->server, "COMMIT");
}

struct told {
    volatile bool is_told;
    enum commit_status status;
    int64_t total;
    uint64_t version; /* of the first record of a conflict */
    char detail[200];
};

static void on_told(void *ctx, const struct commit_result *result)
{
    struct told *told = ctx;

    told->is_told = true;
    told->status = result->status;
    told->total = result->totals ? result->totals[0] : -1;
    told->version = result->records ? result->records[0].version : 0;
    (void)snprintf(told->detail, sizeof(told->detail), "%s", result->detail ? result->detail : "");
}

static void begin(struct store *store, struct commit *commit, struct told *told)
{
    *told = (struct told){.is_told = false};
    assert_non_null(store_commit(store, commit, on_told, told));
}

static void end(struct postgres_fixture *f, struct told *told)
{
    assert_true(test_loop_wait(&f->loop, &told->is_told));
}

/* ---- one commit, twice ---------------------------------------------------------------------- */

static void test_twins_on_two_connections_are_applied_once_and_told_the_same(void **state)
{
    struct postgres_fixture *f = *state;
    struct store *second = postgres_fixture_open(f, NULL, 10000);
    struct commit *commit;
    struct told told[2];

    postgres_fixture_wait(f, second, true);
    hold_total(f);
    commit = postgres_fixture_commit(f);
    postgres_fixture_add(commit, "/", 5);
    begin(f->store, commit, &told[0]);
    wait_for_waiting(f, 1);
    begin(second, commit, &told[1]);
    wait_for_waiting(f, 2);
    release(f);
    for (int i = 0; i < 2; i++) {
        end(f, &told[i]);
        assert_int_equal(told[i].status, COMMIT_DONE);
        assert_int_equal(told[i].total, 6);
    }
    assert_int_equal(postgres_server_int(f->server, "SELECT max(views) FROM footfall_counter"), 6);
    store_close(second);
    commit_unref(commit);
}

static void test_the_twin_of_a_conflict_is_told_the_conflict(void **state)
{
    struct postgres_fixture *f = *state;
    struct store *second = postgres_fixture_open(f, NULL, 10000);
    struct commit *first = postgres_fixture_commit(f);
    uint64_t version = first->version;
    struct commit *commit;
    struct told told[2];

    postgres_fixture_wait(f, second, true);
    postgres_fixture_put(first, "hit/default/1");
    assert_int_equal(postgres_fixture_submit(f, first), COMMIT_DONE);
    postgres_server_do(f->server, "BEGIN");
    postgres_server_do(f->server, "SELECT FROM footfall_record FOR UPDATE");
    commit = postgres_fixture_commit(f);
    postgres_fixture_put(commit, "hit/default/1");
    postgres_fixture_add(commit, "/", 1);
    begin(f->store, commit, &told[0]);
    wait_for_waiting(f, 1);
    begin(second, commit, &told[1]);
    wait_for_waiting(f, 2);
    release(f);
    for (int i = 0; i < 2; i++) {
        end(f, &told[i]);
        assert_int_equal(told[i].status, COMMIT_CONFLICT);
        assert_true(told[i].version == version);
    }
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_counter"), 0);
    store_close(second);
    commit_unref(commit);
}

static void
test_a_commit_whose_connection_is_cut_while_it_waits_is_resolved_by_its_twin(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit;
    struct told told;

    hold_total(f);
    commit = postgres_fixture_commit(f);
    postgres_fixture_add(commit, "/", 5);
    begin(f->store, commit, &told);
    wait_for_waiting(f, 1);
    assert_int_equal(postgres_server_cut(f->server), 3);
    end(f, &told);
    assert_int_equal(told.status, COMMIT_UNKNOWN);
    if (!strstr(told.detail, "terminating connection"))
        fail_msg("%s", told.detail);
    release(f);
    postgres_fixture_wait(f, f->store, true);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    assert_int_equal(postgres_server_int(f->server, "SELECT max(views) FROM footfall_counter"), 6);
}

/* ---- records -------------------------------------------------------------------------------- */

/* It is not there when the statement begins, and is when it comes to the write. */
static void test_a_record_that_appears_meanwhile_is_a_conflict(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct told told;

    postgres_server_do(f->server, "BEGIN");
    postgres_server_do(f->server, "INSERT INTO footfall_record VALUES"
                                  " ('hit/default/1', 77, now() + interval '1 hour', 'x')");
    postgres_fixture_put(commit, "hit/default/0");
    postgres_fixture_put(commit, "hit/default/1");
    postgres_fixture_add(commit, "/", 1);
    begin(f->store, commit, &told);
    wait_for_waiting(f, 1);
    release(f);
    end(f, &told);
    assert_int_equal(told.status, COMMIT_CONFLICT);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_counter"), 0);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_record"), 1);
    commit_unref(commit);
}

static void test_one_that_was_about_to_appear_and_did_not_is_none(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct told told;

    postgres_server_do(f->server, "BEGIN");
    postgres_server_do(f->server, "INSERT INTO footfall_record VALUES"
                                  " ('hit/default/1', 77, now() + interval '1 hour', 'x')");
    postgres_fixture_put(commit, "hit/default/1");
    begin(f->store, commit, &told);
    wait_for_waiting(f, 1);
    postgres_server_do(f->server, "ROLLBACK");
    end(f, &told);
    assert_int_equal(told.status, COMMIT_DONE);
    commit_unref(commit);
}

static void test_a_sweep_removes_all_that_expired_and_no_more(void **state)
{
    struct postgres_fixture *f = *state;

    postgres_server_do(f->server, "INSERT INTO footfall_record SELECT int4send(i), 1,"
                                  " now() + interval '1 hour' * (i %% 2 - 0.5), ''"
                                  " FROM generate_series(1, 5000) i");
    postgres_server_do(f->server, "INSERT INTO footfall_writer SELECT int4send(i), 1,"
                                  " now() - interval '1 day' * (6.9 + i %% 2 * 0.2), NULL"
                                  " FROM generate_series(1, 20) i");
    assert_int_equal(call_sweep(&f->loop, f->store), ERR_OK);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_record"), 2500);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_writer"), 11);
}

/* ---- locks ---------------------------------------------------------------------------------- */

/* Two processes, the same counters and records, named in opposite orders. */
static struct commit *make_crossing(const struct writer_id *writer, uint64_t number, bool backwards)
{
    enum { COUNT = 12 };

    struct commit *commit = commit_create();

    assert_non_null(commit);
    commit->writer = *writer;
    commit->number = number;
    commit->version = random_nonzero_u64();
    for (int i = 0; i < COUNT; i++) {
        char text[32];
        int n = backwards ? COUNT - 1 - i : i;
        struct slice key = slice_of(text, (size_t)snprintf(text, sizeof(text), "/%d", n));
        struct addition addition = {.counter = {SLICE("default"), DIMENSION_PAGE, key}, .delta = 1};
        struct record_write write = {key, SLICE("x"), RECORD_ANY, 3600};

        assert_int_equal(commit_add(commit, &addition), ERR_OK);
        assert_int_equal(commit_write(commit, &write), ERR_OK);
    }
    return commit;
}

static void test_commits_that_cross_do_not_deadlock(void **state)
{
    enum { ROUNDS = 300 };

    struct postgres_fixture *f = *state;
    struct store *stores[2] = {f->store, postgres_fixture_open(f, NULL, 10000)};
    struct writer_id writers[2];
    int64_t deadlocks =
        postgres_server_int(f->server, "SELECT sum(deadlocks) FROM pg_stat_database");

    random_bytes(writers, sizeof(writers));
    postgres_fixture_wait(f, stores[1], true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(call_register(&f->loop, stores[i], &writers[i], 0), ERR_OK);
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        struct told told[2];
        struct commit *commits[2];

        for (int i = 0; i < 2; i++) {
            commits[i] = make_crossing(&writers[i], round, i == 0);
            begin(stores[i], commits[i], &told[i]);
        }
        for (int i = 0; i < 2; i++) {
            end(f, &told[i]);
            assert_int_equal(told[i].status, COMMIT_DONE);
            commit_unref(commits[i]);
        }
    }
    assert_int_equal(postgres_server_int(f->server, "SELECT min(views) FROM footfall_counter"),
                     2 * ROUNDS);
    store_close(stores[1]);
    postgres_server_do(f->server, "SELECT pg_stat_clear_snapshot()");
    assert_int_equal(postgres_server_int(f->server, "SELECT sum(deadlocks) FROM pg_stat_database"),
                     deadlocks);
}

/* The other session has the page and wants the total; the commit has the total and wants the page,
 * and is the one that looks for a deadlock first. */
static void test_a_deadlock_with_somebody_else_costs_time_only(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct told told;

    postgres_server_do(f->server, "ALTER DATABASE postgres SET deadlock_timeout = '500ms'");
    store_close(f->store);
    f->store = postgres_fixture_open(f, NULL, 10000);
    postgres_fixture_wait(f, f->store, true);
    postgres_fixture_add(commit, "/", 1);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    commit = postgres_fixture_commit(f);
    postgres_fixture_add(commit, "/", 1);

    postgres_server_do(f->server, "SET deadlock_timeout = '60s'");
    postgres_server_do(f->server, "BEGIN");
    postgres_server_do(f->server, "SELECT FROM footfall_counter WHERE dimension = 1 FOR UPDATE");
    begin(f->store, commit, &told);
    wait_for_waiting(f, 1);
    assert_int_equal(PQsendQuery(f->server->client, "SELECT FROM footfall_counter"
                                                    " WHERE dimension = 0 FOR UPDATE;"
                                                    "SELECT pg_sleep(0.3); COMMIT"),
                     1);
    end(f, &told);
    assert_int_equal(told.status, COMMIT_DONE);
    assert_int_equal(told.total, 2);
    for (PGresult *result; (result = PQgetResult(f->server->client)); PQclear(result))
        assert_int_not_equal(PQresultStatus(result), PGRES_FATAL_ERROR);
    postgres_server_do(f->server, "ALTER DATABASE postgres RESET deadlock_timeout");
    commit_unref(commit);
}

static void test_a_lock_that_somebody_holds_for_too_long_refuses_and_applies_nothing(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit;
    struct told told;

    store_close(f->store);
    f->store = postgres_fixture_open(f, NULL, 600);
    postgres_fixture_wait(f, f->store, true);
    hold_total(f);
    commit = postgres_fixture_commit(f);
    postgres_fixture_add(commit, "/", 5);
    begin(f->store, commit, &told);
    end(f, &told);
    /* Whichever of the two limits comes first. */
    if (told.status != COMMIT_UNKNOWN) {
        assert_int_equal(told.status, COMMIT_REFUSED);
        assert_non_null(strstr(told.detail, "timeout"));
    }
    release(f);
    postgres_fixture_wait(f, f->store, true);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    assert_int_equal(postgres_server_int(f->server, "SELECT max(views) FROM footfall_counter"), 6);
}

/* ---- limits --------------------------------------------------------------------------------- */

static void test_a_full_counter_refuses_and_applies_nothing(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct outcome outcome;

    postgres_server_do(f->server,
                       "INSERT INTO footfall_counter VALUES ('default', 1, '/', %" PRId64 ")",
                       INT64_MAX);
    postgres_fixture_add(commit, "/", 1);
    outcome = postgres_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_REFUSED);
    assert_non_null(strstr(outcome.detail, "out of range"));
    outcome_fini(&outcome);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_counter"), 1);
    postgres_server_do(f->server, "UPDATE footfall_counter SET views = 41");
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    assert_int_equal(postgres_server_int(f->server, "SELECT max(views) FROM footfall_counter"), 42);
}

static void test_settings_of_the_server_that_would_lose_commits_are_not_used(void **state)
{
    static const char *const settings[] = {"synchronous_commit = off",
                                           "default_transaction_isolation = 'serializable'"};
    struct postgres_fixture *f = *state;

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        postgres_server_do(f->server, "ALTER DATABASE postgres SET %s", settings[i]);
    store_close(f->store);
    f->store = postgres_fixture_open(f, NULL, 10000);
    postgres_fixture_wait(f, f->store, true);
    for (size_t i = 0; i < call_check(&f->loop, f->store).finding_count; i++)
        assert_null(strstr(call_check(&f->loop, f->store).findings[i].problem, "synchronous"));
    for (int round = 0; round < 3; round++) {
        struct commit *commit = postgres_fixture_commit(f);

        postgres_fixture_add(commit, "/", 1);
        assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    }
    postgres_server_do(f->server, "ALTER DATABASE postgres RESET ALL");
}

static void test_less_durability_than_required_refuses(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct store_health health;
    struct outcome outcome;
    char url[300];

    (void)snprintf(url, sizeof(url), "%s&require=strict", f->server->url);
    store_close(f->store);
    f->store = postgres_fixture_open(f, url, 10000);
    do {
        health = call_check(&f->loop, f->store);
    } while (!health.reachable);
    assert_false(health.sufficient);
    assert_non_null(strstr(health.reason, "fsync is off"));
    postgres_fixture_add(commit, "/", 1);
    outcome = postgres_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_REFUSED);
    assert_non_null(strstr(outcome.detail, "fsync"));
    outcome_fini(&outcome);
    commit_unref(commit);
}

#define ON_SERVER(test_)                                                                           \
    cmocka_unit_test_setup_teardown(test_, postgres_fixture_set_up, postgres_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SERVER(test_twins_on_two_connections_are_applied_once_and_told_the_same),
        ON_SERVER(test_the_twin_of_a_conflict_is_told_the_conflict),
        ON_SERVER(test_a_commit_whose_connection_is_cut_while_it_waits_is_resolved_by_its_twin),
        ON_SERVER(test_a_record_that_appears_meanwhile_is_a_conflict),
        ON_SERVER(test_one_that_was_about_to_appear_and_did_not_is_none),
        ON_SERVER(test_a_sweep_removes_all_that_expired_and_no_more),
        ON_SERVER(test_commits_that_cross_do_not_deadlock),
        ON_SERVER(test_a_deadlock_with_somebody_else_costs_time_only),
        ON_SERVER(test_a_lock_that_somebody_holds_for_too_long_refuses_and_applies_nothing),
        ON_SERVER(test_a_full_counter_refuses_and_applies_nothing),
        ON_SERVER(test_settings_of_the_server_that_would_lose_commits_are_not_used),
        ON_SERVER(test_less_durability_than_required_refuses),
    };

    return cmocka_run_group_tests(tests, postgres_fixture_start, postgres_fixture_end);
}
