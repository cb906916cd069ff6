/**
 * The clock of the machine.
 */
#ifndef FOOTFALL_PROCESS_SYSTEM_CLOCK_H
#define FOOTFALL_PROCESS_SYSTEM_CLOCK_H

#include "base/clock.h"

extern const struct clock system_clock;

/** The monotonic clock in milliseconds, as timers count them. */
static inline int64_t system_mono_ms(void)
{
    return clock_mono_us(&system_clock) / 1000;
}

#endif
