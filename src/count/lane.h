/**
 * A lane: the hits of one shard of the store, which share batches, and its writer. For batch.c,
 * which gives each hit to the lane of its shard.
 */
#ifndef FOOTFALL_COUNT_LANE_H
#define FOOTFALL_COUNT_LANE_H

#include "count/batch.h"

struct hit_batch;
struct lane;

/** What the lanes of a batcher have in common; outlives them. */
struct lane_common {
    struct store *store;
    struct store_env env;
    int64_t hit_ms;
    struct hit_batch *spare; /* kept, so that a steady load allocates nothing */
    uint64_t not_logged;     /* hits that were not counted since the last line about them */
    int64_t next_log_ms;
    struct batcher_stats stats; /* without the writers' */
};

/** NULL without memory. */
struct lane *lane_create(struct lane_common *common, unsigned shard);

/** NULL is fine. */
void lane_destroy(struct lane *lane);

/** As the functions of batch.h. */
struct hit *lane_add(struct lane *lane, const struct hit_input *input,
                     const struct hit_facts *facts, hit_done_fn *done, void *ctx);
void lane_turn(struct lane *lane);
bool lane_is_ready(const struct lane *lane);
bool lane_is_idle(const struct lane *lane);

/** Lives with the lane. */
const struct writer *lane_writer(const struct lane *lane);

#endif
