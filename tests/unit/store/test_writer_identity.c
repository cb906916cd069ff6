/* A store that knows too much, silence, and the writer's end. */
#include "writer_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/cmocka.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static void test_a_store_that_is_ahead_is_a_bug_and_ends_the_process(void **state)
{
    struct writer_fixture *f = *state;
    int status = 0;
    pid_t child;

    start_up(f);
    commit(f);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};

        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)signal(SIGABRT, SIG_DFL);
        (void)close(STDOUT_FILENO);
        answer_last_number(f, COMMIT_AHEAD, 7);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void destroy(struct writer_fixture *f)
{
    writer_destroy(f->writer);
    f->writer = NULL;
    virtual_loop_pass(&f->loop, 5000);
}

static void test_destroyed_while_it_registers_it_tells_nobody(void **state)
{
    struct writer_fixture *f = *state;

    commit(f);
    destroy(f);
    answer_register(f, ERR_OK);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_int_equal(f->told, 0);
}

static void test_destroyed_while_it_sends_it_tells_nobody(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    destroy(f);
    answer(f, COMMIT_UNKNOWN);
    virtual_loop_pass(&f->loop, 5000);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_int_equal(f->told, 1);
}

static void test_destroyed_while_it_waits_it_does_not_send_again(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_UNKNOWN);
    destroy(f);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_int_equal(f->told, 1);
    writer_destroy(NULL);
}

/* The store forgets the silent; that must not look as if it had lost something. */
static void forget_after(struct writer_fixture *f, int64_t ms)
{
    struct store_op *op;

    virtual_loop_pass(&f->loop, ms);
    commit(f);
    answer_last_number(f, COMMIT_NO_WRITER, 0);
    op = scripted_take(f->store, OP_REGISTER);
    assert_int_equal(op->number, 2); /* it goes on where it was */
    op_finish_done(op, ERR_OK);
    assert_int_equal(on_its_way(f)->number, 3);
    assert_int_equal(on_its_way(f)->addition_count, 1);
    answer(f, COMMIT_DONE);
    assert_int_equal(f->told, 3);
    assert_int_equal(stats_of(f).replaced, 0);
    assert_int_equal(stats_of(f).replayed, 0);
    assert_int_equal(stats_of(f).lost_commits, 0);
}

static void test_who_was_silent_for_days_is_forgotten_and_nothing_is_lost(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_DONE);
    forget_after(f, 8 * DAY_MS);
}

/* The store was away all the time, so the ring still holds what may be there, too. */
static void test_nor_is_it_replayed_when_the_store_was_away_for_days(void **state)
{
    struct writer_fixture *f = *state;

    start_up(f);
    commit(f);
    answer(f, COMMIT_DONE);
    f->store->stats.connected = 0;
    forget_after(f, 8 * DAY_MS);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, writer_set_up, writer_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_store_that_is_ahead_is_a_bug_and_ends_the_process),
        CASE(test_destroyed_while_it_registers_it_tells_nobody),
        CASE(test_destroyed_while_it_sends_it_tells_nobody),
        CASE(test_destroyed_while_it_waits_it_does_not_send_again),
        CASE(test_who_was_silent_for_days_is_forgotten_and_nothing_is_lost),
        CASE(test_nor_is_it_replayed_when_the_store_was_away_for_days),
    };

    return cmocka_run_group_tests_name("writer's identity", tests, NULL, NULL);
}
