#include "store/later.h"

#include <string.h>

void op_queue_add(struct op_queue *queue, struct store_op *op)
{
    op->next = NULL;
    if (queue->last)
        queue->last->next = op;
    else
        queue->first = op;
    queue->last = op;
}

struct store_op *op_queue_take(struct op_queue *queue)
{
    struct store_op *op = queue->first;

    if (!op)
        return NULL;
    queue->first = op->next;
    if (!queue->first)
        queue->last = NULL;
    op->next = NULL;
    return op;
}

bool op_queue_remove(struct op_queue *queue, const struct store_op *op)
{
    struct store_op *before = NULL;

    for (struct store_op *at = queue->first; at; before = at, at = at->next) {
        if (at != op)
            continue;
        if (before)
            before->next = at->next;
        else
            queue->first = at->next;
        if (queue->last == at)
            queue->last = before;
        return true;
    }
    return false;
}

static void end(struct store_op *op)
{
    if (op->refusal)
        op_finish_refused(op, op->refusal);
    else
        op_finish_nothing(op);
}

void later_end_all(struct later *later)
{
    struct op_queue queue = later->queue;
    struct store_op *op;

    (void)uv_idle_stop(&later->idle);
    later->queue = (struct op_queue){0};
    while ((op = op_queue_take(&queue)))
        end(op);
}

static void on_idle(uv_idle_t *idle)
{
    later_end_all((struct later *)idle);
}

void later_init(struct later *later, uv_loop_t *loop)
{
    later->queue = (struct op_queue){0};
    (void)uv_idle_init(loop, &later->idle); /* cannot fail */
}

static const char *copy_reason(struct store_op *op, const char *reason)
{
    struct slice copy = arena_dup(&op->arena, slice_of(reason, strlen(reason) + 1));

    return copy.ptr ? copy.ptr : "out of memory";
}

void later_add(struct later *later, struct store_op *op, const char *reason)
{
    op->refusal = reason ? copy_reason(op, reason) : NULL;
    op_queue_add(&later->queue, op);
    (void)uv_idle_start(&later->idle, on_idle); /* cannot fail */
}

static void on_idle_closed(uv_handle_t *handle)
{
    struct later *later = (struct later *)handle;

    later->on_closed(later->idle.data);
}

void later_close(struct later *later, void (*on_closed)(void *ctx), void *ctx)
{
    later_end_all(later);
    later->on_closed = on_closed;
    later->idle.data = ctx;
    uv_close((uv_handle_t *)&later->idle, on_idle_closed);
}
