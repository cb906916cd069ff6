#include "store/redis_op.h"

#include "store/redis_command.h"
#include "store/redis_error.h"
#include "store/redis_scan.h"

static const char *const does_not_fit = "Redis gave an answer that does not fit";

struct redis_op *redis_op_create(struct store_op *op)
{
    struct redis_op *r = arena_alloc(&op->arena, sizeof(*r));
    bool is_cluster = store_shard_count(op->store) > 1;

    op->driver_data = r;
    if (r)
        *r = (struct redis_op){.op = op,
                               .prefix = is_cluster ? redis_prefix_of_shard(op->shard)
                                                    : redis_prefix_alone()};
    return r;
}

bool redis_op_is_empty(const struct store_op *op)
{
    bool is_read = op->kind == OP_READ || op->kind == OP_TOTALS;

    return op->kind == OP_SWEEP || (is_read && op->count == 0);
}

/* ---- what is sent --------------------------------------------------------------------------- */

static unsigned replicas_to_wait_for(const struct redis_op *r)
{
    return r->node->terms.wait;
}

/* Appends ASKING before the first command, when it is to be. */
static void put_asking(const struct redis_op *r, struct strbuf *out)
{
    if (r->asking == REDIS_ASKING)
        redis_command_of(out, (const char *const[]){"ASKING"}, 1);
}

/* Appends WAIT, when it is to be: how many commands that is. Half of the deadline leaves time to
 * send the commit again. */
static size_t put_wait(const struct redis_op *r, struct strbuf *out)
{
    if (replicas_to_wait_for(r) == 0)
        return 0;
    put_asking(r, out); /* before each command; this one does not mind */
    redis_command(out, 3);
    redis_arg(out, SLICE("WAIT"));
    redis_arg_int(out, replicas_to_wait_for(r));
    redis_arg_int(out, r->node->terms.timeout_ms / 2);
    return 1;
}

static size_t encode_register(struct redis_op *r, struct strbuf *out)
{
    char key[REDIS_WRITER_KEY_BYTES];

    put_asking(r, out);
    redis_register_encode(out, redis_writer_key(&r->prefix, &r->op->writer, key), r->op->number);
    return 1 + put_wait(r, out);
}

static size_t encode_commit(struct redis_op *r, struct strbuf *out)
{
    enum redis_repeat repeat =
        replicas_to_wait_for(r) > 0 ? REDIS_REPEAT_WRITES : REDIS_REPEAT_READS;

    put_asking(r, out);
    redis_commit_encode(out, r->op->commit, &r->plan, r->form, repeat);
    return 1 + put_wait(r, out);
}

static size_t encode_read(struct redis_op *r, struct strbuf *out)
{
    put_asking(r, out);
    redis_read_encode(out, &r->prefix, r->op->keys, r->op->count);
    return 1;
}

static size_t encode_totals(struct redis_op *r, struct strbuf *out)
{
    return redis_totals_encode(out, r->op->counters, &r->plan, r->asking);
}

/* The key of another program is in the shard of the default site. */
static size_t encode_scan(struct redis_op *r, struct strbuf *out)
{
    struct slice prefix = slice_of(r->prefix.text, r->prefix.len);
    const struct store *store = r->op->store;
    bool has_total_key = r->op->shard == store_shard_of(store, SLICE("default"));

    put_asking(r, out);
    redis_scan_encode(out, prefix, r->op->cursor,
                      has_total_key ? store->env.redis_total_key : NULL);
    return 1;
}

/* ---- what is planned before ----------------------------------------------------------------- */

static const struct counter *counter_at(const void *counters, size_t i)
{
    return &((const struct counter *)counters)[i];
}

static enum err plan_commit(struct redis_op *r)
{
    return redis_commit_plan(&r->plan, r->op->commit, &r->prefix, r->op->store->env.redis_total_key,
                             &r->op->arena);
}

static enum err plan_totals(struct redis_op *r)
{
    struct store_op *op = r->op;

    r->totals = arena_alloc(&op->arena, op->count * sizeof(*r->totals));
    if (!r->totals)
        return ERR_NO_MEMORY;
    return redis_plan_make(&r->plan, op->counters, counter_at, op->count, &r->prefix,
                           op->store->env.redis_total_key, &op->arena);
}

enum err redis_op_plan(struct redis_op *r)
{
    switch (r->op->kind) {
    case OP_COMMIT:
        return plan_commit(r);
    case OP_TOTALS:
        return plan_totals(r);
    case OP_REGISTER:
    case OP_READ:
    case OP_LIST:
    case OP_ROLLUPS:
    case OP_NAMES:
    case OP_PURGE:
    case OP_SCAN:
    case OP_SWEEP:
    case OP_CHECK:
        break;
    }
    return ERR_OK;
}

/* ---- what comes back ------------------------------------------------------------------------ */

/* The attempt was certainly not carried out. */
static void refuse(struct redis_op *r, struct slice error, const char *detail)
{
    if (!r->op->abandoned && r->retry && r->retry(r, error, detail))
        return;
    op_finish_refused(r->op, detail);
}

/* An error reply. One that leaves a doubt gives the connection up too: on the next one everything
 * is checked anew before commits go out. */
static bool finish_with_error(struct redis_op *r, struct slice text)
{
    enum redis_verdict verdict = redis_error_verdict(text);
    struct err_info detail;

    err_info_set(&detail, "Redis: %.*s", text.len > 200 ? 200 : (int)text.len, text.ptr);
    if (verdict == REDIS_BUG)
        log_error("Redis answered what only a mistake of ours explains",
                  LOG_STR("error", detail.text));
    if (verdict == REDIS_REFUSED)
        refuse(r, text, detail.text);
    else
        op_finish_unknown(r->op, detail.text);
    return verdict == REDIS_REFUSED;
}

/* The script cache of Redis is empty after a restart or SCRIPT FLUSH: the commit was not carried
 * out, and goes again with the whole script. */
static bool send_with_script(struct redis_op *r)
{
    r->form = REDIS_BY_TEXT;
    if (redis_op_send(r, r->node, r->asking) != ERR_OK)
        op_finish_refused(r->op, "out of memory");
    return true;
}

static bool finish_register(struct redis_op *r, const struct redis_value *reply)
{
    if (reply->type == REDIS_ERROR)
        return finish_with_error(r, reply->text);
    if (reply->type != REDIS_STATUS && reply->type != REDIS_NIL) {
        op_finish_unknown(r->op, does_not_fit);
        return false;
    }
    op_finish_done(r->op, ERR_OK);
    return true;
}

static bool finish_commit(struct redis_op *r, const struct redis_value *reply)
{
    struct store_op *op = r->op;
    struct commit_result result;
    enum err err;

    if (reply->type == REDIS_ERROR && r->form == REDIS_BY_SHA &&
        redis_error_verdict(reply->text) == REDIS_NOSCRIPT)
        return send_with_script(r);
    if (reply->type == REDIS_ERROR)
        return finish_with_error(r, reply->text);
    err = redis_commit_decode(&result, op->commit, &r->plan, reply, &op->arena, &r->detail);
    if (err == ERR_OK)
        op_finish_commit(op, &result);
    else
        op_finish_unknown(op, err == ERR_NO_MEMORY ? "out of memory" : does_not_fit);
    return err != ERR_INVALID;
}

static bool finish_change(struct redis_op *r, const struct redis_value *reply)
{
    return r->op->kind == OP_COMMIT ? finish_commit(r, reply) : finish_register(r, reply);
}

/* Too few replicas have it: it may be lost in a fail-over. Whether there are enough at all says a
 * check; as long as there are not, it is better to refuse than to leave in doubt. */
static bool finish_unconfirmed(struct redis_op *r, const struct redis_value *waited)
{
    struct redis_node *node = r->node;
    struct err_info detail;

    if (waited->type == REDIS_ERROR)
        err_info_set(&detail, "Redis: WAIT: %.*s",
                     waited->text.len > 200 ? 200 : (int)waited->text.len, waited->text.ptr);
    else
        err_info_set(&detail, "fewer replicas than wait= asks for confirmed it in time");
    op_finish_unknown(r->op, detail.text);
    redis_node_check(node);
    return waited->type == REDIS_ERROR || waited->type == REDIS_INTEGER;
}

/* What was refused, or did nothing, is so whoever has seen it. */
static bool needs_confirmation(const struct redis_value *reply)
{
    return reply->type != REDIS_ERROR &&
           (reply->type != REDIS_STRING || slice_starts_with(reply->text, SLICE("D")));
}

static bool take_change(struct redis_op *r, const struct redis_value *reply)
{
    bool is_confirmed;

    if (r->request.replies_left > 0)
        return redis_value_dup(&r->reply, reply, &r->op->arena) == ERR_OK;
    if (replicas_to_wait_for(r) == 0)
        return finish_change(r, reply);
    is_confirmed = reply->type == REDIS_INTEGER && reply->integer >= replicas_to_wait_for(r);
    if (is_confirmed || !needs_confirmation(&r->reply))
        return finish_change(r, &r->reply);
    return finish_unconfirmed(r, reply);
}

static bool take_read(struct redis_op *r, const struct redis_value *reply)
{
    struct store_op *op = r->op;
    struct record *records = arena_alloc(&op->arena, op->count * sizeof(*records));

    if (reply->type == REDIS_ERROR)
        return finish_with_error(r, reply->text);
    if (!records) {
        op_finish_records(op, ERR_NO_MEMORY, NULL);
        return true;
    }
    if (redis_read_decode(records, op->keys, op->count, reply) != ERR_OK) {
        op_finish_refused(op, does_not_fit);
        return false;
    }
    op_finish_records(op, ERR_OK, records);
    return true;
}

/* `detail` is an error reply, or says in our words what is wrong with one. */
static void finish_failed_totals(struct redis_op *r)
{
    struct slice error = slice_str(r->detail.text);
    struct err_info detail;

    if (slice_starts_with(error, SLICE("Redis: "))) {
        op_finish_refused(r->op, r->detail.text);
        return;
    }
    err_info_set(&detail, "Redis: %.*s", error.len > 200 ? 200 : (int)error.len, error.ptr);
    refuse(r, error, detail.text);
}

/* One of several replies; the first that fails decides, after the last one. */
static bool take_totals(struct redis_op *r, const struct redis_value *reply)
{
    enum err err = ERR_OK;

    if (r->has_failed)
        err = ERR_UNAVAILABLE;
    else if (reply->type == REDIS_ERROR)
        err_info_set(&r->detail, "%.*s", SLICE_ARG(reply->text));
    else
        err = redis_totals_decode(r->totals, &r->plan, r->step, reply, &r->detail);
    r->has_failed = err != ERR_OK || reply->type == REDIS_ERROR;
    if (r->request.replies_left > 0)
        return err != ERR_INVALID;
    if (err == ERR_INVALID)
        op_finish_refused(r->op, does_not_fit);
    else if (r->has_failed)
        finish_failed_totals(r);
    else
        op_finish_totals(r->op, ERR_OK, r->totals);
    return err != ERR_INVALID;
}

static bool take_scan(struct redis_op *r, const struct redis_value *reply)
{
    struct store_op *op = r->op;
    struct scan_step step;
    enum err err;

    if (reply->type == REDIS_ERROR)
        return finish_with_error(r, reply->text);
    err = redis_scan_decode(&step, reply, &op->arena, &r->detail);
    if (err == ERR_INVALID && r->detail.text[0]) {
        op_finish_refused(op, r->detail.text);
        return false;
    }
    if (err == ERR_UNAVAILABLE)
        log_error("Redis cannot be read out", LOG_STR("reason", r->detail.text));
    op_finish_scan(op, err, &step);
    return true;
}

/* ---- the kinds ------------------------------------------------------------------------------ */

static const struct {
    size_t (*encode)(struct redis_op *r, struct strbuf *out); /* returns the number of commands */
    bool (*take)(struct redis_op *r, const struct redis_value *reply);
    bool changes; /* its loss leaves a doubt */
} kinds[] = {
    [OP_REGISTER] = {encode_register, take_change, true},
    [OP_COMMIT] = {encode_commit, take_change, true},
    [OP_READ] = {encode_read, take_read, false},
    [OP_TOTALS] = {encode_totals, take_totals, false},
    [OP_SCAN] = {encode_scan, take_scan, false},
};

/* When ASKING is refused the command behind it is redirected once more. */
static bool is_reply_to_asking(struct redis_op *r)
{
    r->is_asked = r->asking == REDIS_ASKING && !r->is_asked;
    return r->is_asked;
}

static bool on_reply(struct redis_request *request, const struct redis_value *reply)
{
    struct redis_op *r = (struct redis_op *)request;
    bool fits;

    if (is_reply_to_asking(r))
        return true;
    r->is_queued = request->replies_left > 0;
    if (!r->is_queued) /* it may be gone after this */
        return kinds[r->op->kind].take(r, reply);
    fits = kinds[r->op->kind].take(r, reply);
    r->step++;
    return fits;
}

static void on_lost(struct redis_request *request, bool given, const char *reason)
{
    struct redis_op *r = (struct redis_op *)request;

    r->is_queued = false;
    if (given && kinds[r->op->kind].changes)
        op_finish_unknown(r->op, reason);
    else
        refuse(r, slice_of(NULL, 0), reason);
}

enum err redis_op_send(struct redis_op *r, struct redis_node *node, enum redis_asking asking)
{
    struct strbuf *out = redis_connection_out(&node->connection);
    size_t commands;

    r->node = node;
    r->sent++;
    r->asking = asking;
    r->is_asked = false;
    r->has_failed = false;
    r->step = 0;
    r->request = (struct redis_request){.on_reply = on_reply, .on_lost = on_lost};
    commands = kinds[r->op->kind].encode(r, out);
    r->request.replies_left = asking == REDIS_ASKING ? 2 * commands : commands;
    r->is_queued = true;
    if (redis_connection_send(&node->connection, &r->request) == ERR_OK)
        return ERR_OK;
    r->is_queued = false;
    return ERR_NO_MEMORY;
}
