/**
 * The job of a worker that old statistics are dropped, once a day by one of all workers:
 * count/prune.h. It begins a few minutes after the start, at a random moment.
 */
#ifndef FOOTFALL_PROCESS_PRUNING_H
#define FOOTFALL_PROCESS_PRUNING_H

#include "base/timers.h"
#include "count/prune.h"

/** Zero-initialised: not started. */
struct pruning {
    struct store *store;
    struct store_env env;
    int64_t every_ms;
    unsigned worker; /* its number, for the log */
    struct timer timer;
    struct prune *run; /* NULL: none is under way */
};

/**
 * @param store     borrowed, outlives it
 * @param every_ms  so often it is done; 0: never
 */
void pruning_start(struct pruning *pruning, struct store *store, const struct store_env *env,
                   int64_t every_ms, unsigned worker);

/** Breaks off what is under way; others go on with it. Fine when it was not started. */
void pruning_stop(struct pruning *pruning);

#endif
