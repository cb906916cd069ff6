/**
 * A query of rollups on its way: rows are summed by the numbers that the database has for pages and
 * values; then the numbers of the sums, which are fewer than the rows, become ids again. Both is
 * done in steps; each sees what is there when it is done.
 */
#ifndef FOOTFALL_STORE_SQLITE_QUERY_H
#define FOOTFALL_STORE_SQLITE_QUERY_H

#include "store/driver.h"

struct sqlite_query;

/** NULL is fine. */
void sqlite_query_destroy(struct sqlite_query *query);

/** Finishes `op` with what came of the query, which is finished. */
void sqlite_query_tell(const struct sqlite_query *query, struct store_op *op);

#endif
