/**
 * What is said to a PostgreSQL server on a connection that has just been opened: our settings, the
 * schema if there is none, and the statements to prepare.
 *
 *     SETTINGS -> LOOK -> VERSION -> PREPARE -> done
 *                   |        ^
 *                   +-> LOCK + -> CREATE: there is no schema yet
 *
 * Each step is one message and its answer.
 */
#ifndef FOOTFALL_STORE_POSTGRES_GREETING_H
#define FOOTFALL_STORE_POSTGRES_GREETING_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

enum postgres_greeting_step {
    GREETING_SETTINGS,
    GREETING_LOOK,
    GREETING_LOCK,
    GREETING_CREATE,
    GREETING_VERSION,
    GREETING_PREPARE,
    GREETING_DONE,
};

struct postgres_greeting {
    enum postgres_greeting_step step;
    int64_t timeout_ms;  /* of an operation; the server gives up after it too */
    bool answer;         /* LOOK, LOCK: there is a schema */
    bool is_unusable;    /* the schema is older or newer than this program's */
    struct strbuf query; /* of the step; freed by postgres_greeting_fini() */
    char reason[200];    /* why it failed, a sentence */
};

void postgres_greeting_init(struct postgres_greeting *greeting, int64_t timeout_ms);

/** Begins anew, on a new connection. */
void postgres_greeting_restart(struct postgres_greeting *greeting);

void postgres_greeting_fini(struct postgres_greeting *greeting);

/** Sends the step. @return false: out of memory, or the connection is broken */
bool postgres_greeting_send(struct postgres_greeting *greeting, PGconn *pg);

/** Takes one result of the step; does not free it. @return false: failed, for `reason` */
bool postgres_greeting_take(struct postgres_greeting *greeting, const PGresult *result);

/** All results of the step were taken: on to the next. @return false: failed, for `reason` */
bool postgres_greeting_next(struct postgres_greeting *greeting);

#endif
