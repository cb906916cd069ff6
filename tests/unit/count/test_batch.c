/* The way of a hit when the store answers, whatever it answers. */
#include "batch_fixture.h"
#include "support/cmocka.h"

static void test_a_hit_is_told_its_numbers_after_the_commit(void **state)
{
    struct batch_fixture *f = *state;
    struct guest *v = &f->visitors[0];

    assert_idle(f);
    visit(v, "/a", "");
    assert_false(batcher_is_idle(f->batcher));
    assert_int_equal(stats_of(f).waiting, 1);
    turn(f);
    op_finish_done(scripted_take(f->store, OP_REGISTER), ERR_OK);
    assert_int_equal(v->told, 0);
    assert_int_equal(stats_of(f).waiting, 0);
    answer_done(f);
    assert_counted(v, 101, 101);
    assert_idle(f);
}

static void test_hits_of_one_turn_share_a_commit_and_get_numbers_in_order(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    for (int i = 0; i < 6; i++)
        visit(&f->visitors[i], i % 2 ? "/odd" : "/even", "");
    turn(f);
    assert_int_equal(on_its_way(f)->addition_count, 3);
    answer_done(f);
    for (int i = 0; i < 6; i++)
        assert_counted(&f->visitors[i], 101 + i, 101 + i / 2);
    assert_int_equal(stats_of(f).batches, 2);
    assert_int_equal(stats_of(f).hits, 7);
    assert_idle(f);
}

static void test_what_arrives_meanwhile_waits_and_goes_together(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    visit(&f->visitors[0], "/a", "");
    turn(f);
    visit(&f->visitors[1], "/a", "");
    turn(f);
    visit(&f->visitors[2], "/a", "");
    turn(f);
    assert_int_equal(scripted_waiting(f->store), 1);
    assert_int_equal(on_its_way(f)->additions[0].delta, 1);
    assert_int_equal(stats_of(f).waiting, 2);
    answer_done(f);
    turn(f);
    assert_int_equal(on_its_way(f)->additions[0].delta, 2);
    answer_done(f);
    assert_counted(&f->visitors[2], 102, 102);
    assert_idle(f);
}

static void test_ids_are_read_first_and_known_ones_are_told_their_page(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    visit(&f->visitors[0], "/a", "new");
    visit(&f->visitors[1], "/a", "old");
    visit(&f->visitors[2], "/a", "new");
    turn(f);
    answer_read(f, "old");
    assert_int_equal(on_its_way(f)->write_count, 1);
    answer_done(f);
    assert_counted(&f->visitors[0], 101, 101);
    assert_duplicate(&f->visitors[1], 101, 100);
    assert_duplicate(&f->visitors[2], 101, 101);
    assert_int_equal(stats_of(f).duplicates, 2);
    assert_int_equal(stats_of(f).hits, 2);
    assert_idle(f);
}

static void test_a_conflict_plans_again_without_reading(void **state)
{
    struct batch_fixture *f = *state;
    uint64_t number;

    start_up(f);
    visit(&f->visitors[0], "/a", "x1");
    visit(&f->visitors[1], "/b", "x2");
    turn(f);
    answer_read(f, NULL);
    number = on_its_way(f)->number;
    answer_conflict(f, "x1");
    assert_int_equal(on_its_way(f)->number, number + 1);
    assert_int_equal(on_its_way(f)->write_count, 1);
    answer_done(f);
    assert_duplicate(&f->visitors[0], 100, 100);
    assert_counted(&f->visitors[1], 101, 101);
    assert_int_equal(stats_of(f).writer.conflicts, 1);
    assert_idle(f);
}

static void test_conflicts_without_end_are_planned_again_without_end(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    visit(&f->visitors[0], "/a", "x1");
    turn(f);
    answer_read(f, NULL);
    for (int i = 0; i < 200; i++)
        answer_conflict(f, NULL); /* whatever was in the way has gone again */
    answer_done(f);
    assert_counted(&f->visitors[0], 101, 101);
    assert_int_equal(stats_of(f).writer.conflicts, 200);
    assert_idle(f);
}

static void test_a_refused_commit_counts_nothing_and_says_so(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    visit(&f->visitors[0], "/a", "");
    visit(&f->visitors[1], "/a", "");
    turn(f);
    answer(f, COMMIT_REFUSED);
    assert_failed(&f->visitors[0], ERR_UNAVAILABLE);
    assert_failed(&f->visitors[1], ERR_UNAVAILABLE);
    assert_int_equal(stats_of(f).unavailable, 2);
    assert_int_equal(stats_of(f).hits, 1);
    assert_idle(f);
}

static void test_a_refused_registration_counts_nothing_and_says_so(void **state)
{
    struct batch_fixture *f = *state;

    visit(&f->visitors[0], "/a", "");
    turn(f);
    op_finish_refused(scripted_take(f->store, OP_REGISTER), "no connection");
    assert_failed(&f->visitors[0], ERR_UNAVAILABLE);
    assert_idle(f);
    start_up(f);
}

static void test_a_read_that_fails_counts_nothing_and_says_so(void **state)
{
    static const enum err errors[] = {ERR_UNAVAILABLE, ERR_NO_MEMORY};
    struct batch_fixture *f = *state;

    start_up(f);
    for (size_t i = 0; i < 2; i++) {
        visit(&f->visitors[2 * i], "/a", "x1");
        visit(&f->visitors[2 * i + 1], "/a", "");
        turn(f);
        op_finish_records(scripted_take(f->store, OP_READ), errors[i], NULL);
        assert_failed(&f->visitors[2 * i], ERR_UNAVAILABLE);
        assert_failed(&f->visitors[2 * i + 1], ERR_UNAVAILABLE);
        assert_idle(f);
    }
}

static void test_an_unknown_commit_is_resolved_before_anybody_is_told(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    visit(&f->visitors[0], "/a", "");
    turn(f);
    answer(f, COMMIT_UNKNOWN);
    virtual_loop_pass(&f->loop, 50);
    assert_int_equal(f->visitors[0].told, 0);
    answer_done(f);
    assert_counted(&f->visitors[0], 101, 101);
    assert_int_equal(stats_of(f).writer.retries, 1);
    assert_idle(f);
}

static void test_a_store_with_no_room_for_the_read_counts_nothing(void **state)
{
    struct batch_fixture *f = *state;

    start_up(f);
    while (store_sweep(f->store, NULL, NULL))
        store_op_cancel(f->store->in_flight);
    visit(&f->visitors[0], "/a", "x1");
    turn(f);
    assert_failed(&f->visitors[0], ERR_UNAVAILABLE);
    assert_true(batcher_is_idle(f->batcher));
}

static void test_sizes_and_times_go_into_histograms(void **state)
{
    struct batch_fixture *f = *state;
    struct batcher_stats stats;

    start_up(f);
    for (int i = 0; i < 5; i++)
        visit(&f->visitors[i], "/a", "");
    turn(f);
    f->loop.now_ms += 3;
    answer_done(f);
    stats = stats_of(f);
    assert_int_equal(stats.batch_hits.count, 2);
    assert_int_equal(stats.batch_hits.sum, 6);
    assert_int_equal(stats.batch_hits.buckets[0], 1); /* 1 */
    assert_int_equal(stats.batch_hits.buckets[3], 1); /* 5: up to 8 */
    assert_int_equal(stats.commit_us.sum, 3000);
    assert_int_equal(stats.commit_us.buckets[12], 1); /* 3,000: up to 4,096 */
    visit(&f->visitors[0], "/a", "");
    turn(f);
    f->loop.now_ms += 400;
    answer_done(f);
    assert_int_equal(stats_of(f).commit_us.buckets[HISTOGRAM_BUCKETS - 1], 1);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, batch_set_up, batch_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_hit_is_told_its_numbers_after_the_commit),
        CASE(test_hits_of_one_turn_share_a_commit_and_get_numbers_in_order),
        CASE(test_what_arrives_meanwhile_waits_and_goes_together),
        CASE(test_ids_are_read_first_and_known_ones_are_told_their_page),
        CASE(test_a_conflict_plans_again_without_reading),
        CASE(test_conflicts_without_end_are_planned_again_without_end),
        CASE(test_a_refused_commit_counts_nothing_and_says_so),
        CASE(test_a_refused_registration_counts_nothing_and_says_so),
        CASE(test_a_read_that_fails_counts_nothing_and_says_so),
        CASE(test_an_unknown_commit_is_resolved_before_anybody_is_told),
        CASE(test_a_store_with_no_room_for_the_read_counts_nothing),
        CASE(test_sizes_and_times_go_into_histograms),
    };

    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
