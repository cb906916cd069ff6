/* Stores that lost commits: what was confirmed is sent again, in order, under its numbers. */
#include "writer_fixture.h"

#include "base/log.h"
#include "support/cmocka.h"

/* So many commits are confirmed, all of them in the ring; the next one is on its way. */
static struct commit *reach(struct writer_fixture *f, uint64_t next)
{
    start_up(f);
    commit(f);
    while (on_its_way(f)->number < next) {
        answer(f, COMMIT_DONE);
        commit(f);
    }
    return commit_ref(on_its_way(f));
}

static void assert_replays(struct writer_fixture *f, uint64_t number, const struct commit *current)
{
    const struct commit *c = on_its_way(f);

    assert_int_equal(c->number, number);
    assert_memory_equal(&c->writer, &current->writer, sizeof(c->writer));
    assert_int_equal(c->addition_count, 1);
    assert_int_equal(c->additions[0].delta, 1);
}

static void test_a_store_that_went_back_gets_what_it_lost_and_then_the_current_one(void **state)
{
    struct writer_fixture *f = *state;
    struct commit *current = reach(f, 6);

    answer_last_number(f, COMMIT_BEHIND, 2);
    for (uint64_t n = 3; n <= 5; n++) {
        assert_true(writer_is_replaying(f->writer));
        assert_replays(f, n, current);
        answer(f, COMMIT_DONE);
    }
    assert_false(writer_is_replaying(f->writer));
    assert_int_equal(f->told, 5);
    assert_ptr_equal(on_its_way(f), current); /* as it was: copies of it may be under way */
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 6);
    assert_int_equal(f->status, COMMIT_DONE);
    assert_int_equal(stats_of(f).went_back, 1);
    assert_int_equal(stats_of(f).replayed, 3);
    assert_int_equal(stats_of(f).lost_commits, 0);
    commit_unref(current);
}

static void answer_register_with(struct writer_fixture *f, uint64_t number)
{
    struct store_op *op = scripted_take(f->store, OP_REGISTER);

    assert_int_equal(op->number, number);
    op_finish_done(op, ERR_OK);
}

static void test_a_store_that_was_emptied_gets_all(void **state)
{
    struct writer_fixture *f = *state;
    struct commit *current = reach(f, 4);

    answer_last_number(f, COMMIT_NO_WRITER, 0);
    answer_register_with(f, 0);
    for (uint64_t n = 1; n <= 3; n++) {
        assert_replays(f, n, current);
        answer(f, COMMIT_DONE);
    }
    assert_ptr_equal(on_its_way(f), current);
    answer(f, COMMIT_DONE);
    assert_int_equal(stats_of(f).replaced, 1);
    assert_int_equal(stats_of(f).replayed, 3);
    commit_unref(current);
}

struct losses {
    size_t sites;
    int64_t views;
};

static void on_lost(void *ctx, struct slice site, int64_t views)
{
    struct losses *losses = ctx;

    assert_true(slice_eq(site, SLICE("default")));
    losses->sites++;
    losses->views += views;
}

/* What the ring has no more is jumped over, and told. */
static void test_what_is_too_old_is_lost_and_told(void **state)
{
    static const struct {
        enum commit_status status;
        uint64_t last_number;
        uint64_t lost;
    } cases[] = {{COMMIT_BEHIND, 1, 2}, {COMMIT_NO_WRITER, 0, 3}};

    for (size_t i = 0; i < 2; i++) {
        struct writer_fixture *f;
        struct losses losses = {0};

        assert_int_equal(writer_set_up(state), 0);
        f = *state;
        log_setup(LOG_LOGFMT, LOG_ERROR + 1);
        start_up(f);
        commit(f);
        answer(f, COMMIT_DONE);
        commit(f);
        answer(f, COMMIT_DONE);
        virtual_loop_pass(&f->loop, WRITER_KEEP_MS + 2000);
        for (int k = 0; k < 3; k++) {
            commit(f);
            if (k < 2)
                answer(f, COMMIT_DONE);
        }
        answer_last_number(f, cases[i].status, cases[i].last_number);
        answer_register_with(f, 3);
        for (uint64_t n = 4; n <= 6; n++) {
            assert_int_equal(on_its_way(f)->number, n);
            answer(f, COMMIT_DONE);
        }
        assert_int_equal(f->told, 6);
        assert_int_equal(stats_of(f).lost_commits, cases[i].lost);
        assert_int_equal(stats_of(f).replayed, 2);
        writer_each_lost(f->writer, on_lost, &losses);
        assert_int_equal(losses.sites, 1);
        assert_int_equal(losses.views, cases[i].lost);
        assert_int_equal(writer_tear_down(state), 0);
    }
}

static void test_a_number_that_a_conflict_used_up_is_replayed_empty(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_CONFLICT);
    commit(f);
    answer(f, COMMIT_DONE);
    commit(f);
    answer_last_number(f, COMMIT_BEHIND, 1);
    assert_int_equal(on_its_way(f)->number, 2);
    assert_int_equal(on_its_way(f)->addition_count, 0);
    answer(f, COMMIT_DONE);
    assert_int_equal(on_its_way(f)->number, 3);
    assert_int_equal(on_its_way(f)->addition_count, 1);
    answer(f, COMMIT_DONE);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 4);
}

static void test_unknown_replays_are_sent_again(void **state)
{
    struct writer_fixture *f = *state;
    struct commit *current = reach(f, 3);

    answer_last_number(f, COMMIT_BEHIND, 0);
    for (int i = 0; i < 5; i++) {
        assert_replays(f, 1, current);
        answer(f, COMMIT_UNKNOWN);
        virtual_loop_pass(&f->loop, 1000);
    }
    answer(f, COMMIT_DONE);
    assert_replays(f, 2, current);
    answer(f, COMMIT_DONE);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 3);
    commit_unref(current);
}

/* The caller's commit was not applied and will not be, so it is told; the replay goes on alone. */
static void test_a_refused_replay_refuses_the_current_commit_and_goes_on(void **state)
{
    struct writer_fixture *f = *state;
    struct commit *current = reach(f, 3);

    answer_last_number(f, COMMIT_BEHIND, 1);
    answer(f, COMMIT_REFUSED);
    assert_int_equal(f->told, 3);
    assert_int_equal(f->status, COMMIT_REFUSED);
    assert_true(writer_is_replaying(f->writer));
    virtual_loop_pass(&f->loop, 1000);
    assert_replays(f, 2, current);
    answer(f, COMMIT_DONE);
    assert_false(writer_is_replaying(f->writer));
    assert_int_equal(scripted_waiting(f->store), 0);
    commit(f);
    assert_int_equal(on_its_way(f)->number, 3);
    commit_unref(current);
}

/* A copy of it may still come, and be applied when the replay has reached its number. */
static void test_an_unknown_commit_stays_so_while_others_are_replayed(void **state)
{
    struct writer_fixture *f = *state;
    struct commit *current = reach(f, 3);

    answer(f, COMMIT_UNKNOWN);
    virtual_loop_pass(&f->loop, 1000);
    answer_last_number(f, COMMIT_BEHIND, 1);
    answer(f, COMMIT_REFUSED);
    assert_int_equal(f->told, 2);
    virtual_loop_pass(&f->loop, 1000);
    answer(f, COMMIT_DONE);
    assert_ptr_equal(on_its_way(f), current);
    answer(f, COMMIT_REFUSED);
    assert_int_equal(f->told, 2);
    virtual_loop_pass(&f->loop, 1000);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 3);
    commit_unref(current);
}

/* The connection led to another store for a while. */
static void test_a_store_that_finds_its_commits_again_is_not_told_them_twice(void **state)
{
    struct writer_fixture *f = *state;
    struct commit *current = reach(f, 5);

    answer_last_number(f, COMMIT_NO_WRITER, 0);
    answer_register_with(f, 0);
    assert_replays(f, 1, current);
    answer_last_number(f, COMMIT_AHEAD, 4);
    assert_ptr_equal(on_its_way(f), current);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 5);
    assert_int_equal(stats_of(f).replayed, 0);
    commit_unref(current);
}

static void test_a_store_that_goes_back_again_meanwhile_is_followed(void **state)
{
    struct writer_fixture *f = *state;
    struct commit *current = reach(f, 5);

    answer_last_number(f, COMMIT_BEHIND, 2);
    answer(f, COMMIT_DONE);
    assert_replays(f, 4, current);
    answer_last_number(f, COMMIT_BEHIND, 0);
    for (uint64_t n = 1; n <= 4; n++) {
        assert_replays(f, n, current);
        answer(f, COMMIT_DONE);
    }
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 5);
    assert_int_equal(stats_of(f).went_back, 2);
    commit_unref(current);
}

static void test_a_copy_that_met_a_conflict_before_its_replay_is_told_as_lost(void **state)
{
    struct writer_fixture *f = *state;
    struct commit *current = reach(f, 3);

    log_setup(LOG_LOGFMT, LOG_ERROR + 1);
    answer_last_number(f, COMMIT_BEHIND, 1);
    answer(f, COMMIT_CONFLICT);
    assert_int_equal(stats_of(f).lost_commits, 1);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 3);
    commit_unref(current);
}

/* A counter of it is full by now, say. The others must get on. */
static void test_what_is_refused_for_too_long_is_jumped_over_and_told(void **state)
{
    struct writer_fixture *f = *state;
    struct commit *current = reach(f, 4);
    struct losses losses = {0};

    log_setup(LOG_LOGFMT, LOG_ERROR + 1);
    answer_last_number(f, COMMIT_BEHIND, 1);
    for (int i = 0; i < 1000 && on_its_way(f)->addition_count > 0; i++) {
        assert_replays(f, 2, current);
        answer(f, COMMIT_REFUSED);
        virtual_loop_pass(&f->loop, 1000);
    }
    assert_int_equal(on_its_way(f)->number, 2);
    assert_int_equal(on_its_way(f)->addition_count, 0);
    answer(f, COMMIT_DONE);
    assert_replays(f, 3, current);
    answer(f, COMMIT_DONE);
    assert_int_equal(stats_of(f).lost_commits, 1);
    writer_each_lost(f->writer, on_lost, &losses);
    assert_int_equal(losses.views, 1);
    assert_false(writer_is_replaying(f->writer));
    commit_unref(current);
}

/* Whoever ends a process asks. */
static void test_it_is_settled_when_the_store_has_all_as_far_as_is_known(void **state)
{
    struct writer_fixture *f = *state;

    assert_true(writer_is_settled(f->writer));
    start_up(f);
    assert_true(writer_is_settled(f->writer));
    f->store->stats.connected = 0;
    assert_false(writer_is_settled(f->writer));
    f->store->stats.connected = 1;
    f->store->stats.reconnects++;
    assert_false(writer_is_settled(f->writer));
    virtual_loop_pass(&f->loop, 1000);
    assert_false(writer_is_settled(f->writer));
    answer_last_number(f, COMMIT_BEHIND, 0);
    assert_false(writer_is_settled(f->writer));
    answer(f, COMMIT_DONE);
    answer(f, COMMIT_DONE);
    assert_true(writer_is_settled(f->writer));
}

/* ---- finding out without a hit -------------------------------------------------------------- */

static void test_after_a_reconnect_an_idle_writer_asks_and_replays(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_DONE);
    virtual_loop_pass(&f->loop, 5000);
    assert_int_equal(scripted_waiting(f->store), 0);
    f->store->stats.reconnects++;
    virtual_loop_pass(&f->loop, 1000);
    assert_int_equal(on_its_way(f)->number, 3);
    assert_int_equal(on_its_way(f)->addition_count, 0);
    assert_false(writer_is_busy(f->writer));
    answer_last_number(f, COMMIT_BEHIND, 0);
    answer(f, COMMIT_DONE);
    answer(f, COMMIT_DONE);
    assert_int_equal(on_its_way(f)->number, 3);
    answer(f, COMMIT_DONE);
    assert_int_equal(stats_of(f).replayed, 2);
    virtual_loop_pass(&f->loop, 5000);
    assert_int_equal(scripted_waiting(f->store), 0);
    commit(f);
    assert_int_equal(on_its_way(f)->number, 4);
    assert_int_equal(f->told, 2);
}

static void test_a_commit_that_comes_during_the_question_goes_after_it(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    f->store->stats.reconnects++;
    virtual_loop_pass(&f->loop, 1000);
    assert_int_equal(on_its_way(f)->number, 2);
    commit(f);
    assert_int_equal(scripted_waiting(f->store), 1);
    answer(f, COMMIT_UNKNOWN);
    virtual_loop_pass(&f->loop, 1000);
    assert_int_equal(on_its_way(f)->addition_count, 0);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 1);
    assert_int_equal(on_its_way(f)->number, 3);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 2);
}

/* A store that is down for long may come back without its tail. */
static void test_while_the_store_is_away_nothing_is_dropped(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    f->store->stats.connected = 0;
    virtual_loop_pass(&f->loop, 10 * (int64_t)WRITER_KEEP_MS);
    f->store->stats.connected = 1;
    f->store->stats.reconnects++;
    virtual_loop_pass(&f->loop, 1000);
    answer_last_number(f, COMMIT_BEHIND, 0);
    assert_int_equal(on_its_way(f)->number, 1);
    assert_int_equal(on_its_way(f)->addition_count, 1);
    answer(f, COMMIT_DONE);
    answer(f, COMMIT_DONE);
    assert_int_equal(stats_of(f).lost_commits, 0);
}

/* A commit that moves statistics alone is none that changed nothing. */
static void test_a_commit_of_rollups_alone_is_replayed(void **state)
{
    struct writer_fixture *f = *state;
    struct rollup_addition addition = {
        .rollup = {SLICE("default"), 20000, DIMENSION_BOT, VALUE_NONE, 7},
        .delta = {.views = 3},
        .text = SLICE("a bot"),
    };

    start_up(f);
    commit_clear(f->commit);
    assert_int_equal(commit_roll_up(f->commit, &addition), ERR_OK);
    commit(f);
    answer(f, COMMIT_DONE);
    commit(f);
    answer_last_number(f, COMMIT_BEHIND, 1);
    assert_int_equal(on_its_way(f)->number, 2);
    assert_int_equal(on_its_way(f)->addition_count, 0);
    assert_int_equal(on_its_way(f)->rollup_count, 1);
    assert_int_equal(on_its_way(f)->rollups[0].delta.views, 3);
    assert_true(slice_eq(on_its_way(f)->rollups[0].text, addition.text));
    answer(f, COMMIT_DONE);
    answer(f, COMMIT_DONE);
    assert_int_equal(stats_of(f).replayed, 1);
    assert_int_equal(stats_of(f).lost_commits, 0);
}

static void test_destroyed_in_the_midst_of_a_replay_it_tells_nobody(void **state)
{
    struct writer_fixture *f = *state;
    struct commit *current = reach(f, 3);

    answer_last_number(f, COMMIT_BEHIND, 0);
    writer_destroy(f->writer);
    f->writer = NULL;
    answer(f, COMMIT_DONE);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_int_equal(f->told, 2);
    commit_unref(current);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, writer_set_up, writer_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_store_that_went_back_gets_what_it_lost_and_then_the_current_one),
        CASE(test_a_store_that_was_emptied_gets_all),
        cmocka_unit_test(test_what_is_too_old_is_lost_and_told),
        CASE(test_a_number_that_a_conflict_used_up_is_replayed_empty),
        CASE(test_unknown_replays_are_sent_again),
        CASE(test_a_refused_replay_refuses_the_current_commit_and_goes_on),
        CASE(test_an_unknown_commit_stays_so_while_others_are_replayed),
        CASE(test_a_store_that_finds_its_commits_again_is_not_told_them_twice),
        CASE(test_a_store_that_goes_back_again_meanwhile_is_followed),
        CASE(test_a_copy_that_met_a_conflict_before_its_replay_is_told_as_lost),
        CASE(test_what_is_refused_for_too_long_is_jumped_over_and_told),
        CASE(test_it_is_settled_when_the_store_has_all_as_far_as_is_known),
        CASE(test_after_a_reconnect_an_idle_writer_asks_and_replays),
        CASE(test_a_commit_that_comes_during_the_question_goes_after_it),
        CASE(test_while_the_store_is_away_nothing_is_dropped),
        CASE(test_a_commit_of_rollups_alone_is_replayed),
        CASE(test_destroyed_in_the_midst_of_a_replay_it_tells_nobody),
    };

    return cmocka_run_group_tests_name("writer's replay", tests, NULL, NULL);
}
