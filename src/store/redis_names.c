/* Names: the texts behind numbers, out of the hash of their site. */
#include "store/redis_command.h"
#include "store/redis_kind.h"
#include "store/redis_row.h"

/* Fields that one command reads: some hundred microseconds in which Redis does nothing else. */
#define PART 1000

static const struct slice name_prefixes[] = {SLICE_INIT(""), SLICE_INIT("t")};

/* Of each part the texts, then the titles. */
#define REPLIES_PER_PART 2

static enum err plan_names(struct redis_op *r)
{
    r->state = arena_alloc(&r->op->arena, r->op->count * sizeof(struct name));
    return r->state ? ERR_OK : ERR_NO_MEMORY;
}

static size_t part_size(const struct store_op *op, size_t first)
{
    return op->count - first < PART ? op->count - first : PART;
}

static void put_part(struct redis_op *r, struct strbuf *out, size_t first, struct slice prefix)
{
    size_t count = part_size(r->op, first);
    char key[REDIS_SITE_KEY_BYTES];
    char id[REDIS_ID_BYTES];

    redis_op_put_asking(r, out);
    redis_command(out, 2 + count);
    redis_arg(out, SLICE("HMGET"));
    redis_arg(out, redis_names_key(&r->prefix, r->op->site, key));
    for (size_t i = 0; i < count; i++) {
        (void)redis_id_put(id, r->op->ids[first + i]);
        redis_arg2(out, prefix, slice_of(id, sizeof(id)));
    }
}

static size_t encode_names(struct redis_op *r, struct strbuf *out)
{
    size_t commands = 0;

    for (size_t first = 0; first < r->op->count; first += PART) {
        for (size_t i = 0; i < REPLIES_PER_PART; i++) {
            put_part(r, out, first, name_prefixes[i]);
            commands++;
        }
    }
    return commands;
}

static enum err take_text(struct redis_op *r, struct slice *out, const struct redis_value *value)
{
    if (value->type != REDIS_STRING && value->type != REDIS_NIL)
        return ERR_INVALID;
    *out = slice_of(NULL, 0);
    if (value->type == REDIS_NIL)
        return ERR_OK;
    *out = arena_dup(&r->op->arena, value->text);
    return out->ptr ? ERR_OK : ERR_NO_MEMORY;
}

static enum err take_names(struct redis_op *r, const struct redis_value *reply)
{
    size_t first = r->step / REPLIES_PER_PART * PART;
    bool are_titles = r->step % REPLIES_PER_PART == 1;
    struct name *names = (struct name *)r->state + first;
    enum err err = ERR_OK;

    if (reply->type != REDIS_ARRAY || reply->count != part_size(r->op, first))
        return ERR_INVALID;
    for (size_t i = 0; i < reply->count && err == ERR_OK; i++)
        err = take_text(r, are_titles ? &names[i].title : &names[i].text, &reply->elements[i]);
    return err;
}

static void finish_names(struct redis_op *r, enum err err)
{
    op_finish_names(r->op, err, r->state);
}

const struct redis_kind redis_names_kind = {
    .plan = plan_names, .encode = encode_names, .take = take_names, .finish = finish_names};
