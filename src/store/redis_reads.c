/* Operations that read in one step: records, counters, and a part of everything. */
#include "store/redis_kind.h"
#include "store/redis_scan.h"

/* ---- records -------------------------------------------------------------------------------- */

static enum err plan_read(struct redis_op *r)
{
    r->state = arena_alloc(&r->op->arena, r->op->count * sizeof(struct record));
    return r->state ? ERR_OK : ERR_NO_MEMORY;
}

static size_t encode_read(struct redis_op *r, struct strbuf *out)
{
    redis_op_put_asking(r, out);
    redis_read_encode(out, &r->prefix, r->op->keys, r->op->count);
    return 1;
}

static enum err take_read(struct redis_op *r, const struct redis_value *reply)
{
    return redis_read_decode(r->state, r->op->keys, r->op->count, reply);
}

static void finish_read(struct redis_op *r, enum err err)
{
    op_finish_records(r->op, err, r->state);
}

const struct redis_kind redis_read_kind = {
    .plan = plan_read, .encode = encode_read, .take = take_read, .finish = finish_read};

/* ---- counters ------------------------------------------------------------------------------- */

struct totals {
    struct redis_plan plan;
    int64_t *totals;
};

static const struct counter *counter_at(const void *counters, size_t i, uint32_t *cap)
{
    *cap = 0;
    return &((const struct counter *)counters)[i];
}

static enum err plan_totals(struct redis_op *r)
{
    struct store_op *op = r->op;
    struct totals *t = arena_alloc(&op->arena, sizeof(*t));

    r->state = t;
    if (!t)
        return ERR_NO_MEMORY;
    t->totals = arena_alloc(&op->arena, op->count * sizeof(*t->totals));
    if (!t->totals)
        return ERR_NO_MEMORY;
    return redis_plan_make(&t->plan, op->counters, counter_at, op->count, &r->prefix,
                           op->store->env.redis_total_key, &op->arena);
}

static size_t encode_totals(struct redis_op *r, struct strbuf *out)
{
    const struct totals *t = r->state;

    return redis_totals_encode(out, r->op->counters, &t->plan, r->asking);
}

static enum err take_totals(struct redis_op *r, const struct redis_value *reply)
{
    const struct totals *t = r->state;

    return redis_totals_decode(t->totals, &t->plan, r->step, reply, &r->detail);
}

static void finish_totals(struct redis_op *r, enum err err)
{
    const struct totals *t = r->state;

    op_finish_totals(r->op, err, t->totals);
}

const struct redis_kind redis_totals_kind = {
    .plan = plan_totals, .encode = encode_totals, .take = take_totals, .finish = finish_totals};

/* ---- everything ----------------------------------------------------------------------------- */

struct scan {
    struct scan_step step;
    bool is_no_cursor; /* the one that was given */
};

static enum err plan_scan(struct redis_op *r)
{
    struct scan *scan = arena_alloc(&r->op->arena, sizeof(*scan));

    r->state = scan;
    if (!scan)
        return ERR_NO_MEMORY;
    *scan = (struct scan){0};
    return ERR_OK;
}

/* The key of another program is in the shard of the default site. */
static size_t encode_scan(struct redis_op *r, struct strbuf *out)
{
    struct slice prefix = slice_of(r->prefix.text, r->prefix.len);
    const struct store *store = r->op->store;
    bool has_total_key = r->op->shard == store_shard_of(store, SLICE("default"));

    redis_op_put_asking(r, out);
    redis_scan_encode(out, prefix, r->op->cursor,
                      has_total_key ? store->env.redis_total_key : NULL);
    return 1;
}

static enum err take_scan(struct redis_op *r, const struct redis_value *reply)
{
    struct scan *scan = r->state;
    struct err_info detail;
    enum err err = redis_scan_decode(&scan->step, reply, &r->op->arena, &detail);

    scan->is_no_cursor = err == ERR_INVALID && detail.text[0] == '\0';
    if (scan->is_no_cursor)
        return ERR_OK;
    if (err == ERR_UNAVAILABLE) {
        log_error("Redis cannot be read out", LOG_STR("reason", detail.text));
        err_info_set(&r->detail, "Redis: %s", detail.text);
    }
    return err;
}

static void finish_scan(struct redis_op *r, enum err err)
{
    const struct scan *scan = r->state;

    op_finish_scan(r->op, scan->is_no_cursor ? ERR_INVALID : err, &scan->step);
}

const struct redis_kind redis_scan_kind = {
    .plan = plan_scan, .encode = encode_scan, .take = take_scan, .finish = finish_scan};
