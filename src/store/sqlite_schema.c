#include "store/sqlite_schema.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "store/sqlite_file.h"

/* Results of an earlier number in `writer` are kept as the totals, 8 bytes each, in the machine's
 * byte order; NULL is a conflict. `seen_unix_ms` stands before it, so that a sweep need not read
 * long results. The rows of a counter are ordered so that the lists of one site lie together. */
static const char records_sql[] = "CREATE TABLE record ("
                                  "  key BLOB NOT NULL PRIMARY KEY,"
                                  "  version INTEGER NOT NULL,"
                                  "  expires_unix_ms INTEGER NOT NULL,"
                                  "  value BLOB NOT NULL"
                                  ") STRICT, WITHOUT ROWID;"
                                  "CREATE INDEX record_expiry ON record (expires_unix_ms);"
                                  "CREATE TABLE counter ("
                                  "  site TEXT NOT NULL,"
                                  "  dimension INTEGER NOT NULL,"
                                  "  value TEXT NOT NULL,"
                                  "  views INTEGER NOT NULL,"
                                  "  PRIMARY KEY (site, dimension, value)"
                                  ") STRICT, WITHOUT ROWID;"
                                  "CREATE TABLE writer ("
                                  "  id BLOB NOT NULL PRIMARY KEY,"
                                  "  number INTEGER NOT NULL,"
                                  "  seen_unix_ms INTEGER NOT NULL,"
                                  "  result BLOB"
                                  ") STRICT, WITHOUT ROWID;";

/* Rollups, as sqlite_number.h explains. `list` in `rollup` is a list's number; `page` and `value`
 * are a name's, or 0 for no page; `metrics` is as in sqlite_metrics.h. Lists are numbered in the
 * order in which they begin, so what a day adds to lies together at the end of the table, whatever
 * the number of sites, and the rows of one list lie together. A name without a text is that of
 * a value whose text nobody has told. `counter_list` has how many counters a site has, which have
 * a cap too.
 *
 * Measured on a year of a site with 1,000 hits a day, a row of `rollup` takes 18 bytes of the file;
 * there are five for each hit. */
static const char rollups_sql[] = "CREATE TABLE site ("
                                  "  number INTEGER PRIMARY KEY,"
                                  "  id TEXT NOT NULL UNIQUE"
                                  ") STRICT;"
                                  "CREATE TABLE list ("
                                  "  number INTEGER PRIMARY KEY,"
                                  "  site INTEGER NOT NULL,"
                                  "  bucket INTEGER NOT NULL,"
                                  "  dimension INTEGER NOT NULL,"
                                  "  scope INTEGER NOT NULL,"
                                  "  rows INTEGER NOT NULL,"
                                  "  UNIQUE (site, bucket, dimension, scope)"
                                  ") STRICT;"
                                  "CREATE TABLE name ("
                                  "  number INTEGER PRIMARY KEY,"
                                  "  site INTEGER NOT NULL,"
                                  "  id INTEGER NOT NULL,"
                                  "  text TEXT,"
                                  "  title TEXT NOT NULL,"
                                  "  UNIQUE (site, id)"
                                  ") STRICT;"
                                  "CREATE TABLE rollup ("
                                  "  list INTEGER NOT NULL,"
                                  "  page INTEGER NOT NULL,"
                                  "  value INTEGER NOT NULL,"
                                  "  metrics BLOB NOT NULL,"
                                  "  PRIMARY KEY (list, page, value)"
                                  ") STRICT, WITHOUT ROWID;"
                                  "CREATE TABLE counter_list ("
                                  "  site TEXT NOT NULL,"
                                  "  dimension INTEGER NOT NULL,"
                                  "  counters INTEGER NOT NULL,"
                                  "  PRIMARY KEY (site, dimension)"
                                  ") STRICT, WITHOUT ROWID;"
                                  "INSERT INTO counter_list"
                                  "  SELECT site, dimension, count(*) FROM counter"
                                  "  GROUP BY site, dimension;";

/* What brings a database from one version to the next: the first from nothing to version 1. What
 * was released is not changed any more. */
static const char *const steps_sql[SQLITE_SCHEMA_VERSION] = {records_sql, rollups_sql};

/* Of each connection. Not wal_autocheckpoint: it would take the place of our hook. A log that had
 * grown gives its space back when it starts over; the usual one, of 4 MiB, keeps it, since writing
 * over it is cheaper than growing. Deleted bytes are overwritten where that costs no extra page.
 * The file may be changed by others, so what it says is not trusted more than needed. */
static const char setup_sql[] = "PRAGMA synchronous = FULL;"
                                "PRAGMA journal_size_limit = 16777216;"
                                "PRAGMA temp_store = MEMORY;"
                                "PRAGMA cache_size = -8000;"
                                "PRAGMA secure_delete = FAST;"
                                "PRAGMA trusted_schema = OFF;";

static bool fail_by_sqlite(char *detail, const char *path, sqlite3 *handle)
{
    const char *why = sqlite3_errmsg(handle);

    if ((sqlite3_errcode(handle) & 0xff) == SQLITE_NOTADB)
        why = "it is not a database: name another file";
    return sqlite_file_fail(detail, path, why);
}

/* The one number that `sql` asks for. */
static bool ask(sqlite3 *handle, const char *sql, int64_t *out)
{
    sqlite3_stmt *statement;
    bool answered;

    if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) != SQLITE_OK)
        return false;
    answered = sqlite3_step(statement) == SQLITE_ROW;
    if (answered)
        *out = sqlite3_column_int64(statement, 0);
    return sqlite3_finalize(statement) == SQLITE_OK && answered;
}

/* @return  an error; SQLITE_OK with `is_wal` false when the file system has no shared memory */
static int set_wal(sqlite3 *handle, bool *is_wal)
{
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(handle, "PRAGMA journal_mode = WAL", -1, &statement, NULL);

    if (rc != SQLITE_OK)
        return rc;
    *is_wal = sqlite3_step(statement) == SQLITE_ROW &&
              strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    return sqlite3_finalize(statement);
}

static bool execute(sqlite3 *handle, const char *sql)
{
    return sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool set_pragma(sqlite3 *handle, const char *name, int value)
{
    char sql[64];

    (void)snprintf(sql, sizeof(sql), "PRAGMA %s = %d", name, value);
    return execute(handle, sql);
}

/* From `version` to ours, all in one transaction. One that fails is rolled back when the connection
 * is closed. */
static bool migrate(sqlite3 *handle, int64_t version)
{
    bool is_done = execute(handle, "BEGIN IMMEDIATE");

    for (int64_t i = version; is_done && i < SQLITE_SCHEMA_VERSION; i++)
        is_done = execute(handle, steps_sql[i]);
    return is_done && set_pragma(handle, "application_id", SQLITE_APPLICATION_ID) &&
           set_pragma(handle, "user_version", SQLITE_SCHEMA_VERSION) && execute(handle, "COMMIT");
}

bool sqlite_schema_read(sqlite3 *handle, const char *path, int64_t *out, char *detail)
{
    int64_t application_id = 0;
    int64_t version = 0;
    int64_t tables = 0;

    if (!ask(handle, "PRAGMA application_id", &application_id) ||
        !ask(handle, "PRAGMA user_version", &version) ||
        !ask(handle, "SELECT count(*) FROM sqlite_schema", &tables))
        return fail_by_sqlite(detail, path, handle);
    if (version < 0 || (application_id != SQLITE_APPLICATION_ID &&
                        (application_id != 0 || version != 0 || tables != 0)))
        return sqlite_file_fail(detail, path,
                                "it is the database of another program: name another file");
    *out = version;
    return true;
}

bool sqlite_schema_prepare(sqlite3 *handle, const char *path, char *detail, bool *is_newer)
{
    int64_t version = 0;
    bool is_wal = false;

    if (!sqlite_schema_read(handle, path, &version, detail))
        return false;
    *is_newer = version > SQLITE_SCHEMA_VERSION;
    if (*is_newer)
        return sqlite_file_fail(
            detail, path, "it was written by a newer Footfall: run that one, or name another file");
    if (set_wal(handle, &is_wal) != SQLITE_OK)
        return fail_by_sqlite(detail, path, handle);
    if (!is_wal)
        return sqlite_file_fail(detail, path,
                                "its file system cannot do write-ahead logging: use a local disk");
    if (!execute(handle, setup_sql) ||
        (version < SQLITE_SCHEMA_VERSION && !migrate(handle, version)))
        return fail_by_sqlite(detail, path, handle);
    return true;
}
