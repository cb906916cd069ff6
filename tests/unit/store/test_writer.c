/* Numbers, and sending again. */
#include "writer_fixture.h"

#include "support/cmocka.h"

static void test_it_registers_first_and_numbers_its_commits(void **state)
{
    struct writer_fixture *f = *state;
    uint64_t versions[3];

    commit(f);
    answer_register(f, ERR_OK);
    for (uint64_t n = 1; n <= 3; n++) {
        assert_int_equal(on_its_way(f)->number, n);
        versions[n - 1] = on_its_way(f)->version;
        assert_int_not_equal(versions[n - 1], RECORD_ABSENT);
        answer(f, COMMIT_DONE);
        assert_int_equal(f->told, n);
        assert_int_equal(f->status, COMMIT_DONE);
        assert_int_equal(f->total, 42);
        commit(f);
    }
    assert_int_not_equal(versions[0], versions[1]);
    assert_int_not_equal(versions[1], versions[2]);
    answer(f, COMMIT_DONE);
    assert_int_equal(stats_of(f).commits, 4);
    assert_int_equal(stats_of(f).retries, 0);
    assert_int_equal(scripted_waiting(f->store), 0);
}

static void test_a_conflict_is_told_and_uses_up_its_number(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_CONFLICT);
    assert_int_equal(f->status, COMMIT_CONFLICT);
    assert_int_equal(stats_of(f).conflicts, 1);
    commit(f);
    assert_int_equal(on_its_way(f)->number, 3);
}

static void test_a_refusal_is_told_and_leaves_its_number_free(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_REFUSED);
    assert_int_equal(f->status, COMMIT_REFUSED);
    assert_int_equal(stats_of(f).refused, 1);
    commit(f);
    assert_int_equal(on_its_way(f)->number, 2);
}

static void test_without_registration_nothing_was_sent_so_it_is_refused(void **state)
{
    static const enum err errors[] = {ERR_UNAVAILABLE, ERR_UNKNOWN};
    struct writer_fixture *f = *state;

    for (size_t i = 0; i < 2; i++) {
        commit(f);
        answer_register(f, errors[i]);
        assert_int_equal(f->told, i + 1);
        assert_int_equal(f->status, COMMIT_REFUSED);
    }
    commit(f);
    answer_register(f, ERR_OK);
    assert_int_equal(on_its_way(f)->number, 1);
}

static void test_an_unknown_commit_is_sent_again_as_it_was_until_it_is_known(void **state)
{
    struct writer_fixture *f = *state;
    uint64_t number;
    uint64_t version;

    start_up(f);
    commit(f);
    number = on_its_way(f)->number;
    version = on_its_way(f)->version;
    for (int i = 0; i < 20; i++) {
        assert_ptr_equal(on_its_way(f), f->commit);
        assert_int_equal(on_its_way(f)->number, number);
        assert_int_equal(on_its_way(f)->version, version);
        answer(f, COMMIT_UNKNOWN);
        assert_true(stats_of(f).unresolved);
        assert_int_equal(scripted_waiting(f->store), 0);
        virtual_loop_pass(&f->loop, 1000);
    }
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 2);
    assert_int_equal(f->status, COMMIT_DONE);
    assert_int_equal(stats_of(f).retries, 20);
    assert_false(stats_of(f).unresolved);
    commit(f);
    assert_int_equal(on_its_way(f)->number, number + 1);
}

static void test_a_silent_store_is_asked_again_too(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    virtual_loop_pass(&f->loop, TIMEOUT_MS + 1000);
    assert_int_equal(scripted_waiting(f->store), 2); /* the first is still with its driver */
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 1); /* it was given up: nobody is told */
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 2);
}

static void test_a_refusal_is_not_believed_after_an_unknown_attempt(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_UNKNOWN);
    for (int i = 0; i < 3; i++) {
        virtual_loop_pass(&f->loop, 1000);
        answer(f, COMMIT_REFUSED);
        assert_int_equal(f->told, 1);
    }
    virtual_loop_pass(&f->loop, 1000);
    answer(f, COMMIT_CONFLICT);
    assert_int_equal(f->told, 2);
    assert_int_equal(f->status, COMMIT_CONFLICT);
    assert_int_equal(stats_of(f).refused, 0);
}

static void test_it_waits_longer_each_time_up_to_a_second(void **state)
{
    static const int64_t waits_ms[] = {10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000};
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
        answer(f, COMMIT_UNKNOWN);
        virtual_loop_pass(&f->loop, waits_ms[i] - 1);
        assert_int_equal(scripted_waiting(f->store), 0);
        virtual_loop_pass(&f->loop, 1);
        assert_int_equal(scripted_waiting(f->store), 1);
    }
    answer(f, COMMIT_DONE);
    commit(f);
    answer(f, COMMIT_UNKNOWN);
    virtual_loop_pass(&f->loop, 10); /* it begins anew with each commit */
    assert_int_equal(scripted_waiting(f->store), 1);
}

static void test_a_store_that_is_full_is_asked_again(void **state)
{
    struct writer_fixture *f = *state;

    while (store_sweep(f->store, NULL, NULL))
        store_op_cancel(f->store->in_flight);
    commit(f);
    virtual_loop_pass(&f->loop, 500);
    assert_int_equal(f->told, 0);
    while (scripted_waiting(f->store) > 0)
        op_finish_refused(scripted_take(f->store, OP_SWEEP), "room");
    virtual_loop_pass(&f->loop, 1000);
    answer_register(f, ERR_OK);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->status, COMMIT_DONE);
}

static void test_the_next_commit_may_be_given_inside_done(void **state)
{
    static const enum commit_status outcomes[] = {COMMIT_DONE, COMMIT_CONFLICT, COMMIT_REFUSED};
    struct writer_fixture *f = *state;

    start_up(f);
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        size_t told = f->told;

        f->commits_again = true;
        commit(f);
        answer(f, outcomes[i]);
        assert_int_equal(f->told, told + 1);
        assert_true(writer_is_busy(f->writer));
        answer(f, COMMIT_DONE);
        assert_int_equal(f->told, told + 2);
        assert_int_equal(f->status, COMMIT_DONE);
    }
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, writer_set_up, writer_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_it_registers_first_and_numbers_its_commits),
        CASE(test_a_conflict_is_told_and_uses_up_its_number),
        CASE(test_a_refusal_is_told_and_leaves_its_number_free),
        CASE(test_without_registration_nothing_was_sent_so_it_is_refused),
        CASE(test_an_unknown_commit_is_sent_again_as_it_was_until_it_is_known),
        CASE(test_a_silent_store_is_asked_again_too),
        CASE(test_a_refusal_is_not_believed_after_an_unknown_attempt),
        CASE(test_it_waits_longer_each_time_up_to_a_second),
        CASE(test_a_store_that_is_full_is_asked_again),
        CASE(test_the_next_commit_may_be_given_inside_done),
    };

    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
