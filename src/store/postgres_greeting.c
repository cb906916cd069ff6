#include "store/postgres_greeting.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/postgres_schema.h"
#include "store/postgres_statement.h"
#include "store/postgres_text.h"

#define MAX_QUERY_BYTES 65536

void postgres_greeting_init(struct postgres_greeting *greeting, int64_t timeout_ms)
{
    *greeting = (struct postgres_greeting){.timeout_ms = timeout_ms};
    strbuf_init(&greeting->query, MAX_QUERY_BYTES);
}

void postgres_greeting_restart(struct postgres_greeting *greeting)
{
    greeting->step = GREETING_SETTINGS;
    greeting->answer = false;
    greeting->is_unusable = false;
    greeting->reason[0] = '\0';
}

void postgres_greeting_fini(struct postgres_greeting *greeting)
{
    strbuf_fini(&greeting->query);
}

/* ---- what is sent --------------------------------------------------------------------------- */

/*
 * A commit waits for the disk whatever the server's default is; who set remote_apply or
 * remote_write waits for a standby besides, and goes on to. READ COMMITTED is what
 * postgres_statement.c relies on. Statements we have lost sight of end by themselves, so that they
 * do not keep rows locked: at their timeout, or when the server notices that we are gone. All
 * statements look rows up by key, so plans are made once, and never read whole tables, however
 * small they were when the plan was made.
 */
static void put_settings(struct postgres_greeting *greeting)
{
    strbuf_printf(&greeting->query,
                  "SELECT set_config(name, value, false) FROM (VALUES"
                  " ('synchronous_commit', 'on'),"
                  " ('default_transaction_isolation', 'read committed'),"
                  " ('statement_timeout', '%" PRId64 "'),"
                  " ('lock_timeout', '%" PRId64 "'),"
                  " ('idle_in_transaction_session_timeout', '%" PRId64 "'),"
                  " ('client_connection_check_interval', '1000'),"
                  " ('plan_cache_mode', 'force_generic_plan'),"
                  " ('enable_seqscan', 'off'),"
                  " ('jit', 'off')"
                  ") AS ours (name, value) JOIN pg_settings USING (name)"
                  " WHERE name <> 'synchronous_commit' OR setting IN ('off', 'local')",
                  greeting->timeout_ms, (greeting->timeout_ms + 1) / 2, 2 * greeting->timeout_ms);
}

static void put_look(struct postgres_greeting *greeting)
{
    strbuf_append(&greeting->query, SLICE(POSTGRES_SCHEMA_LOOK_SQL));
}

/* Once more under the lock: somebody may have been first. */
static void put_lock(struct postgres_greeting *greeting)
{
    strbuf_append(&greeting->query,
                  SLICE("BEGIN; SELECT pg_advisory_xact_lock(" POSTGRES_SCHEMA_LOCK
                        ");" POSTGRES_SCHEMA_LOOK_SQL));
}

static void put_create(struct postgres_greeting *greeting)
{
    if (!greeting->answer)
        postgres_schema_script(&greeting->query, postgres_migrations, 0, POSTGRES_SCHEMA_VERSION);
    strbuf_append(&greeting->query, SLICE("COMMIT"));
}

static void put_version(struct postgres_greeting *greeting)
{
    strbuf_append(&greeting->query, SLICE(POSTGRES_SCHEMA_VERSION_SQL));
}

static bool prepare(struct strbuf *query, PGconn *pg, const struct postgres_statement_text *text)
{
    strbuf_clear(query);
    for (size_t i = 0; i < 2 && text->sql[i]; i++)
        strbuf_append(query, slice_str(text->sql[i]));
    strbuf_append_char(query, '\0');
    return !query->failed &&
           PQsendPrepare(pg, text->name, query->ptr, text->param_count, text->types) == 1;
}

/* All in one message; from here on many statements can be under way. */
static bool send_prepare(struct strbuf *query, PGconn *pg)
{
    if (PQenterPipelineMode(pg) != 1)
        return false;
    for (size_t i = 0; i < POSTGRES_STATEMENT_COUNT_; i++) {
        if (postgres_statements[i].name && !prepare(query, pg, &postgres_statements[i]))
            return false;
    }
    return PQpipelineSync(pg) == 1;
}

/* ---- what comes back ------------------------------------------------------------------------ */

static bool next_from_look(struct postgres_greeting *greeting)
{
    greeting->step = greeting->answer ? GREETING_VERSION : GREETING_LOCK;
    return true;
}

static bool take_answer(struct postgres_greeting *greeting, const PGresult *result)
{
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
        greeting->answer = PQgetvalue(result, 0, 0)[0] == 't';
    return true;
}

static bool take_version(struct postgres_greeting *greeting, const PGresult *result)
{
    int version = PQntuples(result) == 1 ? (int)strtol(PQgetvalue(result, 0, 0), NULL, 10) : 0;

    if (version == POSTGRES_SCHEMA_VERSION)
        return true;
    greeting->is_unusable = true;
    (void)snprintf(
        greeting->reason, sizeof(greeting->reason),
        version < POSTGRES_SCHEMA_VERSION
            ? "its schema is version %d, and this program needs %d; run: footfall db migrate"
            : "its schema is version %d, newer than the %d of this program; run a newer "
              "Footfall",
        version, POSTGRES_SCHEMA_VERSION);
    return false;
}

static const struct {
    void (*put)(struct postgres_greeting *greeting); /* NULL: not by one query */
    bool (*take)(struct postgres_greeting *greeting, const PGresult *result); /* NULL: no matter */
    bool (*next)(struct postgres_greeting *greeting);                         /* NULL: to `then` */
    enum postgres_greeting_step then;
} steps[] = {
    [GREETING_SETTINGS] = {put_settings, NULL, NULL, GREETING_LOOK},
    [GREETING_LOOK] = {put_look, take_answer, next_from_look, GREETING_LOOK},
    [GREETING_LOCK] = {put_lock, take_answer, NULL, GREETING_CREATE},
    [GREETING_CREATE] = {put_create, NULL, NULL, GREETING_VERSION},
    [GREETING_VERSION] = {put_version, take_version, NULL, GREETING_PREPARE},
    [GREETING_PREPARE] = {NULL, NULL, NULL, GREETING_DONE},
};

bool postgres_greeting_send(struct postgres_greeting *greeting, PGconn *pg)
{
    if (!steps[greeting->step].put)
        return send_prepare(&greeting->query, pg);
    strbuf_clear(&greeting->query);
    steps[greeting->step].put(greeting);
    strbuf_append_char(&greeting->query, '\0');
    return !greeting->query.failed && PQsendQuery(pg, greeting->query.ptr) == 1;
}

bool postgres_greeting_take(struct postgres_greeting *greeting, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_PIPELINE_SYNC)
        return !steps[greeting->step].take || steps[greeting->step].take(greeting, result);
    (void)snprintf(greeting->reason, sizeof(greeting->reason), "PostgreSQL: ");
    postgres_error_line(result, greeting->reason + strlen("PostgreSQL: "),
                        sizeof(greeting->reason) - strlen("PostgreSQL: "));
    return false;
}

bool postgres_greeting_next(struct postgres_greeting *greeting)
{
    if (steps[greeting->step].next)
        return steps[greeting->step].next(greeting);
    greeting->step = steps[greeting->step].then;
    return true;
}
