/**
 * Parameters of prepared statements, counted from 1. All bytes are borrowed: they stay where they
 * are until the statement has run.
 *
 * Nothing here can fail at run time: nothing is copied, all lengths are far below SQLite's limit.
 * What SQLite would refuse is a bug (a place that is not there, a statement not reset): asserted.
 */
#ifndef FOOTFALL_STORE_SQLITE_BIND_H
#define FOOTFALL_STORE_SQLITE_BIND_H

#include <sqlite3.h>

#include "store/commit.h"

void sqlite_bind_number(sqlite3_stmt *statement, int place, int64_t number);
void sqlite_bind_blob(sqlite3_stmt *statement, int place, struct slice bytes);
void sqlite_bind_text(sqlite3_stmt *statement, int place, struct slice text);
void sqlite_bind_null(sqlite3_stmt *statement, int place);

/** To place 1. */
void sqlite_bind_writer(sqlite3_stmt *statement, const struct writer_id *writer);

/** To places 1 to 3: site, dimension, value. */
void sqlite_bind_counter(sqlite3_stmt *statement, const struct counter *counter);

#endif
