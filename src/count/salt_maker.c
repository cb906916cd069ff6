#include "count/salt_maker.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"

struct salt_order {
    struct salt_maker *maker;
    unsigned shard;
    struct commit *commit;
    unsigned char salt[SALT_BYTES];
    salt_done_fn *done; /* NULL: canceled */
    void *ctx;
    struct salt_order *next;
};

/* A writer has one commit at a time; the others wait, the oldest first. */
struct shard_writer {
    struct writer *writer; /* NULL: not needed yet */
    struct salt_order *first;
};

struct salt_maker {
    struct store *store;
    struct store_env env;
    unsigned shard_count;
    struct shard_writer shards[];
};

struct slice salt_key(struct slice site, int32_t day, char out[static SALT_KEY_BYTES])
{
    int len = snprintf(out, SALT_KEY_BYTES, "salt/%.*s/%" PRId32, SLICE_ARG(site), day);

    return slice_of(out, (size_t)len);
}

static void order_free(struct salt_order *order)
{
    commit_unref(order->commit);
    sodium_memzero(order->salt, sizeof(order->salt));
    free(order);
}

static void begin(struct shard_writer *shard);

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct salt_order *order = ctx;
    struct shard_writer *shard = &order->maker->shards[order->shard];
    const unsigned char *salt = NULL;

    if (result->status == COMMIT_DONE)
        salt = order->salt;
    else if (result->status == COMMIT_CONFLICT && result->records[0].value.len == SALT_BYTES)
        salt = (const unsigned char *)result->records[0].value.ptr;
    shard->first = order->next;
    if (order->done)
        order->done(order->ctx, salt ? ERR_OK : ERR_UNAVAILABLE, salt);
    order_free(order);
    if (shard->first)
        begin(shard);
}

static void begin(struct shard_writer *shard)
{
    writer_commit(shard->writer, shard->first->commit, on_committed, shard->first);
}

static bool has_writer(struct salt_maker *maker, unsigned shard)
{
    struct shard_writer *s = &maker->shards[shard];

    if (!s->writer)
        s->writer = writer_create(maker->store, shard, &maker->env);
    return s->writer != NULL;
}

static struct salt_order *order_create(struct salt_maker *maker, struct slice site, int32_t day,
                                       uint32_t ttl_s)
{
    struct salt_order *order = calloc(1, sizeof(*order));
    char key[SALT_KEY_BYTES];
    struct record_write write = {.expect_version = RECORD_ABSENT, .ttl_s = ttl_s};

    if (!order)
        return NULL;
    random_bytes(order->salt, sizeof(order->salt));
    write.key = salt_key(site, day, key);
    write.value = slice_of(order->salt, sizeof(order->salt));
    order->maker = maker;
    order->shard = store_shard_of(maker->store, site);
    order->commit = commit_create();
    if (!order->commit || commit_write(order->commit, &write) != ERR_OK) {
        order_free(order);
        return NULL;
    }
    order->commit->shard = order->shard;
    return order;
}

struct salt_order *salt_make(struct salt_maker *maker, struct slice site, int32_t day,
                             uint32_t ttl_s, salt_done_fn *done, void *ctx)
{
    struct salt_order *order = order_create(maker, site, day, ttl_s);
    struct salt_order **last;

    if (!order)
        return NULL;
    if (!has_writer(maker, order->shard)) {
        order_free(order);
        return NULL;
    }
    order->done = done;
    order->ctx = ctx;
    last = &maker->shards[order->shard].first;
    while (*last)
        last = &(*last)->next;
    *last = order;
    if (maker->shards[order->shard].first == order)
        begin(&maker->shards[order->shard]);
    return order;
}

void salt_cancel(struct salt_order *order)
{
    if (order)
        order->done = NULL;
}

struct salt_maker *salt_maker_create(struct store *store, const struct store_env *env)
{
    unsigned count = store_shard_count(store);
    struct salt_maker *maker = calloc(1, sizeof(*maker) + count * sizeof(maker->shards[0]));

    if (!maker)
        return NULL;
    maker->store = store;
    maker->env = *env;
    maker->shard_count = count;
    return maker;
}

void salt_maker_destroy(struct salt_maker *maker)
{
    if (!maker)
        return;
    for (unsigned i = 0; i < maker->shard_count; i++) {
        struct salt_order *next;

        writer_destroy(maker->shards[i].writer);
        for (struct salt_order *order = maker->shards[i].first; order; order = next) {
            next = order->next;
            order_free(order);
        }
    }
    free(maker);
}

bool salt_maker_is_idle(const struct salt_maker *maker)
{
    for (unsigned i = 0; i < maker->shard_count; i++) {
        const struct shard_writer *shard = &maker->shards[i];

        if (shard->first || (shard->writer && !writer_is_settled(shard->writer)))
            return false;
    }
    return true;
}
