/**
 * A purge of a PostgreSQL store: its parts, one after the other. Each is a statement that says how
 * many rows it found, at most STORE_SCAN_ITEMS of them: fewer, and nothing is left of that part.
 * No I/O.
 */
#ifndef FOOTFALL_STORE_POSTGRES_PURGE_H
#define FOOTFALL_STORE_POSTGRES_PURGE_H

#include "store/driver.h"
#include "store/postgres_params.h"

/** How many parts the purge `op` has. */
unsigned postgres_purge_parts(const struct store_op *op);

/** Writes the parameters of the statement that is returned. @param part  from 0 on */
enum postgres_statement postgres_purge_encode(struct postgres_params *params,
                                              const struct store_op *op, unsigned part);

#endif
