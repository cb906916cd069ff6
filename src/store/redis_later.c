#include "store/redis_later.h"

#include "store/redis_op.h"

void redis_queue_add(struct redis_queue *queue, struct store_op *op)
{
    op->next = NULL;
    if (queue->last)
        queue->last->next = op;
    else
        queue->first = op;
    queue->last = op;
}

struct store_op *redis_queue_take(struct redis_queue *queue)
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

bool redis_queue_remove(struct redis_queue *queue, const struct store_op *op)
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

/* An operation without driver_data waits for want of memory; one that is not empty, with its reason
 * in `detail`. */
static void end(struct store_op *op)
{
    const struct redis_op *r = op->driver_data;

    if (redis_op_is_empty(op))
        redis_op_finish_empty(op);
    else
        op_finish_refused(op, r ? r->detail.text : "out of memory");
}

void redis_later_end_all(struct redis_later *later)
{
    struct redis_queue queue = later->queue;
    struct store_op *op;

    (void)uv_idle_stop(&later->idle);
    later->queue = (struct redis_queue){0};
    while ((op = redis_queue_take(&queue)))
        end(op);
}

static void on_idle(uv_idle_t *idle)
{
    redis_later_end_all((struct redis_later *)idle);
}

void redis_later_init(struct redis_later *later, uv_loop_t *loop)
{
    later->queue = (struct redis_queue){0};
    (void)uv_idle_init(loop, &later->idle); /* cannot fail */
}

void redis_later_add(struct redis_later *later, struct store_op *op, const char *reason)
{
    struct redis_op *r = op->driver_data;

    if (r)
        err_info_set(&r->detail, "%s", reason);
    redis_queue_add(&later->queue, op);
    (void)uv_idle_start(&later->idle, on_idle); /* cannot fail */
}

static void on_idle_closed(uv_handle_t *handle)
{
    struct redis_later *later = (struct redis_later *)handle;

    later->on_closed(later->idle.data);
}

void redis_later_close(struct redis_later *later, void (*on_closed)(void *ctx), void *ctx)
{
    redis_later_end_all(later);
    later->on_closed = on_closed;
    later->idle.data = ctx;
    uv_close((uv_handle_t *)&later->idle, on_idle_closed);
}
