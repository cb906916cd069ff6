/* What tests/contract does not ask of the memory store, since other stores cannot be asked for it.
 */
#include "store/memory.h"

#include "base/random.h"
#include "support/cmocka.h"
#include "support/virtual_loop.h"

#define TIMEOUT_MS 1000

struct fixture {
    struct virtual_loop loop;
    struct store_env env;
    struct memory_db *db;
    struct store *store;
    struct writer_id writer;
    /* What the caller was told last. */
    size_t told;
    enum err err;
    enum commit_status status;
    int64_t total;
    uint64_t version;
};

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){.writer = {{1}}};
    virtual_loop_init(&f.loop);
    f.env = (struct store_env){
        .timers = &f.loop.timers, .clock = &f.loop.clock, .timeout_ms = TIMEOUT_MS};
    f.db = memory_db_create();
    assert_non_null(f.db);
    assert_int_equal(memory_open_on(f.db, &f.env, &f.store), ERR_OK);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    memory_db_destroy(f->db);
    virtual_loop_fini(&f->loop);
    return 0;
}

/* ---- calls that wait ------------------------------------------------------------------------ */

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
    f->total = result->status == COMMIT_DONE && result->totals ? result->totals[0] : -1;
}

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct fixture *f = ctx;

    f->told++;
    assert_int_equal(err, ERR_OK);
    assert_int_equal(count, 1);
    f->version = records[0].version;
}

/* Lets the operation that was started end. */
static void wait_for(struct fixture *f, const struct store_op *op)
{
    size_t told = f->told;

    assert_non_null(op);
    virtual_loop_settle(&f->loop);
    assert_int_equal(f->told, told + 1);
}

static void register_writer(struct fixture *f)
{
    wait_for(f, store_register(f->store, 0, &f->writer, 0, on_done, f));
    assert_int_equal(f->err, ERR_OK);
}

static void sweep(struct fixture *f)
{
    wait_for(f, store_sweep(f->store, on_done, f));
    assert_int_equal(f->err, ERR_OK);
}

static uint64_t read_version(struct fixture *f, struct slice key)
{
    wait_for(f, store_read(f->store, 0, &key, 1, on_read, f));
    return f->version;
}

static struct commit *commit_of(const struct fixture *f, uint64_t number, int64_t delta)
{
    struct addition addition = {.counter = {SLICE("default"), DIMENSION_TOTAL, SLICE("")},
                                .delta = delta};
    struct commit *commit = commit_create();

    assert_non_null(commit);
    assert_int_equal(commit_add(commit, &addition), ERR_OK);
    commit->writer = f->writer;
    commit->number = number;
    commit->version = number;
    commit->totals_wanted = 1;
    return commit;
}

static enum commit_status submit(struct fixture *f, struct commit *commit)
{
    wait_for(f, store_commit(f->store, commit, on_commit, f));
    commit_unref(commit);
    return f->status;
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_a_counter_that_would_overflow_refuses_the_commit_and_stays(void **state)
{
    struct fixture *f = *state;

    register_writer(f);
    assert_int_equal(submit(f, commit_of(f, 1, INT64_MAX - 1)), COMMIT_DONE);
    assert_int_equal(submit(f, commit_of(f, 2, 2)), COMMIT_REFUSED);
    assert_int_equal(submit(f, commit_of(f, 2, 1)), COMMIT_DONE); /* its number is free */
    assert_int_equal(f->total, INT64_MAX);
    assert_int_equal(submit(f, commit_of(f, 3, INT64_MIN)), COMMIT_DONE);
    assert_int_equal(f->total, -1);
}

static void put(struct commit *commit, struct slice key, uint32_t ttl_s)
{
    struct record_write write = {.key = key, .value = SLICE("v"), .ttl_s = ttl_s};

    assert_int_equal(commit_write(commit, &write), ERR_OK);
}

static void test_a_record_expires_by_the_clock_to_the_millisecond(void **state)
{
    struct fixture *f = *state;
    struct commit *commit = commit_of(f, 1, 1);

    register_writer(f);
    put(commit, SLICE("a"), 5);
    assert_int_equal(submit(f, commit), COMMIT_DONE);
    f->loop.now_ms += 4999;
    assert_int_equal(read_version(f, SLICE("a")), 1);
    f->loop.now_ms += 1;
    assert_int_equal(read_version(f, SLICE("a")), RECORD_ABSENT);
}

/* Removing moves entries around, so one sweep may miss some; a few must not. */
static void test_sweeps_remove_what_expired_and_nothing_else(void **state)
{
    static const char keys[] = "abcdefghijklmnopqrstuvwxyz";
    struct fixture *f = *state;
    struct commit *commit = commit_of(f, 1, 1);

    register_writer(f);
    for (size_t i = 0; i < sizeof(keys) - 1; i++)
        put(commit, slice_of(keys + i, 1), i % 2 ? 5 : 3600);
    assert_int_equal(submit(f, commit), COMMIT_DONE);
    f->loop.now_ms += 5000;
    for (size_t i = 0; i < sizeof(keys) - 1; i++)
        sweep(f);
    for (size_t i = 0; i < sizeof(keys) - 1; i++)
        assert_int_equal(read_version(f, slice_of(keys + i, 1)), i % 2 ? RECORD_ABSENT : 1);
}

static void test_a_writer_silent_for_a_week_is_forgotten_and_an_active_one_is_not(void **state)
{
    struct fixture *f = *state;

    register_writer(f);
    for (uint64_t n = 1; n <= 3; n++) {
        f->loop.now_ms += STORE_WRITER_TTL_S * 1000 - 1;
        sweep(f);
        assert_int_equal(submit(f, commit_of(f, n, 1)), COMMIT_DONE);
    }
    f->loop.now_ms += STORE_WRITER_TTL_S * 1000;
    sweep(f);
    assert_int_equal(submit(f, commit_of(f, 4, 1)), COMMIT_NO_WRITER);
}

static void test_a_cleared_db_knows_nobody_and_counts_from_0(void **state)
{
    struct fixture *f = *state;

    register_writer(f);
    assert_int_equal(submit(f, commit_of(f, 1, 5)), COMMIT_DONE);
    memory_db_clear(f->db);
    assert_int_equal(submit(f, commit_of(f, 2, 5)), COMMIT_NO_WRITER);
    register_writer(f);
    assert_int_equal(submit(f, commit_of(f, 1, 5)), COMMIT_DONE);
    assert_int_equal(f->total, 5);
}

static void test_the_negative_control_applies_a_commit_twice(void **state)
{
    struct fixture *f = *state;

    memory_db_ignore_numbers(f->db);
    register_writer(f);
    assert_int_equal(submit(f, commit_of(f, 1, 1)), COMMIT_DONE);
    assert_int_equal(submit(f, commit_of(f, 1, 1)), COMMIT_DONE);
    assert_int_equal(f->total, 2);
}

static void test_two_stores_on_one_db_see_the_same_and_close_alone(void **state)
{
    struct fixture *f = *state;
    struct store *first = f->store;

    register_writer(f);
    assert_int_equal(memory_open_on(f->db, &f->env, &f->store), ERR_OK);
    assert_int_equal(submit(f, commit_of(f, 1, 1)), COMMIT_DONE);
    store_close(f->store);
    f->store = first;
    assert_int_equal(submit(f, commit_of(f, 2, 1)), COMMIT_DONE);
    assert_int_equal(f->total, 2);
}

static void on_done_call_again(void *ctx, enum err err)
{
    struct fixture *f = ctx;

    on_done(f, err);
    assert_non_null(store_sweep(f->store, on_done, f));
}

static void test_what_a_done_starts_ends_in_a_later_turn(void **state)
{
    struct fixture *f = *state;

    assert_non_null(store_sweep(f->store, on_done_call_again, f));
    virtual_loop_turn(&f->loop);
    assert_int_equal(f->told, 1);
    virtual_loop_turn(&f->loop);
    assert_int_equal(f->told, 2);
}

static void test_closed_with_operations_in_flight_it_tells_nobody(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 10; i++)
        assert_non_null(store_sweep(f->store, on_done, f));
    store_close(f->store);
    f->store = NULL;
    virtual_loop_pass(&f->loop, 2 * (int64_t)TIMEOUT_MS);
    assert_int_equal(f->told, 0);
}

static void on_check(void *ctx, const struct store_health *health)
{
    struct fixture *f = ctx;

    f->told++;
    assert_true(health->reachable);
    assert_int_equal(health->durability, DURABILITY_NONE);
    assert_int_equal(health->finding_count, 1);
    assert_non_null(strstr(health->findings[0].remedy, "sqlite:"));
}

static void test_it_says_itself_that_nothing_lasts(void **state)
{
    struct fixture *f = *state;

    wait_for(f, store_check(f->store, on_check, f));
}

static void test_its_url_takes_nothing_more(void **state)
{
    struct fixture *f = *state;
    struct err_info info = {""};
    struct store *store = NULL;

    assert_int_equal(store_url_check("memory:", NULL), ERR_OK);
    assert_int_equal(store_url_check("memory:x", &info), ERR_CONFIG);
    assert_non_null(strstr(info.text, "memory:"));
    assert_int_equal(store_open("memory:x", &f->env, &store, NULL), ERR_CONFIG);
    assert_int_equal(store_open("memory:", &f->env, &store, NULL), ERR_OK);
    assert_string_equal(store_kind(store), "memory");
    store_close(store);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_counter_that_would_overflow_refuses_the_commit_and_stays),
        CASE(test_a_record_expires_by_the_clock_to_the_millisecond),
        CASE(test_sweeps_remove_what_expired_and_nothing_else),
        CASE(test_a_writer_silent_for_a_week_is_forgotten_and_an_active_one_is_not),
        CASE(test_a_cleared_db_knows_nobody_and_counts_from_0),
        CASE(test_the_negative_control_applies_a_commit_twice),
        CASE(test_two_stores_on_one_db_see_the_same_and_close_alone),
        CASE(test_what_a_done_starts_ends_in_a_later_turn),
        CASE(test_closed_with_operations_in_flight_it_tells_nobody),
        CASE(test_it_says_itself_that_nothing_lasts),
        CASE(test_its_url_takes_nothing_more),
    };

    random_init();
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
