#include "count/batch.h"

#include <stdlib.h>

#include "count/hit_batch.h"
#include "count/lane.h"

struct batcher {
    struct lane_common common;
    unsigned lane_count;
    struct lane *lanes[]; /* one for each shard */
};

struct batcher *batcher_create(struct store *store, const struct store_env *env, int64_t hit_ms)
{
    unsigned count = store_shard_count(store);
    struct batcher *batcher = calloc(1, sizeof(*batcher) + count * sizeof(struct lane *));

    if (!batcher)
        return NULL;
    batcher->common.store = store;
    batcher->common.env = *env;
    batcher->common.hit_ms = hit_ms;
    batcher->lane_count = count;
    for (unsigned i = 0; i < count; i++) {
        batcher->lanes[i] = lane_create(&batcher->common, i);
        if (!batcher->lanes[i]) {
            batcher_destroy(batcher);
            return NULL;
        }
    }
    return batcher;
}

void batcher_destroy(struct batcher *batcher)
{
    if (!batcher)
        return;
    for (unsigned i = 0; i < batcher->lane_count; i++)
        lane_destroy(batcher->lanes[i]);
    hit_batch_destroy(batcher->common.spare);
    free(batcher);
}

struct hit *batcher_add(struct batcher *batcher, const struct hit_input *input,
                        const struct hit_facts *facts, hit_done_fn *done, void *ctx)
{
    unsigned shard = store_shard_of(batcher->common.store, input->site);

    return lane_add(batcher->lanes[shard], input, facts, done, ctx);
}

void hit_abandon(struct hit *hit)
{
    hit->done = NULL;
}

void batcher_turn(struct batcher *batcher)
{
    for (unsigned i = 0; i < batcher->lane_count; i++)
        lane_turn(batcher->lanes[i]);
}

bool batcher_is_ready(const struct batcher *batcher)
{
    for (unsigned i = 0; i < batcher->lane_count; i++) {
        if (lane_is_ready(batcher->lanes[i]))
            return true;
    }
    return false;
}

bool batcher_is_idle(const struct batcher *batcher)
{
    for (unsigned i = 0; i < batcher->lane_count; i++) {
        if (!lane_is_idle(batcher->lanes[i]))
            return false;
    }
    return true;
}

static void add_writer(struct writer_stats *sum, const struct lane *lane)
{
    struct writer_stats one;

    writer_get_stats(lane_writer(lane), &one);
    sum->commits += one.commits;
    sum->conflicts += one.conflicts;
    sum->refused += one.refused;
    sum->retries += one.retries;
    sum->went_back += one.went_back;
    sum->replayed += one.replayed;
    sum->lost_commits += one.lost_commits;
    sum->replaced += one.replaced;
    sum->unresolved += one.unresolved;
}

void batcher_each_lost(const struct batcher *batcher, forgotten_fn *fn, void *ctx)
{
    for (unsigned i = 0; i < batcher->lane_count; i++)
        writer_each_lost(lane_writer(batcher->lanes[i]), fn, ctx);
}

void batcher_get_stats(const struct batcher *batcher, struct batcher_stats *out)
{
    *out = batcher->common.stats;
    for (unsigned i = 0; i < batcher->lane_count; i++)
        add_writer(&out->writer, batcher->lanes[i]);
}
