#include "store/postgres_statement.h"

#include "store/store.h"

/*
 * A commit is one statement, and so one transaction and one round trip. Parameters: $1 the writer,
 * $2 this number; $3 to $6 the additions; $7 to $10 the writes (a value of NULL deletes, an
 * expectation of -1 is RECORD_ANY, -1 seconds to live are RECORD_FOREVER), $11 their version; $12
 * to $24 the rollups. The driver sends additions and writes in the order of their keys, and they
 * are locked in that order: existing records, new ones, counters; last the sites of the rollups. So
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
    "  SELECT FROM wish HAVING EXISTS (SELECT FROM gate) AND coalesce(bool_and(fits), true))"

/* A record to be deleted is left empty and expired, for the sweep. One that somebody wrote after
 * this statement began is not among those held, so it is not updated and is missing in the count;
 * then all of this is undone, by a division by zero, since plain SQL has no other way to fail. */
#define WRITTEN                                                                                    \
    ", written AS ("                                                                               \
    "  INSERT INTO footfall_record AS r (key, version, expires, value)"                            \
    "  SELECT key, $11, CASE ttl WHEN -1 THEN 'infinity' ELSE now() + make_interval(secs => ttl)"  \
    "    END, coalesce(value, '')"                                                                 \
    "  FROM wish WHERE EXISTS (SELECT FROM fit) ORDER BY place"                                    \
    "  ON CONFLICT (key) DO UPDATE"                                                                \
    "  SET version = excluded.version, expires = excluded.expires, value = excluded.value"         \
    "  WHERE r.key IN (SELECT key FROM held)"                                                      \
    "  RETURNING 1)"                                                                               \
    ", sound AS MATERIALIZED ("                                                                    \
    "  SELECT 1 / CASE WHEN count(*) = cardinality($7) THEN 1 ELSE 0 END"                          \
    "  FROM written WHERE EXISTS (SELECT FROM fit) HAVING EXISTS (SELECT FROM fit))"

/*
 * Rollups. Whoever changes those of a site has its lock: one of 256, since the server has not many,
 * taken in the order of their numbers. All commits of a site meet in the row of its total anyway,
 * and under the lock the rows can be changed in two parts, in whatever order: those that are there,
 * then those that are not. That costs half of an INSERT with ON CONFLICT for all of them, which
 * says nothing of what is new before it is done, and so nothing for the caps.
 *
 * The statement sees the tables as they were when it began, perhaps before it got the lock. A row
 * that somebody has made since counts as one that is not there, and is added to all the same.
 */
#define LOCK_SITES(slots_) "SELECT pg_advisory_xact_lock(1718579060, slot) FROM (" slots_ ") AS s"
#define SLOT_OF(site_)     "hashtext(" site_ ") & 255"

#define MORE_OF(row_)                                                                              \
    "views = r.views + " row_ ".views, visits = r.visits + " row_ ".visits,"                       \
    " visitors = r.visitors + " row_ ".visitors, bounces = r.bounces + " row_ ".bounces,"          \
    " seconds = r.seconds + " row_ ".seconds"

/* VALUE_OTHER is left to what follows: it may be meant by several additions at once. */
#define TOUCHED                                                                                    \
    ", added AS MATERIALIZED ("                                                                    \
    "  SELECT a.* FROM unnest($12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"                   \
    "    WITH ORDINALITY AS a (site, bucket, dimension, page, value,"                              \
    "      views, visits, visitors, bounces, seconds, place)"                                      \
    "  WHERE EXISTS (SELECT FROM sound))"                                                          \
    ", locked AS MATERIALIZED (" LOCK_SITES(                                                       \
        "SELECT DISTINCT " SLOT_OF("site") " AS slot FROM added"                                   \
                                           " WHERE (SELECT count(*) FROM moved) >= 0 ORDER BY "    \
                                           "slot") ")"                                             \
                                                   ", touched AS ("                                \
                                                   "  UPDATE footfall_rollup AS r SET " MORE_OF(   \
                                                       "a") "  FROM added a WHERE (SELECT "        \
                                                            "count(*) FROM locked) > 0 AND "       \
                                                            "r.site = a.site"                      \
                                                            "    AND r.bucket = a.bucket AND "     \
                                                            "r.dimension = a.dimension AND "       \
                                                            "r.page = a.page"                      \
                                                            "    AND r.value = a.value AND "       \
                                                            "a.value <> 1"                         \
                                                            "  RETURNING a.place)"

/* $22 the caps, $23 the texts, $24 the titles. The additions to a list are let in one by one, in
 * the order of the commit, as long as there is room; they have the same cap, if any. */
#define FRESH                                                                                      \
    ", missing AS MATERIALIZED ("                                                                  \
    "  SELECT * FROM added WHERE place NOT IN (SELECT place FROM touched))"                        \
    ", fresh AS MATERIALIZED ("                                                                    \
    "  SELECT m.*, w.text, w.title, w.cap > 0 AND w.cap < coalesce((SELECT l.rows"                 \
    "      FROM footfall_list l WHERE l.site = m.site AND l.bucket = m.bucket"                     \
    "        AND l.dimension = m.dimension AND l.is_within = (m.page <> 0)), 0)"                   \
    "    + row_number() OVER (PARTITION BY m.site, m.bucket, m.dimension, m.page <> 0"             \
    "        ORDER BY m.place) AS is_other"                                                        \
    "  FROM missing m JOIN unnest($22, $23, $24) WITH ORDINALITY AS w (cap, text, title, place)"   \
    "    ON w.place = m.place WHERE EXISTS (SELECT FROM missing))"

/* A row that was not there before has no xmax. */
#define MADE                                                                                       \
    ", made AS ("                                                                                  \
    "  INSERT INTO footfall_rollup AS r (site, bucket, dimension, page, value,"                    \
    "    views, visits, visitors, bounces, seconds)"                                               \
    "  SELECT site, bucket, dimension, CASE WHEN is_other AND page <> 0 THEN 1 ELSE page END,"     \
    "    CASE WHEN is_other THEN 1 ELSE value END, sum(views), sum(visits), sum(visitors),"        \
    "    sum(bounces), sum(seconds) FROM fresh GROUP BY 1, 2, 3, 4, 5"                             \
    "  ON CONFLICT (site, bucket, dimension, page, value) DO UPDATE SET " MORE_OF(                 \
        "excluded") "  RETURNING r.site, r.bucket, r.dimension, r.page <> 0 AS is_within, r.xmax " \
                    "= 0 AS is_new)"                                                               \
                    ", listed AS ("                                                                \
                    "  INSERT INTO footfall_list AS l (site, bucket, dimension, is_within, rows)"  \
                    "  SELECT site, bucket, dimension, is_within, count(*) FROM made WHERE is_new" \
                    "  GROUP BY 1, 2, 3, 4"                                                        \
                    "  ON CONFLICT (site, bucket, dimension, is_within) DO UPDATE"                 \
                    "  SET rows = l.rows + excluded.rows)"

/* Of several texts of one value the last one counts, and of its titles the last that is one. */
#define NAMED                                                                                      \
    ", named AS ("                                                                                 \
    "  INSERT INTO footfall_name AS n (site, id, text, title)"                                     \
    "  SELECT DISTINCT ON (site, value) site, value, text, title FROM fresh"                       \
    "  WHERE text <> '' AND NOT is_other ORDER BY site, value, title <> '' DESC, place DESC"       \
    "  ON CONFLICT (site, id) DO UPDATE SET title = excluded.title"                                \
    "  WHERE excluded.title NOT IN ('', n.title))"

static const char count_sql[] =
    GATE MOVED("gate") " UPDATE footfall_writer SET number = $2, seen = now(),"
                       "   result = (SELECT coalesce(array_agg(views), '{}') FROM moved)"
                       " WHERE id = $1 AND EXISTS (SELECT FROM gate) RETURNING result";

/* A conflict leaves no result, and brings back what is there. */
#define CONCLUDED                                                                                  \
    " UPDATE footfall_writer SET number = $2, seen = now(),"                                       \
    "   result = CASE WHEN EXISTS (SELECT FROM sound)"                                             \
    "     THEN (SELECT coalesce(array_agg(views), '{}') FROM moved) END"                           \
    " WHERE id = $1 AND EXISTS (SELECT FROM gate)"                                                 \
    " RETURNING result,"                                                                           \
    "   CASE WHEN result IS NULL THEN (SELECT array_agg(version ORDER BY place) FROM wish) END,"   \
    "   CASE WHEN result IS NULL THEN (SELECT array_agg(CASE WHEN version = 0 THEN '' ELSE held"   \
    "     END ORDER BY place) FROM wish) END"

static const char commit_sql[] = GATE HELD WRITTEN MOVED("sound");
static const char commit_end_sql[] = CONCLUDED;
static const char commit_rollups_end_sql[] = TOUCHED FRESH MADE NAMED CONCLUDED;

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

/* $1 what the keys begin with, $2 the last one told. Behind all of them is $1 with more bytes of
 * 255 than a key can have. */
static const char records_list_sql[] =
    "SELECT key, version, value FROM footfall_record"
    " WHERE key >= $1 AND key > $2 AND key < $1 || decode(repeat('ff', 257), 'hex')"
    "   AND expires > now() ORDER BY key LIMIT $3";

/*
 * $1 the site, $2 the buckets, $3 the dimension, $4 the page, $5 the value (0: all), $6 what to sum
 * by (enum rollup_group), $7 at most so many groups. Each bucket is looked up by itself, by as much
 * of the key as is known: OFFSET 0 keeps the planner from doing it in another way, as it would
 * before its first ANALYZE. The order is that of unsigned numbers.
 */
#define SUMS(rows_)                                                                                \
    "SELECT g.id, sum(g.views)::bigint, sum(g.visits)::bigint, sum(g.visitors)::bigint,"           \
    "  sum(g.bounces)::bigint, sum(g.seconds)::bigint"                                             \
    " FROM unnest($2) AS b (bucket) CROSS JOIN LATERAL ("                                          \
    "  SELECT CASE $6 WHEN 0 THEN r.bucket WHEN 1 THEN r.value ELSE r.page END AS id,"             \
    "    r.views, r.visits, r.visitors, r.bounces, r.seconds FROM footfall_rollup r"               \
    "  WHERE r.site = $1 AND r.bucket = b.bucket AND r.dimension = $3 AND " rows_ " OFFSET 0) g"   \
    " GROUP BY g.id ORDER BY g.id < 0, g.id LIMIT $7"

static const char sum_row_sql[] = SUMS("r.page = $4 AND r.value = $5");

static const char sum_page_sql[] = SUMS("r.page = $4");

static const char sum_pages_sql[] = SUMS("r.page <> 0 AND ($5 = 0 OR r.value = $5)");

static const char names_get_sql[] =
    "SELECT a.place, n.text, n.title FROM unnest($2) WITH ORDINALITY AS a (id, place)"
    " CROSS JOIN LATERAL (SELECT text, title FROM footfall_name"
    "  WHERE site = $1 AND id = a.id OFFSET 0) n";

static const char records_scan_sql[] =
    "SELECT key, value, CASE expires WHEN 'infinity' THEN -1"
    "  ELSE ceil(extract(epoch FROM expires - now()))::bigint END FROM footfall_record"
    " WHERE key > $1 AND expires > now() ORDER BY key LIMIT $2";

static const char counters_scan_sql[] =
    "SELECT site, dimension::bigint, value, views FROM footfall_counter"
    " WHERE (site, dimension, value) > ($1, $2, $3) ORDER BY site, dimension, value LIMIT $4";

static const char rollups_scan_sql[] =
    "SELECT r.site, r.bucket::bigint, r.dimension::bigint, r.page, r.value,"
    "  r.views, r.visits, r.visitors, r.bounces, r.seconds, n.text, n.title"
    " FROM (SELECT * FROM footfall_rollup"
    "  WHERE (site, bucket, dimension, page, value) > ($1, $2, $3, $4, $5)"
    "  ORDER BY site, bucket, dimension, page, value LIMIT $6) r"
    " LEFT JOIN LATERAL (SELECT text, title FROM footfall_name"
    "  WHERE site = r.site AND id = r.value AND r.page = 0 OFFSET 0) n ON true"
    " ORDER BY r.site, r.bucket, r.dimension, r.page, r.value";

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

/* $1 the site, $2 the first and $3 the last bucket. How many rows is a part of the text: of a
 * parameter the planner would assume far more, and read whole tables to join them. */
#define PURGE_LIMIT " LIMIT 1000"

_Static_assert(STORE_SCAN_ITEMS == 1000, "as PURGE_LIMIT has it");

static const char purge_rollups_sql[] =
    "WITH locked AS MATERIALIZED (" LOCK_SITES("SELECT " SLOT_OF(
        "$1") " AS slot") ")"
                          ", found AS MATERIALIZED ("
                          "  SELECT bucket, dimension, page, value FROM footfall_rollup"
                          "  WHERE site = $1 AND bucket BETWEEN $2 AND $3"
                          "  ORDER BY bucket, dimension, page, value" PURGE_LIMIT ")"
                          ", gone AS ("
                          "  DELETE FROM footfall_rollup r USING found f"
                          "  WHERE (SELECT count(*) FROM locked) > 0 AND r.site = $1 AND r.bucket "
                          "= f.bucket"
                          "    AND r.dimension = f.dimension AND r.page = f.page AND r.value = "
                          "f.value"
                          "  RETURNING r.bucket, r.dimension, r.page <> 0 AS is_within)"
                          ", less AS ("
                          "  UPDATE footfall_list l SET rows = l.rows - g.rows"
                          "  FROM (SELECT bucket, dimension, is_within, count(*) AS rows FROM gone "
                          "GROUP BY 1, 2, 3) g"
                          "  WHERE l.site = $1 AND l.bucket = g.bucket AND l.dimension = "
                          "g.dimension"
                          "    AND l.is_within = g.is_within)"
                          " SELECT count(*) FROM found";

/* Of which no row is left. */
static const char purge_lists_sql[] = "WITH locked AS MATERIALIZED (" LOCK_SITES("SELECT " SLOT_OF(
    "$1") " AS slot") ")"
                      ", found AS MATERIALIZED ("
                      "  SELECT bucket, dimension, is_within FROM footfall_list"
                      "  WHERE site = $1 AND bucket BETWEEN $2 AND $3 AND rows <= 0"
                      "  ORDER BY bucket, dimension, is_within" PURGE_LIMIT ")"
                      ", gone AS ("
                      "  DELETE FROM footfall_list l USING found f"
                      "  WHERE (SELECT count(*) FROM locked) > 0 AND l.site = $1 AND l.bucket = "
                      "f.bucket"
                      "    AND l.dimension = f.dimension AND l.is_within = f.is_within AND l.rows "
                      "<= 0)"
                      " SELECT count(*) FROM found";

static const char purge_names_sql[] = "WITH locked AS MATERIALIZED (" LOCK_SITES("SELECT " SLOT_OF(
    "$1") " AS slot") ")"
                      ", found AS MATERIALIZED ("
                      "  SELECT id FROM footfall_name WHERE site = $1 ORDER BY id" PURGE_LIMIT ")"
                      ", gone AS ("
                      "  DELETE FROM footfall_name n USING found f"
                      "  WHERE (SELECT count(*) FROM locked) > 0 AND n.site = $1 AND n.id = f.id)"
                      " SELECT count(*) FROM found";

/* Locked in the order of a commit, and without the lock of the site, which a commit takes later. */
static const char purge_counters_sql[] =
    "WITH found AS MATERIALIZED ("
    "  SELECT dimension, value FROM footfall_counter WHERE site = $1"
    "  ORDER BY dimension, value" PURGE_LIMIT " FOR UPDATE)"
    ", gone AS ("
    "  DELETE FROM footfall_counter c USING found f"
    "  WHERE c.site = $1 AND c.dimension = f.dimension AND c.value = f.value)"
    " SELECT count(*) FROM found";

/* In the order of postgres_facts_take(). */
static const char health_sql[] =
    "SELECT pg_is_in_recovery(), current_setting('transaction_read_only'),"
    "  current_setting('server_encoding'),"
    "  current_setting('fsync'), current_setting('full_page_writes'),"
    "  current_setting('synchronous_commit'),"
    "  (SELECT string_agg(t || ' ' || p, ', ' ORDER BY t, p)"
    "   FROM unnest('{footfall_counter,footfall_list,footfall_name,footfall_record,"
    "     footfall_rollup,footfall_writer}'::text[]) AS t,"
    "     unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS p"
    "   WHERE NOT has_table_privilege(t, p)),"
    "  (SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class"
    "   WHERE relpersistence = 'u' AND oid IN ('footfall_counter'::regclass,"
    "     'footfall_list'::regclass, 'footfall_name'::regclass, 'footfall_record'::regclass,"
    "     'footfall_rollup'::regclass, 'footfall_writer'::regclass))";

/* What all commits with record writes begin with. */
#define COMMIT_TYPES                                                                               \
    POSTGRES_BYTEA, POSTGRES_INT8, POSTGRES_TEXT_ARRAY, POSTGRES_INT2_ARRAY, POSTGRES_TEXT_ARRAY,  \
        POSTGRES_INT8_ARRAY, POSTGRES_BYTEA_ARRAY, POSTGRES_INT8_ARRAY, POSTGRES_BYTEA_ARRAY,      \
        POSTGRES_INT4_ARRAY, POSTGRES_INT8

#define SUM_TYPES                                                                                  \
    POSTGRES_TEXT, POSTGRES_INT4_ARRAY, POSTGRES_INT8, POSTGRES_INT8, POSTGRES_INT8,               \
        POSTGRES_INT8, POSTGRES_INT8

const struct postgres_statement_text postgres_statements[POSTGRES_STATEMENT_COUNT_] = {
    [POSTGRES_COUNT] = {"footfall_count",
                        {count_sql},
                        6,
                        {POSTGRES_BYTEA, POSTGRES_INT8, POSTGRES_TEXT_ARRAY, POSTGRES_INT2_ARRAY,
                         POSTGRES_TEXT_ARRAY, POSTGRES_INT8_ARRAY}},
    [POSTGRES_COMMIT] = {"footfall_commit", {commit_sql, commit_end_sql}, 11, {COMMIT_TYPES}},
    [POSTGRES_COMMIT_ROLLUPS] = {"footfall_commit_rollups",
                                 {commit_sql, commit_rollups_end_sql},
                                 24,
                                 {COMMIT_TYPES, POSTGRES_TEXT_ARRAY, POSTGRES_INT4_ARRAY,
                                  POSTGRES_INT2_ARRAY, POSTGRES_INT8_ARRAY, POSTGRES_INT8_ARRAY,
                                  POSTGRES_INT8_ARRAY, POSTGRES_INT8_ARRAY, POSTGRES_INT8_ARRAY,
                                  POSTGRES_INT8_ARRAY, POSTGRES_INT8_ARRAY, POSTGRES_INT8_ARRAY,
                                  POSTGRES_BYTEA_ARRAY, POSTGRES_BYTEA_ARRAY}},
    [POSTGRES_WRITER_GET] = {"footfall_writer_get", {writer_get_sql}, 1, {POSTGRES_BYTEA}},
    [POSTGRES_WRITER_ADD] = {"footfall_writer_add",
                             {writer_add_sql},
                             2,
                             {POSTGRES_BYTEA, POSTGRES_INT8}},
    [POSTGRES_RECORDS_GET] = {"footfall_records_get", {records_get_sql}, 1, {POSTGRES_BYTEA_ARRAY}},
    [POSTGRES_COUNTERS_GET] = {"footfall_counters_get",
                               {counters_get_sql},
                               3,
                               {POSTGRES_TEXT_ARRAY, POSTGRES_INT2_ARRAY, POSTGRES_TEXT_ARRAY}},
    [POSTGRES_RECORDS_LIST] = {"footfall_records_list",
                               {records_list_sql},
                               3,
                               {POSTGRES_BYTEA, POSTGRES_BYTEA, POSTGRES_INT8}},
    [POSTGRES_SUM_ROW] = {"footfall_sum_row", {sum_row_sql}, 7, {SUM_TYPES}},
    [POSTGRES_SUM_PAGE] = {"footfall_sum_page", {sum_page_sql}, 7, {SUM_TYPES}},
    [POSTGRES_SUM_PAGES] = {"footfall_sum_pages", {sum_pages_sql}, 7, {SUM_TYPES}},
    [POSTGRES_NAMES_GET] = {"footfall_names_get",
                            {names_get_sql},
                            2,
                            {POSTGRES_TEXT, POSTGRES_INT8_ARRAY}},
    [POSTGRES_RECORDS_SCAN] = {"footfall_records_scan",
                               {records_scan_sql},
                               2,
                               {POSTGRES_BYTEA, POSTGRES_INT8}},
    [POSTGRES_COUNTERS_SCAN] = {"footfall_counters_scan",
                                {counters_scan_sql},
                                4,
                                {POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_TEXT, POSTGRES_INT8}},
    [POSTGRES_ROLLUPS_SCAN] = {"footfall_rollups_scan",
                               {rollups_scan_sql},
                               6,
                               {POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_INT8, POSTGRES_INT8,
                                POSTGRES_INT8, POSTGRES_INT8}},
    [POSTGRES_SWEEP] = {"footfall_sweep", {sweep_sql}, 2, {POSTGRES_INT8, POSTGRES_INT8}},
    [POSTGRES_PURGE_ROLLUPS] = {"footfall_purge_rollups",
                                {purge_rollups_sql},
                                3,
                                {POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_INT8}},
    [POSTGRES_PURGE_LISTS] = {"footfall_purge_lists",
                              {purge_lists_sql},
                              3,
                              {POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_INT8}},
    [POSTGRES_PURGE_NAMES] = {"footfall_purge_names", {purge_names_sql}, 1, {POSTGRES_TEXT}},
    [POSTGRES_PURGE_COUNTERS] = {"footfall_purge_counters",
                                 {purge_counters_sql},
                                 1,
                                 {POSTGRES_TEXT}},
    [POSTGRES_HEALTH] = {"footfall_health", {health_sql}, 0, {0}},
};
