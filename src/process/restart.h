/**
 * When a worker that died is started again: the first time at once, then after 100 ms, doubling up
 * to 5 s; from the beginning again once a worker lived for 10 s.
 */
#ifndef FOOTFALL_PROCESS_RESTART_H
#define FOOTFALL_PROCESS_RESTART_H

#include <stdint.h>

#define RESTART_FIRST_MS   100
#define RESTART_MAX_MS     5000
#define RESTART_HEALTHY_MS 10000

/** Zero-initialised: nothing died yet. */
struct restart {
    int64_t next_delay_ms;
};

/** @return how long to wait, in milliseconds, after a worker died that had lived for `lived_ms` */
static inline int64_t restart_delay_ms(struct restart *restart, int64_t lived_ms)
{
    int64_t delay_ms = lived_ms >= RESTART_HEALTHY_MS ? 0 : restart->next_delay_ms;

    restart->next_delay_ms = delay_ms == 0                   ? RESTART_FIRST_MS
                             : delay_ms * 2 < RESTART_MAX_MS ? delay_ms * 2
                                                             : RESTART_MAX_MS;
    return delay_ms;
}

#endif
