/* Operations that change something: registrations and commits, with WAIT behind them when replicas
 * have to confirm. */
#include "store/redis_command.h"
#include "store/redis_commit.h"
#include "store/redis_error.h"
#include "store/redis_kind.h"

struct change {
    struct redis_commit_plan plan; /* of a commit */
    enum redis_script_form form;   /* likewise: how it was sent */
    struct redis_value reply;      /* kept for after WAIT; in the operation's arena */
};

static enum err plan_change(struct redis_op *r)
{
    struct change *change = arena_alloc(&r->op->arena, sizeof(*change));

    r->state = change;
    if (!change)
        return ERR_NO_MEMORY;
    *change = (struct change){.form = REDIS_BY_SHA};
    if (r->op->kind == OP_REGISTER)
        return ERR_OK;
    return redis_commit_plan(&change->plan, r->op->commit, &r->prefix,
                             r->op->store->env.redis_total_key, &r->op->arena);
}

/* ---- what is sent --------------------------------------------------------------------------- */

static unsigned replicas_to_wait_for(const struct redis_op *r)
{
    return r->node->terms.wait;
}

/* Appends WAIT, when it is to be: how many commands that is. Half of the deadline leaves time to
 * send the commit again. */
static size_t put_wait(const struct redis_op *r, struct strbuf *out)
{
    if (replicas_to_wait_for(r) == 0)
        return 0;
    redis_op_put_asking(r, out); /* before each command; this one does not mind */
    redis_command(out, 3);
    redis_arg(out, SLICE("WAIT"));
    redis_arg_int(out, replicas_to_wait_for(r));
    redis_arg_int(out, r->node->terms.timeout_ms / 2);
    return 1;
}

static size_t encode_register(struct redis_op *r, struct strbuf *out)
{
    char key[REDIS_WRITER_KEY_BYTES];

    redis_op_put_asking(r, out);
    redis_register_encode(out, redis_writer_key(&r->prefix, &r->op->writer, key), r->op->number);
    return 1 + put_wait(r, out);
}

static size_t encode_commit(struct redis_op *r, struct strbuf *out)
{
    const struct change *change = r->state;
    enum redis_repeat repeat =
        replicas_to_wait_for(r) > 0 ? REDIS_REPEAT_WRITES : REDIS_REPEAT_READS;

    redis_op_put_asking(r, out);
    redis_commit_encode(out, r->op->commit, &change->plan, change->form, repeat);
    return 1 + put_wait(r, out);
}

/* ---- what comes back ------------------------------------------------------------------------ */

/* The script cache of Redis is empty after a restart or SCRIPT FLUSH: the commit was not carried
 * out, and goes again with the whole script. */
static bool send_with_script(struct redis_op *r)
{
    struct change *change = r->state;

    change->form = REDIS_BY_TEXT;
    if (redis_op_send(r, r->node, r->asking) != ERR_OK)
        op_finish_refused(r->op, "out of memory");
    return true;
}

static bool finish_register(struct redis_op *r, const struct redis_value *reply)
{
    if (reply->type == REDIS_ERROR)
        return redis_op_fail(r, reply->text);
    if (reply->type != REDIS_STATUS && reply->type != REDIS_NIL) {
        op_finish_unknown(r->op, REDIS_DOES_NOT_FIT);
        return false;
    }
    op_finish_done(r->op, ERR_OK);
    return true;
}

static bool finish_commit(struct redis_op *r, const struct redis_value *reply)
{
    const struct change *change = r->state;
    struct store_op *op = r->op;
    struct commit_result result;
    enum err err;

    if (reply->type == REDIS_ERROR && change->form == REDIS_BY_SHA &&
        redis_error_verdict(reply->text) == REDIS_NOSCRIPT)
        return send_with_script(r);
    if (reply->type == REDIS_ERROR)
        return redis_op_fail(r, reply->text);
    err = redis_commit_decode(&result, op->commit, &change->plan, reply, &op->arena, &r->detail);
    if (err == ERR_OK)
        op_finish_commit(op, &result);
    else
        op_finish_unknown(op, err == ERR_NO_MEMORY ? "out of memory" : REDIS_DOES_NOT_FIT);
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
    struct change *change = r->state;
    bool is_confirmed;

    if (r->request.replies_left > 0)
        return redis_value_dup(&change->reply, reply, &r->op->arena) == ERR_OK;
    if (replicas_to_wait_for(r) == 0)
        return finish_change(r, reply);
    is_confirmed = reply->type == REDIS_INTEGER && reply->integer >= replicas_to_wait_for(r);
    if (is_confirmed || !needs_confirmation(&change->reply))
        return finish_change(r, &change->reply);
    return finish_unconfirmed(r, reply);
}

const struct redis_kind redis_register_kind = {
    .plan = plan_change,
    .encode = encode_register,
    .take_change = take_change,
    .changes = true,
};

const struct redis_kind redis_commit_kind = {
    .plan = plan_change,
    .encode = encode_commit,
    .take_change = take_change,
    .changes = true,
};
