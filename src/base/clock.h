/**
 * The clock is a parameter: the server passes the system's, the tests pass their own.
 */
#ifndef FOOTFALL_BASE_CLOCK_H
#define FOOTFALL_BASE_CLOCK_H

#include <stdint.h>

struct clock {
    /** Microseconds since some fixed moment; never goes back. For deadlines and durations. */
    int64_t (*mono_us)(void *ctx);

    /** Milliseconds since 1970, UTC; may be set back. For what is stored. */
    int64_t (*unix_ms)(void *ctx);

    void *ctx;
};

static inline int64_t clock_mono_us(const struct clock *clock)
{
    return clock->mono_us(clock->ctx);
}

static inline int64_t clock_mono_ms(const struct clock *clock)
{
    return clock_mono_us(clock) / 1000;
}

static inline int64_t clock_unix_ms(const struct clock *clock)
{
    return clock->unix_ms(clock->ctx);
}

#endif
