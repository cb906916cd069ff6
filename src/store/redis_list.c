/* Lists of records: keys out of the index, then the records, until there are enough. */
#include "store/redis_kind.h"
#include "store/redis_listed.h"

struct list {
    struct record *records; /* found so far; the operation's limit is room for them */
    size_t count;
    struct slice after; /* the last key that was looked at */
    struct slice *keys; /* read from the index, to be read themselves; NULL: not yet */
    size_t key_count;
    bool is_end; /* of the index */
};

static enum err plan_list(struct redis_op *r)
{
    struct store_op *op = r->op;
    struct list *list = arena_alloc(&op->arena, sizeof(*list));

    r->state = list;
    if (!list)
        return ERR_NO_MEMORY;
    *list = (struct list){0};
    list->records = arena_alloc(&op->arena, op->count * sizeof(*list->records));
    return list->records ? ERR_OK : ERR_NO_MEMORY;
}

static void begin_list(struct redis_op *r)
{
    struct list *list = r->state;

    list->count = 0;
    list->after = r->op->after;
    list->keys = NULL;
}

static size_t encode_list(struct redis_op *r, struct strbuf *out)
{
    const struct list *list = r->state;

    redis_op_put_asking(r, out);
    if (list->keys)
        redis_read_encode(out, &r->prefix, list->keys, list->key_count);
    else
        redis_listed_encode(out, &r->prefix, r->op->prefix, list->after,
                            r->op->count - list->count);
    return 1;
}

static enum err take_keys(struct redis_op *r, const struct redis_value *reply)
{
    struct list *list = r->state;

    if (reply->type != REDIS_ARRAY || reply->count > r->op->count - list->count)
        return ERR_INVALID;
    list->keys = arena_alloc(&r->op->arena, (reply->count + 1) * sizeof(*list->keys));
    if (!list->keys)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < reply->count; i++) {
        if (reply->elements[i].type != REDIS_STRING)
            return ERR_INVALID;
        list->keys[i] = arena_dup(&r->op->arena, reply->elements[i].text);
        if (!list->keys[i].ptr)
            return ERR_NO_MEMORY;
    }
    list->key_count = reply->count;
    list->is_end = reply->count < r->op->count - list->count;
    return ERR_OK;
}

/* Those that are gone are still in the index when they expired; they are left out. */
static enum err take_records(struct redis_op *r, const struct redis_value *reply)
{
    struct list *list = r->state;
    struct record *records = list->records + list->count;
    enum err err = redis_read_decode(records, list->keys, list->key_count, reply);

    for (size_t i = 0; err == ERR_OK && i < list->key_count; i++) {
        struct record record = records[i];

        if (record.version == RECORD_ABSENT)
            continue;
        record.value = arena_dup(&r->op->arena, record.value);
        list->records[list->count++] = record;
        err = record.value.ptr ? ERR_OK : ERR_NO_MEMORY;
    }
    list->after = list->keys[list->key_count - 1];
    list->keys = NULL;
    return err;
}

static enum err take_list(struct redis_op *r, const struct redis_value *reply)
{
    const struct list *list = r->state;

    return list->keys ? take_records(r, reply) : take_keys(r, reply);
}

static void finish_list(struct redis_op *r, enum err err)
{
    const struct list *list = r->state;
    bool has_keys = list->keys && list->key_count > 0;

    if (err == ERR_OK && (has_keys || (!list->is_end && list->count < r->op->count)))
        redis_op_next_step(r);
    else
        op_finish_list(r->op, err, list->records, list->count);
}

const struct redis_kind redis_list_kind = {
    .plan = plan_list,
    .begin = begin_list,
    .encode = encode_list,
    .take = take_list,
    .finish = finish_list,
};
