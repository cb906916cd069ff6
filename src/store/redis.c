#include "store/redis.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/redis_op.h"

/* How often the server's settings are looked at: while they are good enough, and while not. */
#define CHECK_MS       60000
#define CHECK_AGAIN_MS 1000

/* The connection, the timer of the checks, and the idle handle: each closes on the loop. */
#define PARTS 3

struct redis_store {
    struct store base;
    struct redis_connection connection;
    bool was_ready;      /* ever */
    bool is_down_logged; /* since it was last ready */
    unsigned open_parts; /* the last one to close frees the store */

    /* The store's own checks. */
    struct redis_request check;
    struct redis_facts facts;
    size_t check_step;
    bool is_checking;
    bool takes_commits;     /* as of the last check on this connection: rights, durability */
    char obstacle[200];     /* why not; empty before the first check */
    uv_timer_t check_timer; /* for the next check; or the deadline of the one under way */

    /* Operations that end in the next turn of the loop, without the server. */
    uv_idle_t later;
    struct store_op *later_first;
    struct store_op **later_last;
};

static struct redis_store *of_handle(void *handle)
{
    return ((uv_handle_t *)handle)->data;
}

static struct redis_store *of_check(struct redis_request *check)
{
    return (struct redis_store *)((char *)check - offsetof(struct redis_store, check));
}

/* ---- what ends without the server ----------------------------------------------------------- */

/* An operation without driver_data waits for want of memory; one that is not empty, with its reason
 * in `detail`. */
static void finish_later(struct store_op *op)
{
    const struct redis_op *r = op->driver_data;

    if (redis_op_is_empty(op))
        redis_op_finish_empty(op);
    else
        op_finish_refused(op, r ? r->detail.text : "out of memory");
}

static void finish_all_later(struct redis_store *store)
{
    struct store_op *op = store->later_first;

    (void)uv_idle_stop(&store->later);
    store->later_first = NULL;
    store->later_last = &store->later_first;
    while (op) {
        struct store_op *next = op->next;

        finish_later(op);
        op = next;
    }
}

static void on_later(uv_idle_t *later)
{
    finish_all_later(of_handle(later));
}

static void add_later(struct redis_store *store, struct store_op *op, const char *reason)
{
    struct redis_op *r = op->driver_data;

    if (r)
        err_info_set(&r->detail, "%s", reason);
    op->next = NULL;
    *store->later_last = op;
    store->later_last = &op->next;
    (void)uv_idle_start(&store->later, on_later); /* cannot fail */
}

/* ---- is it fit for commits? -------------------------------------------------------------------
 */

static void on_check_timer(uv_timer_t *timer);

static void start_check_timer(struct redis_store *store, uint64_t ms)
{
    (void)uv_timer_start(&store->check_timer, on_check_timer, ms, 0); /* cannot fail */
}

/* Commits go out only when all commands of the script would be carried out: one that is refused in
 * its midst, for want of a right, would leave half a commit behind. */
static void finish_check(struct redis_store *store)
{
    struct store_health health;
    bool is_news = store->takes_commits || store->obstacle[0] == '\0';

    store->is_checking = false;
    redis_health_judge(&store->facts, store->connection.target.require, &health);
    store->takes_commits = health.sufficient;
    store->base.stats.connected = health.sufficient;
    (void)snprintf(store->obstacle, sizeof(store->obstacle), "%s", health.reason);
    if (!health.sufficient && is_news)
        log_error("Redis is not fit for commits: they are refused",
                  LOG_STR("reason", health.reason));
    start_check_timer(store, health.sufficient ? CHECK_MS : CHECK_AGAIN_MS);
}

static bool on_check_reply(struct redis_request *request, const struct redis_value *reply)
{
    struct redis_store *store = of_check(request);

    redis_facts_take(&store->facts, store->check_step++, reply);
    if (request->replies_left == 0)
        finish_check(store);
    return true;
}

static void on_check_lost(struct redis_request *request, bool given, const char *reason)
{
    struct redis_store *store = of_check(request);

    (void)given;
    (void)reason;
    store->is_checking = false;
    (void)uv_timer_stop(&store->check_timer);
}

static void start_check(struct redis_store *store)
{
    redis_health_encode(redis_connection_out(&store->connection));
    store->check = (struct redis_request){
        .on_reply = on_check_reply, .on_lost = on_check_lost, .replies_left = REDIS_HEALTH_REPLIES};
    store->facts = (struct redis_facts){0};
    store->check_step = 0;
    store->is_checking = redis_connection_send(&store->connection, &store->check) == ERR_OK;
    start_check_timer(store,
                      store->is_checking ? (uint64_t)store->base.env.timeout_ms : CHECK_AGAIN_MS);
}

static void on_check_timer(uv_timer_t *timer)
{
    struct redis_store *store = of_handle(timer);

    if (store->is_checking)
        redis_connection_drop(&store->connection, "Redis did not answer in time");
    else
        start_check(store);
}

/* ---- the connection ------------------------------------------------------------------------- */

static void on_ready(void *ctx)
{
    struct redis_store *store = ctx;

    store->base.stats.reconnects += store->was_ready;
    store->was_ready = true;
    if (store->is_down_logged)
        log_info("connected to Redis again");
    store->is_down_logged = false;
    start_check(store);
}

static void on_down(void *ctx)
{
    struct redis_store *store = ctx;

    store->base.stats.connected = 0;
    store->takes_commits = false;
    (void)uv_timer_stop(&store->check_timer);
    if (!store->is_down_logged)
        log_warn("no connection to Redis", LOG_STR("reason", store->connection.reason));
    store->is_down_logged = true;
}

/* Why `op` cannot be sent now; NULL: it can. */
static const char *find_obstacle(const struct redis_store *store, const struct store_op *op)
{
    bool is_change = op->kind == OP_COMMIT || op->kind == OP_REGISTER;

    if (store->connection.state != REDIS_READY)
        return store->connection.reason;
    if (!is_change || store->takes_commits)
        return NULL;
    return store->obstacle[0] ? store->obstacle : "the settings of Redis are being checked";
}

static void redis_start(struct store *base, struct store_op *op)
{
    struct redis_store *store = (struct redis_store *)base;
    struct redis_op *r = redis_op_create(op, &store->connection);
    const char *obstacle = find_obstacle(store, op);

    if (!r || redis_op_is_empty(op) || obstacle)
        add_later(store, op, obstacle ? obstacle : "");
    else if (redis_op_plan(r) != ERR_OK || redis_op_send(r) != ERR_OK)
        add_later(store, op, "out of memory");
}

/* Redis is silent: what was sent may still be carried out, and its reply must not be waited for. */
static void redis_on_timeout(struct store *base, struct store_op *op)
{
    struct redis_store *store = (struct redis_store *)base;
    const struct redis_op *r = op->driver_data;

    if (r && r->is_queued)
        redis_connection_drop(&store->connection, "Redis did not answer in time");
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static void on_part_closed(void *ctx)
{
    struct redis_store *store = ctx;

    if (--store->open_parts == 0)
        free(store);
}

static void on_handle_closed(uv_handle_t *handle)
{
    on_part_closed(handle->data);
}

static void redis_close(struct store *base)
{
    struct redis_store *store = (struct redis_store *)base;

    finish_all_later(store);
    redis_connection_close(&store->connection, on_part_closed);
    uv_close((uv_handle_t *)&store->check_timer, on_handle_closed);
    uv_close((uv_handle_t *)&store->later, on_handle_closed);
}

static const struct store_driver redis_driver;

enum err redis_open(const char *url, const struct store_env *env, struct store **out,
                    struct err_info *info)
{
    struct redis_target target;
    enum err err = redis_url_parse(url, &target, info);
    struct redis_store *store;
    struct redis_connection_events events = {.on_ready = on_ready, .on_down = on_down};

    if (err != ERR_OK)
        return err;
    store = calloc(1, sizeof(*store));
    if (!store)
        return ERR_NO_MEMORY;
    store->base.driver = &redis_driver;
    store->base.env = *env;
    store->later_last = &store->later_first;
    store->open_parts = PARTS;
    events.ctx = store;
    redis_connection_init(&store->connection, env->loop, &target, env->timeout_ms, &events);
    (void)uv_timer_init(env->loop, &store->check_timer); /* neither can fail */
    (void)uv_idle_init(env->loop, &store->later);
    store->check_timer.data = store;
    store->later.data = store;
    redis_connection_start(&store->connection);
    *out = &store->base;
    return ERR_OK;
}

enum err redis_url_check(const char *url, struct err_info *info)
{
    struct redis_target ignored;

    return redis_url_parse(url, &ignored, info);
}

static const struct store_driver redis_driver = {
    .kind = "redis",
    .start = redis_start,
    .on_timeout = redis_on_timeout,
    .close = redis_close,
};
