/**
 * The store's calls about rollups, names and lists as functions that wait.
 */
#ifndef FOOTFALL_TESTS_CALLS_ROLLUPS_H
#define FOOTFALL_TESTS_CALLS_ROLLUPS_H

#include "store/store.h"
#include "support/test_loop.h"

#define CALL_MAX_SUMS 20000

/** The sums in order, at most CALL_MAX_SUMS; valid until the next call. */
const struct rollup_sum *call_rollups(struct test_loop *loop, struct store *store,
                                      const struct rollup_query *query, size_t *count);

/** A query that ends with ERR_UNAVAILABLE. */
void call_rollups_unavailable(struct test_loop *loop, struct store *store,
                              const struct rollup_query *query);

/** "text|title", or "-" for a number without a name; in `out`. */
void call_name(struct test_loop *loop, struct store *store, struct slice site, uint64_t id,
               char *out, size_t size);

/** Until all is done. */
void call_purge(struct test_loop *loop, struct store *store, struct slice site, int32_t first,
                int32_t last);

/** The keys, each with a space behind it, in `out`. */
void call_list(struct test_loop *loop, struct store *store, struct slice prefix, struct slice after,
               size_t limit, char *out, size_t size);

#endif
