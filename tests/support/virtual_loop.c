#include "support/virtual_loop.h"

#include "support/cmocka.h"

/* More turns than this at one moment are an endless loop. */
#define MAX_TURNS 100000

static int64_t mono_us(void *ctx)
{
    return ((struct virtual_loop *)ctx)->now_ms * 1000;
}

static int64_t unix_ms(void *ctx)
{
    return ((struct virtual_loop *)ctx)->now_ms + VIRTUAL_EPOCH_MS;
}

void virtual_loop_init(struct virtual_loop *loop)
{
    *loop = (struct virtual_loop){
        .clock = {.mono_us = mono_us, .unix_ms = unix_ms, .ctx = loop},
        .now_ms = 1000,
    };
    timers_init(&loop->timers, &loop->clock);
}

void virtual_loop_fini(struct virtual_loop *loop)
{
    timers_fini(&loop->timers);
}

void virtual_loop_turn(struct virtual_loop *loop)
{
    if (loop->on_turn)
        loop->on_turn(loop->ctx);
    timers_run(&loop->timers);
}

void virtual_loop_settle(struct virtual_loop *loop)
{
    unsigned turns = 0;

    do {
        virtual_loop_turn(loop);
        assert_true(++turns < MAX_TURNS);
    } while (timers_next_ms(&loop->timers) <= loop->now_ms);
}

void virtual_loop_pass(struct virtual_loop *loop, int64_t ms)
{
    int64_t end_ms = loop->now_ms + ms;

    virtual_loop_settle(loop);
    while (timers_next_ms(&loop->timers) <= end_ms) {
        loop->now_ms = timers_next_ms(&loop->timers);
        virtual_loop_settle(loop);
    }
    loop->now_ms = end_ms;
    virtual_loop_settle(loop);
}
