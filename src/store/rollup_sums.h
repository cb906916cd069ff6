/**
 * Sums of rollups by group, for drivers that add them up or put them in order themselves.
 */
#ifndef FOOTFALL_STORE_ROLLUP_SUMS_H
#define FOOTFALL_STORE_ROLLUP_SUMS_H

#include "base/arena.h"
#include "base/err.h"
#include "store/rollup.h"

struct rollup_sums {
    struct rollup_sum *slots; /* open addressing; id 0 is free: it is the id of no group but … */
    struct rollup_sum zero;   /* … this one */
    bool has_zero;
    size_t capacity; /* a power of two, or 0 */
    size_t count;    /* without `zero` */
};

/** Empty; allocates nothing yet. */
void rollup_sums_init(struct rollup_sums *sums);
void rollup_sums_fini(struct rollup_sums *sums);

/** ERR_NO_MEMORY, also for more than ROLLUP_MAX_GROUPS. */
enum err rollup_sums_add(struct rollup_sums *sums, uint64_t id,
                         const struct metrics *metrics) MUST_CHECK;

/**
 * The sums in ascending order of their ids. They are `sums`' own and live as long; nothing may be
 * added afterwards.
 */
const struct rollup_sum *rollup_sums_sort(struct rollup_sums *sums, size_t *count);

/** Sorts sums that something else has added up, by id. */
void rollup_sums_order(struct rollup_sum *sums, size_t count);

#endif
