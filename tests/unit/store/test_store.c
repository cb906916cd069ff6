/* What store.c does for every driver: limits, deadlines, cancel, closing. */
#include "store/store.h"

#include "support/cmocka.h"
#include "support/scripted_store.h"
#include "support/virtual_loop.h"

#define TIMEOUT_MS 100

struct fixture {
    struct virtual_loop loop;
    struct store *store; /* NULL once the test closed it */
    struct commit *commit;
    /* What the caller was told last, and how often. */
    size_t told;
    enum err err;
    enum commit_status status;
    size_t count;
    bool was_reachable;
    struct store_op *to_finish; /* finished inside the next `done` */
};

static int set_up(void **state)
{
    static struct fixture f;
    struct store_env env = {
        .timers = &f.loop.timers, .clock = &f.loop.clock, .timeout_ms = TIMEOUT_MS};

    f = (struct fixture){.told = 0};
    virtual_loop_init(&f.loop);
    f.store = scripted_open(&env);
    f.commit = commit_create();
    assert_non_null(f.commit);
    f.commit->number = 1;
    f.commit->version = 1;
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    commit_unref(f->commit);
    virtual_loop_fini(&f->loop);
    return 0;
}

/* ---- calls of every kind -------------------------------------------------------------------- */

static void on_told(struct fixture *f)
{
    struct store_op *op = f->to_finish;

    f->told++;
    f->to_finish = NULL;
    if (op)
        op_finish_unknown(op, "the connection broke meanwhile");
}

static void on_done(void *ctx, enum err err)
{
    struct fixture *f = ctx;

    f->err = err;
    on_told(f);
}

static void on_commit(void *ctx, const struct commit_result *result)
{
    struct fixture *f = ctx;

    f->status = result->status;
    on_told(f);
}

static void on_records(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct fixture *f = ctx;

    (void)records;
    f->err = err;
    f->count = count;
    on_told(f);
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct fixture *f = ctx;

    (void)totals;
    f->err = err;
    f->count = count;
    on_told(f);
}

static void on_check(void *ctx, const struct store_health *health)
{
    struct fixture *f = ctx;

    f->err = health->sufficient ? ERR_OK : ERR_UNAVAILABLE;
    f->was_reachable = health->reachable;
    assert_true(health->sufficient || health->reason[0] != '\0');
    on_told(f);
}

static void on_scan(void *ctx, enum err err, const struct scan_step *step)
{
    struct fixture *f = ctx;

    f->err = err;
    assert_true((err == ERR_OK) == (step != NULL));
    on_told(f);
}

static void on_rollups(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct fixture *f = ctx;

    (void)sums;
    assert_int_equal(count, 0);
    f->err = err;
    on_told(f);
}

static void on_names(void *ctx, enum err err, const struct name *names, size_t count)
{
    struct fixture *f = ctx;

    (void)names;
    assert_int_equal(count, err == ERR_OK ? 1 : 0);
    f->err = err;
    on_told(f);
}

static void on_purge(void *ctx, enum err err, bool is_done)
{
    struct fixture *f = ctx;

    assert_int_equal(is_done, err == ERR_OK);
    f->err = err;
    on_told(f);
}

#define KINDS (OP_CHECK + 1)

static const struct counter one_counter = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};
static const int32_t one_bucket = 1;
static const struct rollup_query one_query = {
    .site = SLICE_INIT("default"),
    .dimension = DIMENSION_TOTAL,
    .buckets = &one_bucket,
    .bucket_count = 1,
};
static const uint64_t one_id = 7;
static const struct slice one_key = SLICE_INIT("hit/default/1");

static struct store_op *call(struct fixture *f, enum store_op_kind kind)
{
    static const struct writer_id writer;

    switch (kind) {
    case OP_REGISTER:
        return store_register(f->store, 0, &writer, 0, on_done, f);
    case OP_COMMIT:
        return store_commit(f->store, f->commit, on_commit, f);
    case OP_READ:
        return store_read(f->store, 0, &one_key, 1, on_records, f);
    case OP_TOTALS:
        return store_totals(f->store, 0, &one_counter, 1, on_totals, f);
    case OP_LIST:
        return store_list(f->store, 0, SLICE("site/"), SLICE(""), 1, on_records, f);
    case OP_ROLLUPS:
        return store_rollups(f->store, 0, &one_query, on_rollups, f);
    case OP_NAMES:
        return store_names(f->store, 0, one_key, &one_id, 1, on_names, f);
    case OP_PURGE:
        return store_purge(f->store, 0, one_key, 0, 1, on_purge, f);
    case OP_SCAN:
        return store_scan(f->store, 0, SLICE(""), on_scan, f);
    case OP_SWEEP:
        return store_sweep(f->store, on_done, f);
    case OP_CHECK:
        return store_check(f->store, on_check, f);
    }
    return NULL;
}

/* The outcome of a failed call, as one error: that of a commit is given by its status. */
static enum err outcome(const struct fixture *f, enum store_op_kind kind)
{
    if (kind != OP_COMMIT)
        return f->err;
    return f->status == COMMIT_UNKNOWN ? ERR_UNKNOWN : ERR_UNAVAILABLE;
}

static size_t in_flight(const struct fixture *f)
{
    struct store_stats stats;

    store_get_stats(f->store, &stats);
    return stats.in_flight;
}

/* What may have been carried out is unknown after its deadline; what changes nothing is not. */
static const enum err after_deadline[KINDS] = {
    [OP_REGISTER] = ERR_UNKNOWN,   [OP_COMMIT] = ERR_UNKNOWN,    [OP_READ] = ERR_UNAVAILABLE,
    [OP_TOTALS] = ERR_UNAVAILABLE, [OP_LIST] = ERR_UNAVAILABLE,  [OP_ROLLUPS] = ERR_UNAVAILABLE,
    [OP_NAMES] = ERR_UNAVAILABLE,  [OP_PURGE] = ERR_UNAVAILABLE, [OP_SCAN] = ERR_UNAVAILABLE,
    [OP_SWEEP] = ERR_UNAVAILABLE,  [OP_CHECK] = ERR_UNAVAILABLE,
};

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_a_silent_driver_is_told_of_the_deadline_and_so_is_the_caller_once(void **state)
{
    struct fixture *f = *state;

    for (enum store_op_kind kind = 0; kind < KINDS; kind++) {
        f->told = 0;
        assert_non_null(call(f, kind));
        virtual_loop_pass(&f->loop, TIMEOUT_MS - 1);
        assert_int_equal(f->told, 0);
        virtual_loop_pass(&f->loop, 1);
        assert_int_equal(f->told, 1);
        assert_int_equal(outcome(f, kind), after_deadline[kind]);
        assert_int_equal(scripted_timeouts(f->store), (size_t)kind + 1);
        assert_int_equal(in_flight(f), 1); /* its driver still has it */
        op_finish_refused(scripted_take(f->store, kind), "too late");
        assert_int_equal(f->told, 1);
        assert_int_equal(in_flight(f), 0);
    }
    assert_false(f->was_reachable);
}

static void test_a_refusal_is_certain_for_every_kind(void **state)
{
    struct fixture *f = *state;

    for (enum store_op_kind kind = 0; kind < KINDS; kind++) {
        f->told = 0;
        assert_non_null(call(f, kind));
        op_finish_refused(scripted_take(f->store, kind), "no connection");
        assert_int_equal(f->told, 1);
        assert_int_equal(outcome(f, kind), ERR_UNAVAILABLE);
        assert_true(kind != OP_COMMIT || f->status == COMMIT_REFUSED);
    }
    virtual_loop_pass(&f->loop, 2 * (int64_t)TIMEOUT_MS);
    assert_int_equal(f->told, 1);
}

static void test_an_unknown_end_is_unknown_for_what_changes_something(void **state)
{
    struct fixture *f = *state;

    for (enum store_op_kind kind = 0; kind < KINDS; kind++) {
        assert_non_null(call(f, kind));
        op_finish_unknown(scripted_take(f->store, kind), "the connection broke");
        assert_int_equal(outcome(f, kind), after_deadline[kind]);
    }
}

static void test_a_canceled_operation_is_never_told(void **state)
{
    struct fixture *f = *state;

    store_op_cancel(NULL);
    for (enum store_op_kind kind = 0; kind < KINDS; kind++) {
        store_op_cancel(call(f, kind));
        op_finish_unknown(scripted_take(f->store, kind), "nobody cares");
        store_op_cancel(call(f, kind));
        op_finish_refused(scripted_take(f->store, kind), "nobody cares");
        store_op_cancel(call(f, kind));
        virtual_loop_pass(&f->loop, 2 * (int64_t)TIMEOUT_MS);
        op_finish_refused(scripted_take(f->store, kind), "nobody cares");
    }
    assert_int_equal(f->told, 0);
    /* The driver has to know all the same: its peer is silent. */
    assert_int_equal(scripted_timeouts(f->store), KINDS);
    assert_int_equal(in_flight(f), 0);
}

/* A further operation finds the connection broken, and the driver ends all on it. */
static void test_an_operation_may_be_finished_while_its_deadline_is_told(void **state)
{
    struct fixture *f = *state;

    for (enum store_op_kind kind = 0; kind < KINDS; kind++) {
        f->told = 0;
        assert_non_null(call(f, kind));
        f->to_finish = scripted_take(f->store, kind);
        virtual_loop_pass(&f->loop, TIMEOUT_MS);
        assert_int_equal(f->told, 1);
        assert_int_equal(in_flight(f), 0);
    }
    assert_int_equal(scripted_timeouts(f->store), 0);
}

static void test_more_than_the_limit_in_flight_are_not_taken(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < STORE_MAX_IN_FLIGHT; i++)
        assert_non_null(call(f, (enum store_op_kind)(i % KINDS)));
    for (enum store_op_kind kind = 0; kind < KINDS; kind++)
        assert_null(call(f, kind));
    assert_int_equal(scripted_waiting(f->store), STORE_MAX_IN_FLIGHT);
    op_finish_refused(scripted_take(f->store, OP_REGISTER), "one less");
    assert_non_null(call(f, OP_COMMIT));
    assert_null(call(f, OP_COMMIT));
    assert_int_equal(f->told, 1);
}

/* Those whose deadline passed count as well, until the driver is done with them. */
static void test_what_timed_out_still_takes_its_place_in_flight(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < STORE_MAX_IN_FLIGHT; i++)
        assert_non_null(call(f, OP_READ));
    virtual_loop_pass(&f->loop, TIMEOUT_MS);
    assert_int_equal(f->told, STORE_MAX_IN_FLIGHT);
    assert_null(call(f, OP_READ));
}

static void test_closing_with_everything_in_flight_tells_nobody(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < STORE_MAX_IN_FLIGHT; i++)
        assert_non_null(call(f, (enum store_op_kind)(i % KINDS)));
    virtual_loop_pass(&f->loop, TIMEOUT_MS / 2);
    store_close(f->store);
    f->store = NULL;
    virtual_loop_pass(&f->loop, 2 * (int64_t)TIMEOUT_MS);
    assert_int_equal(f->told, 0);
    store_close(NULL);
}

static void on_done_call_again(void *ctx, enum err err)
{
    struct fixture *f = ctx;

    f->told++;
    assert_int_equal(err, ERR_OK);
    if (f->told < 5)
        assert_non_null(store_sweep(f->store, on_done_call_again, f));
}

static void test_a_done_may_start_the_next_operation(void **state)
{
    struct fixture *f = *state;

    assert_non_null(store_sweep(f->store, on_done_call_again, f));
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(scripted_waiting(f->store), 1);
        op_finish_done(scripted_take(f->store, OP_SWEEP), ERR_OK);
    }
    assert_int_equal(f->told, 5);
    assert_int_equal(in_flight(f), 0);
}

static void test_keys_and_counters_are_copied(void **state)
{
    struct fixture *f = *state;
    char text[] = "default";
    struct slice key = slice_of(text, 7);
    struct counter counter = {key, DIMENSION_PAGE, key};
    struct store_op *read;
    struct store_op *totals;

    assert_non_null(store_read(f->store, 0, &key, 1, on_records, f));
    assert_non_null(store_totals(f->store, 0, &counter, 1, on_totals, f));
    memset(text, 'x', sizeof(text));
    key = SLICE("");
    counter = (struct counter){key, DIMENSION_TOTAL, key};
    read = scripted_take(f->store, OP_READ);
    totals = scripted_take(f->store, OP_TOTALS);
    assert_true(slice_eq(read->keys[0], SLICE("default")));
    assert_true(slice_eq(totals->counters[0].site, SLICE("default")));
    assert_true(slice_eq(totals->counters[0].value, SLICE("default")));
    assert_int_equal(totals->counters[0].dimension, DIMENSION_PAGE);
    op_finish_refused(read, "seen");
    op_finish_refused(totals, "seen");
}

static void test_a_read_of_nothing_and_one_of_the_most_are_taken(void **state)
{
    static struct slice keys[STORE_MAX_READ];
    struct fixture *f = *state;
    struct store_op *op;

    for (size_t i = 0; i < STORE_MAX_READ; i++)
        keys[i] = one_key;
    assert_non_null(store_read(f->store, 0, NULL, 0, on_records, f));
    assert_non_null(store_read(f->store, 0, keys, STORE_MAX_READ, on_records, f));
    op = scripted_take(f->store, OP_READ);
    assert_int_equal(op->count, 0);
    op_finish_records(op, ERR_OK, NULL);
    assert_int_equal(f->err, ERR_OK);
    op = scripted_take(f->store, OP_READ);
    assert_true(slice_eq(op->keys[STORE_MAX_READ - 1], one_key));
    op_finish_records(op, ERR_NO_MEMORY, NULL);
    assert_int_equal(f->err, ERR_NO_MEMORY);
    assert_int_equal(f->count, 0);
}

static void test_the_statistics_count_what_happened(void **state)
{
    struct fixture *f = *state;
    struct store_stats stats;

    assert_non_null(call(f, OP_SWEEP));
    assert_non_null(call(f, OP_READ));
    op_finish_done(scripted_take(f->store, OP_SWEEP), ERR_OK);
    virtual_loop_pass(&f->loop, TIMEOUT_MS);
    store_get_stats(f->store, &stats);
    assert_int_equal(stats.operations, 2);
    assert_int_equal(stats.timeouts, 1);
    assert_int_equal(stats.in_flight, 1);
    assert_string_equal(store_kind(f->store), "scripted");
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_silent_driver_is_told_of_the_deadline_and_so_is_the_caller_once),
        CASE(test_a_refusal_is_certain_for_every_kind),
        CASE(test_an_unknown_end_is_unknown_for_what_changes_something),
        CASE(test_a_canceled_operation_is_never_told),
        CASE(test_an_operation_may_be_finished_while_its_deadline_is_told),
        CASE(test_more_than_the_limit_in_flight_are_not_taken),
        CASE(test_what_timed_out_still_takes_its_place_in_flight),
        CASE(test_closing_with_everything_in_flight_tells_nobody),
        CASE(test_a_done_may_start_the_next_operation),
        CASE(test_keys_and_counters_are_copied),
        CASE(test_a_read_of_nothing_and_one_of_the_most_are_taken),
        CASE(test_the_statistics_count_what_happened),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
