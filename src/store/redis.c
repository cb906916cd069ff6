#include "store/redis.h"

#include <stdlib.h>

#include "store/later.h"
#include "store/redis_op.h"

/* The node and what ends later: each closes on the loop. */
#define PARTS 2

struct redis_store {
    struct store base;
    struct redis_tls_context *tls; /* NULL: without */
    struct redis_node node;
    struct redis_prefix prefix;
    struct op_queue checks; /* OP_CHECK: told when the check under way has ended */
    struct later later;
    unsigned open_parts; /* the last one to close frees the store */
};

static struct redis_store *of_node(const struct redis_node *node)
{
    return node->owner;
}

/* ---- the server ----------------------------------------------------------------------------- */

static void on_ready(struct redis_node *node)
{
    of_node(node)->base.stats.reconnects += node->was_ready;
}

static void on_down(struct redis_node *node)
{
    struct redis_store *store = of_node(node);
    struct store_op *op;

    store->base.stats.connected = 0;
    while ((op = op_queue_take(&store->checks)))
        op_finish_refused(op, node->connection.reason);
}

static void on_checked(struct redis_node *node)
{
    struct redis_store *store = of_node(node);
    struct store_op *op;

    store->base.stats.connected = node->takes_commits;
    while ((op = op_queue_take(&store->checks)))
        op_finish_check(op, &node->health);
}

/* ---- operations ----------------------------------------------------------------------------- */

static void start_check(struct redis_store *store, struct store_op *op)
{
    op_queue_add(&store->checks, op);
    redis_node_check(&store->node);
}

static void redis_start(struct store *base, struct store_op *op)
{
    struct redis_store *store = (struct redis_store *)base;
    struct redis_op *r = redis_op_create(op);
    const char *obstacle = redis_node_obstacle(&store->node, op->kind);

    if (redis_op_is_empty(op))
        later_add(&store->later, op, NULL);
    else if (!r || obstacle)
        later_add(&store->later, op, obstacle ? obstacle : "out of memory");
    else if (op->kind == OP_CHECK)
        start_check(store, op);
    else if (redis_op_plan(r) != ERR_OK ||
             redis_op_send(r, &store->node, REDIS_NOT_ASKING) != ERR_OK)
        later_add(&store->later, op, "out of memory");
}

/* Redis is silent: what was sent may still be carried out, and its reply must not be waited for. */
static void redis_on_timeout(struct store *base, struct store_op *op)
{
    struct redis_store *store = (struct redis_store *)base;
    const struct redis_op *r = op->driver_data;

    if (op->kind == OP_CHECK || (r && redis_op_is_unanswered(r)))
        redis_connection_drop(&store->node.connection, "Redis did not answer in time");
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static void on_part_closed(void *ctx)
{
    struct redis_store *store = ctx;

    if (--store->open_parts > 0)
        return;
    redis_tls_context_destroy(store->tls);
    free(store);
}

static void on_node_closed(struct redis_node *node)
{
    on_part_closed(of_node(node));
}

static void redis_close(struct store *base)
{
    struct redis_store *store = (struct redis_store *)base;
    struct store_op *op;

    while ((op = op_queue_take(&store->checks)))
        op_finish_refused(op, "the store was closed");
    redis_node_close(&store->node);
    later_close(&store->later, on_part_closed, store);
}

static const struct redis_node_events node_events = {
    .on_ready = on_ready,
    .on_down = on_down,
    .on_checked = on_checked,
    .on_closed = on_node_closed,
};

static const struct store_driver redis_driver;

enum err redis_open(const char *url, const struct store_env *env, struct store **out,
                    struct err_info *info)
{
    struct redis_url parsed;
    struct redis_terms terms = {.timeout_ms = env->timeout_ms};
    struct redis_store *store;
    enum err err = redis_url_load(url, &parsed, info);

    if (err != ERR_OK)
        return err;
    store = calloc(1, sizeof(*store));
    if (!store) {
        redis_tls_context_destroy(parsed.target.tls);
        return ERR_NO_MEMORY;
    }
    store->base.driver = &redis_driver;
    store->base.env = *env;
    store->tls = parsed.target.tls;
    store->open_parts = PARTS;
    store->prefix = redis_prefix_alone();
    terms.require = parsed.require;
    terms.wait = parsed.wait;
    later_init(&store->later, env->loop);
    redis_node_init(&store->node, env->loop, &parsed.target, &terms, &store->prefix, &node_events,
                    store);
    redis_node_start(&store->node);
    *out = &store->base;
    return ERR_OK;
}

static const struct store_driver redis_driver = {
    .kind = "redis",
    .start = redis_start,
    .on_timeout = redis_on_timeout,
    .close = redis_close,
};
