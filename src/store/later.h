/**
 * Operations in waiting, and those that end in the next turn of the loop without a server.
 */
#ifndef FOOTFALL_STORE_LATER_H
#define FOOTFALL_STORE_LATER_H

#include <uv.h>

#include "store/driver.h"

/** Operations in a row, by their `next`. Zero-initialised is empty. */
struct op_queue {
    struct store_op *first;
    struct store_op *last;
};

void op_queue_add(struct op_queue *queue, struct store_op *op);

/** The first, taken out; NULL when there is none. */
struct store_op *op_queue_take(struct op_queue *queue);

/** Takes `op` out; false when it is not in there. */
bool op_queue_remove(struct op_queue *queue, const struct store_op *op);

/** What ends later; embedded by a driver's store. */
struct later {
    uv_idle_t idle; /* first: it hands itself back */
    struct op_queue queue;
    void (*on_closed)(void *ctx); /* set by later_close() */
};

void later_init(struct later *later, uv_loop_t *loop);

/**
 * Ends `op` in the next turn.
 *
 * @param reason  why it is refused, a sentence, copied; NULL: it asks for nothing, and has that
 */
void later_add(struct later *later, struct store_op *op, const char *reason);

/** Ends all that wait for it now. */
void later_end_all(struct later *later);

/**
 * Ends them all, and itself.
 *
 * @param on_closed  on the loop, with `ctx`; the memory must live until then
 */
void later_close(struct later *later, void (*on_closed)(void *ctx), void *ctx);

#endif
