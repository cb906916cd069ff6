/**
 * The event loop of a process: libuv's loop, with our timers driven by it.
 *
 *     libuv's turn:  prepare ----------------------> poll ---------> check
 *     ours:          on_turn(), then the alarm is    the sockets     timers_run()
 *                    set to timers_next_ms()
 *
 * The loop's own handles do not keep it running: loop_run() returns when everybody else's are
 * closed, or after loop_stop().
 */
#ifndef FOOTFALL_PROCESS_LOOP_H
#define FOOTFALL_PROCESS_LOOP_H

#include <uv.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/timers.h"

struct loop {
    uv_loop_t uv;
    struct timers timers;
    const struct clock *clock; /* the system's: exact, a call each time */
    /* Private: */
    struct clock turn_clock; /* of the timers: as of the turn's last poll, without a call */
    uv_prepare_t prepare;
    uv_check_t check;
    uv_timer_t alarm;
    int64_t alarm_at_ms; /* INT64_MAX: not set */
    void (*on_turn)(void *ctx);
    void *ctx;
};

/**
 * @param on_turn  called once a turn, after the sockets and timers, before it sleeps; may be NULL
 * @return         ERR_NO_MEMORY: also when the kernel has no descriptors left; nothing to free then
 */
enum err loop_init(struct loop *loop, void (*on_turn)(void *ctx), void *ctx) MUST_CHECK;

void loop_run(struct loop *loop);

/** True when some socket could be served at once. Asks the kernel: about 0.3 us. */
bool loop_has_input(const struct loop *loop);

/** Makes loop_run() return after this turn. */
void loop_stop(struct loop *loop);

/** Closes the loop. All handles of others must be closed, or have been asked to close. */
void loop_fini(struct loop *loop);

#endif
