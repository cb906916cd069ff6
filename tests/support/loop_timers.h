/* Runs base/timers.h on a libuv loop, for test programs. */
#ifndef FOOTFALL_TESTS_LOOP_TIMERS_H
#define FOOTFALL_TESTS_LOOP_TIMERS_H

#include <uv.h>

#include "base/clock.h"
#include "base/timers.h"

struct loop_timers {
    struct timers timers;
    struct clock clock; /* of the system */
    uv_prepare_t prepare;
    uv_timer_t timer;
    int64_t armed_ms; /* what `timer` waits for */
};

/* Keeps the loop alive until loop_timers_close(). */
void loop_timers_init(struct loop_timers *self, uv_loop_t *loop);

/* Closes the handles; run the loop once more, then loop_timers_fini(). */
void loop_timers_close(struct loop_timers *self);

void loop_timers_fini(struct loop_timers *self);

#endif
