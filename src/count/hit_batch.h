/**
 * The hits of one batch, and all that ends with it: their memory, their plan, their commit. For
 * lane.c, which owns batches and decides what becomes of them.
 *
 *     arena  [ hit, its texts | hit, its texts | … | keys, folds of the plan … ]
 *                 untold ^  the hits before were told; of those behind it some may have been
 */
#ifndef FOOTFALL_COUNT_HIT_BATCH_H
#define FOOTFALL_COUNT_HIT_BATCH_H

#include "base/arena.h"
#include "count/batch.h"
#include "count/plan.h"

struct hit {
    struct planned_hit planned; /* first, so that one is the other */
    struct hit_batch *batch;
    int64_t deadline_ms;
    bool is_told;
    hit_done_fn *done; /* NULL when abandoned */
    void *ctx;
};

struct hit_batch {
    struct lane *owner;
    struct arena arena;
    struct plan plan;
    struct hit *untold; /* the oldest hit that may not have been told yet */
    size_t hit_count;
    size_t untold_count;
    struct commit *commit;  /* NULL until planned */
    struct hit_batch *next; /* younger */
};

/** An empty batch that nobody owns yet; NULL without memory. */
struct hit_batch *hit_batch_create(void);

/** NULL is fine. */
void hit_batch_destroy(struct hit_batch *batch);

/** Empties it and keeps its memory; nobody refers to its hits any more. */
void hit_batch_clear(struct hit_batch *batch);

/** Adds a copy of `input` and `facts`; deadline and `done` are the caller's to set. NULL without
 * memory. */
struct hit *hit_batch_add(struct hit_batch *batch, const struct hit_input *input,
                          const struct hit_facts *facts);

/** The one that came after `hit`; NULL at the end. */
static inline struct hit *hit_next(const struct hit *hit)
{
    return (struct hit *)hit->planned.next;
}

#endif
