#include "store/postgres_statement.h"

#include "store/postgres_commit_sql.h"
#include "store/store.h"

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
 * before its first ANALYZE. A plan that is made once for all calls expects one row a bucket, and
 * sorts 40,000 of them on disk before it sums them; so these are planned each time, and what they
 * find is put in order by who gets it.
 */
#define SUMS(rows_)                                                                                \
    "SELECT g.id, sum(g.views)::bigint, sum(g.visits)::bigint, sum(g.visitors)::bigint,"           \
    "  sum(g.bounces)::bigint, sum(g.seconds)::bigint"                                             \
    " FROM unnest($2) AS b (bucket) CROSS JOIN LATERAL ("                                          \
    "  SELECT CASE $6 WHEN 0 THEN r.bucket WHEN 1 THEN r.value ELSE r.page END AS id,"             \
    "    r.views, r.visits, r.visitors, r.bounces, r.seconds FROM footfall_rollup r"               \
    "  WHERE r.site = $1 AND r.bucket = b.bucket AND r.dimension = $3 AND " rows_ " OFFSET 0) g"   \
    " GROUP BY g.id LIMIT $7"

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

/* $1 the site, $2 the first and $3 the last bucket. What the planner knows of a table that was not
 * analyzed yet would have it read all of a site for every thousand rows. So it is told what to
 * expect: a range of (site, bucket) is one of many rows to it, of which it takes the first ones
 * from the index; of a thousand, a part of the text, it expects five to be in a range of what it
 * knows nothing of, and looks each up. */
#define PURGE_LIMIT " LIMIT 1000"
#define PURGE_FOUND(columns_, table_, but_, order_)                                                \
    ", found AS MATERIALIZED (SELECT * FROM ("                                                     \
    "  SELECT " columns_ " FROM " table_                                                           \
    "  WHERE (site, bucket) >= ($1, $2) AND (site, bucket) <= ($1, $3)" but_                       \
    "  ORDER BY " order_ PURGE_LIMIT ") AS first WHERE bucket + 0 BETWEEN $2 AND $3)"
#define PURGE_LOCKED                                                                               \
    "WITH locked AS MATERIALIZED (" LOCK_SITES("SELECT " SLOT_OF("$1") " AS slot") ")"

_Static_assert(STORE_SCAN_ITEMS == 1000, "as PURGE_LIMIT has it");

#define PURGE_FOUND_ROLLUPS                                                                        \
    PURGE_FOUND("bucket, dimension, page, value", "footfall_rollup", "",                           \
                "site, bucket, dimension, page, value")
#define PURGE_FOUND_LISTS                                                                          \
    PURGE_FOUND("bucket, dimension, is_within", "footfall_list", " AND rows <= 0",                 \
                "site, bucket, dimension, is_within")

static const char purge_rollups_sql[] = PURGE_LOCKED PURGE_FOUND_ROLLUPS
    ", gone AS ("
    "  DELETE FROM footfall_rollup r USING found f"
    "  WHERE (SELECT count(*) FROM locked) > 0 AND r.site = $1 AND r.bucket = f.bucket"
    "    AND r.dimension = f.dimension AND r.page = f.page AND r.value = f.value"
    "  RETURNING r.bucket, r.dimension, r.page <> 0 AS is_within)"
    ", less AS ("
    "  UPDATE footfall_list l SET rows = l.rows - g.rows"
    "  FROM (SELECT bucket, dimension, is_within, count(*) AS rows FROM gone GROUP BY 1, 2, 3) g"
    "  WHERE l.site = $1 AND l.bucket = g.bucket AND l.dimension = g.dimension"
    "    AND l.is_within = g.is_within)"
    " SELECT count(*) FROM found";

/* Of which no row is left. */
static const char purge_lists_sql[] = PURGE_LOCKED PURGE_FOUND_LISTS
    ", gone AS ("
    "  DELETE FROM footfall_list l USING found f"
    "  WHERE (SELECT count(*) FROM locked) > 0 AND l.site = $1 AND l.bucket = f.bucket"
    "    AND l.dimension = f.dimension AND l.is_within = f.is_within AND l.rows <= 0)"
    " SELECT count(*) FROM found";

static const char purge_names_sql[] =
    PURGE_LOCKED ", found AS MATERIALIZED ("
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
    "  WHERE c.site = $1 AND c.dimension = f.dimension AND c.value = f.value"
    "  RETURNING c.dimension)"
    ", less AS ("
    "  UPDATE footfall_counter_list l SET counters = l.counters - g.counters"
    "  FROM (SELECT dimension, count(*) AS counters FROM gone GROUP BY 1) g"
    "  WHERE l.site = $1 AND l.dimension = g.dimension)"
    " SELECT count(*) FROM found";

/* Of which no counter is left. */
static const char purge_counter_lists_sql[] =
    "WITH found AS MATERIALIZED ("
    "  SELECT dimension FROM footfall_counter_list WHERE site = $1 AND counters <= 0"
    "  ORDER BY dimension" PURGE_LIMIT ")"
    ", gone AS ("
    "  DELETE FROM footfall_counter_list l USING found f"
    "  WHERE l.site = $1 AND l.dimension = f.dimension AND l.counters <= 0)"
    " SELECT count(*) FROM found";

/* In the order of postgres_facts_take(). */
static const char health_sql[] =
    "SELECT pg_is_in_recovery(), current_setting('transaction_read_only'),"
    "  current_setting('server_encoding'),"
    "  current_setting('fsync'), current_setting('full_page_writes'),"
    "  current_setting('synchronous_commit'),"
    "  (SELECT string_agg(t || ' ' || p, ', ' ORDER BY t, p)"
    "   FROM unnest('{footfall_counter,footfall_counter_list,footfall_list,footfall_name,"
    "     footfall_record,footfall_rollup,footfall_writer}'::text[]) AS t,"
    "     unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS p"
    "   WHERE NOT has_table_privilege(t, p)),"
    "  (SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class"
    "   WHERE relpersistence = 'u' AND oid IN ('footfall_counter'::regclass,"
    "     'footfall_counter_list'::regclass, 'footfall_list'::regclass, 'footfall_name'::regclass, "
    "'footfall_record'::regclass,"
    "     'footfall_rollup'::regclass, 'footfall_writer'::regclass))";

/* What all commits begin with. The caps are in two arrays, which are not the same in both forms. */
#define COUNT_TYPES(...)                                                                           \
    POSTGRES_BYTEA, POSTGRES_INT8, POSTGRES_TEXT_ARRAY, POSTGRES_INT2_ARRAY, POSTGRES_TEXT_ARRAY,  \
        POSTGRES_INT8_ARRAY, __VA_ARGS__

#define ROOM_TYPES   POSTGRES_TEXT_ARRAY, POSTGRES_INT8_ARRAY
#define CAPPED_TYPES POSTGRES_INT8_ARRAY, POSTGRES_INT4_ARRAY

/* What comes then in those with record writes. */
#define WRITE_TYPES                                                                                \
    POSTGRES_BYTEA_ARRAY, POSTGRES_INT8_ARRAY, POSTGRES_BYTEA_ARRAY, POSTGRES_INT4_ARRAY,          \
        POSTGRES_INT8

#define ROLLUP_TYPES                                                                               \
    POSTGRES_TEXT_ARRAY, POSTGRES_INT4_ARRAY, POSTGRES_INT2_ARRAY, POSTGRES_INT8_ARRAY,            \
        POSTGRES_INT8_ARRAY, POSTGRES_INT8_ARRAY, POSTGRES_INT8_ARRAY, POSTGRES_INT8_ARRAY,        \
        POSTGRES_INT8_ARRAY, POSTGRES_INT8_ARRAY, POSTGRES_INT8_ARRAY, POSTGRES_BYTEA_ARRAY,       \
        POSTGRES_BYTEA_ARRAY

#define SUM_TYPES                                                                                  \
    POSTGRES_TEXT, POSTGRES_INT4_ARRAY, POSTGRES_INT8, POSTGRES_INT8, POSTGRES_INT8,               \
        POSTGRES_INT8, POSTGRES_INT8

const struct postgres_statement_text postgres_statements[POSTGRES_STATEMENT_COUNT_] = {
    [POSTGRES_COUNT] = {.name = "footfall_count",
                        .sql = {postgres_count_sql, postgres_count_end_sql},
                        .param_count = 8,
                        .types = {COUNT_TYPES(ROOM_TYPES)}},
    [POSTGRES_COMMIT] = {.name = "footfall_commit",
                         .sql = {postgres_commit_sql, postgres_commit_end_sql},
                         .param_count = 13,
                         .types = {COUNT_TYPES(ROOM_TYPES), WRITE_TYPES}},
    [POSTGRES_COMMIT_ROLLUPS] = {.name = "footfall_commit_rollups",
                                 .sql = {postgres_commit_sql, postgres_rollups_end_sql},
                                 .param_count = 26,
                                 .types = {COUNT_TYPES(ROOM_TYPES), WRITE_TYPES, ROLLUP_TYPES}},
    [POSTGRES_COUNT_CAPPED] = {.name = "footfall_count_capped",
                               .sql = {postgres_count_capped_sql, postgres_count_capped_end_sql},
                               .param_count = 8,
                               .types = {COUNT_TYPES(CAPPED_TYPES)}},
    [POSTGRES_COMMIT_CAPPED] = {.name = "footfall_commit_capped",
                                .sql = {postgres_commit_capped_sql, postgres_commit_capped_end_sql},
                                .param_count = 13,
                                .types = {COUNT_TYPES(CAPPED_TYPES), WRITE_TYPES}},
    [POSTGRES_COMMIT_ROLLUPS_CAPPED] = {.name = "footfall_commit_rollups_capped",
                                        .sql = {postgres_commit_capped_sql,
                                                postgres_rollups_capped_end_sql},
                                        .param_count = 26,
                                        .types = {COUNT_TYPES(CAPPED_TYPES), WRITE_TYPES,
                                                  ROLLUP_TYPES}},
    [POSTGRES_WRITER_GET] = {.name = "footfall_writer_get",
                             .sql = {writer_get_sql},
                             .param_count = 1,
                             .types = {POSTGRES_BYTEA}},
    [POSTGRES_WRITER_ADD] = {.name = "footfall_writer_add",
                             .sql = {writer_add_sql},
                             .param_count = 2,
                             .types = {POSTGRES_BYTEA, POSTGRES_INT8}},
    [POSTGRES_RECORDS_GET] = {.name = "footfall_records_get",
                              .sql = {records_get_sql},
                              .param_count = 1,
                              .types = {POSTGRES_BYTEA_ARRAY}},
    [POSTGRES_COUNTERS_GET] = {.name = "footfall_counters_get",
                               .sql = {counters_get_sql},
                               .param_count = 3,
                               .types = {POSTGRES_TEXT_ARRAY, POSTGRES_INT2_ARRAY,
                                         POSTGRES_TEXT_ARRAY}},
    [POSTGRES_RECORDS_LIST] = {.name = "footfall_records_list",
                               .sql = {records_list_sql},
                               .param_count = 3,
                               .types = {POSTGRES_BYTEA, POSTGRES_BYTEA, POSTGRES_INT8}},
    [POSTGRES_SUM_ROW] = {.sql = {sum_row_sql}, .param_count = 7, .types = {SUM_TYPES}},
    [POSTGRES_SUM_PAGE] = {.sql = {sum_page_sql}, .param_count = 7, .types = {SUM_TYPES}},
    [POSTGRES_SUM_PAGES] = {.sql = {sum_pages_sql}, .param_count = 7, .types = {SUM_TYPES}},
    [POSTGRES_NAMES_GET] = {.name = "footfall_names_get",
                            .sql = {names_get_sql},
                            .param_count = 2,
                            .types = {POSTGRES_TEXT, POSTGRES_INT8_ARRAY}},
    [POSTGRES_RECORDS_SCAN] = {.name = "footfall_records_scan",
                               .sql = {records_scan_sql},
                               .param_count = 2,
                               .types = {POSTGRES_BYTEA, POSTGRES_INT8}},
    [POSTGRES_COUNTERS_SCAN] = {.name = "footfall_counters_scan",
                                .sql = {counters_scan_sql},
                                .param_count = 4,
                                .types = {POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_TEXT,
                                          POSTGRES_INT8}},
    [POSTGRES_ROLLUPS_SCAN] = {.name = "footfall_rollups_scan",
                               .sql = {rollups_scan_sql},
                               .param_count = 6,
                               .types = {POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_INT8, POSTGRES_INT8,
                                         POSTGRES_INT8, POSTGRES_INT8}},
    [POSTGRES_SWEEP] = {.name = "footfall_sweep",
                        .sql = {sweep_sql},
                        .param_count = 2,
                        .types = {POSTGRES_INT8, POSTGRES_INT8}},
    [POSTGRES_PURGE_ROLLUPS] = {.name = "footfall_purge_rollups",
                                .sql = {purge_rollups_sql},
                                .param_count = 3,
                                .types = {POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_INT8}},
    [POSTGRES_PURGE_LISTS] = {.name = "footfall_purge_lists",
                              .sql = {purge_lists_sql},
                              .param_count = 3,
                              .types = {POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_INT8}},
    [POSTGRES_PURGE_NAMES] = {.name = "footfall_purge_names",
                              .sql = {purge_names_sql},
                              .param_count = 1,
                              .types = {POSTGRES_TEXT}},
    [POSTGRES_PURGE_COUNTERS] = {.name = "footfall_purge_counters",
                                 .sql = {purge_counters_sql},
                                 .param_count = 1,
                                 .types = {POSTGRES_TEXT}},
    [POSTGRES_PURGE_COUNTER_LISTS] = {.name = "footfall_purge_counter_lists",
                                      .sql = {purge_counter_lists_sql},
                                      .param_count = 1,
                                      .types = {POSTGRES_TEXT}},
    [POSTGRES_HEALTH] = {.name = "footfall_health", .sql = {health_sql}, .param_count = 0},
};
