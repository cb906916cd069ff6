#include "store/postgres_statement.h"

/*
 * A commit is one statement, and so one transaction and one round trip. Parameters: $1 the writer,
 * $2 this number; $3 to $6 the additions; $7 to $10 the writes (a value of NULL deletes, an
 * expectation of -1 is RECORD_ANY), $11 their version. The driver sends additions and writes in the
 * order of their keys, and they are locked in that order: existing records, new ones, counters. So
 * processes wait for each other but do not deadlock.
 *
 * The gate is the writer's row at the number before, locked. When a twin of this commit holds it,
 * the statement waits for the twin's end and then looks at the row anew (READ COMMITTED does),
 * finds it moved on, and does nothing: no row comes back.
 */
#define GATE                                                                                       \
    "WITH gate AS MATERIALIZED ("                                                                  \
    "  SELECT FROM footfall_writer WHERE id = $1 AND number = $2 - 1 FOR NO KEY UPDATE)"

/* RETURNING gives the rows in the order of the additions. */
#define MOVED(condition_)                                                                          \
    ", moved AS ("                                                                                 \
    "  INSERT INTO footfall_counter AS c (site, dimension, value, views)"                          \
    "  SELECT a.site, a.dimension, a.value, a.delta"                                               \
    "  FROM unnest($3, $4, $5, $6) WITH ORDINALITY AS a (site, dimension, value, delta, place)"    \
    "  WHERE EXISTS (SELECT FROM " condition_ ") ORDER BY a.place"                                 \
    "  ON CONFLICT (site, dimension, value) DO UPDATE SET views = c.views + excluded.views"        \
    "  RETURNING c.views)"

/* The records that are there, locked, so each as it is now; an expired one counts as absent. */
#define HELD                                                                                       \
    ", held AS MATERIALIZED ("                                                                     \
    "  SELECT r.key, CASE WHEN r.expires > now() THEN r.version ELSE 0 END AS version, r.value"    \
    "  FROM footfall_record r WHERE r.key = ANY ($7) AND EXISTS (SELECT FROM gate)"                \
    "  ORDER BY r.key FOR UPDATE)"                                                                 \
    ", wish AS MATERIALIZED ("                                                                     \
    "  SELECT w.place, w.key, w.value, w.ttl, coalesce(h.version, 0) AS version,"                  \
    "    h.value AS held, w.expect IN (-1, coalesce(h.version, 0)) AS fits"                        \
    "  FROM unnest($7, $8, $9, $10) WITH ORDINALITY AS w (key, expect, value, ttl, place)"         \
    "  LEFT JOIN held h ON h.key = w.key)"                                                         \
    ", fit AS MATERIALIZED ("                                                                      \
    "  SELECT FROM wish WHERE EXISTS (SELECT FROM gate) HAVING bool_and(fits))"

/* A record to be deleted is left empty and expired, for the sweep. One that somebody wrote after
 * this statement began is not among those held, so it is not updated and is missing in the count;
 * then all of this is undone, by a division by zero, since plain SQL has no other way to fail. */
#define WRITTEN                                                                                    \
    ", written AS ("                                                                               \
    "  INSERT INTO footfall_record AS r (key, version, expires, value)"                            \
    "  SELECT key, $11, now() + make_interval(secs => ttl), coalesce(value, '')"                   \
    "  FROM wish WHERE EXISTS (SELECT FROM fit) ORDER BY place"                                    \
    "  ON CONFLICT (key) DO UPDATE"                                                                \
    "  SET version = excluded.version, expires = excluded.expires, value = excluded.value"         \
    "  WHERE r.key IN (SELECT key FROM held)"                                                      \
    "  RETURNING 1)"                                                                               \
    ", sound AS MATERIALIZED ("                                                                    \
    "  SELECT 1 / CASE WHEN count(*) = cardinality($7) THEN 1 ELSE 0 END"                          \
    "  FROM written WHERE EXISTS (SELECT FROM fit) HAVING EXISTS (SELECT FROM fit))"

static const char count_sql[] =
    GATE MOVED("gate") " UPDATE footfall_writer SET number = $2, seen = now(),"
                       "   result = (SELECT coalesce(array_agg(views), '{}') FROM moved)"
                       " WHERE id = $1 AND EXISTS (SELECT FROM gate) RETURNING result";

/* A conflict leaves no result, and brings back what is there. */
static const char commit_sql[] = GATE HELD WRITTEN MOVED(
    "sound") " UPDATE footfall_writer SET number = $2, seen = now(),"
             "   result = CASE WHEN EXISTS (SELECT FROM sound)"
             "     THEN (SELECT coalesce(array_agg(views), '{}') FROM moved) END"
             " WHERE id = $1 AND EXISTS (SELECT FROM gate)"
             " RETURNING result,"
             "   CASE WHEN result IS NULL THEN (SELECT array_agg(version ORDER BY place) FROM "
             "wish) END,"
             "   CASE WHEN result IS NULL THEN (SELECT array_agg(CASE WHEN version = 0 THEN '' "
             "ELSE held END"
             "     ORDER BY place) FROM wish) END";

static const char writer_get_sql[] = "SELECT number, result FROM footfall_writer WHERE id = $1";

static const char writer_add_sql[] =
    "INSERT INTO footfall_writer AS w (id, number, seen, result) VALUES ($1, $2, now(), '{}')"
    " ON CONFLICT (id) DO UPDATE SET number = excluded.number, result = excluded.result"
    " WHERE w.number < excluded.number";

static const char records_get_sql[] =
    "SELECT k.place, r.version, r.value"
    " FROM unnest($1) WITH ORDINALITY AS k (key, place)"
    " JOIN footfall_record r ON r.key = k.key WHERE r.expires > now()";

static const char counters_get_sql[] =
    "SELECT a.place, c.views"
    " FROM unnest($1, $2, $3) WITH ORDINALITY AS a (site, dimension, value, place)"
    " JOIN footfall_counter c"
    "   ON c.site = a.site AND c.dimension = a.dimension AND c.value = a.value";

static const char records_scan_sql[] =
    "SELECT key, value, ceil(extract(epoch FROM expires - now()))::bigint FROM footfall_record"
    " WHERE key > $1 AND expires > now() ORDER BY key LIMIT $2";

static const char counters_scan_sql[] =
    "SELECT site, dimension::bigint, value, views FROM footfall_counter"
    " WHERE (site, dimension, value) > ($1, $2, $3) ORDER BY site, dimension, value LIMIT $4";

/* Never waits for a row. $1 rows of each kind, $2 seconds until a silent writer is forgotten. */
static const char sweep_sql[] =
    "WITH silent AS ("
    "  DELETE FROM footfall_writer WHERE id = ANY (ARRAY("
    "    SELECT id FROM footfall_writer WHERE seen <= now() - make_interval(secs => $2)"
    "    LIMIT $1 FOR UPDATE SKIP LOCKED)))"
    ", expired AS ("
    "  DELETE FROM footfall_record WHERE key = ANY (ARRAY("
    "    SELECT key FROM footfall_record WHERE expires <= now()"
    "    ORDER BY expires LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1)"
    " SELECT count(*) FROM expired";

/* In the order of postgres_facts_take(). */
static const char health_sql[] =
    "SELECT pg_is_in_recovery(), current_setting('transaction_read_only'),"
    "  current_setting('server_encoding'),"
    "  current_setting('fsync'), current_setting('full_page_writes'),"
    "  current_setting('synchronous_commit'),"
    "  (SELECT string_agg(t || ' ' || p, ', ' ORDER BY t, p)"
    "   FROM unnest('{footfall_counter,footfall_record,footfall_writer}'::text[]) AS t,"
    "     unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS p"
    "   WHERE NOT has_table_privilege(t, p)),"
    "  (SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class"
    "   WHERE relpersistence = 'u' AND oid IN ('footfall_counter'::regclass,"
    "     'footfall_record'::regclass, 'footfall_writer'::regclass))";

const struct postgres_statement_text postgres_statements[POSTGRES_STATEMENT_COUNT_] = {
    [POSTGRES_COUNT] = {"footfall_count",
                        count_sql,
                        6,
                        {POSTGRES_BYTEA, POSTGRES_INT8, POSTGRES_TEXT_ARRAY, POSTGRES_INT2_ARRAY,
                         POSTGRES_TEXT_ARRAY, POSTGRES_INT8_ARRAY}},
    [POSTGRES_COMMIT] = {"footfall_commit",
                         commit_sql,
                         11,
                         {POSTGRES_BYTEA, POSTGRES_INT8, POSTGRES_TEXT_ARRAY, POSTGRES_INT2_ARRAY,
                          POSTGRES_TEXT_ARRAY, POSTGRES_INT8_ARRAY, POSTGRES_BYTEA_ARRAY,
                          POSTGRES_INT8_ARRAY, POSTGRES_BYTEA_ARRAY, POSTGRES_INT4_ARRAY,
                          POSTGRES_INT8}},
    [POSTGRES_WRITER_GET] = {"footfall_writer_get", writer_get_sql, 1, {POSTGRES_BYTEA}},
    [POSTGRES_WRITER_ADD] = {"footfall_writer_add",
                             writer_add_sql,
                             2,
                             {POSTGRES_BYTEA, POSTGRES_INT8}},
    [POSTGRES_RECORDS_GET] = {"footfall_records_get", records_get_sql, 1, {POSTGRES_BYTEA_ARRAY}},
    [POSTGRES_COUNTERS_GET] = {"footfall_counters_get",
                               counters_get_sql,
                               3,
                               {POSTGRES_TEXT_ARRAY, POSTGRES_INT2_ARRAY, POSTGRES_TEXT_ARRAY}},
    [POSTGRES_RECORDS_SCAN] = {"footfall_records_scan",
                               records_scan_sql,
                               2,
                               {POSTGRES_BYTEA, POSTGRES_INT8}},
    [POSTGRES_COUNTERS_SCAN] = {"footfall_counters_scan",
                                counters_scan_sql,
                                4,
                                {POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_TEXT, POSTGRES_INT8}},
    [POSTGRES_SWEEP] = {"footfall_sweep", sweep_sql, 2, {POSTGRES_INT8, POSTGRES_INT8}},
    [POSTGRES_HEALTH] = {"footfall_health", health_sql, 0, {0}},
};
