#include "store/replay_pack.h"

#include "store/rollup_pack.h"

#define DELETION UINT32_MAX

/* Behind the head come the writes, each a packed_write, key and value; then the additions, each a
 * packed_addition, site and value; then the rollups. */
struct packed_write {
    uint32_t key_len;
    uint32_t value_len; /* DELETION: there is none */
    uint32_t ttl_s;
};

struct packed_addition {
    int64_t delta;
    uint32_t cap;
    uint16_t site_len;
    uint16_t value_len;
    uint8_t dimension;
};

_Static_assert(COUNTER_MAX_VALUE <= UINT16_MAX && DIMENSION_COUNT_ <= UINT8_MAX, "fits");

/* ---- packing -------------------------------------------------------------------------------- */

size_t replay_packed_bytes(const struct commit *commit, struct slice rollups)
{
    size_t bytes = sizeof(struct replay_head) + commit->write_count * sizeof(struct packed_write) +
                   commit->addition_count * sizeof(struct packed_addition) + rollups.len;

    for (size_t i = 0; i < commit->write_count; i++)
        bytes += commit->writes[i].key.len + commit->writes[i].value.len;
    for (size_t i = 0; i < commit->addition_count; i++)
        bytes += commit->additions[i].counter.site.len + commit->additions[i].counter.value.len;
    return bytes;
}

static char *put(char *out, const void *bytes, size_t len)
{
    if (len > 0)
        memcpy(out, bytes, len);
    return out + len;
}

static char *pack_write(char *out, const struct record_write *write)
{
    const struct packed_write head = {
        .key_len = (uint32_t)write->key.len,
        .value_len = write->value.ptr ? (uint32_t)write->value.len : DELETION,
        .ttl_s = write->ttl_s,
    };

    out = put(out, &head, sizeof(head));
    out = put(out, write->key.ptr, write->key.len);
    return write->value.ptr ? put(out, write->value.ptr, write->value.len) : out;
}

static char *pack_addition(char *out, const struct addition *addition)
{
    const struct counter *counter = &addition->counter;
    const struct packed_addition head = {
        .delta = addition->delta,
        .cap = addition->cap,
        .site_len = (uint16_t)counter->site.len,
        .value_len = (uint16_t)counter->value.len,
        .dimension = (uint8_t)counter->dimension,
    };

    out = put(out, &head, sizeof(head));
    out = put(out, counter->site.ptr, counter->site.len);
    return put(out, counter->value.ptr, counter->value.len);
}

void replay_pack(char *out, const struct commit *commit, struct slice rollups, int64_t now_ms)
{
    char *end = out + sizeof(struct replay_head);
    struct replay_head head = {
        .number = commit->number,
        .version = commit->version,
        .confirmed_ms = now_ms,
        .write_count = (uint32_t)commit->write_count,
        .addition_count = (uint32_t)commit->addition_count,
        .rollup_count = (uint32_t)commit->rollup_count,
        .totals_wanted = (uint32_t)commit->totals_wanted,
    };

    for (size_t i = 0; i < commit->write_count; i++)
        end = pack_write(end, &commit->writes[i]);
    for (size_t i = 0; i < commit->addition_count; i++)
        end = pack_addition(end, &commit->additions[i]);
    end = put(end, rollups.ptr, rollups.len);
    head.bytes = (size_t)(end - out);
    (void)put(out, &head, sizeof(head));
}

/* ---- unpacking ------------------------------------------------------------------------------ */

static void take(const char **in, void *out, size_t len)
{
    memcpy(out, *in, len);
    *in += len;
}

static struct slice take_text(const char **in, size_t len)
{
    struct slice text = slice_of(*in, len);

    *in += len;
    return text;
}

static struct record_write unpack_write(const char **in)
{
    struct record_write write = {.expect_version = RECORD_ANY};
    struct packed_write head;

    take(in, &head, sizeof(head));
    write.ttl_s = head.ttl_s;
    write.key = take_text(in, head.key_len);
    if (head.value_len != DELETION)
        write.value = take_text(in, head.value_len);
    return write;
}

static struct addition unpack_addition(const char **in)
{
    struct addition addition;
    struct packed_addition head;

    take(in, &head, sizeof(head));
    addition.delta = head.delta;
    addition.cap = head.cap;
    addition.counter.dimension = (enum dimension)head.dimension;
    addition.counter.site = take_text(in, head.site_len);
    addition.counter.value = take_text(in, head.value_len);
    return addition;
}

struct replay_head replay_head_of(const char *packed)
{
    struct replay_head head;

    take(&packed, &head, sizeof(head));
    return head;
}

enum err replay_unpack(const char *packed, struct commit *out)
{
    const struct replay_head head = replay_head_of(packed);
    const char *in = packed + sizeof(head);
    enum err err = ERR_OK;

    for (uint32_t i = 0; i < head.write_count && err == ERR_OK; i++) {
        struct record_write write = unpack_write(&in);

        err = commit_write(out, &write);
    }
    for (uint32_t i = 0; i < head.addition_count && err == ERR_OK; i++) {
        struct addition addition = unpack_addition(&in);

        err = commit_add(out, &addition);
    }
    out->totals_wanted = head.totals_wanted;
    out->version = head.version;
    return err == ERR_OK ? rollup_pack_read(in, head.rollup_count, out) : err;
}

void replay_each_site(const char *packed, replay_views_fn *fn, void *ctx)
{
    const struct replay_head head = replay_head_of(packed);
    const char *in = packed + sizeof(head);

    for (uint32_t i = 0; i < head.write_count; i++)
        (void)unpack_write(&in);
    for (uint32_t i = 0; i < head.addition_count; i++) {
        struct addition addition = unpack_addition(&in);

        if (addition.counter.dimension == DIMENSION_TOTAL)
            fn(ctx, head.number, addition.counter.site, addition.delta);
    }
}
