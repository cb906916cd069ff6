/**
 * A loop without sockets on a clock of its own: time passes only when the test says so.
 */
#ifndef FOOTFALL_TESTS_VIRTUAL_LOOP_H
#define FOOTFALL_TESTS_VIRTUAL_LOOP_H

#include "base/clock.h"
#include "base/timers.h"

struct virtual_loop {
    struct timers timers;
    struct clock clock;         /* wall time is VIRTUAL_EPOCH_MS later than the monotonic one */
    int64_t now_ms;             /* begins at 1,000 */
    void (*on_turn)(void *ctx); /* called in each turn, before the timers; NULL: nothing */
    void *ctx;
};

#define VIRTUAL_EPOCH_MS INT64_C(1700000000000)

void virtual_loop_init(struct virtual_loop *loop);
void virtual_loop_fini(struct virtual_loop *loop);

/** One turn: on_turn, then the timers that are due. */
void virtual_loop_turn(struct virtual_loop *loop);

/** Turns until nothing is due at this moment any more. */
void virtual_loop_settle(struct virtual_loop *loop);

/** Lets `ms` pass, from timer to timer. */
void virtual_loop_pass(struct virtual_loop *loop, int64_t ms);

#endif
