/**
 * All additions of a batch to rollups, equal ones folded into one.
 */
#ifndef FOOTFALL_COUNT_ROLLUP_FOLD_H
#define FOOTFALL_COUNT_ROLLUP_FOLD_H

#include "store/commit.h"

struct rollup_fold {
    struct rollup_addition *items; /* in the order in which they were first met */
    size_t count;
    size_t capacity;
    uint32_t *slots;   /* open addressing: index of an item + 1; 0: free */
    size_t slot_count; /* a power of two, or 0 */
};

void rollup_fold_init(struct rollup_fold *fold);
void rollup_fold_fini(struct rollup_fold *fold);

/** Forgets all, keeps the memory. */
void rollup_fold_clear(struct rollup_fold *fold);

/**
 * The addition to this rollup, made with nothing in it when there is none.
 *
 * @param rollup  its site is compared by its pointer: one text for each site
 * @return        valid until the next call; NULL without memory, or for more than
 *                COMMIT_MAX_ROLLUPS
 */
struct rollup_addition *rollup_fold_get(struct rollup_fold *fold, const struct rollup *rollup);

#endif
