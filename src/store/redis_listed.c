#include "store/redis_listed.h"

#include "store/redis_command.h"

static bool is_removal(const struct record_write *write)
{
    return !write->value.ptr;
}

struct redis_listed redis_listed_count(const struct commit *commit)
{
    struct redis_listed listed = {0};

    for (size_t i = 0; i < commit->write_count; i++) {
        if (!record_is_listed(commit->writes[i].key))
            continue;
        if (is_removal(&commit->writes[i]))
            listed.removed++;
        else
            listed.added++;
    }
    return listed;
}

static void put(struct strbuf *out, const struct commit *commit, bool are_removals)
{
    for (size_t i = 0; i < commit->write_count; i++) {
        const struct record_write *write = &commit->writes[i];

        if (record_is_listed(write->key) && is_removal(write) == are_removals)
            redis_arg(out, write->key);
    }
}

void redis_listed_put(struct strbuf *out, const struct commit *commit)
{
    put(out, commit, false);
    put(out, commit, true);
}

/* The end of the range: the first text behind all that begin with `prefix`, which is the prefix
 * with its last byte raised by one. No kind of records ends in byte 255. */
static void put_end(struct strbuf *out, struct slice prefix)
{
    char *end = redis_arg_space(out, 1 + prefix.len);

    if (!end)
        return;
    end[0] = '(';
    memcpy(end + 1, prefix.ptr, prefix.len);
    end[prefix.len] = (char)((unsigned char)end[prefix.len] + 1);
}

void redis_listed_encode(struct strbuf *out, const struct redis_prefix *shard, struct slice prefix,
                         struct slice after, size_t limit)
{
    bool is_first = slice_compare(after, prefix) < 0;
    char key[REDIS_RECORD_PREFIX_BYTES];

    redis_command(out, 8);
    redis_arg(out, SLICE("ZRANGE"));
    redis_arg(out, redis_listed_key(shard, key));
    redis_arg2(out, is_first ? SLICE("[") : SLICE("("), is_first ? prefix : after);
    put_end(out, prefix);
    redis_arg(out, SLICE("BYLEX"));
    redis_arg(out, SLICE("LIMIT"));
    redis_arg_int(out, 0);
    redis_arg_int(out, (int64_t)limit);
}
