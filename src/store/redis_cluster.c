#include "store/redis_cluster.h"

#include <stdlib.h>

#include "store/later.h"
#include "store/redis_error.h"
#include "store/redis_op.h"
#include "store/redis_slot.h"
#include "store/redis_topology.h"

/* What waits is tried again this often: short next to a fail-over, long next to a round trip. */
#define RETRY_MS 20

/* How often the nodes are asked for the slots while a shard has no fit primary. */
#define REFRESH_MS 200

/* An operation that is sent elsewhere goes there at once so many times; then it waits in between,
 * since nodes that send it to and fro have not agreed yet. */
#define MAX_REDIRECTIONS 4

/* The members, two timers, and what ends later: each closes on the loop. */
#define PARTS 4

struct redis_cluster {
    struct store base;
    struct redis_tls_context *tls; /* NULL: without */
    struct redis_topology topology;
    uint64_t reconnects;     /* of all nodes */
    struct op_queue waiting; /* to be tried again */
    struct op_queue checks;  /* OP_CHECK: told when all nodes have been looked at */
    struct later later;
    uv_timer_t retry;
    uv_timer_t refresh;
    unsigned open_parts; /* the last one to close frees the store */
};

static struct redis_cluster *of_node(const struct redis_node *node)
{
    return node->owner;
}

static int64_t now_ms(const struct redis_cluster *store)
{
    return timers_now_ms(store->base.env.timers);
}

/* ---- the nodes ------------------------------------------------------------------------------ */

static void on_refresh(uv_timer_t *timer)
{
    struct redis_cluster *store = timer->data;

    redis_members_check(&store->topology.members);
}

/* After anything that may have changed it. A shard that went to another node counts as connected
 * anew: that one may lack what the one before had confirmed, and writers look then. */
static void look_at_shards(struct redis_cluster *store)
{
    bool are_fit = redis_topology_look(&store->topology, now_ms(store));

    store->base.stats.connected = are_fit;
    store->base.stats.reconnects = store->reconnects + store->topology.moves;
    /* It cannot fail. */
    if (are_fit)
        (void)uv_timer_stop(&store->refresh);
    else if (!uv_is_active((uv_handle_t *)&store->refresh))
        (void)uv_timer_start(&store->refresh, on_refresh, REFRESH_MS, REFRESH_MS);
}

static void finish_checks(struct redis_cluster *store)
{
    struct op_queue checks = store->checks;
    struct store_health health;
    struct store_op *op;

    if (!checks.first || !redis_cluster_is_settled(&store->topology.members))
        return;
    store->checks = (struct op_queue){0};
    redis_cluster_judge(&store->topology.members, store->topology.shards, &health);
    while ((op = op_queue_take(&checks)))
        op_finish_check(op, &health);
}

static void on_ready(struct redis_node *node)
{
    of_node(node)->reconnects += node->was_ready;
}

static void on_slots(struct redis_node *node, const struct redis_value *slots)
{
    struct redis_cluster *store = of_node(node);

    redis_topology_take(&store->topology, node, slots, now_ms(store));
}

static void on_checked(struct redis_node *node)
{
    struct redis_cluster *store = of_node(node);

    look_at_shards(store);
    finish_checks(store);
}

/* The others know, or soon will, who takes over. */
static void on_down(struct redis_node *node)
{
    struct redis_cluster *store = of_node(node);

    redis_topology_seed(&store->topology);
    redis_members_check(&store->topology.members);
    look_at_shards(store);
    finish_checks(store);
}

/* ---- operations ----------------------------------------------------------------------------- */

static void on_retry(uv_timer_t *timer);

static void put_off(struct redis_cluster *store, struct store_op *op, const char *reason)
{
    struct redis_op *r = op->driver_data;

    err_info_set(&r->detail, "%s", reason);
    op_queue_add(&store->waiting, op);
    if (!uv_is_active((uv_handle_t *)&store->retry))
        (void)uv_timer_start(&store->retry, on_retry, RETRY_MS, 0); /* cannot fail */
}

/* The last quarter of its deadline is for the reply: refused is better than unknown. */
static bool has_time(const struct redis_cluster *store, const struct store_op *op)
{
    return now_ms(store) < op->deadline.at_ms - store->base.env.timeout_ms / 4;
}

/* A shard that has been without a fit primary for long is not waited for. */
static bool is_worth_waiting(const struct redis_cluster *store, const struct store_op *op)
{
    int64_t since_ms = store->topology.shards[op->shard].unfit_since_ms;

    return has_time(store, op) &&
           (since_ms == TIMER_NEVER || now_ms(store) - since_ms < store->base.env.timeout_ms);
}

/* Sends it to its shard; or has it wait, or end later, when that cannot be. */
static void route(struct redis_cluster *store, struct store_op *op)
{
    struct redis_op *r = op->driver_data;
    const char *obstacle = redis_topology_obstacle(&store->topology, op);
    struct redis_member *member = store->topology.shards[op->shard].member;

    if (obstacle && is_worth_waiting(store, op))
        put_off(store, op, obstacle);
    else if (obstacle)
        later_add(&store->later, op, obstacle);
    else if (redis_op_send(r, &member->node, REDIS_NOT_ASKING) != ERR_OK)
        later_add(&store->later, op, "out of memory");
}

static void on_retry(uv_timer_t *timer)
{
    struct redis_cluster *store = timer->data;
    struct op_queue waiting = store->waiting;
    struct store_op *op;

    store->waiting = (struct op_queue){0};
    while ((op = op_queue_take(&waiting))) {
        struct redis_op *r = op->driver_data;

        r->sent = 0;
        if (op->abandoned || !has_time(store, op))
            op_finish_refused(op, r->detail.text);
        else
            route(store, op);
    }
}

/* Follows a redirection; false: the node it points to cannot be sent to yet. */
static bool follow(struct redis_cluster *store, struct redis_op *r,
                   const struct redis_redirection *redirection)
{
    enum redis_asking asking = redirection->kind == REDIS_ASK ? REDIS_ASKING : REDIS_NOT_ASKING;
    struct redis_member *member =
        redis_topology_follow(&store->topology, r->op->shard, redirection, now_ms(store));

    look_at_shards(store);
    return member && r->sent < MAX_REDIRECTIONS &&
           !redis_node_obstacle(&member->node, r->op->kind) &&
           redis_op_send(r, &member->node, asking) == ERR_OK;
}

/* Errors that pass: slots on the move, a fail-over, a node that has just started. */
static bool passes(struct slice error)
{
    static const struct slice words[] = {SLICE_INIT("LOADING "), SLICE_INIT("READONLY "),
                                         SLICE_INIT("MASTERDOWN ")};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (slice_starts_with(error, words[i]))
            return true;
    }
    return redis_error_is_redirection(error);
}

static bool on_not_carried_out(struct redis_op *r, struct slice error, const char *detail)
{
    struct redis_cluster *store = (struct redis_cluster *)r->op->store;
    const struct redis_member *from = (struct redis_member *)r->node;
    struct redis_redirection redirection;

    if (store->base.closing || !has_time(store, r->op) || (error.ptr && !passes(error)))
        return false;
    if (redis_redirection_read(&redirection, error, from->address.host)) {
        if (follow(store, r, &redirection))
            return true;
    } else if (error.ptr && !slice_starts_with(error, SLICE("TRYAGAIN "))) {
        redis_node_check(r->node); /* it may not be who we take it for any more */
    }
    put_off(store, r->op, detail);
    return true;
}

static void start_check(struct redis_cluster *store, struct store_op *op)
{
    if (!redis_topology_is_any_ready(&store->topology)) {
        const struct redis_member *member = redis_members_next(&store->topology.members, NULL);

        later_add(&store->later, op,
                  member ? member->node.connection.reason : "not connected to Redis yet");
        return;
    }
    op_queue_add(&store->checks, op);
    redis_members_check(&store->topology.members);
}

static void cluster_start(struct store *base, struct store_op *op)
{
    struct redis_cluster *store = (struct redis_cluster *)base;
    struct redis_op *r = redis_op_create(op);

    if (!r || redis_op_is_empty(op)) {
        later_add(&store->later, op, r ? NULL : "out of memory");
        return;
    }
    r->retry = on_not_carried_out;
    if (op->kind == OP_CHECK)
        start_check(store, op);
    else if (redis_op_plan(r) != ERR_OK)
        later_add(&store->later, op, "out of memory");
    else
        route(store, op);
}

/* A node that is silent may still carry out what was sent; its reply must not be waited for. */
static void cluster_on_timeout(struct store *base, struct store_op *op)
{
    struct redis_cluster *store = (struct redis_cluster *)base;
    const struct redis_op *r = op->driver_data;

    if (r && redis_op_is_unanswered(r))
        redis_connection_drop(&r->node->connection, "Redis did not answer in time");
    else if (op_queue_remove(&store->waiting, op) || op_queue_remove(&store->checks, op))
        op_finish_refused(op, "the cluster did not answer in time");
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static void on_part_closed(void *ctx)
{
    struct redis_cluster *store = ctx;

    if (--store->open_parts > 0)
        return;
    redis_tls_context_destroy(store->tls);
    free(store);
}

static void on_timer_closed(uv_handle_t *timer)
{
    on_part_closed(timer->data);
}

static void refuse_all(struct op_queue *queue)
{
    struct store_op *op;

    while ((op = op_queue_take(queue)))
        op_finish_refused(op, "the store was closed");
}

static void cluster_close(struct store *base)
{
    struct redis_cluster *store = (struct redis_cluster *)base;

    refuse_all(&store->waiting);
    refuse_all(&store->checks);
    uv_close((uv_handle_t *)&store->retry, on_timer_closed);
    uv_close((uv_handle_t *)&store->refresh, on_timer_closed);
    later_close(&store->later, on_part_closed, store);
    redis_members_close(&store->topology.members, on_part_closed);
}

static const struct redis_node_events node_events = {
    .on_ready = on_ready,
    .on_down = on_down,
    .on_checked = on_checked,
    .on_slots = on_slots,
};

static const struct store_driver cluster_driver;

static void init(struct redis_cluster *store, const struct redis_url *url,
                 const struct store_env *env)
{
    const struct redis_terms terms = {.require = url->require,
                                      .wait = url->wait,
                                      .is_cluster = true,
                                      .timeout_ms = env->timeout_ms};

    store->base.driver = &cluster_driver;
    store->base.env = *env;
    store->tls = url->target.tls;
    store->open_parts = PARTS;
    later_init(&store->later, env->loop);
    (void)uv_timer_init(env->loop, &store->retry); /* neither can fail */
    (void)uv_timer_init(env->loop, &store->refresh);
    store->retry.data = store;
    store->refresh.data = store;
    redis_topology_init(&store->topology, env->loop, url, &terms, &node_events, store);
}

/* In a cluster the total of the default site must be where the site's other counters are. */
static enum err check_total_key(const struct store_env *env, struct err_info *info)
{
    const struct store any = {.driver = &cluster_driver};
    unsigned shard = store_shard_of(&any, SLICE("default"));
    struct redis_prefix prefix = redis_prefix_of_shard(shard);
    const char *key = env->redis_total_key;

    if (!key || key[0] == '\0' ||
        redis_slot_of_key(slice_str(key)) == redis_slot_of_key(slice_of(prefix.text, prefix.len)))
        return ERR_OK;
    err_info_set(info,
                 "in a Redis Cluster FOOTFALL_REDIS_TOTAL_KEY must have the hash tag of the "
                 "default site, for example {%02u}%.100s",
                 shard, key);
    return ERR_CONFIG;
}

enum err redis_cluster_open(const char *url, const struct store_env *env, struct store **out,
                            struct err_info *info)
{
    struct redis_url parsed;
    struct redis_cluster *store;
    enum err err = check_total_key(env, info);

    if (err == ERR_OK)
        err = redis_url_load(url, &parsed, info);
    if (err != ERR_OK)
        return err;
    store = calloc(1, sizeof(*store));
    if (!store) {
        redis_tls_context_destroy(parsed.target.tls);
        return ERR_NO_MEMORY;
    }
    init(store, &parsed, env);
    *out = &store->base;
    return ERR_OK;
}

static const struct store_driver cluster_driver = {
    .kind = "redis-cluster",
    .shards = STORE_MAX_SHARDS,
    .start = cluster_start,
    .on_timeout = cluster_on_timeout,
    .close = cluster_close,
};
