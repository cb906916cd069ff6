#include "process/children.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "support/cmocka.h"

/* Reports ready, then waits for TERM. */
static int serve_until_term(void *ctx, unsigned number, int ready_fd)
{
    sigset_t set;
    int signum;

    (void)ctx;
    (void)number;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    (void)!write(ready_fd, "+", 1);
    close(ready_fd);
    sigwait(&set, &signum);
    _exit(0);
}

/* Reports ready and hears nothing. */
static int never_leave(void *ctx, unsigned number, int ready_fd)
{
    (void)ctx;
    (void)number;
    (void)signal(SIGTERM, SIG_IGN);
    (void)!write(ready_fd, "+", 1);
    close(ready_fd);
    while (pause() < 0)
        continue;
    _exit(0);
}

static int die_at_once(void *ctx, unsigned number, int ready_fd)
{
    (void)ctx;
    (void)ready_fd;
    _exit((int)number);
}

/* Waits until the pipe says something; true when that was the report. */
static bool wait_ready(struct child *child)
{
    struct pollfd fd = {.fd = child->ready_fd, .events = POLLIN};

    assert_int_equal(poll(&fd, 1, 10000), 1);
    return child_check_ready(child);
}

static struct child_end wait_end(struct children *children)
{
    struct child_end end;

    while (!children_reap(children, &end))
        (void)poll(NULL, 0, 5);
    return end;
}

static void a_child_is_ready_when_it_says_so_and_leaves_when_asked(void **state)
{
    struct children children = {.count = 0};
    struct child *child = children_start(&children, 7, 100, serve_until_term, NULL);
    struct child_end end;

    (void)state;
    assert_non_null(child);
    assert_int_equal(child->state, CHILD_STARTING);
    assert_ptr_equal(children_find(&children, 7, CHILD_STARTING), child);
    assert_true(wait_ready(child));
    assert_int_equal(child->state, CHILD_READY);
    assert_int_equal(children_count(&children, CHILD_READY), 1);
    child_dismiss(child, 1000);
    child_dismiss(child, 5);
    assert_int_equal(child->kill_at_ms, 1000);
    end = wait_end(&children);
    assert_int_equal(end.child.number, 7);
    assert_int_equal(end.child.state, CHILD_LEAVING);
    assert_int_equal(end.exit_code, 0);
    assert_int_equal(end.signal, 0);
    assert_int_equal(children.count, 0);
}

static void a_child_that_dies_at_once_was_never_ready(void **state)
{
    struct children children = {.count = 0};
    struct child *child = children_start(&children, 78, 0, die_at_once, NULL);
    struct child_end end;

    (void)state;
    assert_false(wait_ready(child));
    assert_int_equal(child->state, CHILD_STARTING);
    assert_int_equal(child->ready_fd, -1);
    end = wait_end(&children);
    assert_int_equal(end.exit_code, 78);
}

static void who_does_not_leave_in_time_is_killed_and_nobody_else(void **state)
{
    struct children children = {.count = 0};
    struct child_end end;

    (void)state;
    assert_true(wait_ready(children_start(&children, 1, 0, never_leave, NULL)));
    assert_true(wait_ready(children_start(&children, 2, 0, serve_until_term, NULL)));
    child_dismiss(children_find(&children, 1, CHILD_READY), 500);
    children_kill_due(&children, 499);
    assert_int_equal(kill(children.list[0].pid, 0), 0);
    children_kill_due(&children, 500);
    end = wait_end(&children);
    assert_int_equal(end.child.number, 1);
    assert_int_equal(end.signal, SIGKILL);
    assert_int_equal(end.exit_code, -1);
    assert_int_equal(children.count, 1);
    children_kill(&children);
    end = wait_end(&children);
    assert_int_equal(end.child.number, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_is_ready_when_it_says_so_and_leaves_when_asked),
        cmocka_unit_test(a_child_that_dies_at_once_was_never_ready),
        cmocka_unit_test(who_does_not_leave_in_time_is_killed_and_nobody_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
