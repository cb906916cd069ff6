/**
 * Timers: "call this at that time". A binary heap of timers that live in their owners' structs.
 *
 * The clock is the owner's: the server passes the loop's, a simulation its own. A timer set for now
 * or earlier fires in the next timers_run, never inside timer_start: this is how "later, on the
 * loop" is said everywhere.
 */
#ifndef FOOTFALL_BASE_TIMERS_H
#define FOOTFALL_BASE_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

typedef void timer_fn(void *ctx);

/** Zero-initialised is a stopped timer. Owned by who embeds it; must be stopped before it dies. */
struct timer {
    int64_t at_ms;
    uint64_t order; /* timers of the same moment fire in the order they were started */
    size_t index;   /* place in the heap, from 1; 0 when stopped */
    bool is_kept;   /* see timer_keep() */
    timer_fn *fn;
    void *ctx;
};

struct timers {
    struct timer **heap; /* heap[0] is the earliest */
    size_t count;
    size_t capacity;
    uint64_t next_order;
    const struct clock *clock;
};

/** @param clock borrowed, outlives the timers; only its monotonic time is read, and often */
void timers_init(struct timers *timers, const struct clock *clock);

/** Frees the heap; timers still in it are stopped. */
void timers_fini(struct timers *timers);

/**
 * Starts (or moves) `timer` to fire `fn(ctx)` once at `at_ms`, or now if that has passed.
 *
 * @return ERR_NO_MEMORY only when the heap has to grow and cannot; then nothing changed
 */
enum err timer_start(struct timers *timers, struct timer *timer, int64_t at_ms, timer_fn *fn,
                     void *ctx) MUST_CHECK;

/** A moment that does not come. */
#define TIMER_NEVER INT64_MAX

/**
 * Starts `timer` for TIMER_NEVER, and again each time it has fired. So it always has its place, and
 * timer_move() cannot fail: for those who must get on when there is no memory either.
 *
 * @return ERR_NO_MEMORY as timer_start()
 */
enum err timer_keep(struct timers *timers, struct timer *timer, timer_fn *fn, void *ctx) MUST_CHECK;

/** Moves a timer that is active to `at_ms`. */
void timer_move(struct timers *timers, struct timer *timer, int64_t at_ms);

/** Stops it, a kept one for good; fine when it is stopped already. */
void timer_stop(struct timers *timers, struct timer *timer);

static inline bool timer_is_active(const struct timer *timer)
{
    return timer->index > 0;
}

/** The time by the clock of the timers. */
static inline int64_t timers_now_ms(const struct timers *timers)
{
    return clock_mono_ms(timers->clock);
}

/** When the earliest fires; INT64_MAX when there is none. */
int64_t timers_next_ms(const struct timers *timers);

/** Fires all that are due, except those started meanwhile. */
void timers_run(struct timers *timers);

#endif
