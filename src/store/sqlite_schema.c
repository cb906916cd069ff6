#include "store/sqlite_schema.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "store/sqlite_file.h"

/* Results of an earlier number in `writer` are kept as the totals, 8 bytes each, in the machine's
 * byte order; NULL is a conflict. `seen_unix_ms` stands before it, so that a sweep need not read
 * long results. The rows of a counter are ordered so that the lists of one site lie together. */
static const char schema_sql[] = "BEGIN IMMEDIATE;"
                                 "CREATE TABLE record ("
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

static bool set_pragma(sqlite3 *handle, const char *name, int value)
{
    char sql[64];

    (void)snprintf(sql, sizeof(sql), "PRAGMA %s = %d", name, value);
    return sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* All in one transaction. One that fails is rolled back when the connection is closed. */
static bool make_tables(sqlite3 *handle)
{
    return sqlite3_exec(handle, schema_sql, NULL, NULL, NULL) == SQLITE_OK &&
           set_pragma(handle, "application_id", SQLITE_APPLICATION_ID) &&
           set_pragma(handle, "user_version", SQLITE_SCHEMA_VERSION) &&
           sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
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
    if (application_id != SQLITE_APPLICATION_ID &&
        (application_id != 0 || version != 0 || tables != 0))
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
    if (sqlite3_exec(handle, setup_sql, NULL, NULL, NULL) != SQLITE_OK ||
        (version == 0 && !make_tables(handle)))
        return fail_by_sqlite(detail, path, handle);
    return true;
}
