/* Hits whose deadline passes, clients that leave, a batcher that ends: at every step. */
#include "batch_fixture.h"
#include "support/captured_output.h"
#include "support/cmocka.h"

/* Where a batch can be. Each step is reached from the one before. */
enum step {
    STEP_WAITING,
    STEP_READING,
    STEP_COMMITTING,
    STEP_CONFLICTED,
    STEP_UNKNOWN,
    STEP_COUNT
};

/* Brings a hit on /a with the id x1, which is with visitor 0 (and further ones), to `step`. */
static void reach(struct batch_fixture *f, enum step step)
{
    if (step >= STEP_READING)
        turn(f);
    if (step >= STEP_COMMITTING)
        answer_read(f, NULL);
    if (step >= STEP_CONFLICTED)
        answer_conflict(f, NULL);
    if (step >= STEP_UNKNOWN)
        answer(f, COMMIT_UNKNOWN);
}

/* Brings it from `step` to its end, which is a good one. */
static void finish(struct batch_fixture *f, enum step step)
{
    if (step == STEP_WAITING)
        turn(f);
    if (step <= STEP_READING)
        answer_read(f, NULL);
    if (step == STEP_UNKNOWN)
        virtual_loop_pass(&f->loop, 50);
    answer_done(f);
}

static void test_a_hit_due_before_it_was_sent_is_not_counted(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    f->loop.on_turn = NULL; /* no turn comes */
    visit(&f->visitors[0], "/a", "");
    virtual_loop_pass(&f->loop, HIT_MS - 1);
    assert_int_equal(f->visitors[0].told, 0);
    virtual_loop_pass(&f->loop, 1);
    assert_failed(&f->visitors[0], ERR_UNAVAILABLE);
    batcher_turn(f->batcher);
    assert_idle(f);
    assert_int_equal(stats_of(f).unavailable, 1);
    assert_int_equal(stats_of(f).hits, 1);
}

static void test_a_hit_due_while_ids_are_read_is_not_counted_but_younger_ones_are(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    f->loop.on_turn = NULL;
    visit(&f->visitors[0], "/old", "x1");
    virtual_loop_pass(&f->loop, HIT_MS - 10);
    visit(&f->visitors[1], "/young", "x2");
    batcher_turn(f->batcher);
    virtual_loop_pass(&f->loop, 10);
    assert_failed(&f->visitors[0], ERR_UNAVAILABLE);
    answer_read(f, NULL);
    assert_int_equal(on_its_way(f)->write_count, 1);
    assert_int_equal(on_its_way(f)->addition_count, 2);
    assert_true(slice_eq(on_its_way(f)->writes[0].value, SLICE("/young")));
    answer_done(f);
    assert_counted(&f->visitors[1], 101, 101);
    assert_idle(f);
}

static void test_a_batch_whose_hits_are_all_due_is_not_even_sent(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    visit(&f->visitors[0], "/a", "x1");
    turn(f);
    virtual_loop_pass(&f->loop, HIT_MS);
    assert_failed(&f->visitors[0], ERR_UNAVAILABLE);
    assert_false(batcher_is_idle(f->batcher));
    answer_read(f, NULL);
    assert_idle(f);
    assert_int_equal(stats_of(f).batches, 1);
    visit(&f->visitors[1], "/a", "x1"); /* it was not counted, so this one is */
    turn(f);
    answer_read(f, NULL);
    answer_done(f);
    assert_counted(&f->visitors[1], 101, 101);
}

static void test_a_hit_due_after_it_was_sent_is_unknown_and_the_batch_goes_on(void **state)
{
    static const enum step steps[] = {STEP_COMMITTING, STEP_CONFLICTED, STEP_UNKNOWN};
    struct batch_fixture *f = *state;

    start_up(f);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct guest *v = &f->visitors[i];

        visit(v, "/a", "x1");
        reach(f, steps[i]);
        virtual_loop_pass(&f->loop, HIT_MS);
        assert_failed(v, ERR_UNKNOWN);
        assert_false(batcher_is_idle(f->batcher));
        assert_int_equal(on_its_way(f)->additions[0].delta, 1);
        finish(f, steps[i]);
        assert_int_equal(v->told, 1);
        assert_int_equal(stats_of(f).unknown, i + 1);
        assert_int_equal(stats_of(f).hits, i + 2); /* they were counted, as is known now */
        assert_idle(f);
    }
}

/* It was told UNKNOWN, and may not be left out any more: the first attempt may have been applied.
 */
static void test_a_hit_told_unknown_is_still_planned_after_a_conflict(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    visit(&f->visitors[0], "/a", "x1");
    reach(f, STEP_COMMITTING);
    virtual_loop_pass(&f->loop, HIT_MS);
    answer_conflict(f, NULL);
    assert_int_equal(on_its_way(f)->write_count, 1);
    assert_int_equal(on_its_way(f)->additions[0].delta, 1);
    answer(f, COMMIT_REFUSED);
    assert_failed(&f->visitors[0], ERR_UNKNOWN);
    assert_idle(f);
}

static void test_hits_behind_a_commit_without_end_are_told_in_time(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    for (int i = 0; i < 5; i++) {
        visit(&f->visitors[i], "/a", "");
        virtual_loop_pass(&f->loop, 100);
    }
    for (int i = 0; i < 5; i++) {
        assert_failed(&f->visitors[i], i == 0 ? ERR_UNKNOWN : ERR_UNAVAILABLE);
        assert_true(i == 4 || f->visitors[i + 1].told == 0);
        virtual_loop_pass(&f->loop, 100);
    }
    answer_done(f);
    assert_idle(f);
    assert_int_equal(stats_of(f).hits, 2);
    virtual_loop_pass(&f->loop, WRITER_KEEP_MS + 2000); /* nothing is kept for a replay any more */
    assert_int_equal(timers_next_ms(&f->loop.timers), TIMER_NEVER);
}

static void test_a_client_that_leaves_at_any_step_is_counted_and_not_told(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    for (enum step step = 0; step < STEP_COUNT; step++) {
        struct guest *leaves = &f->visitors[2 * (size_t)step];
        struct guest *stays = leaves + 1;

        visit(leaves, "/a", "x1");
        visit(stays, "/a", "x2");
        reach(f, step);
        hit_abandon(leaves->hit);
        finish(f, step);
        assert_int_equal(leaves->told, 0);
        assert_counted(stays, 102, 102); /* the one that left has the number before */
        assert_idle(f);
    }
}

static void test_destroyed_at_any_step_it_tells_nobody(void **state)
{
    for (enum step step = 0; step < STEP_COUNT; step++) {
        struct batch_fixture *f = *state;

        start_up(f);
        visit(&f->visitors[0], "/a", "x1");
        reach(f, step);
        visit(&f->visitors[1], "/a", "x2"); /* waits in any case */
        batcher_destroy(f->batcher);
        f->batcher = NULL;
        virtual_loop_pass(&f->loop, 10 * (int64_t)HIT_MS);
        if (step == STEP_READING)
            answer_read(f, NULL);
        else if (step == STEP_COMMITTING || step == STEP_CONFLICTED)
            answer_done(f);
        assert_int_equal(scripted_waiting(f->store), 0);
        assert_int_equal(f->visitors[0].told, 0);
        assert_int_equal(f->visitors[1].told, 0);
        batch_tear_down(state);
        batch_set_up(state);
    }
    batcher_destroy(NULL);
}

static void test_closing_the_store_first_tells_nobody(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    visit(&f->visitors[0], "/a", "");
    turn(f);
    batcher_destroy(f->batcher);
    f->batcher = NULL;
    store_close(f->store);
    f->store = NULL;
    virtual_loop_pass(&f->loop, 10 * (int64_t)HIT_MS);
    assert_int_equal(f->visitors[0].told, 0);
}

static struct captured_output capture;

static size_t count_lines(struct slice text)
{
    size_t lines = 0;

    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n' ? 1 : 0;
    return lines;
}

static void test_a_store_that_is_down_fills_no_log(void **state)
{
    struct batch_fixture *f = *state;
    struct slice log;

    start_up(f);
    log_setup(LOG_LOGFMT, LOG_WARN);
    captured_output_start(&capture);
    for (int i = 0; i < 2500; i++) {
        f->visitors[0].told = 0;
        visit(&f->visitors[0], "/a", "");
        turn(f);
        answer(f, COMMIT_REFUSED);
        assert_failed(&f->visitors[0], ERR_UNAVAILABLE);
        virtual_loop_pass(&f->loop, 1);
    }
    log = captured_output_stop(&capture);
    log_setup(LOG_LOGFMT, LOG_ERROR);
    assert_int_equal(count_lines(log), 3);
    assert_non_null(memmem(log.ptr, log.len, "hits=1 ", 7));
    assert_non_null(memmem(log.ptr, log.len, "hits=1000 ", 10));
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, batch_set_up, batch_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_hit_due_before_it_was_sent_is_not_counted),
        CASE(test_a_hit_due_while_ids_are_read_is_not_counted_but_younger_ones_are),
        CASE(test_a_batch_whose_hits_are_all_due_is_not_even_sent),
        CASE(test_a_hit_due_after_it_was_sent_is_unknown_and_the_batch_goes_on),
        CASE(test_a_hit_told_unknown_is_still_planned_after_a_conflict),
        CASE(test_hits_behind_a_commit_without_end_are_told_in_time),
        CASE(test_a_client_that_leaves_at_any_step_is_counted_and_not_told),
        CASE(test_destroyed_at_any_step_it_tells_nobody),
        CASE(test_closing_the_store_first_tells_nobody),
        CASE(test_a_store_that_is_down_fills_no_log),
    };

    return cmocka_run_group_tests_name("batch deadlines", tests, NULL, NULL);
}
