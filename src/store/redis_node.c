#include "store/redis_node.h"

#include <stddef.h>
#include <stdio.h>

#include "store/redis_command.h"

/* How often a server is looked at: while it is fit for commits, and while not. */
#define CHECK_MS         60000
#define FIRST_RECHECK_MS 100
#define MAX_RECHECK_MS   1000

/* The connection and the timer. */
#define PARTS 2

static struct redis_node *of_check(struct redis_request *check)
{
    return (struct redis_node *)((char *)check - offsetof(struct redis_node, check));
}

/* ---- is it fit for commits? ----------------------------------------------------------------- */

static void on_check_timer(uv_timer_t *timer);

static void start_check_timer(struct redis_node *node, uint64_t ms)
{
    (void)uv_timer_start(&node->check_timer, on_check_timer, ms, 0); /* cannot fail */
}

static uint64_t recheck_ms(const struct redis_node *node)
{
    unsigned doublings = node->unfit_checks < 4 ? node->unfit_checks : 4;
    uint64_t ms = (uint64_t)FIRST_RECHECK_MS << doublings;

    return ms < MAX_RECHECK_MS ? ms : MAX_RECHECK_MS;
}

/* A replica of a cluster takes no commits and need not, nor does a node that has none of our keys:
 * what they say about that does not count, but what they keep does. Nor does a try that met keys on
 * the move, once there was a better one. */
static void judge(struct redis_node *node, struct redis_facts facts)
{
    if (node->is_replica || (node->terms.is_cluster && !node->prefix)) {
        facts.write_error[0] = '\0';
        facts.is_replica = false;
        facts.loading = false;
        facts.lacks_replicas = false;
    }
    redis_health_judge(&facts, node->terms.require, &node->health);
    node->was_tried = node->was_tried || (node->questions.prefix && !facts.is_redirected &&
                                          facts.write_error[0] == '\0');
}

/* It was given keys while it was checked without. */
static bool needs_keys_tried(const struct redis_node *node)
{
    return node->prefix && !node->is_replica && !node->questions.prefix && !node->was_tried;
}

static void finish_check(struct redis_node *node)
{
    node->is_checking = false;
    judge(node, node->facts);
    node->is_checked = true;
    node->epoch = node->facts.epoch;
    node->cluster_is_down = node->facts.cluster_is_down;
    node->replicas = node->facts.replicas;
    node->takes_commits = node->health.sufficient && (node->was_tried || !node->prefix);
    node->unfit_checks = node->takes_commits ? 0 : node->unfit_checks + 1;
    if (!node->health.sufficient && !node->is_unfit_logged)
        log_error("Redis is not fit for commits: they are refused", LOG_STR("server", node->name),
                  LOG_STR("reason", node->health.reason));
    node->is_unfit_logged = !node->health.sufficient;
    start_check_timer(node, node->takes_commits ? CHECK_MS : recheck_ms(node));
    if (needs_keys_tried(node))
        redis_node_check(node);
    if (node->events->on_checked)
        node->events->on_checked(node);
}

static struct redis_questions questions_for(const struct redis_node *node)
{
    return (struct redis_questions){.prefix = node->is_replica ? NULL : node->prefix,
                                    .is_cluster = node->terms.is_cluster,
                                    .wait = node->terms.wait};
}

/* The slots of a cluster come last. */
static bool on_check_reply(struct redis_request *request, const struct redis_value *reply)
{
    struct redis_node *node = of_check(request);
    bool is_last = request->replies_left == 0;

    if (is_last && node->terms.is_cluster && node->events->on_slots)
        node->events->on_slots(node, reply);
    else
        redis_facts_take(&node->facts, &node->questions, node->check_step++, reply);
    if (is_last)
        finish_check(node);
    return true;
}

static void on_check_lost(struct redis_request *request, bool given, const char *reason)
{
    struct redis_node *node = of_check(request);

    (void)given;
    (void)reason;
    node->is_checking = false;
    (void)uv_timer_stop(&node->check_timer);
}

static size_t put_check(struct redis_node *node)
{
    struct strbuf *out = redis_connection_out(&node->connection);
    size_t count = redis_health_encode(out, &node->questions);

    if (!node->terms.is_cluster)
        return count;
    redis_command_of(out, (const char *const[]){"CLUSTER", "SLOTS"}, 2);
    return count + 1;
}

void redis_node_check(struct redis_node *node)
{
    if (node->is_checking || !redis_node_is_ready(node))
        return;
    node->questions = questions_for(node);
    node->facts = (struct redis_facts){0};
    node->check_step = 0;
    node->check = (struct redis_request){
        .on_reply = on_check_reply, .on_lost = on_check_lost, .replies_left = put_check(node)};
    node->is_checking = redis_connection_send(&node->connection, &node->check) == ERR_OK;
    start_check_timer(node, node->is_checking ? (uint64_t)node->terms.timeout_ms : MAX_RECHECK_MS);
}

void redis_node_give_keys(struct redis_node *node, const struct redis_prefix *prefix)
{
    node->prefix = prefix;
    if (!prefix || node->was_tried)
        return;
    node->takes_commits = false;
    redis_node_check(node);
}

static void on_check_timer(uv_timer_t *timer)
{
    struct redis_node *node = timer->data;

    if (node->is_checking)
        redis_connection_drop(&node->connection, "Redis did not answer in time");
    else
        redis_node_check(node);
}

/* ---- the connection ------------------------------------------------------------------------- */

static void on_ready(void *ctx)
{
    struct redis_node *node = ctx;

    if (node->is_down_logged)
        log_info("connected to Redis again", LOG_STR("server", node->name));
    node->is_down_logged = false;
    if (node->events->on_ready)
        node->events->on_ready(node);
    node->was_ready = true;
    redis_node_check(node);
}

static void on_down(void *ctx)
{
    struct redis_node *node = ctx;

    node->takes_commits = false;
    node->is_checked = false;
    node->was_tried = false;
    node->unfit_checks = 0;
    (void)uv_timer_stop(&node->check_timer);
    if (!node->is_down_logged)
        log_warn("no connection to Redis", LOG_STR("server", node->name),
                 LOG_STR("reason", node->connection.reason));
    node->is_down_logged = true;
    if (node->events->on_down)
        node->events->on_down(node);
}

bool redis_node_is_ready(const struct redis_node *node)
{
    return node->connection.state == REDIS_READY;
}

const char *redis_node_obstacle(const struct redis_node *node, enum store_op_kind kind)
{
    bool is_change = kind == OP_COMMIT || kind == OP_REGISTER;

    if (!redis_node_is_ready(node))
        return node->connection.reason;
    if (!is_change || node->takes_commits)
        return NULL;
    return node->is_checked && !node->health.sufficient ? node->health.reason
                                                        : "the settings of Redis are being checked";
}

/* ---- beginning and end ---------------------------------------------------------------------- */

void redis_node_init(struct redis_node *node, uv_loop_t *loop, const struct redis_target *target,
                     const struct redis_terms *terms, const struct redis_prefix *prefix,
                     const struct redis_node_events *events, void *owner)
{
    const struct redis_connection_events connection_events = {
        .on_ready = on_ready, .on_down = on_down, .ctx = node};

    *node = (struct redis_node){
        .terms = *terms, .prefix = prefix, .events = events, .owner = owner, .open_parts = PARTS};
    if (target->is_unix)
        (void)snprintf(node->name, sizeof(node->name), "%s", target->path);
    else
        (void)snprintf(node->name, sizeof(node->name), "%s:%u", target->address.host,
                       target->address.port);
    redis_connection_init(&node->connection, loop, target, terms->timeout_ms, &connection_events);
    (void)uv_timer_init(loop, &node->check_timer); /* cannot fail */
    node->check_timer.data = node;
}

void redis_node_start(struct redis_node *node)
{
    redis_connection_start(&node->connection);
}

static void on_part_closed(void *ctx)
{
    struct redis_node *node = ctx;

    if (--node->open_parts == 0)
        node->events->on_closed(node);
}

static void on_timer_closed(uv_handle_t *timer)
{
    on_part_closed(timer->data);
}

void redis_node_close(struct redis_node *node)
{
    redis_connection_close(&node->connection, on_part_closed);
    uv_close((uv_handle_t *)&node->check_timer, on_timer_closed);
}
