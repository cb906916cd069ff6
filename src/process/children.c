#include "process/children.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void close_ready(struct child *child)
{
    if (child->ready_fd >= 0)
        close(child->ready_fd);
    child->ready_fd = -1;
}

static _Noreturn void become_child(struct children *children, unsigned number, int ready_fd,
                                   child_main_fn *child_main, void *ctx)
{
    for (unsigned i = 0; i < children->count; i++)
        close_ready(&children->list[i]); /* its siblings' */
    exit(child_main(ctx, number, ready_fd));
}

struct child *children_start(struct children *children, unsigned number, int64_t now_ms,
                             child_main_fn *child_main, void *ctx)
{
    int fds[2];
    pid_t pid;

    assert(children->count < CHILDREN_MAX);
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0)
        return NULL;
    (void)fflush(NULL); /* or the child would write again what the parent has in its buffers */
    pid = fork();
    if (pid == 0) {
        close(fds[0]);
        become_child(children, number, fds[1], child_main, ctx);
    }
    close(fds[1]);
    if (pid < 0) {
        int error = errno;

        close(fds[0]);
        errno = error;
        return NULL;
    }
    children->list[children->count] = (struct child){
        .pid = pid,
        .number = number,
        .state = CHILD_STARTING,
        .ready_fd = fds[0],
        .started_ms = now_ms,
        .kill_at_ms = INT64_MAX,
    };
    return &children->list[children->count++];
}

bool child_check_ready(struct child *child)
{
    char byte;
    ssize_t got;

    if (child->state != CHILD_STARTING || child->ready_fd < 0)
        return false;
    got = read(child->ready_fd, &byte, 1);
    if (got < 0)
        return false;
    close_ready(child);
    if (got == 0) /* it died without a word; children_reap() will tell */
        return false;
    child->state = CHILD_READY;
    return true;
}

void child_dismiss(struct child *child, int64_t kill_at_ms)
{
    if (child->state == CHILD_LEAVING)
        return;
    close_ready(child);
    child->state = CHILD_LEAVING;
    child->kill_at_ms = kill_at_ms;
    (void)kill(child->pid, SIGTERM);
}

void children_kill_due(struct children *children, int64_t now_ms)
{
    for (unsigned i = 0; i < children->count; i++) {
        struct child *child = &children->list[i];

        if (child->kill_at_ms > now_ms)
            continue;
        (void)kill(child->pid, SIGKILL);
        child->kill_at_ms = INT64_MAX;
    }
}

void children_kill(const struct children *children)
{
    for (unsigned i = 0; i < children->count; i++)
        (void)kill(children->list[i].pid, SIGKILL);
}

static bool take_out(struct children *children, pid_t pid, struct child *out)
{
    for (unsigned i = 0; i < children->count; i++) {
        if (children->list[i].pid != pid)
            continue;
        close_ready(&children->list[i]);
        *out = children->list[i];
        /* In order, so that the first of a number is the oldest. */
        children->count--;
        for (; i < children->count; i++)
            children->list[i] = children->list[i + 1];
        return true;
    }
    return false;
}

bool children_reap(struct children *children, struct child_end *out)
{
    struct child_end end = {.exit_code = -1};
    int status;
    pid_t pid;

    do {
        pid = waitpid(-1, &status, WNOHANG);
        if (pid <= 0)
            return false;
        /* As process 1 of a container we also inherit orphans that are not in the table. */
    } while (!take_out(children, pid, &end.child));
    if (WIFEXITED(status))
        end.exit_code = WEXITSTATUS(status);
    else
        end.signal = WTERMSIG(status);
    *out = end;
    return true;
}

struct child *children_find(struct children *children, unsigned number, enum child_state state)
{
    for (unsigned i = 0; i < children->count; i++) {
        if (children->list[i].number == number && children->list[i].state == state)
            return &children->list[i];
    }
    return NULL;
}

unsigned children_count(const struct children *children, enum child_state state)
{
    unsigned count = 0;

    for (unsigned i = 0; i < children->count; i++)
        count += children->list[i].state == state;
    return count;
}
