#include "store/sqlite_statement.h"

/* A counter is moved by an UPDATE whose function gives the new total away as it goes by: half the
 * work of RETURNING, which makes a temporary table for each statement, and two thirds of an upsert
 * (measured: 65 additions 134, 262 and 181 us without the disk). Only a new counter needs
 * STATEMENT_COUNTER_ADD too.
 *
 * A row of a rollup is moved in the same way. What is added is not a parameter but stands in the
 * connection: five numbers would have to be bound, and packed only to be unpacked again.
 *
 * The joins of STATEMENT_ROLLUP_SCAN are CROSS JOINs, whose order SQLite keeps: it reads the rows
 * in the order of their key, and looks up for each what its numbers stand for. */
static const char *const statement_sql[STATEMENT_COUNT_] = {
    [STATEMENT_BEGIN_READ] = "BEGIN",
    [STATEMENT_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_WRITER_GET] = "SELECT number, result FROM writer WHERE id = ?1",
    [STATEMENT_WRITER_SET] =
        "UPDATE writer SET number = ?2, seen_unix_ms = ?3, result = ?4 WHERE id = ?1",
    [STATEMENT_WRITER_ADD] = "INSERT INTO writer (id, number, seen_unix_ms, result)"
                             " VALUES (?1, ?2, ?3, x'') ON CONFLICT DO UPDATE SET"
                             " number = excluded.number, result = excluded.result"
                             " WHERE number < excluded.number",
    [STATEMENT_WRITER_SWEEP] = "DELETE FROM writer WHERE id IN"
                               " (SELECT id FROM writer WHERE seen_unix_ms <= ?1 LIMIT ?2)",
    [STATEMENT_RECORD_GET] =
        "SELECT version, value FROM record WHERE key = ?1 AND expires_unix_ms > ?2",
    [STATEMENT_RECORD_PUT] = "REPLACE INTO record (key, version, expires_unix_ms, value)"
                             " VALUES (?1, ?2, ?3, ?4)",
    [STATEMENT_RECORD_REMOVE] = "DELETE FROM record WHERE key = ?1",
    [STATEMENT_RECORD_SWEEP] = "DELETE FROM record WHERE key IN"
                               " (SELECT key FROM record WHERE expires_unix_ms <= ?1"
                               " ORDER BY expires_unix_ms LIMIT ?2)",
    [STATEMENT_RECORD_LIST] = "SELECT key, version, value FROM record"
                              " WHERE key >= ?1 AND expires_unix_ms > ?2 ORDER BY key",
    [STATEMENT_RECORD_SCAN] = "SELECT key, value, expires_unix_ms FROM record"
                              " WHERE key > ?1 AND expires_unix_ms > ?2 ORDER BY key LIMIT ?3",
    [STATEMENT_COUNTER_GET] =
        "SELECT views FROM counter WHERE site = ?1 AND dimension = ?2 AND value = ?3",
    [STATEMENT_COUNTER_MOVE] = "UPDATE counter SET views = footfall_move(views, ?4)"
                               " WHERE site = ?1 AND dimension = ?2 AND value = ?3",
    [STATEMENT_COUNTER_ADD] =
        "INSERT INTO counter (site, dimension, value, views) VALUES (?1, ?2, ?3, ?4)",
    [STATEMENT_COUNTER_SCAN] = "SELECT site, dimension, value, views FROM counter"
                               " WHERE (site, dimension, value) > (?1, ?2, ?3)"
                               " ORDER BY site, dimension, value LIMIT ?4",
    [STATEMENT_COUNTER_PURGE] =
        "DELETE FROM counter WHERE (site, dimension, value) IN"
        " (SELECT site, dimension, value FROM counter WHERE site = ?1 LIMIT ?2)",
    [STATEMENT_COUNTER_LIST_MOVE] = "UPDATE counter_list SET counters = counters + 1"
                                    " WHERE site = ?1 AND dimension = ?2"
                                    " AND (?3 = 0 OR counters < ?3)",
    [STATEMENT_COUNTER_LIST_ADD] = "INSERT INTO counter_list (site, dimension, counters)"
                                   " VALUES (?1, ?2, 1) ON CONFLICT DO NOTHING",
    [STATEMENT_COUNTER_LIST_REMOVE] = "DELETE FROM counter_list WHERE site = ?1",
    [STATEMENT_SITE_GET] = "SELECT number FROM site WHERE id = ?1",
    [STATEMENT_SITE_ADD] = "INSERT INTO site (id) VALUES (?1)",
    [STATEMENT_SITE_REMOVE] = "DELETE FROM site WHERE number = ?1",
    [STATEMENT_LIST_GET] = "SELECT number, rows FROM list"
                           " WHERE site = ?1 AND bucket = ?2 AND dimension = ?3 AND scope = ?4",
    [STATEMENT_LIST_ADD] = "INSERT INTO list (site, bucket, dimension, scope, rows)"
                           " VALUES (?1, ?2, ?3, ?4, 0)",
    [STATEMENT_LIST_SET] = "UPDATE list SET rows = ?2 WHERE number = ?1",
    [STATEMENT_LIST_REMOVE] = "DELETE FROM list WHERE number = ?1",
    [STATEMENT_LIST_NEXT] = "SELECT number, rows FROM list"
                            " WHERE site = ?1 AND bucket BETWEEN ?2 AND ?3 LIMIT 1",
    [STATEMENT_NAME_FIND] = "SELECT number FROM name WHERE site = ?1 AND id = ?2",
    [STATEMENT_NAME_GET] = "SELECT text, title FROM name WHERE site = ?1 AND id = ?2",
    [STATEMENT_NAME_ID] = "SELECT id FROM name WHERE number = ?1 AND site = ?2",
    [STATEMENT_NAME_ADD] = "INSERT INTO name (site, id, text, title) VALUES (?1, ?2, ?3, ?4)",
    [STATEMENT_NAME_SET] = "UPDATE name SET text = ?2, title = iif(?3 = '', title, ?3)"
                           " WHERE number = ?1"
                           " AND (text IS NOT ?2 OR (?3 <> '' AND title <> ?3))",
    [STATEMENT_NAME_PURGE] = "DELETE FROM name WHERE number IN"
                             " (SELECT number FROM name WHERE site = ?1 LIMIT ?2)",
    [STATEMENT_ROLLUP_MOVE] = "UPDATE rollup SET metrics = footfall_roll_up(metrics)"
                              " WHERE list = ?1 AND page = ?2 AND value = ?3",
    [STATEMENT_ROLLUP_ADD] =
        "INSERT INTO rollup (list, page, value, metrics) VALUES (?1, ?2, ?3, ?4)",
    [STATEMENT_ROLLUP_LIST] = "SELECT page, value, metrics FROM rollup"
                              " WHERE list = ?1 AND (page, value) > (?2, ?3)"
                              " ORDER BY page, value",
    [STATEMENT_ROLLUP_PURGE] = "DELETE FROM rollup WHERE list = ?1 AND (page, value) IN"
                               " (SELECT page, value FROM rollup WHERE list = ?1 LIMIT ?2)",
    [STATEMENT_ROLLUP_SCAN] =
        "SELECT rollup.list, rollup.page, rollup.value, rollup.metrics, site.id, list.bucket,"
        " list.dimension, page.id, name.id, name.text, name.title FROM rollup"
        " CROSS JOIN list ON list.number = rollup.list"
        " CROSS JOIN site ON site.number = list.site"
        " CROSS JOIN name ON name.number = rollup.value"
        " LEFT JOIN name AS page ON page.number = rollup.page"
        " WHERE (rollup.list, rollup.page, rollup.value) > (?1, ?2, ?3)"
        " ORDER BY rollup.list, rollup.page, rollup.value LIMIT ?4",
};

const char *sqlite_statement_sql(enum sqlite_statement statement)
{
    return statement_sql[statement];
}
