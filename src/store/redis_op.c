#include "store/redis_op.h"

#include "store/redis_command.h"
#include "store/redis_error.h"
#include "store/redis_read.h"
#include "store/redis_scan.h"

static const char *const does_not_fit = "Redis gave an answer that does not fit";

struct redis_op *redis_op_create(struct store_op *op, struct redis_connection *connection)
{
    struct redis_op *r = arena_alloc(&op->arena, sizeof(*r));

    op->driver_data = r;
    if (r)
        *r = (struct redis_op){.op = op, .connection = connection};
    return r;
}

bool redis_op_is_empty(const struct store_op *op)
{
    bool is_read = op->kind == OP_READ || op->kind == OP_TOTALS;

    return op->kind == OP_SWEEP || (is_read && op->count == 0);
}

void redis_op_finish_empty(struct store_op *op)
{
    if (op->kind == OP_SWEEP)
        op_finish_done(op, ERR_OK);
    else if (op->kind == OP_READ)
        op_finish_records(op, ERR_OK, NULL);
    else
        op_finish_totals(op, ERR_OK, NULL);
}

/* ---- what is sent --------------------------------------------------------------------------- */

static size_t encode_register(struct redis_op *r, struct strbuf *out)
{
    char key[REDIS_WRITER_KEY_BYTES];

    redis_register_encode(out, redis_writer_key(&r->op->writer, key), r->op->number);
    return 1;
}

static size_t encode_commit(struct redis_op *r, struct strbuf *out)
{
    redis_commit_encode(out, r->op->commit, &r->plan, r->form);
    return 1;
}

static size_t encode_read(struct redis_op *r, struct strbuf *out)
{
    redis_read_encode(out, r->op->keys, r->op->count);
    return 1;
}

static size_t encode_totals(struct redis_op *r, struct strbuf *out)
{
    return redis_totals_encode(out, r->op->counters, &r->plan);
}

static size_t encode_scan(struct redis_op *r, struct strbuf *out)
{
    redis_scan_encode(out, SLICE("footfall:"), r->op->cursor, r->op->store->env.redis_total_key);
    return 1;
}

static size_t encode_check(struct redis_op *r, struct strbuf *out)
{
    (void)r;
    redis_health_encode(out);
    return REDIS_HEALTH_REPLIES;
}

/* ---- what is planned before ----------------------------------------------------------------- */

static const struct counter *counter_at(const void *counters, size_t i)
{
    return &((const struct counter *)counters)[i];
}

static enum err plan_commit(struct redis_op *r)
{
    return redis_commit_plan(&r->plan, r->op->commit, r->op->store->env.redis_total_key,
                             &r->op->arena);
}

static enum err plan_totals(struct redis_op *r)
{
    struct store_op *op = r->op;

    r->totals = arena_alloc(&op->arena, op->count * sizeof(*r->totals));
    if (!r->totals)
        return ERR_NO_MEMORY;
    return redis_plan_make(&r->plan, op->counters, counter_at, op->count,
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
    case OP_SCAN:
    case OP_SWEEP:
    case OP_CHECK:
        break;
    }
    return ERR_OK;
}

/* ---- what comes back ------------------------------------------------------------------------ */

/* An error reply. One that leaves a doubt gives the connection up too: on the next one everything
 * is checked anew before commits go out. */
static bool finish_with_error(struct redis_op *r, struct slice text)
{
    struct store_op *op = r->op;
    enum redis_verdict verdict = redis_error_verdict(text);
    struct err_info detail;

    err_info_set(&detail, "Redis: %.*s", text.len > 200 ? 200 : (int)text.len, text.ptr);
    if (verdict == REDIS_BUG)
        log_error("Redis answered what only a mistake of ours explains",
                  LOG_STR("error", detail.text));
    if (verdict == REDIS_REFUSED)
        op_finish_refused(op, detail.text);
    else
        op_finish_unknown(op, detail.text);
    return verdict == REDIS_REFUSED;
}

static bool take_register(struct redis_op *r, const struct redis_value *reply)
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

/* The script cache of Redis is empty after a restart or SCRIPT FLUSH: the commit was not carried
 * out, and goes again with the whole script. */
static bool send_with_script(struct redis_op *r)
{
    r->form = REDIS_BY_TEXT;
    if (redis_op_send(r) != ERR_OK)
        op_finish_refused(r->op, "out of memory");
    return true;
}

static bool take_commit(struct redis_op *r, const struct redis_value *reply)
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

/* One of several replies; the first that fails decides, after the last one. */
static bool take_totals(struct redis_op *r, const struct redis_value *reply)
{
    enum err err = ERR_OK;

    if (r->has_failed)
        err = ERR_UNAVAILABLE;
    else if (reply->type == REDIS_ERROR)
        err_info_set(&r->detail, "Redis: %.*s", SLICE_ARG(reply->text));
    else
        err = redis_totals_decode(r->totals, &r->plan, r->step, reply, &r->detail);
    r->has_failed = err != ERR_OK || reply->type == REDIS_ERROR;
    if (r->request.replies_left > 0)
        return err != ERR_INVALID;
    if (err == ERR_INVALID)
        op_finish_refused(r->op, does_not_fit);
    else if (r->has_failed)
        op_finish_refused(r->op, r->detail.text);
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

static bool take_check(struct redis_op *r, const struct redis_value *reply)
{
    struct store_health health;

    redis_facts_take(&r->facts, r->step, reply);
    if (r->request.replies_left > 0)
        return true;
    redis_health_judge(&r->facts, r->connection->target.require, &health);
    op_finish_check(r->op, &health);
    return true;
}

/* ---- the kinds ------------------------------------------------------------------------------ */

static const struct {
    size_t (*encode)(struct redis_op *r, struct strbuf *out); /* returns the number of commands */
    bool (*take)(struct redis_op *r, const struct redis_value *reply);
    bool changes; /* its loss leaves a doubt */
} kinds[] = {
    [OP_REGISTER] = {encode_register, take_register, true},
    [OP_COMMIT] = {encode_commit, take_commit, true},
    [OP_READ] = {encode_read, take_read, false},
    [OP_TOTALS] = {encode_totals, take_totals, false},
    [OP_SCAN] = {encode_scan, take_scan, false},
    [OP_CHECK] = {encode_check, take_check, false},
};

static bool on_reply(struct redis_request *request, const struct redis_value *reply)
{
    struct redis_op *r = (struct redis_op *)request;
    bool fits;

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
        op_finish_refused(r->op, reason);
}

enum err redis_op_send(struct redis_op *r)
{
    struct strbuf *out = redis_connection_out(r->connection);

    r->request = (struct redis_request){.on_reply = on_reply, .on_lost = on_lost};
    r->request.replies_left = kinds[r->op->kind].encode(r, out);
    r->is_queued = true;
    if (redis_connection_send(r->connection, &r->request) == ERR_OK)
        return ERR_OK;
    r->is_queued = false;
    return ERR_NO_MEMORY;
}
