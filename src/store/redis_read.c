#include "store/redis_read.h"

#include "store/redis_command.h"
#include "store/redis_commit.h"

static bool is_list_of(const struct redis_value *reply, size_t count)
{
    if (reply->type != REDIS_ARRAY || reply->count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (reply->elements[i].type != REDIS_STRING && reply->elements[i].type != REDIS_NIL)
            return false;
    }
    return true;
}

void redis_read_encode(struct strbuf *out, const struct redis_prefix *prefix,
                       const struct slice *keys, size_t count)
{
    char record[REDIS_RECORD_PREFIX_BYTES];
    struct slice record_prefix = redis_record_prefix(prefix, record);

    redis_command(out, 1 + count);
    redis_arg(out, SLICE("MGET"));
    for (size_t i = 0; i < count; i++)
        redis_arg2(out, record_prefix, keys[i]);
}

enum err redis_read_decode(struct record *records, const struct slice *keys, size_t count,
                           const struct redis_value *reply)
{
    if (!is_list_of(reply, count))
        return ERR_INVALID;
    for (size_t i = 0; i < count; i++)
        records[i] = redis_record_decode(keys[i], &reply->elements[i]);
    return ERR_OK;
}

static void put_asking(struct strbuf *out, enum redis_asking asking)
{
    if (asking == REDIS_ASKING)
        redis_command_of(out, (const char *const[]){"ASKING"}, 1);
}

size_t redis_totals_encode(struct strbuf *out, const struct counter *counters,
                           const struct redis_plan *plan, enum redis_asking asking)
{
    if (plan->string_count > 0) {
        put_asking(out, asking);
        redis_command(out, 1 + plan->string_count);
        redis_arg(out, SLICE("MGET"));
    }
    for (size_t i = 0; i < plan->string_count; i++)
        redis_arg(out, plan->string_keys[i]);
    for (size_t g = 0; g < plan->group_count; g++) {
        const struct redis_group *group = &plan->groups[g];

        put_asking(out, asking);
        redis_command(out, 2 + group->count);
        redis_arg(out, SLICE("HMGET"));
        redis_arg(out, group->key);
        for (size_t i = 0; i < group->count; i++)
            redis_arg(out, counters[plan->order[group->first + i]].value);
    }
    return (plan->string_count > 0 ? 1 : 0) + plan->group_count;
}

/* A key that is not there, or not of a string's type, has no number yet. */
static enum err decode_total(int64_t *total, struct slice key, const struct redis_value *value,
                             struct err_info *detail)
{
    *total = 0;
    if (value->type == REDIS_NIL || redis_parse_int(value->text, total))
        return ERR_OK;
    err_info_set(detail, "Redis: %.*s holds no integer", SLICE_ARG(key));
    return ERR_UNAVAILABLE;
}

enum err redis_totals_decode(int64_t *totals, const struct redis_plan *plan, size_t step,
                             const struct redis_value *reply, struct err_info *detail)
{
    bool is_strings = plan->string_count > 0 && step == 0;
    size_t g = step - (plan->string_count > 0 ? 1 : 0);
    size_t first = is_strings ? 0 : plan->groups[g].first;
    size_t count = is_strings ? plan->string_count : plan->groups[g].count;

    if (!is_list_of(reply, count))
        return ERR_INVALID;
    for (size_t i = 0; i < count; i++) {
        struct slice key = is_strings ? plan->string_keys[i] : plan->groups[g].key;
        enum err err =
            decode_total(&totals[plan->order[first + i]], key, &reply->elements[i], detail);

        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}
