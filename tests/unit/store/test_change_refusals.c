/* What becomes of a round when the store says no. */
#include "change_fixture.h"

#include "support/cmocka.h"

static int64_t longest_pause_ms(unsigned conflicts)
{
    return conflicts >= 6 ? 200 : (int64_t)5 << conflicts;
}

static void meet_conflict(struct change_fixture *f, unsigned conflicts)
{
    answer_commit(f, COMMIT_CONFLICT);
    virtual_loop_pass(&f->loop, longest_pause_ms(conflicts));
}

static void test_after_a_conflict_all_are_planned_again_later_one_by_one(void **state)
{
    struct change_fixture *f = *state;
    struct deed first = {.kind = DEED_ADD};
    struct deed second = {.kind = DEED_ADD};
    struct deed late = {.kind = DEED_ADD};

    start_up(f);
    begin(f, &first, "a");
    begin(f, &second, "b");
    virtual_loop_settle(&f->loop);
    answer_read(f, ERR_OK);
    begin(f, &late, "c");
    meet_conflict(f, 1);
    assert_reads(f, "abc");
    answer_read(f, ERR_OK);
    assert_writes(f, "abc");
    meet_conflict(f, 2);
    assert_reads(f, "a");
    answer_read(f, ERR_OK);
    answer_commit(f, COMMIT_DONE);
    assert_told(&first, ERR_OK);
    assert_int_equal(first.plans, 3);
    assert_reads(f, "bc"); /* after a success they go together again */
    answer_read(f, ERR_OK);
    answer_commit(f, COMMIT_DONE);
    assert_told(&second, ERR_OK);
    assert_told(&late, ERR_OK);
    assert_int_equal(late.plans, 2);
}

static void test_a_change_that_always_meets_a_conflict_is_given_up(void **state)
{
    struct change_fixture *f = *state;
    struct deed deed = {.kind = DEED_ADD};
    struct deed later = {.kind = DEED_ADD};

    f->env.timeout_ms = 100 * TIMEOUT_MS; /* the tries end it, not the deadline */
    changer_destroy(f->changer);
    f->changer = changer_create(f->store, &f->env);
    assert_non_null(f->changer);
    start_up(f);
    begin(f, &deed, "a");
    virtual_loop_settle(&f->loop);
    for (unsigned i = 1; i <= CHANGE_MAX_TRIES; i++) {
        assert_int_equal(deed.told, 0);
        answer_read(f, ERR_OK);
        meet_conflict(f, i);
        if (i == 1)
            begin(f, &later, "a");
    }
    assert_told(&deed, ERR_BUSY);
    assert_int_equal(deed.plans, CHANGE_MAX_TRIES);
    assert_int_equal(later.plans, 0);
    answer_read(f, ERR_OK);
    answer_commit(f, COMMIT_DONE);
    assert_told(&later, ERR_OK);
    assert_int_equal(later.plans, 1);
}

static void test_what_begins_does_not_shorten_a_pause(void **state)
{
    struct change_fixture *f = *state;
    struct deed deed = {.kind = DEED_ADD};
    size_t paused = 0;

    start_up(f);
    begin(f, &deed, "a");
    virtual_loop_settle(&f->loop);
    for (unsigned i = 1; i < CHANGE_MAX_TRIES; i++) {
        struct deed other = {.kind = DEED_ADD};

        answer_read(f, ERR_OK);
        answer_commit(f, COMMIT_CONFLICT);
        if (scripted_waiting(f->store) == 0) {
            begin(f, &other, "b");
            virtual_loop_settle(&f->loop);
            assert_int_equal(scripted_waiting(f->store), 0);
            change_cancel(other.change);
            paused++;
        }
        virtual_loop_pass(&f->loop, longest_pause_ms(i));
        if (deed.told)
            return; /* the pauses were long */
    }
    assert_true(paused > 5);
}

static void test_a_refusal_and_a_failed_read_end_the_round(void **state)
{
    static const enum err read_errors[] = {ERR_UNAVAILABLE, ERR_NO_MEMORY};
    struct change_fixture *f = *state;
    struct deed deeds[2] = {{.kind = DEED_ADD}};

    start_up(f);
    for (size_t i = 0; i < 3; i++) {
        begin(f, &deeds[0], "a");
        begin(f, &deeds[1], "b");
        virtual_loop_settle(&f->loop);
        answer_read(f, i < 2 ? read_errors[i] : ERR_OK);
        if (i == 2)
            answer_commit(f, COMMIT_REFUSED);
        assert_told(&deeds[0], i < 2 ? read_errors[i] : ERR_UNAVAILABLE);
        assert_told(&deeds[1], i < 2 ? read_errors[i] : ERR_UNAVAILABLE);
        assert_int_equal(scripted_waiting(f->store), 0);
    }
}

static void test_a_store_with_no_room_for_a_read_is_unavailable(void **state)
{
    struct change_fixture *f = *state;
    struct deed deed = {.kind = DEED_ADD};

    start_up(f);
    while (store_sweep(f->store, NULL, NULL))
        store_op_cancel(f->store->in_flight);
    begin(f, &deed, "a");
    virtual_loop_settle(&f->loop);
    assert_told(&deed, ERR_UNAVAILABLE);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, change_set_up_scripted, change_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_after_a_conflict_all_are_planned_again_later_one_by_one),
        CASE(test_a_change_that_always_meets_a_conflict_is_given_up),
        CASE(test_what_begins_does_not_shorten_a_pause),
        CASE(test_a_refusal_and_a_failed_read_end_the_round),
        CASE(test_a_store_with_no_room_for_a_read_is_unavailable),
    };

    return cmocka_run_group_tests_name("refusals of changes", tests, NULL, NULL);
}
