/**
 * A uv loop with timers for tests, and waiting for conditions on it.
 */
#ifndef FOOTFALL_TESTS_TEST_LOOP_H
#define FOOTFALL_TESTS_TEST_LOOP_H

#include <stdbool.h>
#include <uv.h>

#include "base/clock.h"
#include "base/timers.h"

struct test_loop {
    uv_loop_t uv;
    uv_timer_t tick; /* wakes the loop each millisecond, so that timers run */
    struct timers timers;
    struct clock clock; /* real monotonic time; wall time shifted by `unix_shift_ms` */
    int64_t unix_shift_ms;
};

void test_loop_init(struct test_loop *loop);

/** Runs the loop until nothing is left in it, then frees it. */
void test_loop_fini(struct test_loop *loop);

/** One turn. */
void test_loop_turn(struct test_loop *loop);

/** Turns until *condition, at most 30 s; returns *condition. */
bool test_loop_wait(struct test_loop *loop, const volatile bool *condition);

#endif
