#include "store/redis_op.h"

#include "store/redis_command.h"
#include "store/redis_error.h"
#include "store/redis_kind.h"

/* OP_SWEEP asks for nothing, and OP_CHECK is a matter of the nodes. */
static const struct redis_kind *const kinds[] = {
    [OP_REGISTER] = &redis_register_kind, [OP_COMMIT] = &redis_commit_kind,
    [OP_READ] = &redis_read_kind,         [OP_TOTALS] = &redis_totals_kind,
    [OP_LIST] = &redis_list_kind,         [OP_ROLLUPS] = &redis_rollups_kind,
    [OP_NAMES] = &redis_names_kind,       [OP_PURGE] = &redis_purge_kind,
    [OP_SCAN] = &redis_scan_kind,
};

static const struct redis_kind *kind_of(const struct redis_op *r)
{
    return kinds[r->op->kind];
}

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
    bool is_read = op->kind == OP_READ || op->kind == OP_TOTALS || op->kind == OP_NAMES;

    return op->kind == OP_SWEEP || (is_read && op->count == 0) ||
           (op->kind == OP_ROLLUPS && op->query.bucket_count == 0);
}

enum err redis_op_plan(struct redis_op *r)
{
    return kind_of(r)->plan ? kind_of(r)->plan(r) : ERR_OK;
}

bool redis_op_is_unanswered(const struct redis_op *r)
{
    return r->is_queued && !r->is_continued;
}

void redis_op_put_asking(const struct redis_op *r, struct strbuf *out)
{
    if (r->asking == REDIS_ASKING)
        redis_command_of(out, (const char *const[]){"ASKING"}, 1);
}

/* ---- how it ends ---------------------------------------------------------------------------- */

static void drop(struct redis_op *r)
{
    if (kind_of(r)->drop)
        kind_of(r)->drop(r);
}

/* The attempt was certainly not carried out. */
static void refuse(struct redis_op *r, struct slice error, const char *detail)
{
    drop(r);
    if (!r->op->abandoned && r->retry && r->retry(r, error, detail))
        return;
    op_finish_refused(r->op, detail);
}

/* One that leaves a doubt gives the connection up too: on the next one everything is checked anew
 * before commits go out. */
bool redis_op_fail(struct redis_op *r, struct slice error)
{
    enum redis_verdict verdict = redis_error_verdict(error);
    bool is_refused = verdict == REDIS_REFUSED || !kind_of(r)->changes;
    struct err_info detail;

    err_info_set(&detail, "Redis: %.*s", error.len > 200 ? 200 : (int)error.len, error.ptr);
    if (verdict == REDIS_BUG)
        log_error("Redis answered what only a mistake of ours explains",
                  LOG_STR("error", detail.text));
    if (is_refused)
        refuse(r, error, detail.text);
    else
        op_finish_unknown(r->op, detail.text);
    return is_refused;
}

/* ---- what comes back ------------------------------------------------------------------------ */

/* The step is over and one of its replies was not as it should be. */
static bool finish_failed(struct redis_op *r)
{
    struct err_info detail = r->detail;

    if (r->failure == ERR_INVALID) {
        refuse(r, slice_of(NULL, 0), REDIS_DOES_NOT_FIT);
        return false;
    }
    if (r->failure != ERR_UNAVAILABLE) {
        kind_of(r)->finish(r, r->failure);
        return true;
    }
    if (!slice_starts_with(slice_str(detail.text), SLICE("Redis: ")))
        return redis_op_fail(r, slice_str(detail.text));
    drop(r);
    op_finish_refused(r->op, detail.text);
    return true;
}

/* The first that fails decides, after the last one. */
static bool take(struct redis_op *r, const struct redis_value *reply)
{
    if (r->failure == ERR_OK && reply->type == REDIS_ERROR) {
        err_info_set(&r->detail, "%.*s", SLICE_ARG(reply->text));
        r->failure = ERR_UNAVAILABLE;
    } else if (r->failure == ERR_OK) {
        r->failure = kind_of(r)->take(r, reply);
    }
    r->step++;
    if (r->request.replies_left > 0)
        return r->failure != ERR_INVALID;
    if (r->failure != ERR_OK)
        return finish_failed(r);
    kind_of(r)->finish(r, ERR_OK);
    return true;
}

/* When ASKING is refused the command behind it is redirected once more. */
static bool is_reply_to_asking(struct redis_op *r)
{
    r->is_asked = r->asking == REDIS_ASKING && !r->is_asked;
    return r->is_asked;
}

static bool on_reply(struct redis_request *request, const struct redis_value *reply)
{
    struct redis_op *r = (struct redis_op *)request;

    if (is_reply_to_asking(r))
        return true;
    r->is_queued = request->replies_left > 0;
    return kind_of(r)->take_change ? kind_of(r)->take_change(r, reply) : take(r, reply);
}

static void on_lost(struct redis_request *request, bool given, const char *reason)
{
    struct redis_op *r = (struct redis_op *)request;

    r->is_queued = false;
    if (given && kind_of(r)->changes)
        op_finish_unknown(r->op, reason);
    else
        refuse(r, slice_of(NULL, 0), reason);
}

/* ---- what is sent --------------------------------------------------------------------------- */

static enum err send_step(struct redis_op *r, enum redis_asking asking)
{
    struct strbuf *out = redis_connection_out(&r->node->connection);
    size_t commands;

    r->asking = asking;
    r->is_asked = false;
    r->failure = ERR_OK;
    r->step = 0;
    r->request = (struct redis_request){.on_reply = on_reply, .on_lost = on_lost};
    commands = kind_of(r)->encode(r, out);
    r->request.replies_left = asking == REDIS_ASKING ? 2 * commands : commands;
    r->is_queued = true;
    if (redis_connection_send(&r->node->connection, &r->request) == ERR_OK)
        return ERR_OK;
    r->is_queued = false;
    return ERR_NO_MEMORY;
}

enum err redis_op_send(struct redis_op *r, struct redis_node *node, enum redis_asking asking)
{
    r->node = node;
    r->sent++;
    r->is_continued = false;
    if (kind_of(r)->begin)
        kind_of(r)->begin(r);
    return send_step(r, asking);
}

/* Where a redirection pointed is only the place of that step: the next one may be sent back. */
void redis_op_next_step(struct redis_op *r)
{
    const char *obstacle = r->op->abandoned ? "nobody waits for it any more" : NULL;

    r->sent = 0;
    r->is_continued = true;
    if (!obstacle && send_step(r, REDIS_NOT_ASKING) == ERR_OK)
        return;
    drop(r);
    op_finish_refused(r->op, obstacle ? obstacle : "out of memory");
}
