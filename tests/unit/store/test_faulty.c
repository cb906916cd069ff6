/* Each fault does what its name says; the inner store is a scripted one. */
#include "store/faulty.h"

#include "support/cmocka.h"
#include "support/scripted_store.h"
#include "support/virtual_loop.h"

#define TIMEOUT_MS 1000

struct fixture {
    struct virtual_loop loop;
    struct store_env env;
    struct store *inner;
    struct faulty_network *network;
    struct store *store;
    struct commit *commit;
    size_t told;
    enum commit_status status;
    enum err err;
};

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){.told = 0};
    virtual_loop_init(&f.loop);
    f.env = (struct store_env){
        .timers = &f.loop.timers, .clock = &f.loop.clock, .timeout_ms = TIMEOUT_MS};
    f.inner = scripted_open(&f.env);
    f.network = faulty_network_create(f.inner, &f.loop.timers, &(struct faults){0}, 1);
    assert_non_null(f.network);
    assert_int_equal(faulty_open_on(f.network, &f.env, &f.store), ERR_OK);
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
    faulty_network_destroy(f->network);
    commit_unref(f->commit);
    store_close(f->inner);
    virtual_loop_fini(&f->loop);
    return 0;
}

static void on_commit(void *ctx, const struct commit_result *result)
{
    struct fixture *f = ctx;

    f->told++;
    f->status = result->status;
}

static void on_done(void *ctx, enum err err)
{
    struct fixture *f = ctx;

    f->told++;
    f->err = err;
}

/* Sends the commit over a network that does `faults`, always. */
static void send(struct fixture *f, struct faults faults)
{
    faulty_network_set(f->network, &faults);
    assert_non_null(store_commit(f->store, f->commit, on_commit, f));
    assert_int_equal(f->told, 0);
    virtual_loop_settle(&f->loop);
}

static void answer_inner(struct fixture *f)
{
    struct commit_result done = {.status = COMMIT_DONE};

    op_finish_commit(scripted_take(f->inner, OP_COMMIT), &done);
}

static void test_without_faults_request_and_reply_pass(void **state)
{
    struct fixture *f = *state;

    send(f, (struct faults){0});
    assert_int_equal(f->told, 0);
    answer_inner(f);
    assert_int_equal(f->told, 1);
    assert_int_equal(f->status, COMMIT_DONE);
}

static void test_a_lost_request_never_arrives_and_is_unknown(void **state)
{
    struct fixture *f = *state;

    send(f, (struct faults){.lost_request = 1000});
    assert_int_equal(f->status, COMMIT_UNKNOWN);
    virtual_loop_pass(&f->loop, 10 * (int64_t)TIMEOUT_MS);
    assert_int_equal(scripted_waiting(f->inner), 0);
    assert_int_equal(f->told, 1);
}

static void test_a_refused_request_never_arrives_and_is_refused(void **state)
{
    struct fixture *f = *state;

    send(f, (struct faults){.refused = 1000});
    assert_int_equal(f->status, COMMIT_REFUSED);
    assert_int_equal(scripted_waiting(f->inner), 0);
}

static void test_a_lost_reply_is_unknown_though_it_was_done(void **state)
{
    struct fixture *f = *state;

    send(f, (struct faults){.lost_reply = 1000});
    assert_int_equal(f->told, 0);
    answer_inner(f);
    assert_int_equal(f->told, 1);
    assert_int_equal(f->status, COMMIT_UNKNOWN);
}

static void test_a_late_request_is_unknown_at_once_and_outlives_its_sender(void **state)
{
    struct fixture *f = *state;

    send(f, (struct faults){.late_request = 1000, .max_late_ms = 500});
    assert_int_equal(f->status, COMMIT_UNKNOWN);
    store_close(f->store);
    f->store = NULL;
    virtual_loop_pass(&f->loop, 500);
    assert_int_equal(scripted_waiting(f->inner), 1);
    answer_inner(f);
    assert_int_equal(f->told, 1);
}

static void test_late_requests_end_with_the_network(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 5; i++) {
        f->told = 0;
        send(f, (struct faults){.late_request = 1000, .max_late_ms = 100000});
    }
    store_close(f->store);
    f->store = NULL;
    faulty_network_destroy(f->network);
    f->network = NULL;
    virtual_loop_pass(&f->loop, 200000);
    assert_int_equal(scripted_waiting(f->inner), 0);
    faulty_network_destroy(NULL);
}

static void test_a_delay_is_within_its_limit(void **state)
{
    struct fixture *f = *state;
    size_t arrived_early = 0;

    faulty_network_set(f->network, &(struct faults){.refused = 1000, .max_delay_ms = 100});
    for (size_t i = 0; i < 20; i++) {
        f->told = 0;
        assert_non_null(store_commit(f->store, f->commit, on_commit, f));
        virtual_loop_pass(&f->loop, 50);
        arrived_early += f->told;
        virtual_loop_pass(&f->loop, 50);
        assert_int_equal(f->told, 1);
    }
    assert_true(arrived_early > 0 && arrived_early < 20);
}

static void test_registrations_meet_lost_requests_too(void **state)
{
    static const struct writer_id writer;
    struct fixture *f = *state;

    faulty_network_set(f->network, &(struct faults){.lost_request = 1000});
    assert_non_null(store_register(f->store, 0, &writer, 0, on_done, f));
    virtual_loop_settle(&f->loop);
    assert_int_equal(f->told, 1);
    assert_int_equal(f->err, ERR_UNKNOWN);
    assert_int_equal(scripted_waiting(f->inner), 0);
}

static void test_a_silent_inner_store_ends_by_the_deadline_and_its_reply_is_dropped(void **state)
{
    struct fixture *f = *state;

    send(f, (struct faults){0});
    virtual_loop_pass(&f->loop, TIMEOUT_MS);
    assert_int_equal(f->told, 1);
    assert_int_equal(f->status, COMMIT_UNKNOWN);
    answer_inner(f);
    assert_int_equal(f->told, 1);
}

static void test_closed_with_operations_anywhere_it_tells_nobody(void **state)
{
    struct fixture *f = *state;

    send(f, (struct faults){0}); /* at the inner store */
    faulty_network_set(f->network, &(struct faults){.max_delay_ms = 1000});
    for (int i = 0; i < 10; i++) /* on their way */
        assert_non_null(store_commit(f->store, f->commit, on_commit, f));
    store_close(f->store);
    f->store = NULL;
    virtual_loop_pass(&f->loop, 5 * (int64_t)TIMEOUT_MS);
    answer_inner(f);
    assert_int_equal(scripted_waiting(f->inner), 0);
    assert_int_equal(f->told, 0);
}

/* The faults of 50 commits, by what the caller is told: the seed decides alone. */
static void draw(struct fixture *f, uint64_t seed, enum commit_status out[static 50])
{
    const struct faults faults = {.lost_request = 300, .refused = 300};
    struct faulty_network *network =
        faulty_network_create(f->inner, &f->loop.timers, &faults, seed);
    struct store *store;

    assert_non_null(network);
    assert_int_equal(faulty_open_on(network, &f->env, &store), ERR_OK);
    for (size_t i = 0; i < 50; i++) {
        assert_non_null(store_commit(store, f->commit, on_commit, f));
        virtual_loop_settle(&f->loop);
        if (scripted_waiting(f->inner) > 0)
            answer_inner(f);
        out[i] = f->status;
    }
    store_close(store);
    faulty_network_destroy(network);
}

static void test_the_same_seed_gives_the_same_faults(void **state)
{
    struct fixture *f = *state;
    enum commit_status runs[3][50];

    draw(f, 7, runs[0]);
    draw(f, 7, runs[1]);
    draw(f, 8, runs[2]);
    assert_memory_equal(runs[0], runs[1], sizeof(runs[0]));
    assert_memory_not_equal(runs[0], runs[2], sizeof(runs[0]));
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_without_faults_request_and_reply_pass),
        CASE(test_a_lost_request_never_arrives_and_is_unknown),
        CASE(test_a_refused_request_never_arrives_and_is_refused),
        CASE(test_a_lost_reply_is_unknown_though_it_was_done),
        CASE(test_a_late_request_is_unknown_at_once_and_outlives_its_sender),
        CASE(test_late_requests_end_with_the_network),
        CASE(test_a_delay_is_within_its_limit),
        CASE(test_registrations_meet_lost_requests_too),
        CASE(test_a_silent_inner_store_ends_by_the_deadline_and_its_reply_is_dropped),
        CASE(test_closed_with_operations_anywhere_it_tells_nobody),
        CASE(test_the_same_seed_gives_the_same_faults),
    };

    return cmocka_run_group_tests_name("faulty", tests, NULL, NULL);
}
