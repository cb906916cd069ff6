/**
 * How the rollups of a commit are applied.
 */
#ifndef FOOTFALL_STORE_SQLITE_ROLLUP_H
#define FOOTFALL_STORE_SQLITE_ROLLUP_H

#include "store/commit.h"
#include "store/sqlite_db.h"

/**
 * Applies them, inside the transaction of the commit.
 *
 * @param arena  takes what is needed on the way
 * @return       SQLITE_OK or an error; SQLITE_CONSTRAINT_FUNCTION: a number does not fit
 */
int sqlite_rollups_apply(struct sqlite_db *db, const struct commit *commit, struct arena *arena);

#endif
