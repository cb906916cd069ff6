#include "store/redis_cluster.h"

#include <stdlib.h>

#include "store/later.h"
#include "store/redis_cluster_health.h"
#include "store/redis_error.h"
#include "store/redis_op.h"
#include "store/redis_slot.h"

/* What waits is tried again this often: short next to a fail-over, long next to a round trip. */
#define RETRY_MS 20

/* How often the nodes are asked for the slots while a shard has no fit primary. */
#define REFRESH_MS 200

/* An operation that is sent elsewhere goes there at once so many times; then it waits in between,
 * since nodes that send it to and fro have not agreed yet. */
#define MAX_REDIRECTIONS 4

/* A node that a redirection names is kept so long; by then a map names it, or it was a mistake. */
#define KEPT_MS 10000

/* The members, two timers, and what ends later: each closes on the loop. */
#define PARTS 4

struct redis_cluster {
    struct store base;
    struct redis_tls_context *tls; /* NULL: without */
    struct redis_url url;          /* its nodes are asked when no other is left */
    struct redis_members members;
    struct redis_map map; /* being read */
    unsigned slots[STORE_MAX_SHARDS];
    struct redis_shard shards[STORE_MAX_SHARDS];
    unsigned first_shard;            /* with which the next map is taken */
    const struct redis_member *weak; /* a replica that keeps too little for commits to go on */
    struct op_queue waiting;         /* to be tried again */
    struct op_queue checks;          /* OP_CHECK: told when all nodes have been looked at */
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

/* ---- how the shards are --------------------------------------------------------------------- */

static void on_refresh(uv_timer_t *timer);

/* Why an operation cannot be sent to its shard now; NULL: it can. */
static const char *find_obstacle(const struct redis_cluster *store, const struct store_op *op)
{
    bool is_change = op->kind == OP_COMMIT || op->kind == OP_REGISTER;
    const char *obstacle = redis_shard_obstacle(&store->shards[op->shard], op->kind);

    return !obstacle && is_change && store->weak ? store->weak->node.health.reason : obstacle;
}

/* After anything that may have changed it. */
static void look_at_shards(struct redis_cluster *store)
{
    bool are_fit = true;

    store->weak = redis_cluster_weak_replica(&store->members);
    for (size_t i = 0; i < STORE_MAX_SHARDS; i++) {
        struct redis_shard *shard = &store->shards[i];
        bool is_fit = !redis_shard_obstacle(shard, OP_COMMIT) && !store->weak;

        are_fit = are_fit && is_fit;
        if (is_fit)
            shard->unfit_since_ms = TIMER_NEVER;
        else if (shard->unfit_since_ms == TIMER_NEVER)
            shard->unfit_since_ms = now_ms(store);
    }
    store->base.stats.connected = are_fit;
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

    if (!checks.first || !redis_cluster_is_settled(&store->members))
        return;
    store->checks = (struct op_queue){0};
    redis_cluster_judge(&store->members, store->shards, &health);
    while ((op = op_queue_take(&checks)))
        op_finish_check(op, &health);
}

/* ---- who has which slot --------------------------------------------------------------------- */

static void name_seeds(struct redis_cluster *store)
{
    for (size_t i = 0; i < store->url.node_count; i++)
        (void)redis_members_name(&store->members, &store->url.nodes[i], 0);
}

static bool is_any_ready(const struct redis_cluster *store)
{
    struct redis_member *member = NULL;

    while ((member = redis_members_next(&store->members, member))) {
        if (redis_node_is_ready(&member->node))
            return true;
    }
    return false;
}

/* The epoch moves with each fail-over and each slot that moves. A node that knows an older one was
 * cut off, and tells how things were. */
static bool is_outdated(const struct redis_cluster *store, const struct redis_node *node)
{
    struct redis_member *member = NULL;

    while ((member = redis_members_next(&store->members, member))) {
        if (&member->node != node && redis_node_is_ready(&member->node) &&
            member->node.is_checked && member->node.epoch > node->facts.epoch)
            return true;
    }
    return false;
}

static void give_shard(struct redis_cluster *store, unsigned shard, struct redis_member *member)
{
    struct redis_member *before = store->shards[shard].member;

    /* Another node may lack what the one before had confirmed: writers look, as after a new
     * connection. */
    store->base.stats.reconnects += before && member && before != member;
    store->shards[shard].member = member;
    if (before)
        before->shards--;
    if (before && before->shards == 0)
        redis_node_give_keys(&before->node, NULL);
    if (!member)
        return;
    member->shards++;
    member->prefix = redis_prefix_of_shard(shard);
    redis_node_give_keys(&member->node, &member->prefix);
}

/* A node that got its first shard has not been tried with commits yet. */
static void take_members(struct redis_cluster *store, const struct redis_map *map)
{
    struct redis_member *members[REDIS_MAP_MAX_NODES];
    struct redis_member *member = NULL;

    while ((member = redis_members_next(&store->members, member)))
        member->is_in_map = false;
    for (size_t i = 0; i < map->node_count; i++) {
        member = redis_members_name(&store->members, &map->nodes[i].address, 0);
        members[i] = member;
        if (!member)
            continue;
        member->is_in_map = true;
        member->is_primary = map->nodes[i].is_primary;
        member->node.is_replica = !member->is_primary;
    }
    /* Commits are tried on the keys of the shard that a node gets last: each time on others, since
     * those of one may be on the move. */
    store->first_shard++;
    for (unsigned i = 0; i < STORE_MAX_SHARDS; i++) {
        unsigned shard = (store->first_shard + i) % STORE_MAX_SHARDS;
        size_t owner = map->owners[shard];

        give_shard(store, shard, owner == REDIS_MAP_NOBODY ? NULL : members[owner]);
    }
}

static void on_slots(struct redis_node *node, const struct redis_value *slots)
{
    struct redis_cluster *store = of_node(node);

    if (is_outdated(store, node) ||
        redis_map_read(&store->map, slots, ((struct redis_member *)node)->address.host,
                       store->slots) != ERR_OK)
        return;
    take_members(store, &store->map);
    redis_members_prune(&store->members, now_ms(store));
}

static void on_ready(struct redis_node *node)
{
    of_node(node)->base.stats.reconnects += node->was_ready;
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

    if (!is_any_ready(store))
        name_seeds(store);
    redis_members_check(&store->members);
    look_at_shards(store);
    finish_checks(store);
}

static void on_refresh(uv_timer_t *timer)
{
    struct redis_cluster *store = timer->data;

    redis_members_check(&store->members);
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
    int64_t since_ms = store->shards[op->shard].unfit_since_ms;

    return has_time(store, op) &&
           (since_ms == TIMER_NEVER || now_ms(store) - since_ms < store->base.env.timeout_ms);
}

/* Sends it to its shard; or has it wait, or end later, when that cannot be. */
static void route(struct redis_cluster *store, struct store_op *op)
{
    struct redis_op *r = op->driver_data;
    const char *obstacle = find_obstacle(store, op);

    if (obstacle && is_worth_waiting(store, op))
        put_off(store, op, obstacle);
    else if (obstacle)
        later_add(&store->later, op, obstacle);
    else if (redis_op_send(r, &store->shards[op->shard].member->node, REDIS_NOT_ASKING) != ERR_OK)
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
        redis_members_name(&store->members, &redirection->address, now_ms(store) + KEPT_MS);

    if (member && redirection->kind == REDIS_MOVED) {
        give_shard(store, r->op->shard, member);
        member->node.is_replica = false;
        look_at_shards(store);
        redis_node_check(&member->node); /* it knows what else has moved */
    }
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
    } else if (error.ptr) {
        redis_node_check(r->node); /* it may not be who we take it for any more */
    }
    put_off(store, r->op, detail);
    return true;
}

static void start_check(struct redis_cluster *store, struct store_op *op)
{
    if (!is_any_ready(store)) {
        const struct redis_member *member = redis_members_next(&store->members, NULL);

        later_add(&store->later, op,
                  member ? member->node.connection.reason : "not connected to Redis yet");
        return;
    }
    op_queue_add(&store->checks, op);
    redis_members_check(&store->members);
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

    if (r && r->is_queued)
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
    redis_members_close(&store->members, on_part_closed);
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
    store->url = *url;
    store->tls = url->target.tls;
    store->open_parts = PARTS;
    for (unsigned shard = 0; shard < STORE_MAX_SHARDS; shard++) {
        struct redis_prefix prefix = redis_prefix_of_shard(shard);

        store->slots[shard] = redis_slot_of_key(slice_of(prefix.text, prefix.len));
        store->shards[shard].unfit_since_ms = INT64_MIN / 2; /* since ever: not waited for */
    }
    later_init(&store->later, env->loop);
    (void)uv_timer_init(env->loop, &store->retry); /* neither can fail */
    (void)uv_timer_init(env->loop, &store->refresh);
    store->retry.data = store;
    store->refresh.data = store;
    redis_members_init(&store->members, env->loop, &url->target, &terms, &node_events, store);
    name_seeds(store);
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
