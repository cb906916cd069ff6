/**
 * Signals of the server. The master reads them from a descriptor (signalfd(2)), so no code of ours
 * ever runs inside a signal handler; a worker leaves them to libuv.
 *
 *     TERM INT QUIT   finish what is under way, then end; in the master a second one ends at once
 *     HUP             replace the workers one by one
 *     CHLD            a worker ended
 *     PIPE            ignored: a client that left is an error of write(2)
 *     XFSZ            ignored: so is a file at the limit of its size (ulimit -f)
 */
#ifndef FOOTFALL_PROCESS_SIGNALS_H
#define FOOTFALL_PROCESS_SIGNALS_H

#include <stdbool.h>

/** Ignores what must never end a process of ours. */
void signals_init(void);

/**
 * Blocks the master's signals and opens a descriptor (non-blocking, close-on-exec) for them.
 *
 * @return -1 with errno
 */
int signals_open(void);

/** The next signal that waits on `fd`; 0 when there is none. */
int signals_next(int fd);

/**
 * In a worker just forked: it ends when its master does, and leaves to the master what a terminal
 * sends to all. TERM stays blocked, so that none is lost before signals_unblock().
 *
 * @param master_pid  the parent as it was before the fork
 * @return            false when the master is gone already
 */
bool signals_init_worker(int master_pid);

/** Lets TERM through again, once the handler stands. */
void signals_unblock(void);

/** True when standard output was a terminal at signals_init() and that one has gone away. */
bool signals_terminal_is_gone(void);

#endif
