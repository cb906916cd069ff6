#include "process/loop.h"

#include <poll.h>

#include "process/system_clock.h"

/* libuv reads the time after each poll, before the sockets' callbacks. */
static int64_t turn_us(void *ctx)
{
    const struct loop *loop = ctx;

    return (int64_t)uv_now(&loop->uv) * 1000;
}

/* The alarm only has to end the poll; the timers run in on_check(). */
static void on_alarm(uv_timer_t *alarm)
{
    struct loop *loop = alarm->data;

    loop->alarm_at_ms = INT64_MAX;
}

static void set_alarm(struct loop *loop)
{
    int64_t at_ms = timers_next_ms(&loop->timers);
    int64_t now_ms;

    if (at_ms == loop->alarm_at_ms)
        return;
    loop->alarm_at_ms = at_ms;
    if (at_ms == INT64_MAX) {
        (void)uv_timer_stop(&loop->alarm);
        return;
    }
    now_ms = timers_now_ms(&loop->timers); /* as uv_timer_start() counts */
    (void)uv_timer_start(&loop->alarm, on_alarm, at_ms > now_ms ? (uint64_t)(at_ms - now_ms) : 0,
                         0);
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct loop *loop = prepare->data;

    if (loop->on_turn)
        loop->on_turn(loop->ctx);
    set_alarm(loop);
}

static void on_check(uv_check_t *check)
{
    struct loop *loop = check->data;

    timers_run(&loop->timers);
}

enum err loop_init(struct loop *loop, void (*on_turn)(void *ctx), void *ctx)
{
    *loop = (struct loop){
        .clock = &system_clock, .alarm_at_ms = INT64_MAX, .on_turn = on_turn, .ctx = ctx};
    if (uv_loop_init(&loop->uv) != 0)
        return ERR_NO_MEMORY;
    loop->turn_clock =
        (struct clock){.mono_us = turn_us, .unix_ms = loop->clock->unix_ms, .ctx = loop};
    timers_init(&loop->timers, &loop->turn_clock);
    loop->prepare.data = loop->check.data = loop->alarm.data = loop;
    (void)uv_prepare_init(&loop->uv, &loop->prepare);
    (void)uv_check_init(&loop->uv, &loop->check);
    (void)uv_timer_init(&loop->uv, &loop->alarm);
    (void)uv_prepare_start(&loop->prepare, on_prepare);
    (void)uv_check_start(&loop->check, on_check);
    uv_unref((uv_handle_t *)&loop->prepare);
    uv_unref((uv_handle_t *)&loop->check);
    uv_unref((uv_handle_t *)&loop->alarm);
    return ERR_OK;
}

void loop_run(struct loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

bool loop_has_input(const struct loop *loop)
{
    /* A descriptor of epoll is readable when one of its own is ready. */
    struct pollfd backend = {.fd = uv_backend_fd(&loop->uv), .events = POLLIN};

    return poll(&backend, 1, 0) > 0;
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

void loop_fini(struct loop *loop)
{
    /* Others' handles first: their close callbacks may still want timers. */
    loop->on_turn = NULL;
    loop_run(loop);
    uv_close((uv_handle_t *)&loop->prepare, NULL);
    uv_close((uv_handle_t *)&loop->check, NULL);
    uv_close((uv_handle_t *)&loop->alarm, NULL);
    loop_run(loop);
    (void)uv_loop_close(&loop->uv);
    timers_fini(&loop->timers);
}
