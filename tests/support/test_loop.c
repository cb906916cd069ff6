#include "support/test_loop.h"

#include <time.h>

#define PATIENCE_MS 30000

static int64_t read_clock_us(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t mono_us(void *ctx)
{
    (void)ctx;
    return read_clock_us(CLOCK_MONOTONIC);
}

static int64_t mono_ms(void)
{
    return mono_us(NULL) / 1000;
}

static int64_t unix_ms(void *ctx)
{
    const struct test_loop *loop = ctx;

    return read_clock_us(CLOCK_REALTIME) / 1000 + loop->unix_shift_ms;
}

static void on_tick(uv_timer_t *tick)
{
    struct test_loop *loop = tick->data;

    timers_run(&loop->timers);
}

void test_loop_init(struct test_loop *loop)
{
    *loop = (struct test_loop){.clock = {.mono_us = mono_us, .unix_ms = unix_ms, .ctx = loop}};
    uv_loop_init(&loop->uv);
    uv_timer_init(&loop->uv, &loop->tick);
    loop->tick.data = loop;
    uv_timer_start(&loop->tick, on_tick, 0, 1);
    timers_init(&loop->timers, &loop->clock);
}

void test_loop_turn(struct test_loop *loop)
{
    bool is_due = timers_next_ms(&loop->timers) <= mono_ms();

    uv_run(&loop->uv, is_due ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    timers_run(&loop->timers);
}

bool test_loop_wait(struct test_loop *loop, const volatile bool *condition)
{
    int64_t until_ms = mono_ms() + PATIENCE_MS;

    while (!*condition && mono_ms() < until_ms)
        test_loop_turn(loop);
    return *condition;
}

void test_loop_fini(struct test_loop *loop)
{
    uv_close((uv_handle_t *)&loop->tick, NULL);
    while (uv_run(&loop->uv, UV_RUN_ONCE) != 0)
        timers_run(&loop->timers);
    uv_loop_close(&loop->uv);
    timers_fini(&loop->timers);
}
