/**
 * The largest sums out of any number of them: a heap that holds the smallest of those kept at its
 * top. Sums with the same number are in the order of their views, then of their ids, so that two
 * answers on the same counts are the same.
 */
#ifndef FOOTFALL_COUNT_RANKING_H
#define FOOTFALL_COUNT_RANKING_H

#include "base/err.h"
#include "count/metric.h"

struct ranking {
    struct rollup_sum *rows;
    size_t count;
    size_t capacity; /* allocated */
    size_t max;
    enum metric by;
};

/** @param by   one that is a sum
 *  @param max  so many are kept, at least one */
void ranking_init(struct ranking *ranking, enum metric by, size_t max);
void ranking_fini(struct ranking *ranking);

/** ERR_NO_MEMORY: it is as it was. */
enum err ranking_add(struct ranking *ranking, const struct rollup_sum *sum) MUST_CHECK;

/** Puts the largest first. Nothing is added any more. */
void ranking_sort(struct ranking *ranking);

#endif
