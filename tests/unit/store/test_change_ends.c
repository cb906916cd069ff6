/* Changes that end early: by their deadline, canceled, or with the changer. */
#include "change_fixture.h"

#include "support/cmocka.h"

/* ---- deadlines ------------------------------------------------------------------------------ */

static void test_what_was_sent_may_be_done_what_waits_is_not(void **state)
{
    static const enum commit_status outcomes[] = {COMMIT_DONE, COMMIT_CONFLICT};
    struct change_fixture *f = *state;

    start_up(f);
    for (size_t i = 0; i < 2; i++) {
        struct deed sent = {.kind = DEED_ADD};
        struct deed waits = {.kind = DEED_ADD};
        struct deed next = {.kind = DEED_ADD};

        begin_commit(f, &sent);
        begin(f, &waits, "a");
        virtual_loop_pass(&f->loop, DEADLINE_MS - 1);
        assert_int_equal(sent.told + waits.told, 0);
        begin(f, &next, "a");
        virtual_loop_pass(&f->loop, 1);
        assert_told(&sent, ERR_UNKNOWN);
        assert_told(&waits, ERR_UNAVAILABLE);
        assert_int_equal(waits.plans, 0);
        assert_false(changer_is_idle(f->changer));
        change_cancel(next.change);
        assert_false(changer_is_idle(f->changer)); /* for the one that is in doubt */
        answer_commit(f, outcomes[i]);
        assert_true(changer_is_idle(f->changer));
        virtual_loop_pass(&f->loop, 200); /* nothing of it is planned again */
        assert_int_equal(scripted_waiting(f->store), 0);
        assert_int_equal(sent.plans, 1);
        assert_int_equal(sent.told, 1);
        assert_int_equal(next.told, 0);
    }
}

/* The first one's deadline passes when it is done already. */
static void test_each_has_its_own_deadline(void **state)
{
    struct change_fixture *f = *state;
    struct deed first = {.kind = DEED_ADD};
    struct deed second = {.kind = DEED_ADD};

    start_up(f);
    begin_commit(f, &first);
    answer_commit(f, COMMIT_DONE);
    virtual_loop_pass(&f->loop, 500);
    begin_commit(f, &second);
    virtual_loop_pass(&f->loop, DEADLINE_MS - 1);
    assert_int_equal(second.told, 0);
    virtual_loop_pass(&f->loop, 1);
    assert_told(&second, ERR_UNKNOWN);
    assert_told(&first, ERR_OK);
}

static void test_a_late_refusal_is_not_told_again(void **state)
{
    struct change_fixture *f = *state;
    struct deed deed = {.kind = DEED_ADD};

    start_up(f);
    begin_commit(f, &deed);
    answer_commit(f, COMMIT_UNKNOWN);
    assert_int_equal(deed.told, 0);
    virtual_loop_pass(&f->loop, DEADLINE_MS);
    assert_told(&deed, ERR_UNKNOWN);
    answer_commit(f, COMMIT_REFUSED); /* not believed after an unknown: sent again */
    virtual_loop_pass(&f->loop, TIMEOUT_MS);
    assert_false(changer_is_idle(f->changer));
    answer_commit(f, COMMIT_DONE);
    assert_int_equal(deed.told, 1);
}

/* Its round begins late, since the one before was in doubt for long. */
static void read_late(struct change_fixture *f, struct deed *deeds, size_t count)
{
    struct deed sent = {.kind = DEED_ADD};

    start_up(f);
    begin_commit(f, &sent);
    virtual_loop_pass(&f->loop, DEADLINE_MS - TIMEOUT_MS / 2);
    for (size_t i = 0; i < count; i++) {
        const char keys[] = {(char)('b' + i), '\0'};

        begin(f, &deeds[i], keys);
    }
    virtual_loop_pass(&f->loop, DEADLINE_MS - TIMEOUT_MS / 2);
    assert_told(&sent, ERR_UNKNOWN);
    answer_commit(f, COMMIT_DONE);
    assert_int_equal(on_its_way(f, OP_READ)->count, count);
}

static void test_what_is_being_read_is_not_done(void **state)
{
    struct change_fixture *f = *state;
    struct deed deeds[2] = {{.kind = DEED_ADD}};

    read_late(f, deeds, 2);
    virtual_loop_pass(&f->loop, TIMEOUT_MS / 2);
    assert_told(&deeds[0], ERR_UNAVAILABLE);
    assert_told(&deeds[1], ERR_UNAVAILABLE);
    answer_read(f, ERR_OK);
    assert_int_equal(deeds[0].plans + deeds[1].plans, 0);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_true(changer_is_idle(f->changer));
}

static void refuse_read(struct deed *deed)
{
    op_finish_refused(scripted_take(deed->f->store, OP_READ), "the connection is lost");
}

/* Who is told may use the store, which may then find that it lost its connection. */
static void test_a_round_may_end_while_its_deadlines_are_told(void **state)
{
    struct change_fixture *f = *state;
    struct deed deeds[3] = {{.on_told = refuse_read}};

    read_late(f, deeds, 3);
    virtual_loop_pass(&f->loop, TIMEOUT_MS / 2);
    for (size_t i = 0; i < 3; i++)
        assert_told(&deeds[i], ERR_UNAVAILABLE);
    assert_true(changer_is_idle(f->changer));
}

static void test_a_deadline_in_a_pause_is_certainly_not_done(void **state)
{
    struct change_fixture *f = *state;
    struct deed deed = {.kind = DEED_ADD};

    start_up(f);
    begin_commit(f, &deed);
    virtual_loop_pass(&f->loop, DEADLINE_MS - 1);
    for (int i = 0; i < CHANGE_MAX_TRIES && deed.told == 0; i++) {
        answer_commit(f, COMMIT_CONFLICT);
        if (scripted_waiting(f->store) > 0)
            answer_read(f, ERR_OK); /* the pause was none: it is sent again */
        else
            virtual_loop_pass(&f->loop, 1);
    }
    assert_told(&deed, ERR_UNAVAILABLE);
}

/* ---- cancel --------------------------------------------------------------------------------- */

static void test_who_cancels_is_told_nothing(void **state)
{
    struct change_fixture *f = *state;
    struct deed deed = {.kind = DEED_ADD};

    change_cancel(NULL);
    start_up(f);
    begin(f, &deed, "a"); /* while it waits */
    change_cancel(deed.change);
    assert_true(changer_is_idle(f->changer));
    virtual_loop_settle(&f->loop);
    assert_int_equal(scripted_waiting(f->store), 0);

    begin(f, &deed, "a"); /* while its record is read */
    virtual_loop_settle(&f->loop);
    change_cancel(deed.change);
    answer_read(f, ERR_OK);
    assert_int_equal(deed.plans, 0);
    assert_int_equal(scripted_waiting(f->store), 0);

    begin_commit(f, &deed); /* while it is committed */
    change_cancel(deed.change);
    assert_false(changer_is_idle(f->changer));
    answer_commit(f, COMMIT_DONE);

    begin_commit(f, &deed); /* the same, and a conflict */
    change_cancel(deed.change);
    answer_commit(f, COMMIT_CONFLICT);
    assert_true(changer_is_idle(f->changer));
    virtual_loop_pass(&f->loop, DEADLINE_MS);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_int_equal(deed.plans, 1);
    assert_int_equal(f->told, 0);
}

static void test_who_cancels_leaves_the_others_of_the_round_alone(void **state)
{
    struct change_fixture *f = *state;
    struct deed gone = {.kind = DEED_ADD};
    struct deed stays = {.kind = DEED_ADD};

    start_up(f);
    begin(f, &gone, "ab");
    begin(f, &stays, "cd");
    virtual_loop_settle(&f->loop);
    change_cancel(gone.change);
    answer_read(f, ERR_OK);
    assert_writes(f, "cd");
    answer_commit(f, COMMIT_DONE);
    assert_told(&stays, ERR_OK);
    assert_int_equal(gone.told, 0);
}

/* ---- destroying --------------------------------------------------------------------------------
 */

/* Before, while and after its records are read. */
static void test_a_changer_may_be_destroyed_at_any_time(void **state)
{
    struct change_fixture *f = *state;
    static struct deed deeds[2];

    changer_destroy(f->changer);
    for (size_t i = 0; i < 2; i++)
        deeds[i] = (struct deed){.kind = DEED_ADD};
    for (int stage = 0; stage < 3; stage++) {
        f->changer = changer_create(f->store, &f->env);
        assert_non_null(f->changer);
        f->told = 0;
        begin(f, &deeds[0], "a");
        begin(f, &deeds[1], "a");
        if (stage > 0)
            virtual_loop_settle(&f->loop);
        if (stage > 1)
            answer_read(f, ERR_OK);
        changer_destroy(f->changer);
        while (scripted_waiting(f->store) > 0)
            op_finish_refused(scripted_take(f->store, f->store->in_flight->kind), "");
        virtual_loop_pass(&f->loop, DEADLINE_MS);
        assert_int_equal(f->told, 0);
    }
    changer_destroy(NULL);
    f->changer = NULL;
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, change_set_up_scripted, change_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_what_was_sent_may_be_done_what_waits_is_not),
        CASE(test_each_has_its_own_deadline),
        CASE(test_a_late_refusal_is_not_told_again),
        CASE(test_what_is_being_read_is_not_done),
        CASE(test_a_round_may_end_while_its_deadlines_are_told),
        CASE(test_a_deadline_in_a_pause_is_certainly_not_done),
        CASE(test_who_cancels_is_told_nothing),
        CASE(test_who_cancels_leaves_the_others_of_the_round_alone),
        CASE(test_a_changer_may_be_destroyed_at_any_time),
    };

    return cmocka_run_group_tests_name("ends of changes", tests, NULL, NULL);
}
