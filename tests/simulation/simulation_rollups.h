/**
 * Rollups in the simulation. Whatever else a plan counts, each of its commits here moves, by as
 * many views as it adds to the counters of the site and of a page, and in two buckets:
 *
 *     total                 the site's only row
 *     entry, by page        no cap: exactly the page's counter
 *     page, by page         a cap below the number of pages: the rest is in "(other)"
 *     browser within page   a cap of one row
 *
 * So at the end rollups must be what the counters are, however often commits were lost, doubled,
 * or replayed to a store that had gone back.
 */
#ifndef FOOTFALL_TESTS_SIMULATION_ROLLUPS_H
#define FOOTFALL_TESTS_SIMULATION_ROLLUPS_H

#include "base/timers.h"
#include "store/store.h"

/**
 * Compares the rollups of the default site with its counters.
 *
 * @param path   of a page; empty: all of the site
 * @param views  what its counter says
 * @param rows   added to: how many sums were compared
 * @param why    gets what does not hold, at least `size` bytes
 * @return       true when all holds
 */
bool simulation_check_rollups(struct store *store, struct timers *timers, struct slice path,
                              int64_t views, uint64_t *rows, char *why, size_t size);

#endif
