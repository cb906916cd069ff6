#include "store/postgres_schema.h"

#include <stdlib.h>

#include "store/postgres_text.h"
#include "store/postgres_url.h"

/* The texts of all migrations, and more. */
#define MAX_SCRIPT_BYTES 65536

/* Of the commands, unless the url says otherwise: for each host. */
#define CONNECT_TIMEOUT_S "10"

/*
 * Rows are changed far more often than added: free space in each page keeps the new version of a
 * row beside the old one (HOT), so that no index has to know. Texts compare by bytes (COLLATE "C"):
 * the order is the same on every machine, and no upgrade of the operating system changes it. The
 * autovacuum comes after some thousand changes, however many counters there are. `result` holds the
 * totals of the additions in the order of their keys, NULL is a conflict; it is not compressed,
 * since that takes longer than writing it.
 *
 * Pages, values and ids of names are unsigned; a bigint holds the same 64 bits. Names are bytes, so
 * that none is refused for what it holds: convert_from(text, 'UTF8') shows them.
 */
const struct postgres_migration postgres_migrations[POSTGRES_SCHEMA_VERSION] = {
    {"CREATE TABLE footfall_writer ("
     "  id bytea NOT NULL PRIMARY KEY,"
     "  number bigint NOT NULL,"
     "  seen timestamptz NOT NULL,"
     "  result bigint[]"
     ") WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0,"
     "  autovacuum_vacuum_threshold = 5000);"
     "ALTER TABLE footfall_writer ALTER COLUMN result SET STORAGE EXTERNAL;"
     "CREATE TABLE footfall_counter ("
     "  site text COLLATE \"C\" NOT NULL,"
     "  dimension smallint NOT NULL,"
     "  value text COLLATE \"C\" NOT NULL,"
     "  views bigint NOT NULL,"
     "  PRIMARY KEY (site, dimension, value)"
     ") WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,"
     "  autovacuum_vacuum_threshold = 5000);"
     "CREATE TABLE footfall_record ("
     "  key bytea NOT NULL PRIMARY KEY,"
     "  version bigint NOT NULL,"
     "  expires timestamptz NOT NULL,"
     "  value bytea NOT NULL"
     ");"
     "CREATE INDEX footfall_record_expires ON footfall_record (expires);"},
    {"CREATE TABLE footfall_rollup ("
     "  site text COLLATE \"C\" NOT NULL,"
     "  bucket integer NOT NULL,"
     "  dimension smallint NOT NULL,"
     "  page bigint NOT NULL,"
     "  value bigint NOT NULL,"
     "  views bigint NOT NULL,"
     "  visits bigint NOT NULL,"
     "  visitors bigint NOT NULL,"
     "  bounces bigint NOT NULL,"
     "  seconds bigint NOT NULL,"
     "  PRIMARY KEY (site, bucket, dimension, page, value)"
     ") WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,"
     "  autovacuum_vacuum_threshold = 5000);"
     "CREATE TABLE footfall_list ("
     "  site text COLLATE \"C\" NOT NULL,"
     "  bucket integer NOT NULL,"
     "  dimension smallint NOT NULL,"
     "  is_within boolean NOT NULL,"
     "  rows bigint NOT NULL,"
     "  PRIMARY KEY (site, bucket, dimension, is_within)"
     ") WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,"
     "  autovacuum_vacuum_threshold = 5000);"
     "CREATE TABLE footfall_name ("
     "  site text COLLATE \"C\" NOT NULL,"
     "  id bigint NOT NULL,"
     "  text bytea NOT NULL,"
     "  title bytea NOT NULL,"
     "  PRIMARY KEY (site, id)"
     ");"
     "CREATE TABLE footfall_counter_list ("
     "  site text COLLATE \"C\" NOT NULL,"
     "  dimension smallint NOT NULL,"
     "  counters bigint NOT NULL,"
     "  PRIMARY KEY (site, dimension)"
     ") WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,"
     "  autovacuum_vacuum_threshold = 5000);"
     "INSERT INTO footfall_counter_list"
     "  SELECT site, dimension, count(*) FROM footfall_counter GROUP BY site, dimension;"},
};

void postgres_schema_script(struct strbuf *out, const struct postgres_migration *migrations,
                            int from, int to)
{
    if (from == 0)
        strbuf_append(out, SLICE("CREATE TABLE IF NOT EXISTS footfall_schema ("
                                 "  version integer NOT NULL PRIMARY KEY,"
                                 "  applied timestamptz NOT NULL DEFAULT now()"
                                 ");"));
    for (int version = from; version < to; version++) {
        strbuf_append(out, slice_str(migrations[version].sql));
        strbuf_printf(out, "INSERT INTO footfall_schema (version) VALUES (%d);", version + 1);
    }
}

/* ---- for the commands: these wait ----------------------------------------------------------- */

static enum err fail(PGconn *pg, enum err err, struct err_info *info)
{
    char line[POSTGRES_LINE_BYTES];

    postgres_one_line(PQerrorMessage(pg), line, sizeof(line));
    err_info_set(info, "PostgreSQL: %s", line);
    return err;
}

/* The first value of the last statement's first row as a number; no row, or NULL, is 0. */
static enum err ask(PGconn *pg, const char *sql, int *out, struct err_info *info)
{
    PGresult *result = PQexec(pg, sql);
    bool is_answer = PQresultStatus(result) == PGRES_TUPLES_OK;

    if (is_answer && PQntuples(result) > 0) {
        const char *text = PQgetvalue(result, 0, 0);

        *out = text[0] == 't' ? 1 : (int)strtol(text, NULL, 10);
    }
    PQclear(result);
    return is_answer ? ERR_OK : fail(pg, ERR_UNAVAILABLE, info);
}

static enum err run(PGconn *pg, const char *sql, enum err on_failure, struct err_info *info)
{
    PGresult *result = PQexec(pg, sql);
    bool done =
        PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;

    PQclear(result);
    return done ? ERR_OK : fail(pg, on_failure, info);
}

enum err postgres_schema_read(PGconn *pg, int *out, struct err_info *info)
{
    int is_there = 0;
    enum err err = ask(pg, POSTGRES_SCHEMA_LOOK_SQL, &is_there, info);

    *out = 0;
    if (err != ERR_OK || !is_there)
        return err;
    return ask(pg, POSTGRES_SCHEMA_VERSION_SQL, out, info);
}

/* Inside the transaction, under the lock. */
static enum err migrate(PGconn *pg, const struct postgres_migration *migrations, int to,
                        struct err_info *info)
{
    struct strbuf script;
    int version;
    enum err err = postgres_schema_read(pg, &version, info);

    if (err != ERR_OK)
        return err;
    if (version > to) {
        err_info_set(info,
                     "its schema is version %d, newer than the %d of this program: run a newer "
                     "Footfall",
                     version, to);
        return ERR_CONFIG;
    }
    if (version == to)
        return ERR_OK;
    strbuf_init(&script, MAX_SCRIPT_BYTES);
    postgres_schema_script(&script, migrations, version, to);
    strbuf_append_char(&script, '\0');
    err = script.failed ? ERR_NO_MEMORY : run(pg, script.ptr, ERR_UNAVAILABLE, info);
    strbuf_fini(&script);
    return err;
}

enum err postgres_schema_migrate(PGconn *pg, const struct postgres_migration *migrations, int to,
                                 struct err_info *info)
{
    enum err err = run(pg, "BEGIN; SELECT pg_advisory_xact_lock(" POSTGRES_SCHEMA_LOCK ")",
                       ERR_UNAVAILABLE, info);

    if (err == ERR_OK)
        err = migrate(pg, migrations, to, info);
    if (err == ERR_OK)
        return run(pg, "COMMIT", ERR_UNKNOWN, info);
    (void)run(pg, "ROLLBACK", ERR_UNKNOWN, NULL); /* the end of the connection does it, too */
    return err;
}

static void ignore_notice(void *ctx, const PGresult *notice)
{
    (void)ctx;
    (void)notice;
}

/* As the driver connects, but waiting. */
static enum err connect_to(const char *url, PGconn **out, struct err_info *info)
{
    struct postgres_keywords keywords;
    struct postgres_target target;
    enum err err = postgres_url_parse(url, &target, info);

    if (err != ERR_OK)
        return err;
    postgres_target_keywords(&target, &keywords);
    if (postgres_target_value(&target, "connect_timeout")[0] == '\0')
        postgres_keywords_set(&keywords, "connect_timeout", CONNECT_TIMEOUT_S);
    *out = PQconnectdbParams(keywords.names, keywords.values, 0);
    postgres_target_fini(&target);
    if (PQstatus(*out) == CONNECTION_OK) {
        (void)PQsetNoticeReceiver(*out, ignore_notice, NULL);
        return ERR_OK;
    }
    err = fail(*out, ERR_UNAVAILABLE, info);
    PQfinish(*out);
    return err;
}

enum err postgres_url_schema_read(const char *url, struct schema_state *out, struct err_info *info)
{
    struct schema_state state = {.has_schema = true, .wanted = POSTGRES_SCHEMA_VERSION};
    PGconn *pg;
    enum err err = connect_to(url, &pg, info);

    if (err != ERR_OK)
        return err;
    err = postgres_schema_read(pg, &state.version, info);
    if (err == ERR_OK)
        *out = state;
    PQfinish(pg);
    return err;
}

enum err postgres_url_schema_migrate(const char *url, struct err_info *info)
{
    PGconn *pg;
    enum err err = connect_to(url, &pg, info);

    if (err != ERR_OK)
        return err;
    err = postgres_schema_migrate(pg, postgres_migrations, POSTGRES_SCHEMA_VERSION, info);
    PQfinish(pg);
    return err;
}
