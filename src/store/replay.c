#include "store/replay.h"

#include <stdlib.h>

/* So many commits of a quiet site, or a few of a busy one. */
#define BLOCK_BYTES ((size_t)64 << 10)

#define DELETION    UINT32_MAX

/* Commits lie behind each other in blocks; the oldest block is freed as a whole. */
struct replay_block {
    struct replay_block *next;
    size_t capacity;
    size_t start; /* of the oldest commit that was not dropped */
    size_t end;
    char bytes[];
};

/* In front of each commit. Behind it the writes, each a packed_write, key and value; then the
 * additions, each a packed_addition, site and value. Nothing is aligned. */
struct packed {
    uint64_t number;
    uint64_t version;
    int64_t confirmed_ms;
    size_t bytes; /* with this head */
    uint32_t write_count;
    uint32_t addition_count;
    uint32_t totals_wanted;
};

struct packed_write {
    uint32_t key_len;
    uint32_t value_len; /* DELETION: there is none */
    uint32_t ttl_s;
};

struct packed_addition {
    int64_t delta;
    uint16_t site_len;
    uint16_t value_len;
    uint8_t dimension;
};

_Static_assert(COUNTER_MAX_VALUE <= UINT16_MAX && DIMENSION_COUNT_ <= UINT8_MAX, "fits");

/* ---- packing -------------------------------------------------------------------------------- */

static size_t packed_bytes(const struct commit *c)
{
    size_t bytes = sizeof(struct packed) + c->write_count * sizeof(struct packed_write) +
                   c->addition_count * sizeof(struct packed_addition);

    for (size_t i = 0; i < c->write_count; i++)
        bytes += c->writes[i].key.len + c->writes[i].value.len;
    for (size_t i = 0; i < c->addition_count; i++)
        bytes += c->additions[i].counter.site.len + c->additions[i].counter.value.len;
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
        .site_len = (uint16_t)counter->site.len,
        .value_len = (uint16_t)counter->value.len,
        .dimension = (uint8_t)counter->dimension,
    };

    out = put(out, &head, sizeof(head));
    out = put(out, counter->site.ptr, counter->site.len);
    return put(out, counter->value.ptr, counter->value.len);
}

static void pack(char *out, const struct commit *c, size_t bytes, int64_t now_ms)
{
    const struct packed head = {
        .number = c->number,
        .version = c->version,
        .confirmed_ms = now_ms,
        .bytes = bytes,
        .write_count = (uint32_t)c->write_count,
        .addition_count = (uint32_t)c->addition_count,
        .totals_wanted = (uint32_t)c->totals_wanted,
    };

    out = put(out, &head, sizeof(head));
    for (size_t i = 0; i < c->write_count; i++)
        out = pack_write(out, &c->writes[i]);
    for (size_t i = 0; i < c->addition_count; i++)
        out = pack_addition(out, &c->additions[i]);
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
    addition.counter.dimension = (enum dimension)head.dimension;
    addition.counter.site = take_text(in, head.site_len);
    addition.counter.value = take_text(in, head.value_len);
    return addition;
}

static enum err unpack(const char *in, struct commit *out)
{
    enum err err = ERR_OK;
    struct packed head;

    take(&in, &head, sizeof(head));
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
    return err;
}

/* ---- blocks --------------------------------------------------------------------------------- */

static struct packed head_at(const struct replay_block *block, size_t at)
{
    struct packed head;

    memcpy(&head, block->bytes + at, sizeof(head));
    return head;
}

static void forget(struct replay *replay, const char *in)
{
    struct packed head;

    take(&in, &head, sizeof(head));
    for (uint32_t i = 0; i < head.write_count; i++)
        (void)unpack_write(&in);
    for (uint32_t i = 0; i < head.addition_count; i++) {
        struct addition addition = unpack_addition(&in);

        if (addition.counter.dimension == DIMENSION_TOTAL)
            forgotten_add(&replay->forgotten, head.number, addition.counter.site, addition.delta);
    }
}

static void drop_oldest(struct replay *replay)
{
    struct replay_block *block = replay->first;
    struct packed head = head_at(block, block->start);

    forget(replay, block->bytes + block->start);
    replay->floor = head.number;
    replay->at_block = NULL;
    block->start += head.bytes;
    if (block->start < block->end)
        return;
    replay->first = block->next;
    if (!replay->first)
        replay->last = NULL;
    replay->bytes -= block->capacity;
    free(block);
}

static struct replay_block *add_block(struct replay *replay, size_t needed)
{
    size_t capacity = needed > BLOCK_BYTES ? needed : BLOCK_BYTES;
    struct replay_block *block;

    while (replay->first && replay->bytes + capacity > replay->max_bytes)
        drop_oldest(replay);
    block = capacity <= replay->max_bytes ? malloc(sizeof(*block) + capacity) : NULL;
    if (!block)
        return NULL;
    block->next = NULL;
    block->capacity = capacity;
    block->start = 0;
    block->end = 0;
    if (replay->last)
        replay->last->next = block;
    else
        replay->first = block;
    replay->last = block;
    replay->bytes += capacity;
    return block;
}

/* ---- the ring ------------------------------------------------------------------------------- */

void replay_init(struct replay *replay, size_t max_bytes)
{
    *replay = (struct replay){.max_bytes = max_bytes};
    forgotten_init(&replay->forgotten);
}

static void free_blocks(struct replay *replay)
{
    struct replay_block *block = replay->first;

    while (block) {
        struct replay_block *next = block->next;

        free(block);
        block = next;
    }
}

void replay_fini(struct replay *replay)
{
    free_blocks(replay);
    forgotten_fini(&replay->forgotten);
}

bool replay_is_empty(const struct replay *replay)
{
    return !replay->first;
}

static void forget_commit(struct replay *replay, const struct commit *commit)
{
    for (size_t i = 0; i < commit->addition_count; i++) {
        const struct addition *addition = &commit->additions[i];

        if (addition->counter.dimension == DIMENSION_TOTAL)
            forgotten_add(&replay->forgotten, commit->number, addition->counter.site,
                          addition->delta);
    }
    replay->floor = commit->number;
}

void replay_push(struct replay *replay, const struct commit *commit, int64_t now_ms)
{
    size_t bytes = packed_bytes(commit);
    struct replay_block *block = replay->last;

    if (!block || block->capacity - block->end < bytes)
        block = add_block(replay, bytes);
    if (!block) {
        while (replay->first)
            drop_oldest(replay);
        forget_commit(replay, commit);
        return;
    }
    pack(block->bytes + block->end, commit, bytes, now_ms);
    block->end += bytes;
}

void replay_drop_before(struct replay *replay, int64_t ms)
{
    while (replay->first && head_at(replay->first, replay->first->start).confirmed_ms < ms)
        drop_oldest(replay);
}

void replay_reset(struct replay *replay, uint64_t floor)
{
    free_blocks(replay);
    replay->first = NULL;
    replay->last = NULL;
    replay->at_block = NULL;
    replay->bytes = 0;
    replay->floor = floor;
    forgotten_reset(&replay->forgotten);
}

/* The packed commit with `number`, or NULL; the next search goes on from there. */
static const char *find(struct replay *replay, uint64_t number)
{
    const struct replay_block *block = replay->at_block;
    size_t at = replay->at;

    if (!block || head_at(block, at).number > number) {
        block = replay->first;
        at = block ? block->start : 0;
    }
    while (block) {
        struct packed head = head_at(block, at);

        replay->at_block = block;
        replay->at = at;
        if (head.number >= number)
            return head.number == number ? block->bytes + at : NULL;
        at += head.bytes;
        if (at == block->end) {
            block = block->next;
            at = block ? block->start : 0;
        }
    }
    return NULL;
}

enum err replay_get_empty(uint64_t number, struct commit **out)
{
    struct commit *commit = commit_create();

    if (!commit)
        return ERR_NO_MEMORY;
    commit->number = number;
    commit->version = 1; /* of no record */
    *out = commit;
    return ERR_OK;
}

enum err replay_get(struct replay *replay, uint64_t number, struct commit **out)
{
    const char *packed = find(replay, number);
    struct commit *commit;
    enum err err = replay_get_empty(number, &commit);

    if (err == ERR_OK && packed) {
        err = unpack(packed, commit);
        if (err != ERR_OK)
            commit_unref(commit);
    }
    if (err == ERR_OK)
        *out = commit;
    return err;
}
