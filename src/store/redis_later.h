/**
 * Operations in waiting, and those that end in the next turn of the loop without a server.
 */
#ifndef FOOTFALL_STORE_REDIS_LATER_H
#define FOOTFALL_STORE_REDIS_LATER_H

#include <uv.h>

#include "store/driver.h"

/** Operations in a row, by their `next`. Zero-initialised is empty. */
struct redis_queue {
    struct store_op *first;
    struct store_op *last;
};

void redis_queue_add(struct redis_queue *queue, struct store_op *op);

/** The first, taken out; NULL when there is none. */
struct store_op *redis_queue_take(struct redis_queue *queue);

/** Takes `op` out; false when it is not in there. */
bool redis_queue_remove(struct redis_queue *queue, const struct store_op *op);

struct redis_later {
    uv_idle_t idle; /* first: it hands itself back */
    struct redis_queue queue;
    void (*on_closed)(void *ctx); /* set by redis_later_close() */
};

void redis_later_init(struct redis_later *later, uv_loop_t *loop);

/**
 * Ends `op` in the next turn: with success when it asks for nothing, else refused.
 *
 * @param reason  a sentence; copied
 */
void redis_later_add(struct redis_later *later, struct store_op *op, const char *reason);

/** Ends all that wait for it now. */
void redis_later_end_all(struct redis_later *later);

/**
 * Ends them all, and itself.
 *
 * @param on_closed  on the loop, with `ctx`; the memory must live until then
 */
void redis_later_close(struct redis_later *later, void (*on_closed)(void *ctx), void *ctx);

#endif
