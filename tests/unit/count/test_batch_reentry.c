/* Visitors who do something when they are told: a pipelined request follows at once, say. */
#include "batch_fixture.h"
#include "support/cmocka.h"

static void visit_again(struct guest *visitor)
{
    visitor->then = NULL;
    visitor->told = 0;
    visit(visitor, "/again", "");
}

static void visit_again_with_id(struct guest *visitor)
{
    visitor->then = NULL;
    visitor->told = 0;
    visit(visitor, "/again", "x9");
}

static void send_other_away(struct guest *visitor)
{
    if (visitor->other->hit)
        hit_abandon(visitor->other->hit);
    visitor->other->hit = NULL;
}

/* The hits that were added meanwhile are waiting, all of them and nothing else; they are counted.
 */
static void assert_all_come_again(struct batch_fixture *f, size_t count)
{
    assert_int_equal(stats_of(f).waiting, count);
    turn(f);
    assert_int_equal(stats_of(f).waiting, 0);
    answer_done(f);
    for (size_t i = 0; i < count; i++)
        assert_counted(&f->visitors[i], 101 + (int64_t)i, 101 + (int64_t)i);
    assert_idle(f);
}

static void let_all_visit(struct batch_fixture *f, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        f->visitors[i].then = visit_again;
        visit(&f->visitors[i], "/a", i == 0 ? id : "");
    }
}

static void test_who_is_told_a_number_may_visit_again(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    let_all_visit(f, 5, "");
    turn(f);
    answer_done(f);
    assert_all_come_again(f, 5);
}

static void test_who_is_refused_may_visit_again(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    let_all_visit(f, 5, "");
    turn(f);
    answer(f, COMMIT_REFUSED);
    assert_all_come_again(f, 5);
}

static void test_whose_read_failed_may_visit_again(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    let_all_visit(f, 5, "x1");
    turn(f);
    op_finish_refused(scripted_take(f->store, OP_READ), "no connection");
    assert_all_come_again(f, 5);
}

/* The new hits join the very batch whose hits are being told that they are late. */
static void test_who_was_late_while_waiting_may_visit_again(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    f->loop.on_turn = NULL;
    let_all_visit(f, 5, "");
    virtual_loop_pass(&f->loop, HIT_MS);
    assert_int_equal(stats_of(f).unavailable, 5);
    batcher_turn(f->batcher);
    assert_int_equal(stats_of(f).waiting, 0);
    answer_done(f);
    for (int i = 0; i < 5; i++)
        assert_counted(&f->visitors[i], 101 + i, 101 + i);
    assert_idle(f);
}

static void test_waiting_hits_are_numbered_rightly_however_often_they_come_again(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    f->loop.on_turn = NULL;
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < 5; i++) {
            f->visitors[i].then = visit_again;
            if (round == 0)
                visit(&f->visitors[i], "/a", "");
        }
        virtual_loop_pass(&f->loop, HIT_MS);
        assert_int_equal(stats_of(f).waiting, 5);
    }
    for (size_t i = 0; i < 5; i++)
        f->visitors[i].then = NULL;
    virtual_loop_pass(&f->loop, HIT_MS);
    assert_idle(f);
}

static void test_who_was_late_while_it_was_sent_may_visit_again(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    let_all_visit(f, 5, "");
    turn(f);
    virtual_loop_pass(&f->loop, HIT_MS);
    assert_int_equal(stats_of(f).unknown, 5);
    assert_int_equal(stats_of(f).waiting, 5);
    answer_done(f);
    assert_all_come_again(f, 5);
}

static void test_who_is_told_may_send_another_away(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    for (int i = 0; i < 2; i++) {
        f->visitors[i].then = send_other_away;
        f->visitors[i].other = &f->visitors[1 - i];
        visit(&f->visitors[i], "/a", "");
    }
    visit(&f->visitors[2], "/a", "");
    turn(f);
    answer_done(f);
    assert_counted(&f->visitors[0], 101, 101);
    assert_int_equal(f->visitors[1].told, 0);
    assert_counted(&f->visitors[2], 103, 103);
    assert_idle(f);
}

static void test_an_id_may_come_again_while_it_is_told(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    f->visitors[0].then = visit_again_with_id;
    visit(&f->visitors[0], "/a", "x9");
    turn(f);
    answer_read(f, NULL);
    answer_done(f);
    turn(f);
    answer_read(f, "x9");
    answer_done(f);
    assert_duplicate(&f->visitors[0], 100, 100);
    assert_idle(f);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, batch_set_up, batch_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_who_is_told_a_number_may_visit_again),
        CASE(test_who_is_refused_may_visit_again),
        CASE(test_whose_read_failed_may_visit_again),
        CASE(test_who_was_late_while_waiting_may_visit_again),
        CASE(test_waiting_hits_are_numbered_rightly_however_often_they_come_again),
        CASE(test_who_was_late_while_it_was_sent_may_visit_again),
        CASE(test_who_is_told_may_send_another_away),
        CASE(test_an_id_may_come_again_while_it_is_told),
    };

    return cmocka_run_group_tests_name("batch re-entry", tests, NULL, NULL);
}
