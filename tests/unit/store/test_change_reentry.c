/* Plans and those who are told may begin and cancel changes. */
#include "change_fixture.h"

#include "support/cmocka.h"

static void cancel_itself(struct deed *deed)
{
    change_cancel(deed->change);
}

static void cancel_other(struct deed *deed)
{
    change_cancel(deed->other->change);
    deed->other->change = NULL;
}

static void begin_other(struct deed *deed)
{
    begin(deed->f, deed->other, "x");
}

static void test_a_plan_may_cancel_its_own_change(void **state)
{
    struct change_fixture *f = *state;
    struct deed deed = {.on_plan = cancel_itself};

    start_up(f);
    begin(f, &deed, "a");
    virtual_loop_settle(&f->loop);
    answer_read(f, ERR_OK);
    assert_int_equal(deed.plans, 1);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_true(changer_is_idle(f->changer));
    assert_int_equal(f->told, 0);
}

static void test_a_plan_may_cancel_others(void **state)
{
    struct change_fixture *f = *state;
    struct deed deeds[3] = {{.kind = DEED_ADD}};
    struct deed waits = {.kind = DEED_ADD};

    start_up(f);
    deeds[0].on_plan = cancel_other; /* one of the round that is not planned yet */
    deeds[0].other = &deeds[1];
    deeds[2].on_plan = cancel_other; /* one that is not in the round */
    deeds[2].other = &waits;
    begin(f, &deeds[0], "a");
    begin(f, &deeds[1], "b");
    begin(f, &deeds[2], "c");
    begin(f, &waits, "c");
    virtual_loop_settle(&f->loop);
    answer_read(f, ERR_OK);
    assert_int_equal(on_its_way(f, OP_COMMIT)->commit->write_count, 2);
    answer_commit(f, COMMIT_DONE);
    assert_told(&deeds[0], ERR_OK);
    assert_told(&deeds[2], ERR_OK);
    assert_int_equal(deeds[1].told + waits.told, 0);
    assert_true(changer_is_idle(f->changer));
}

static void test_plans_and_those_told_may_begin_others(void **state)
{
    static const enum deed_kind kinds[] = {DEED_ADD, DEED_NOTHING};
    struct change_fixture *f = *state;

    start_up(f);
    for (size_t i = 0; i < 4; i++) {
        struct deed other = {.kind = DEED_ADD};
        struct deed deed = {.kind = kinds[i % 2], .other = &other};

        if (i < 2)
            deed.on_plan = begin_other;
        else
            deed.on_told = begin_other;
        begin(f, &deed, "a");
        virtual_loop_settle(&f->loop);
        answer_read(f, ERR_OK);
        if (deed.kind == DEED_ADD)
            answer_commit(f, COMMIT_DONE);
        assert_told(&deed, ERR_OK);
        answer_read(f, ERR_OK);
        answer_commit(f, COMMIT_DONE);
        assert_told(&other, ERR_OK);
    }
}

static void test_whoever_is_told_may_cancel_others(void **state)
{
    static const enum commit_status outcomes[] = {COMMIT_DONE, COMMIT_REFUSED};
    struct change_fixture *f = *state;

    start_up(f);
    for (size_t i = 0; i < 3; i++) {
        struct deed other = {.kind = DEED_ADD};
        struct deed deed = {.on_told = cancel_other, .other = &other};

        f->told = 0;
        begin_commit(f, &deed);
        begin(f, &other, i == 0 ? "a" : "b");
        if (i < 2)
            answer_commit(f, outcomes[i]);
        else
            virtual_loop_pass(&f->loop, DEADLINE_MS); /* both are due */
        assert_int_equal(deed.told, 1);
        virtual_loop_pass(&f->loop, DEADLINE_MS);
        assert_int_equal(f->told, 1);
    }
}

static void test_two_that_are_due_may_cancel_each_other(void **state)
{
    struct change_fixture *f = *state;
    struct deed sent = {.kind = DEED_ADD};
    struct deed first = {.on_told = cancel_other};
    struct deed second = {.on_told = cancel_other};

    first.other = &second;
    second.other = &first;
    start_up(f);
    begin_commit(f, &sent);
    begin(f, &first, "b");
    begin(f, &second, "c");
    virtual_loop_pass(&f->loop, DEADLINE_MS);
    assert_told(&sent, ERR_UNKNOWN);
    assert_told(&first, ERR_UNAVAILABLE);
    assert_int_equal(second.told, 0);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, change_set_up_scripted, change_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_plan_may_cancel_its_own_change),
        CASE(test_a_plan_may_cancel_others),
        CASE(test_plans_and_those_told_may_begin_others),
        CASE(test_whoever_is_told_may_cancel_others),
        CASE(test_two_that_are_due_may_cancel_each_other),
    };

    return cmocka_run_group_tests_name("changes inside changes", tests, NULL, NULL);
}
