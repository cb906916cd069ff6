#include "process/system_clock.h"

#include <stddef.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t mono_us(void *ctx)
{
    (void)ctx;
    return read_us(CLOCK_MONOTONIC);
}

static int64_t unix_ms(void *ctx)
{
    (void)ctx;
    return read_us(CLOCK_REALTIME) / 1000;
}

const struct clock system_clock = {.mono_us = mono_us, .unix_ms = unix_ms, .ctx = NULL};
