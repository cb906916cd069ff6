/**
 * A connection to a PostgreSQL server, kept up for as long as it is open: it looks up the hosts,
 * connects to the first that takes writes, greets it, and after a loss does so again, with
 * back-off.
 *
 *     WAITING --back-off--> RESOLVING --> CONNECTING --> GREETING --> READY
 *        ^                      |             |              |          |
 *        +--- failed, cut, silent past the deadline, or an answer that does not fit
 *
 * Requests are pipelined, each a statement with a sync of its own behind it: a transaction of its
 * own. PostgreSQL answers in order, so the requests wait in a queue that dies with its connection.
 * An answer is only told with the sync, since the transaction is committed just before that.
 */
#ifndef FOOTFALL_STORE_POSTGRES_CONNECTION_H
#define FOOTFALL_STORE_POSTGRES_CONNECTION_H

#include <uv.h>

#include "store/postgres_greeting.h"
#include "store/postgres_params.h"
#include "store/postgres_resolver.h"

struct postgres_poll;
struct postgres_request;

/**
 * The answer to `request`, borrowed for the call; the request is its owner's again.
 *
 * @param reply  its rows; or PGRES_FATAL_ERROR
 * @return       false: the answer does not fit what was asked; the connection is given up
 */
typedef bool postgres_reply_fn(struct postgres_request *request, const PGresult *reply);

/**
 * The connection ended before the answer; it may have been carried out, or be later. The request is
 * its owner's again.
 *
 * @param reason  a sentence, borrowed for the call
 */
typedef void postgres_lost_fn(struct postgres_request *request, const char *reason);

/** Owned by whoever sends it; lives until its answer, or until it is lost. */
struct postgres_request {
    postgres_reply_fn *on_reply;
    postgres_lost_fn *on_lost;
    struct postgres_request *next;
};

enum postgres_state {
    POSTGRES_WAITING,
    POSTGRES_RESOLVING,
    POSTGRES_CONNECTING,
    POSTGRES_GREETING,
    POSTGRES_READY
};

struct postgres_connection_events {
    void (*on_ready)(void *ctx);
    void (*on_down)(
        void *ctx); /* an attempt failed or the connection ended; all requests were told */
    void (*on_closed)(void *ctx); /* set by postgres_connection_close() */
    void *ctx;
};

struct postgres_connection {
    const struct postgres_target *target;
    struct postgres_connection_events events;
    uv_loop_t *loop;
    int64_t timeout_ms; /* to connect and to greet */
    enum postgres_state state;
    bool closed;           /* postgres_connection_close() was called */
    bool is_broken;        /* nothing more can be sent: it is dropped in the next turn */
    unsigned failures;     /* attempts in a row that did not get READY */
    unsigned silent_hosts; /* attempts in a row that a silent host used up */
    char reason[200];      /* why it is not READY, a sentence */
    uv_timer_t timer;      /* WAITING: the next attempt; later: the deadline, or is_broken */
    struct postgres_resolver *resolver;
    PGconn *pg;                 /* from CONNECTING on */
    struct postgres_poll *poll; /* of its socket; NULL: nothing is awaited */
    bool is_writing;            /* libpq has bytes that the socket did not take */
    struct postgres_greeting greeting;
    struct postgres_params params;
    struct postgres_request *first; /* of the queue */
    struct postgres_request **last;
    PGresult *reply; /* to `first`, when its sync has not come yet */
};

/**
 * @param target      borrowed
 * @param timeout_ms  to connect and greet, before the next attempt; the server's limit for a
 *                    statement
 */
void postgres_connection_init(struct postgres_connection *connection, uv_loop_t *loop,
                              const struct postgres_target *target, int64_t timeout_ms,
                              const struct postgres_connection_events *events);

/** The first attempt. */
void postgres_connection_start(struct postgres_connection *connection);

/**
 * Sends a statement with what is in `connection->params`; only while READY.
 *
 * @return  ERR_NO_MEMORY, ERR_UNAVAILABLE: it will not be carried out, the request is not queued
 */
enum err postgres_connection_send(struct postgres_connection *connection,
                                  enum postgres_statement statement,
                                  struct postgres_request *request) MUST_CHECK;

/** Gives the connection up, tells all requests, and connects again. Fine when there is none. */
void postgres_connection_drop(struct postgres_connection *connection, const char *reason);

/** Ends it for good and tells all requests. Its memory must live until `on_closed`, on the loop. */
void postgres_connection_close(struct postgres_connection *connection,
                               void (*on_closed)(void *ctx));

#endif
