#include "store/postgres_health.h"

#include <stdio.h>
#include <string.h>

#include "store/health_rule.h"
#include "store/postgres_reply.h"

#define COLUMNS 8

static bool is_on(const PGresult *reply, int column)
{
    return slice_eq(postgres_value(reply, 0, column), SLICE("on"));
}

static void copy_text(const PGresult *reply, int column, char *out, size_t size)
{
    struct slice text = postgres_value(reply, 0, column);

    (void)snprintf(out, size, "%.*s", (int)text.len, text.ptr ? text.ptr : "");
}

/* In the order of postgres_statement.c. A boolean is one byte. */
bool postgres_facts_take(struct postgres_facts *facts, const PGresult *reply)
{
    if (PQntuples(reply) != 1 || PQnfields(reply) != COLUMNS)
        return false;
    *facts = (struct postgres_facts){
        .is_standby = slice_eq(postgres_value(reply, 0, 0), SLICE("\x01")),
        .is_read_only = is_on(reply, 1),
        .fsync = is_on(reply, 3),
        .full_page_writes = is_on(reply, 4),
        .waits = !slice_eq(postgres_value(reply, 0, 5), SLICE("off")),
    };
    copy_text(reply, 2, facts->encoding, sizeof(facts->encoding));
    copy_text(reply, 6, facts->missing, sizeof(facts->missing));
    copy_text(reply, 7, facts->unlogged, sizeof(facts->unlogged));
    return true;
}

/* ---- judging -------------------------------------------------------------------------------- */

static bool is_standby(const void *facts)
{
    const struct postgres_facts *f = facts;

    return f->is_standby;
}

static bool is_read_only(const void *facts)
{
    const struct postgres_facts *f = facts;

    return f->is_read_only && !f->is_standby;
}

/* Others do not have all characters, and a path with one of those would refuse its whole batch. */
static bool lacks_characters(const void *facts)
{
    const struct postgres_facts *f = facts;

    return strcmp(f->encoding, "UTF8") != 0 && strcmp(f->encoding, "SQL_ASCII") != 0;
}

static bool lacks_rights(const void *facts)
{
    const struct postgres_facts *f = facts;

    return f->missing[0] != '\0';
}

static bool is_unlogged(const void *facts)
{
    const struct postgres_facts *f = facts;

    return f->unlogged[0] != '\0';
}

static bool never_syncs(const void *facts)
{
    const struct postgres_facts *f = facts;

    return !f->fsync;
}

static bool tears_pages(const void *facts)
{
    const struct postgres_facts *f = facts;

    return f->fsync && !f->full_page_writes;
}

static bool does_not_wait(const void *facts)
{
    const struct postgres_facts *f = facts;

    return f->fsync && !f->waits;
}

static const char *encoding(const void *facts)
{
    const struct postgres_facts *f = facts;

    return f->encoding;
}

static const char *missing(const void *facts)
{
    const struct postgres_facts *f = facts;

    return f->missing;
}

static const char *unlogged(const void *facts)
{
    const struct postgres_facts *f = facts;

    return f->unlogged;
}

/* The gravest first: the first that counts is the reason why a server is not sufficient. */
static const struct health_rule rules[] = {
    {is_standby, true, DURABILITY_STRICT, "this PostgreSQL is a standby and takes no writes",
     "name the primary in the store url, or all servers: postgres://db1,db2/footfall", NULL},
    {is_read_only, true, DURABILITY_STRICT, "this PostgreSQL takes no writes",
     "psql -c 'ALTER DATABASE footfall SET default_transaction_read_only = off'", NULL},
    {lacks_characters, true, DURABILITY_STRICT,
     "the encoding of the PostgreSQL database does not have all characters",
     "use another: createdb --encoding=UTF8 --template=template0 footfall", encoding},
    {lacks_rights, true, DURABILITY_STRICT, "the PostgreSQL user lacks rights",
     "as owner: GRANT SELECT, INSERT, UPDATE, DELETE ON footfall_counter, footfall_counter_list, "
     "footfall_list, footfall_name, footfall_record, footfall_rollup, footfall_writer TO the user",
     missing},
    {is_unlogged, false, DURABILITY_LOSSY, "a crash of PostgreSQL empties unlogged tables",
     "psql -c 'ALTER TABLE … SET LOGGED' for each of them", unlogged},
    {never_syncs, false, DURABILITY_LOSSY,
     "fsync is off: when the power fails, all counts may be lost",
     "fsync = on in postgresql.conf, then pg_ctl reload", NULL},
    {tears_pages, false, DURABILITY_RELAXED,
     "full_page_writes is off: a page half written when the power fails is lost",
     "full_page_writes = on in postgresql.conf, unless the file system writes whole pages", NULL},
    {does_not_wait, false, DURABILITY_RELAXED,
     "synchronous_commit is off: the last second of counts may go with the power",
     "connect to PostgreSQL itself, or to a pooler in session mode", NULL},
};

void postgres_health_judge(const struct postgres_facts *facts, enum durability require,
                           struct store_health *out)
{
    health_judge(rules, sizeof(rules) / sizeof(rules[0]), facts, require, out);
}
