/**
 * What is in the database: whose it is, its settings and its tables.
 */
#ifndef FOOTFALL_STORE_SQLITE_SCHEMA_H
#define FOOTFALL_STORE_SQLITE_SCHEMA_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/** The schema this program reads and writes (user_version), and whose file it is ("Foot"). */
#define SQLITE_SCHEMA_VERSION 2
#define SQLITE_APPLICATION_ID 0x466f6f74

/** The expiry of records that have none. */
#define SQLITE_NEVER_UNIX_MS INT64_MAX

/**
 * Refuses a database of another program or of a newer Footfall before anything in it is changed,
 * then sets up the connection, and makes the tables of a new one or brings those of an earlier
 * Footfall to this version. The caller holds the lock.
 *
 * @param detail    on false: why not, and what to do; SQLITE_DETAIL_BYTES of sqlite_file.h
 * @param is_newer  set: it was written by a newer Footfall
 */
bool sqlite_schema_prepare(sqlite3 *handle, const char *path, char *detail, bool *is_newer);

/**
 * Reads which schema is there and changes nothing.
 *
 * @param out     0: nothing is in the file yet
 * @param detail  on false: as above
 */
bool sqlite_schema_read(sqlite3 *handle, const char *path, int64_t *out, char *detail);

#endif
