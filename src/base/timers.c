#include "base/timers.h"

#include <assert.h>
#include <stdlib.h>

void timers_init(struct timers *timers, const struct clock *clock)
{
    *timers = (struct timers){.clock = clock};
}

void timers_fini(struct timers *timers)
{
    for (size_t i = 0; i < timers->count; i++)
        timers->heap[i]->index = 0;
    free(timers->heap);
    timers_init(timers, timers->clock);
}

static bool fires_before(const struct timer *a, const struct timer *b)
{
    return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order);
}

static void place(struct timers *timers, size_t i, struct timer *timer)
{
    timers->heap[i] = timer;
    timer->index = i + 1;
}

static void sift_up(struct timers *timers, size_t i)
{
    struct timer *timer = timers->heap[i];

    while (i > 0 && fires_before(timer, timers->heap[(i - 1) / 2])) {
        place(timers, i, timers->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    place(timers, i, timer);
}

static void sift_down(struct timers *timers, size_t i)
{
    struct timer *timer = timers->heap[i];

    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= timers->count)
            break;
        if (child + 1 < timers->count && fires_before(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (!fires_before(timers->heap[child], timer))
            break;
        place(timers, i, timers->heap[child]);
        i = child;
    }
    place(timers, i, timer);
}

static enum err grow(struct timers *timers)
{
    size_t capacity = timers->capacity ? 2 * timers->capacity : 16;
    struct timer **heap;

    if (timers->count < timers->capacity)
        return ERR_OK;
    heap = reallocarray(timers->heap, capacity, sizeof(struct timer *));
    if (!heap)
        return ERR_NO_MEMORY;
    timers->heap = heap;
    timers->capacity = capacity;
    return ERR_OK;
}

enum err timer_start(struct timers *timers, struct timer *timer, int64_t at_ms, timer_fn *fn,
                     void *ctx)
{
    int64_t now_ms = timers_now_ms(timers);

    timer_stop(timers, timer);
    if (grow(timers) != ERR_OK)
        return ERR_NO_MEMORY;
    /* Not before now: in timers_run() it would stand before older ones that are due, and hide them.
     */
    timer->at_ms = at_ms > now_ms ? at_ms : now_ms;
    timer->order = timers->next_order++;
    timer->fn = fn;
    timer->ctx = ctx;
    place(timers, timers->count++, timer);
    sift_up(timers, timers->count - 1);
    return ERR_OK;
}

enum err timer_keep(struct timers *timers, struct timer *timer, timer_fn *fn, void *ctx)
{
    enum err err = timer_start(timers, timer, TIMER_NEVER, fn, ctx);

    timer->is_kept = err == ERR_OK;
    return err;
}

void timer_move(struct timers *timers, struct timer *timer, int64_t at_ms)
{
    bool is_kept = timer->is_kept;
    enum err err;

    assert(timer_is_active(timer));
    err = timer_start(timers, timer, at_ms, timer->fn, timer->ctx);
    assert(err == ERR_OK); /* it only changes its place */
    (void)err;
    timer->is_kept = is_kept;
}

void timer_stop(struct timers *timers, struct timer *timer)
{
    size_t i = timer->index - 1;
    struct timer *last;

    if (!timer_is_active(timer))
        return;
    timer->index = 0;
    timer->is_kept = false;
    last = timers->heap[--timers->count];
    if (last == timer)
        return;
    place(timers, i, last);
    sift_up(timers, i);
    sift_down(timers, last->index - 1);
}

int64_t timers_next_ms(const struct timers *timers)
{
    return timers->count > 0 ? timers->heap[0]->at_ms : INT64_MAX;
}

void timers_run(struct timers *timers)
{
    int64_t now_ms = timers_now_ms(timers);
    uint64_t first_new = timers->next_order;

    while (timers->count > 0) {
        struct timer *timer = timers->heap[0];

        /* One started meanwhile waits for the next run. It is due now at the earliest, and at the
         * same moment the older ones come first, so all that were due have fired by then. */
        if (timer->at_ms > now_ms || timer->order >= first_new)
            break;
        if (timer->is_kept)
            timer_move(timers, timer, TIMER_NEVER);
        else
            timer_stop(timers, timer);
        timer->fn(timer->ctx);
    }
}
