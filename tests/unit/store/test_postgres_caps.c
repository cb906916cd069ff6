/* Caps on counters in PostgreSQL: the two forms of a commit, and processes that fill one list. */
#include <stdio.h>

#include "base/random.h"
#include "calls_rollups.h"
#include "postgres_fixture.h"
#include "support/cmocka.h"

#define CAP 5

static void add_page(struct commit *commit, int i)
{
    char path[16];
    struct addition page = {
        .counter = {SLICE("default"), DIMENSION_PAGE, SLICE("")}, .delta = 1, .cap = CAP};

    page.counter.value = slice_of(path, (size_t)snprintf(path, sizeof(path), "/%d", i));
    assert_int_equal(commit_add(commit, &page), ERR_OK);
    commit->totals_wanted = commit->addition_count;
}

/* Sends one commit that adds to the pages from `first` on; how many were made or there. */
static int fill(struct postgres_fixture *f, int first, int count)
{
    struct commit *commit = postgres_fixture_commit(f);
    struct outcome outcome;
    int made = 0;

    for (int i = 0; i < count; i++)
        add_page(commit, first + i);
    outcome = postgres_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    for (int i = 0; i < count; i++)
        made += outcome.totals[i] != COUNTER_NOT_MADE;
    outcome_fini(&outcome);
    commit_unref(commit);
    return made;
}

static void assert_list_is_right(struct postgres_fixture *f, int64_t counters)
{
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_counter"),
                     counters);
    assert_int_equal(
        postgres_server_int(f->server, "SELECT sum(counters) FROM footfall_counter_list"),
        counters);
}

static void test_a_list_is_filled_to_its_cap_and_no_further(void **state)
{
    struct postgres_fixture *f = *state;

    assert_int_equal(fill(f, 0, 2), 2);
    assert_int_equal(fill(f, 0, 3), 3); /* there might be no room for all of them, and there is */
    assert_int_equal(fill(f, 2, 4), 3);
    assert_list_is_right(f, CAP);
    assert_int_equal(fill(f, 0, 10), CAP);
    assert_list_is_right(f, CAP);
}

static void test_a_site_that_was_purged_has_room_again(void **state)
{
    struct postgres_fixture *f = *state;

    assert_int_equal(fill(f, 0, 10), CAP);
    call_purge(&f->loop, f->store, SLICE("default"), 0, INT32_MAX);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_counter_list"),
                     0);
    assert_int_equal(fill(f, 10, 10), CAP);
    assert_list_is_right(f, CAP);
}

/* A conflict in the capped form: no counter is made, and the list has as many as before. */
static void test_a_conflict_at_a_full_list_changes_nothing(void **state)
{
    struct postgres_fixture *f = *state;
    struct record_write write = {SLICE("r"), SLICE("x"), 77, 3600};
    struct rollup_addition addition = {
        .rollup = {.site = SLICE("default"), .bucket = 1, .dimension = DIMENSION_TOTAL},
        .delta = {.views = 1},
        .text = SLICE(""),
        .title = SLICE(""),
    };
    struct commit *commit = postgres_fixture_commit(f);

    postgres_fixture_add(commit, "/other", 1);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
    assert_int_equal(fill(f, 0, CAP - 2), CAP - 2);
    commit = postgres_fixture_commit(f);
    add_page(commit, 100);
    add_page(commit, 101);
    assert_int_equal(commit_write(commit, &write), ERR_OK);
    assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_CONFLICT);
    assert_list_is_right(f, CAP);
    assert_int_equal(postgres_server_int(f->server, "SELECT count(*) FROM footfall_rollup"), 0);
}

/* ---- two processes -------------------------------------------------------------------------- */

struct told {
    volatile bool is_told;
    enum commit_status status;
    int64_t totals[3];
};

static void on_told(void *ctx, const struct commit_result *result)
{
    struct told *told = ctx;

    told->is_told = true;
    told->status = result->status;
    for (size_t i = 0; i < 3 && result->status == COMMIT_DONE; i++)
        told->totals[i] = result->totals[i];
}

static void wait_for_waiting(struct postgres_fixture *f, int64_t count)
{
    while (postgres_server_int(f->server, "SELECT count(*) FROM pg_stat_activity WHERE"
                                          " application_name = 'footfall'"
                                          " AND wait_event_type = 'Lock'") < count)
        test_loop_turn(&f->loop);
}

static void test_twins_at_a_full_list_are_applied_once_and_told_the_same(void **state)
{
    static const int64_t expected[] = {2, COUNTER_NOT_MADE, 2};
    struct postgres_fixture *f = *state;
    struct store *stores[2] = {f->store, postgres_fixture_open(f, NULL, 10000)};
    struct commit *commit;
    struct told told[2] = {{.is_told = false}};

    postgres_fixture_wait(f, stores[1], true);
    assert_int_equal(fill(f, 0, CAP), CAP);
    postgres_server_do(f->server, "BEGIN; SELECT FROM footfall_counter FOR UPDATE");
    commit = postgres_fixture_commit(f);
    add_page(commit, 0);
    add_page(commit, 100);
    add_page(commit, 1);
    for (int i = 0; i < 2; i++) {
        assert_non_null(store_commit(stores[i], commit, on_told, &told[i]));
        wait_for_waiting(f, i + 1);
    }
    postgres_server_do(f->server, "COMMIT");
    for (int i = 0; i < 2; i++) {
        assert_true(test_loop_wait(&f->loop, &told[i].is_told));
        assert_int_equal(told[i].status, COMMIT_DONE);
        assert_memory_equal(told[i].totals, expected, sizeof(expected));
    }
    assert_list_is_right(f, CAP);
    store_close(stores[1]);
    commit_unref(commit);
}

static struct commit *make_crossing(const struct writer_id *writer, uint64_t number, bool backwards)
{
    enum { PAGES = 3 };

    struct commit *commit = commit_create();

    assert_non_null(commit);
    commit->writer = *writer;
    commit->number = number;
    commit->version = random_nonzero_u64();
    for (int i = 0; i < PAGES; i++)
        add_page(commit, (int)number + (backwards ? PAGES - 1 - i : i));
    return commit;
}

/* Both make the same pages at the same moment, until there is no room; then there is again. */
static void test_processes_that_fill_a_list_together_count_each_counter_once(void **state)
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
        struct told told[2] = {{.is_told = false}};
        struct commit *commits[2];

        for (int i = 0; i < 2; i++) {
            commits[i] = make_crossing(&writers[i], round, i == 0);
            assert_non_null(store_commit(stores[i], commits[i], on_told, &told[i]));
        }
        for (int i = 0; i < 2; i++) {
            assert_true(test_loop_wait(&f->loop, &told[i].is_told));
            assert_int_equal(told[i].status, COMMIT_DONE);
            commit_unref(commits[i]);
        }
        assert_int_equal(postgres_server_int(f->server,
                                             "SELECT count(*) - (SELECT sum(counters)"
                                             " FROM footfall_counter_list) FROM footfall_counter"),
                         0);
        assert_in_range(postgres_server_int(f->server, "SELECT count(*) FROM footfall_counter"), 3,
                        CAP + 3);
        if (round % 5 == 0)
            postgres_server_do(f->server, "TRUNCATE footfall_counter, footfall_counter_list");
    }
    store_close(stores[1]);
    postgres_server_do(f->server, "SELECT pg_stat_clear_snapshot()");
    assert_int_equal(postgres_server_int(f->server, "SELECT sum(deadlocks) FROM pg_stat_database"),
                     deadlocks);
}

#define ON_SERVER(test_)                                                                           \
    cmocka_unit_test_setup_teardown(test_, postgres_fixture_set_up, postgres_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SERVER(test_a_list_is_filled_to_its_cap_and_no_further),
        ON_SERVER(test_a_site_that_was_purged_has_room_again),
        ON_SERVER(test_a_conflict_at_a_full_list_changes_nothing),
        ON_SERVER(test_twins_at_a_full_list_are_applied_once_and_told_the_same),
        ON_SERVER(test_processes_that_fill_a_list_together_count_each_counter_once),
    };

    return cmocka_run_group_tests(tests, postgres_fixture_start, postgres_fixture_end);
}
