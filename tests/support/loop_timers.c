#include "support/loop_timers.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;

    (void)clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t system_mono_us(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t system_unix_ms(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_REALTIME) / 1000;
}

static void on_timer(uv_timer_t *timer)
{
    struct loop_timers *self = timer->data;

    self->armed_ms = INT64_MAX;
    timers_run(&self->timers);
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct loop_timers *self = prepare->data;
    int64_t next_ms = timers_next_ms(&self->timers);
    int64_t now_ms;

    if (next_ms == self->armed_ms)
        return;
    self->armed_ms = next_ms;
    if (next_ms == INT64_MAX) {
        (void)uv_timer_stop(&self->timer);
        return;
    }
    now_ms = clock_mono_ms(&self->clock);
    (void)uv_timer_start(&self->timer, on_timer,
                         next_ms > now_ms ? (uint64_t)(next_ms - now_ms) : 0, 0);
}

void loop_timers_init(struct loop_timers *self, uv_loop_t *loop)
{
    self->clock = (struct clock){.mono_us = system_mono_us, .unix_ms = system_unix_ms};
    self->armed_ms = INT64_MAX;
    timers_init(&self->timers, &self->clock);
    (void)uv_prepare_init(loop, &self->prepare);
    (void)uv_timer_init(loop, &self->timer);
    self->prepare.data = self;
    self->timer.data = self;
    (void)uv_prepare_start(&self->prepare, on_prepare);
}

void loop_timers_close(struct loop_timers *self)
{
    uv_close((uv_handle_t *)&self->prepare, NULL);
    uv_close((uv_handle_t *)&self->timer, NULL);
}

void loop_timers_fini(struct loop_timers *self)
{
    timers_fini(&self->timers);
}
