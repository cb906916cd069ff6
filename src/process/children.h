/**
 * The worker processes as the master sees them: a table of who lives, and in which state.
 *
 *     fork -> STARTING -- the byte on its pipe --> READY -- children_dismiss() --> LEAVING -> gone
 *
 * Only children_reap() takes one out of the table, whatever it died of.
 */
#ifndef FOOTFALL_PROCESS_CHILDREN_H
#define FOOTFALL_PROCESS_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "process/config.h"

/** Of one number: one that serves, one that replaces it, and one that still leaves. */
#define CHILDREN_MAX (3 * CONFIG_MAX_WORKERS)

enum child_state { CHILD_STARTING, CHILD_READY, CHILD_LEAVING };

struct child {
    pid_t pid;
    unsigned number; /* 1 … WEB_CONCURRENCY */
    enum child_state state;
    int ready_fd;       /* STARTING: where it reports; else -1 */
    int64_t started_ms; /* monotonic */
    int64_t kill_at_ms; /* LEAVING: its patience ends then; else INT64_MAX */
};

/** Zero-initialised is empty. */
struct children {
    struct child list[CHILDREN_MAX];
    unsigned count;
};

/** How a child ended. */
struct child_end {
    struct child child;
    int exit_code; /* -1 when a signal ended it */
    int signal;    /* 0 when it exited */
};

/** What a child runs; its result is the exit code. It writes one byte to `ready_fd` and closes it.
 */
typedef int child_main_fn(void *ctx, unsigned number, int ready_fd);

/** Forks a child. The child never returns from this. NULL: no process or descriptor left, with
 * errno. */
struct child *children_start(struct children *children, unsigned number, int64_t now_ms,
                             child_main_fn *child_main, void *ctx);

/** Reads the pipe of a STARTING child; true when it became READY just now. */
bool child_check_ready(struct child *child);

/** Asks a child to finish and leave, at the latest at `kill_at_ms`. Once is enough. */
void child_dismiss(struct child *child, int64_t kill_at_ms);

/** Ends at once all whose patience is over. */
void children_kill_due(struct children *children, int64_t now_ms);

/** Ends all at once. */
void children_kill(const struct children *children);

/** Takes one that ended out of the table; false when no other did. */
bool children_reap(struct children *children, struct child_end *out);

/** The first of that number in that state, NULL when there is none; valid until the next change. */
struct child *children_find(struct children *children, unsigned number, enum child_state state);

unsigned children_count(const struct children *children, enum child_state state);

#endif
