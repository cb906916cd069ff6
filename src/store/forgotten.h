/**
 * What the replay ring has dropped: how many views of which site, so that a loss that cannot be
 * replayed can be told at least.
 *
 * For each site it keeps the sum of all dropped views, and a few marks "up to commit number N it
 * was V", close together for the latest numbers, far apart for old ones. So what is told of a loss
 * is a bound: as many views are missing, or a little less.
 */
#ifndef FOOTFALL_STORE_FORGOTTEN_H
#define FOOTFALL_STORE_FORGOTTEN_H

#include "base/hashmap.h"

/** Sites told apart; those that come later share one entry, "(other)". */
#define FORGOTTEN_MAX_SITES 10000

struct forgotten {
    struct hashmap sites; /* site id -> struct forgotten_site */
};

void forgotten_init(struct forgotten *forgotten);
void forgotten_fini(struct forgotten *forgotten);

/**
 * Adds the views of a dropped commit to the site of that name. Without memory they are not told
 * later.
 *
 * @param number  of the commit; never lower than before
 */
void forgotten_add(struct forgotten *forgotten, uint64_t number, struct slice name, int64_t views);

/** Remembers nothing of before; what was lost stays so. */
void forgotten_reset(struct forgotten *forgotten);

/** The store has lost all dropped commits with numbers above `last_number`: their views are lost.
 */
void forgotten_lose(struct forgotten *forgotten, uint64_t last_number);

/** Views of a site are lost that were not dropped: their commit cannot be replayed. Without memory
 * they are not told. */
void forgotten_lose_views(struct forgotten *forgotten, struct slice name, int64_t views);

/** Called with each site that has lost views: at most so many, in all. */
typedef void forgotten_fn(void *ctx, struct slice site, int64_t views);
void forgotten_each_lost(const struct forgotten *forgotten, forgotten_fn *fn, void *ctx);

#endif
