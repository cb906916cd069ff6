#include "store/postgres.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/later.h"
#include "store/postgres_op.h"
#include "store/postgres_read.h"

/* How often the server's settings are looked at: while they are good enough, and while not. */
#define CHECK_MS       60000
#define CHECK_AGAIN_MS 1000

/* The connections, the timer of the checks, and what ends later: each closes on the loop. */
#define PARTS 5

struct postgres_store {
    struct store base;
    struct postgres_target target;
    struct postgres_connection commits;
    struct postgres_connection reads;
    struct postgres_connection queries;
    bool was_ready;      /* ever, all connections */
    bool is_down_logged; /* since all were last ready */
    unsigned open_parts; /* the last one to close frees the store */

    /* The store's own checks, on `commits`. */
    struct postgres_request check;
    bool is_checking;
    bool takes_commits;     /* as of the last check on this connection: rights, durability */
    char obstacle[200];     /* why not; empty before the first check */
    uv_timer_t check_timer; /* for the next check; or the deadline of the one under way */

    struct later later;
};

static struct postgres_store *of_handle(void *handle)
{
    return ((uv_handle_t *)handle)->data;
}

static struct postgres_store *of_check(struct postgres_request *check)
{
    return (struct postgres_store *)((char *)check - offsetof(struct postgres_store, check));
}

/* ---- is it fit for commits? -----------------------------------------------------------------
 */

static void on_check_timer(uv_timer_t *timer);

static void start_check_timer(struct postgres_store *store, uint64_t ms)
{
    (void)uv_timer_start(&store->check_timer, on_check_timer, ms, 0); /* cannot fail */
}

/* Connected is who can read, query and commit. */
static void note_connected(struct postgres_store *store)
{
    bool connected = store->takes_commits && store->reads.state == POSTGRES_READY &&
                     store->queries.state == POSTGRES_READY;

    if (connected && store->base.stats.connected == 0) {
        store->base.stats.reconnects += store->was_ready;
        store->was_ready = true;
        if (store->is_down_logged)
            log_info("connected to PostgreSQL again");
        store->is_down_logged = false;
    }
    store->base.stats.connected = connected;
}

static bool on_check_reply(struct postgres_request *request, const PGresult *reply)
{
    struct postgres_store *store = of_check(request);
    bool is_news = store->takes_commits || store->obstacle[0] == '\0';
    struct store_health health = {.reason = "PostgreSQL does not tell its settings"};
    struct postgres_facts facts = {.is_standby = false};
    bool is_answer = postgres_facts_take(&facts, reply);

    store->is_checking = false;
    if (is_answer)
        postgres_health_judge(&facts, store->target.require, &health);
    store->takes_commits = health.sufficient;
    (void)snprintf(store->obstacle, sizeof(store->obstacle), "%s", health.reason);
    if (!health.sufficient && is_news)
        log_error("PostgreSQL is not fit for commits: they are refused",
                  LOG_STR("reason", health.reason));
    note_connected(store);
    start_check_timer(store, health.sufficient ? CHECK_MS : CHECK_AGAIN_MS);
    /* A standby, or what became one, is left for the primary. */
    return is_answer && !facts.is_standby;
}

static void on_check_lost(struct postgres_request *request, const char *reason)
{
    struct postgres_store *store = of_check(request);

    (void)reason;
    store->is_checking = false;
    (void)uv_timer_stop(&store->check_timer);
}

static void start_check(struct postgres_store *store)
{
    store->check = (struct postgres_request){.on_reply = on_check_reply, .on_lost = on_check_lost};
    postgres_params_clear(&store->commits.params);
    store->is_checking =
        postgres_connection_send(&store->commits, POSTGRES_HEALTH, &store->check) == ERR_OK;
    start_check_timer(store,
                      store->is_checking ? (uint64_t)store->base.env.timeout_ms : CHECK_AGAIN_MS);
}

static void on_check_timer(uv_timer_t *timer)
{
    struct postgres_store *store = of_handle(timer);

    if (store->is_checking)
        postgres_connection_drop(&store->commits, "PostgreSQL did not answer in time");
    else
        start_check(store);
}

/* ---- the connections ------------------------------------------------------------------------ */

static void on_ready(void *ctx)
{
    struct postgres_store *store = ctx;

    store->base.fault[0] = '\0';
    if (store->commits.state == POSTGRES_READY && !store->is_checking && !store->takes_commits)
        start_check(store);
    note_connected(store);
}

static void note_down(struct postgres_store *store, const struct postgres_connection *connection)
{
    store->base.stats.connected = 0;
    if (connection->greeting.is_unusable)
        (void)snprintf(store->base.fault, sizeof(store->base.fault), "%s", connection->reason);
    if (!store->is_down_logged)
        log_warn("no connection to PostgreSQL", LOG_STR("reason", connection->reason));
    store->is_down_logged = true;
}

static void on_commits_down(void *ctx)
{
    struct postgres_store *store = ctx;

    store->takes_commits = false;
    (void)uv_timer_stop(&store->check_timer);
    note_down(store, &store->commits);
}

static void on_reads_down(void *ctx)
{
    struct postgres_store *store = ctx;

    note_down(store, &store->reads);
}

static void on_queries_down(void *ctx)
{
    struct postgres_store *store = ctx;

    note_down(store, &store->queries);
}

static struct postgres_connection *connection_for(struct postgres_store *store,
                                                  enum store_op_kind kind)
{
    switch (kind) {
    case OP_REGISTER:
    case OP_COMMIT:
    case OP_SWEEP:
    case OP_CHECK:
        return &store->commits;
    case OP_READ:
    case OP_TOTALS:
    case OP_LIST:
        return &store->reads;
    case OP_ROLLUPS:
    case OP_NAMES:
    case OP_PURGE:
    case OP_SCAN:
        break;
    }
    return &store->queries;
}

/* Who asks whether the store is well wants to count next, which takes all connections. */
static const struct postgres_connection *find_missing(struct postgres_store *store,
                                                      enum store_op_kind kind)
{
    const struct postgres_connection *needed = connection_for(store, kind);

    if (needed->state == POSTGRES_READY && kind == OP_CHECK)
        needed = store->reads.state == POSTGRES_READY ? &store->queries : &store->reads;
    return needed->state == POSTGRES_READY ? NULL : needed;
}

/* Why `op` cannot be sent now; NULL: it can. */
static const char *find_obstacle(const struct store_op *op)
{
    struct postgres_store *store = (struct postgres_store *)op->store;
    const struct postgres_connection *missing = find_missing(store, op->kind);
    bool is_change = op->kind == OP_COMMIT || op->kind == OP_REGISTER || op->kind == OP_PURGE;

    if (missing)
        return missing->reason;
    if (!is_change || store->takes_commits)
        return NULL;
    return store->obstacle[0] ? store->obstacle : "the settings of PostgreSQL are being checked";
}

static void postgres_start(struct store *base, struct store_op *op)
{
    struct postgres_store *store = (struct postgres_store *)base;
    struct postgres_op *p = postgres_op_create(op, connection_for(store, op->kind), find_obstacle);
    const char *obstacle = p ? find_obstacle(op) : "out of memory";
    enum err err = ERR_OK;

    if (postgres_read_is_empty(op))
        later_add(&store->later, op, NULL);
    else if (obstacle)
        later_add(&store->later, op, obstacle);
    else
        err = postgres_op_send(p);
    if (err != ERR_OK)
        later_add(&store->later, op,
                  err == ERR_NO_MEMORY ? "out of memory" : "the connection to PostgreSQL broke");
}

/* PostgreSQL is silent: what was sent may still be carried out, and its answer must not be waited
 * for. */
static void postgres_on_timeout(struct store *base, struct store_op *op)
{
    struct postgres_op *p = op->driver_data;

    (void)base;
    if (!p)
        return;
    if (p->is_queued)
        postgres_connection_drop(p->connection, "PostgreSQL did not answer in time");
    else if (timer_is_active(&p->retry))
        postgres_op_stop(p);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static void on_part_closed(void *ctx)
{
    struct postgres_store *store = ctx;

    if (--store->open_parts > 0)
        return;
    postgres_target_fini(&store->target);
    free(store);
}

static void on_handle_closed(uv_handle_t *handle)
{
    on_part_closed(handle->data);
}

/* Those that wait for another attempt. */
static void stop_retries(struct postgres_store *store)
{
    struct store_op *next;

    for (struct store_op *op = store->base.in_flight; op; op = next) {
        struct postgres_op *p = op->driver_data;

        next = op->next_in_flight;
        if (p && timer_is_active(&p->retry))
            postgres_op_stop(p);
    }
}

static void postgres_close(struct store *base)
{
    struct postgres_store *store = (struct postgres_store *)base;

    stop_retries(store);
    postgres_connection_close(&store->commits, on_part_closed);
    postgres_connection_close(&store->reads, on_part_closed);
    postgres_connection_close(&store->queries, on_part_closed);
    uv_close((uv_handle_t *)&store->check_timer, on_handle_closed);
    later_close(&store->later, on_part_closed, store);
}

static const struct store_driver postgres_driver = {
    .kind = "postgres",
    .start = postgres_start,
    .on_timeout = postgres_on_timeout,
    .close = postgres_close,
};

static void start_connections(struct postgres_store *store)
{
    const struct store_env *env = &store->base.env;
    struct postgres_connection_events events = {
        .on_ready = on_ready, .on_down = on_commits_down, .ctx = store};

    postgres_connection_init(&store->commits, env->loop, &store->target, env->timeout_ms, &events);
    events.on_down = on_reads_down;
    postgres_connection_init(&store->reads, env->loop, &store->target, env->timeout_ms, &events);
    events.on_down = on_queries_down;
    postgres_connection_init(&store->queries, env->loop, &store->target, env->timeout_ms, &events);
    postgres_connection_start(&store->commits);
    postgres_connection_start(&store->reads);
    postgres_connection_start(&store->queries);
}

enum err postgres_open(const char *url, const struct store_env *env, struct store **out,
                       struct err_info *info)
{
    struct postgres_target target;
    enum err err = postgres_url_parse(url, &target, info);
    struct postgres_store *store;

    if (err != ERR_OK)
        return err;
    store = calloc(1, sizeof(*store));
    if (!store) {
        postgres_target_fini(&target);
        return ERR_NO_MEMORY;
    }
    store->base.driver = &postgres_driver;
    store->base.env = *env;
    store->target = target;
    store->open_parts = PARTS;
    (void)uv_timer_init(env->loop, &store->check_timer); /* cannot fail */
    later_init(&store->later, env->loop);
    store->check_timer.data = store;
    start_connections(store);
    *out = &store->base;
    return ERR_OK;
}

enum err postgres_url_check(const char *url, struct err_info *info)
{
    struct postgres_target target;
    enum err err = postgres_url_parse(url, &target, info);

    if (err == ERR_OK)
        postgres_target_fini(&target);
    return err;
}
