/* Purges: the lists of a range of buckets, found by the site's index; and with the last of all of
 * them what else there is of the site. */
#include "store/redis_command.h"
#include "store/redis_kind.h"
#include "store/redis_row.h"
#include "store/redis_script.h"

/* Lists that one purge drops. Each takes Redis some microseconds, whatever is in it. */
#define STEP_LISTS 200

struct purge {
    struct slice *lists; /* to be dropped: their keys; NULL: not found yet */
    size_t count;
    bool is_all; /* of the range */
};

static enum err plan_purge(struct redis_op *r)
{
    r->state = arena_alloc(&r->op->arena, sizeof(struct purge));
    return r->state ? ERR_OK : ERR_NO_MEMORY;
}

static void begin_purge(struct redis_op *r)
{
    struct purge *purge = r->state;

    *purge = (struct purge){0};
}

/* ---- what is sent --------------------------------------------------------------------------- */

static void put_search(const struct redis_op *r, struct strbuf *out)
{
    char key[REDIS_SITE_KEY_BYTES];

    redis_command(out, 8);
    redis_arg(out, SLICE("ZRANGE"));
    redis_arg(out, redis_lists_key(&r->prefix, r->op->site, key));
    redis_arg_int(out, r->op->first_bucket);
    redis_arg_int(out, r->op->last_bucket);
    redis_arg(out, SLICE("BYSCORE"));
    redis_arg(out, SLICE("LIMIT"));
    redis_arg_int(out, 0);
    redis_arg_int(out, STEP_LISTS);
}

static bool is_of_whole_site(const struct store_op *op)
{
    return op->first_bucket <= 0 && op->last_bucket == INT32_MAX;
}

/* Names and counters: all of the site but its lists and records. */
#define REST 3

static void put_rest(const struct redis_op *r, struct strbuf *out)
{
    char names[REDIS_SITE_KEY_BYTES];
    char pages[REDIS_SITE_KEY_BYTES];
    char total[REDIS_SITE_KEY_BYTES];

    redis_arg(out, redis_names_key(&r->prefix, r->op->site, names));
    redis_arg(out, redis_pages_key(&r->prefix, r->op->site, pages));
    redis_arg(out,
              redis_total_key(&r->prefix, r->op->site, r->op->store->env.redis_total_key, total));
}

static void put_drop(const struct redis_op *r, struct strbuf *out)
{
    const struct purge *purge = r->state;
    bool has_rest = purge->is_all && is_of_whole_site(r->op);
    size_t keys = 1 + purge->count + (has_rest ? REST : 0);
    char key[REDIS_SITE_KEY_BYTES];

    redis_command(out, 3 + keys + purge->count);
    redis_arg(out, SLICE("EVAL"));
    redis_arg(out, redis_purge_script());
    redis_arg_int(out, (int64_t)keys);
    redis_arg(out, redis_lists_key(&r->prefix, r->op->site, key));
    for (size_t i = 0; i < purge->count; i++)
        redis_arg(out, purge->lists[i]);
    if (has_rest)
        put_rest(r, out);
    for (size_t i = 0; i < purge->count; i++)
        redis_arg(out, purge->lists[i]);
}

static size_t encode_purge(struct redis_op *r, struct strbuf *out)
{
    const struct purge *purge = r->state;

    redis_op_put_asking(r, out);
    if (purge->lists)
        put_drop(r, out);
    else
        put_search(r, out);
    return 1;
}

/* ---- what comes back ------------------------------------------------------------------------ */

static enum err take_lists(struct redis_op *r, const struct redis_value *reply)
{
    struct purge *purge = r->state;

    if (reply->type != REDIS_ARRAY || reply->count > STEP_LISTS)
        return ERR_INVALID;
    purge->lists = arena_alloc(&r->op->arena, (reply->count + 1) * sizeof(*purge->lists));
    if (!purge->lists)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < reply->count; i++) {
        if (reply->elements[i].type != REDIS_STRING)
            return ERR_INVALID;
        purge->lists[i] = arena_dup(&r->op->arena, reply->elements[i].text);
        if (!purge->lists[i].ptr)
            return ERR_NO_MEMORY;
    }
    purge->count = reply->count;
    purge->is_all = reply->count < STEP_LISTS;
    return ERR_OK;
}

static enum err take_purge(struct redis_op *r, const struct redis_value *reply)
{
    const struct purge *purge = r->state;

    if (!purge->lists)
        return take_lists(r, reply);
    return reply->type == REDIS_STATUS ? ERR_OK : ERR_INVALID;
}

static void finish_purge(struct redis_op *r, enum err err)
{
    const struct purge *purge = r->state;
    bool was_search = err == ERR_OK && !r->is_continued;

    if (was_search && (purge->count > 0 || is_of_whole_site(r->op)))
        redis_op_next_step(r);
    else
        op_finish_purge(r->op, err, purge->is_all);
}

const struct redis_kind redis_purge_kind = {
    .plan = plan_purge,
    .begin = begin_purge,
    .encode = encode_purge,
    .take = take_purge,
    .finish = finish_purge,
};
