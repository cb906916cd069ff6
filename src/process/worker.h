/**
 * A worker: the process that answers. It shares nothing with its siblings but the listening
 * sockets.
 *
 *     starting -- store connected, or 1 s --> running -- TERM --> draining -- all answered, or the
 *                                                                 deadline --> closing
 */
#ifndef FOOTFALL_PROCESS_WORKER_H
#define FOOTFALL_PROCESS_WORKER_H

#include "process/config.h"
#include "process/exit_code.h"
#include "process/listen.h"
#include "process/tables.h"

enum worker_role {
    WORKER_OF_MASTER, /* INT, QUIT and HUP are the master's; so is the second TERM */
    WORKER_ALONE,     /* no master: WEB_CONCURRENCY=1 */
};

/** All borrowed for the call. */
struct worker_options {
    const struct config *config;
    const struct tables *tables; /* opened before the fork */
    struct listeners *listeners; /* this process' descriptors; the worker's from now on */
    unsigned number;             /* 1 … WEB_CONCURRENCY */
    enum worker_role role;
    void (*on_ready)(void *ctx); /* once: accepting, and the loop runs */
    void *ctx;
};

/**
 * Serves until it is told to end. Call in the process that is to be the worker: nothing of the loop
 * or the store survives a fork.
 *
 * @return the exit code of the process; why, when it is not 0, was logged or said on stderr
 */
enum exit_code worker_run(const struct worker_options *options);

#endif
