/**
 * The tables, and how they come about.
 *
 *     footfall_schema        the migrations that were applied: version, when
 *     footfall_writer        a row for each writer: its number, and the result under that number
 *     footfall_counter       a row for each counter
 *     footfall_counter_list  how many counters each site has of each dimension, for their cap
 *     footfall_record        a row for each record, its deadline by the server's clock
 *     footfall_rollup        a row for each rollup
 *     footfall_list          how many rows each list of rollups has, for its cap
 *     footfall_name          what the values of rollups stand for
 *
 * They are looked for along the search_path of the user, and made in its first schema. Whoever
 * comes first makes them, under an advisory lock; after that only `footfall db migrate` changes
 * them.
 */
#ifndef FOOTFALL_STORE_POSTGRES_SCHEMA_H
#define FOOTFALL_STORE_POSTGRES_SCHEMA_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "store/schema.h"

/** The schema this program reads and writes: so many migrations. */
#define POSTGRES_SCHEMA_VERSION 2

/** Whose transaction advisory lock is taken while tables are made or changed: "footfall". */
#define POSTGRES_SCHEMA_LOCK "7381240860008082540"

/**
 * Asks whether footfall_schema is there: "t" or "f". It reads pg_class, since to_regclass() does
 * not see what another session committed after our transaction began, while we waited for the lock.
 */
#define POSTGRES_SCHEMA_LOOK_SQL                                                                   \
    "SELECT EXISTS (SELECT FROM pg_class"                                                          \
    " WHERE relname = 'footfall_schema' AND pg_table_is_visible(oid))"

/** Asks for the version; NULL when no migration was applied. */
#define POSTGRES_SCHEMA_VERSION_SQL "SELECT max(version) FROM footfall_schema"

/** One step from a version to the next. */
struct postgres_migration {
    const char *sql; /* statements, each with its semicolon */
};

/** All of them: number i leads from version i to i + 1. */
extern const struct postgres_migration postgres_migrations[POSTGRES_SCHEMA_VERSION];

/** Appends the statements that lead from version `from` to `to`, the bookkeeping included. */
void postgres_schema_script(struct strbuf *out, const struct postgres_migration *migrations,
                            int from, int to);

/**
 * Reads the version on an open, blocking connection.
 *
 * @param out   0: there is nothing of Footfall yet
 * @param info  why not
 */
enum err postgres_schema_read(PGconn *pg, int *out, struct err_info *info) MUST_CHECK;

/**
 * Brings the schema from whatever version to `to`, in one transaction, under the lock; blocking.
 *
 * @return ERR_CONFIG: it is newer than `to`; ERR_UNAVAILABLE: nothing was changed; ERR_UNKNOWN
 */
enum err postgres_schema_migrate(PGconn *pg, const struct postgres_migration *migrations, int to,
                                 struct err_info *info) MUST_CHECK;

/** For the commands: schema.h. Each connects by itself. */
schema_read_fn postgres_url_schema_read;
schema_migrate_fn postgres_url_schema_migrate;

#endif
