/**
 * One step of a scan of a PostgreSQL store: the records in the order of their keys, then the
 * counters in theirs, then the rollups with their names. No I/O.
 */
#ifndef FOOTFALL_STORE_POSTGRES_SCAN_H
#define FOOTFALL_STORE_POSTGRES_SCAN_H

#include "store/driver.h"
#include "store/postgres_params.h"
#include "store/postgres_reply.h"
#include "store/postgres_statement.h"

/** True when `cursor` is one of ours; others must not be encoded. */
bool postgres_scan_knows(struct slice cursor);

/** Writes the parameters of the statement that is returned. */
enum postgres_statement postgres_scan_encode(struct postgres_params *params, struct slice cursor);

/**
 * Reads the answer to the step from `cursor`.
 *
 * @param step  its arrays and cursor are in `arena`, its texts in `reply`
 * @return      ERR_INVALID: the answer does not fit; ERR_NO_MEMORY
 */
enum err postgres_scan_decode(struct scan_step *step, struct slice cursor, const PGresult *reply,
                              struct arena *arena) MUST_CHECK;

#endif
