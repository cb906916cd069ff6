/* 4,096 hits in a batch, 65,536 waiting. */
#include <stdio.h>

#include "batch_fixture.h"
#include "support/cmocka.h"

/* Visitors by the thousand: they only check that their numbers come in order. */
struct crowd {
    size_t told;
    size_t failed;
    int64_t last_site_count;
};

static void on_told(void *ctx, const struct hit_answer *told)
{
    struct crowd *crowd = ctx;

    crowd->told++;
    if (told->err != ERR_OK) {
        crowd->failed++;
        return;
    }
    assert_true(told->site_count == 101 || told->site_count == crowd->last_site_count + 1);
    crowd->last_site_count = told->site_count;
}

static bool add(struct batch_fixture *f, struct crowd *crowd, struct slice path, struct slice id)
{
    struct hit_input input = {SLICE("default"), path, id};

    return batcher_add(f->batcher, &input, NULL, on_told, crowd) != NULL;
}

static void test_a_batch_takes_its_most_and_the_rest_goes_next(void **state)
{
    struct batch_fixture *f = *state;
    struct crowd crowd = {0};

    start_up(f);
    for (size_t i = 0; i < BATCH_MAX_HITS + 1; i++)
        assert_true(add(f, &crowd, SLICE("/a"), SLICE("")));
    turn(f);
    assert_int_equal(on_its_way(f)->additions[0].delta, BATCH_MAX_HITS);
    assert_int_equal(stats_of(f).waiting, 1);
    answer_done(f);
    assert_int_equal(crowd.told, BATCH_MAX_HITS);
    assert_int_equal(crowd.last_site_count, 100 + BATCH_MAX_HITS);
    turn(f);
    assert_int_equal(on_its_way(f)->additions[0].delta, 1);
    answer_done(f);
    assert_idle(f);
}

static void test_more_than_the_limit_waiting_are_not_taken(void **state)
{
    struct batch_fixture *f = *state;
    struct crowd crowd = {0};
    size_t batches = 0;

    start_up(f);
    for (size_t i = 0; i < BATCH_MAX_WAITING; i++)
        assert_true(add(f, &crowd, SLICE("/a"), SLICE("")));
    for (size_t i = 0; i < 3; i++)
        assert_false(add(f, &crowd, SLICE("/a"), SLICE("")));
    assert_int_equal(stats_of(f).waiting, BATCH_MAX_WAITING);
    assert_int_equal(stats_of(f).rejected, 3);
    while (!batcher_is_idle(f->batcher)) {
        turn(f);
        answer_done(f);
        batches++;
    }
    assert_int_equal(batches, BATCH_MAX_WAITING / BATCH_MAX_HITS);
    assert_int_equal(crowd.told, BATCH_MAX_WAITING);
    assert_int_equal(crowd.failed, 0);
    assert_true(add(f, &crowd, SLICE("/a"), SLICE("")));
    turn(f);
    answer_done(f);
    assert_idle(f);
}

static void test_all_that_wait_can_be_late_at_once(void **state)
{
    struct batch_fixture *f = *state;
    struct crowd crowd = {0};

    start_up(f);
    f->loop.on_turn = NULL;
    for (size_t i = 0; i < BATCH_MAX_WAITING; i++)
        assert_true(add(f, &crowd, SLICE("/a"), SLICE("")));
    virtual_loop_pass(&f->loop, HIT_MS);
    assert_int_equal(crowd.failed, BATCH_MAX_WAITING);
    assert_int_equal(stats_of(f).unavailable, BATCH_MAX_WAITING);
    assert_idle(f);
}

/* The largest batch of all: every hit has an id and a page of its own, all as long as they may be.
 */
static void test_a_batch_of_the_longest_hits_fits_into_one_commit(void **state)
{
    static char path[HIT_MAX_PATH];
    static char id[HIT_MAX_ID];
    struct batch_fixture *f = *state;
    struct crowd crowd = {0};

    start_up(f);
    memset(path, 'x', sizeof(path));
    memset(id, 'x', sizeof(id));
    for (size_t i = 0; i < BATCH_MAX_HITS; i++) {
        char number[8];

        (void)snprintf(number, sizeof(number), "%04zu", i);
        memcpy(path, number, 4);
        memcpy(id, number, 4);
        assert_true(add(f, &crowd, slice_of(path, sizeof(path)), slice_of(id, sizeof(id))));
    }
    turn(f);
    answer_read(f, NULL);
    for (int i = 0; i < 3; i++)
        answer_conflict(f, NULL);
    assert_int_equal(on_its_way(f)->write_count, BATCH_MAX_HITS);
    assert_int_equal(on_its_way(f)->addition_count, BATCH_MAX_HITS + 1);
    answer_done(f);
    assert_int_equal(crowd.told, BATCH_MAX_HITS);
    assert_int_equal(crowd.failed, 0);
    assert_idle(f);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, batch_set_up, batch_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_batch_takes_its_most_and_the_rest_goes_next),
        CASE(test_more_than_the_limit_waiting_are_not_taken),
        CASE(test_all_that_wait_can_be_late_at_once),
        CASE(test_a_batch_of_the_longest_hits_fits_into_one_commit),
    };

    return cmocka_run_group_tests_name("batch limits", tests, NULL, NULL);
}
