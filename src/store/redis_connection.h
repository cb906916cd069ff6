/**
 * The connection to one Redis server, kept up for as long as it is open: it connects, logs in,
 * selects the database, and after a loss does so again, with back-off.
 *
 *     WAITING --back-off--> CONNECTING --open--> GREETING --AUTH, SELECT--> READY
 *        ^                      |                    |                        |
 *        +------ failed, cut, silent past the deadline, or a reply that does not fit
 *
 * Requests are pipelined. Redis answers in order, so what was sent first is answered first: the
 * requests wait in a queue that dies with its connection. A reply can never meet a request of
 * another connection.
 */
#ifndef FOOTFALL_STORE_REDIS_CONNECTION_H
#define FOOTFALL_STORE_REDIS_CONNECTION_H

#include <uv.h>

#include "base/strbuf.h"
#include "store/redis_reply.h"
#include "store/redis_stream.h"
#include "store/redis_url.h"

struct redis_request;

/**
 * One reply to `request`, borrowed for the call. The request stays queued while replies_left > 0
 * and is its owner's again otherwise.
 *
 * @return  false: the reply does not fit what was asked; the connection is given up, and a request
 *          that is still queued is lost with it
 */
typedef bool redis_reply_fn(struct redis_request *request, const struct redis_value *reply);

/**
 * The connection ended before all replies came. The request is its owner's again.
 *
 * @param given   true: the server may have got it, and may still carry it out
 * @param reason  a sentence, borrowed for the call
 */
typedef void redis_lost_fn(struct redis_request *request, bool given, const char *reason);

/** Owned by whoever sends it; lives until its last reply, or until it is lost. */
struct redis_request {
    redis_reply_fn *on_reply;
    redis_lost_fn *on_lost;
    size_t replies_left; /* commands it consists of that are not answered yet */
    struct redis_request *next;
};

enum redis_state { REDIS_WAITING, REDIS_CONNECTING, REDIS_GREETING, REDIS_READY };

struct redis_connection_events {
    void (*on_ready)(void *ctx);
    void (*on_down)(
        void *ctx); /* an attempt failed or the connection ended; all requests were told */
    void (*on_closed)(void *ctx); /* set by redis_connection_close() */
    void *ctx;
};

struct redis_connection {
    struct redis_target target;
    struct redis_connection_events events;
    uv_loop_t *loop;
    int64_t timeout_ms; /* to connect and to log in */
    enum redis_state state;
    bool closed;       /* redis_connection_close() was called */
    unsigned failures; /* attempts in a row that did not get READY */
    char reason[200];  /* why it is not READY, a sentence */
    uv_timer_t timer;  /* WAITING: the next attempt; CONNECTING, GREETING: the deadline */
    struct redis_stream *stream;
    struct redis_reader reader;
    struct strbuf out;     /* encoded, not given to the stream yet */
    size_t out_start;      /* in `out`: where the request begins that is being encoded */
    struct strbuf writing; /* being written by the stream */
    bool write_pending;
    struct redis_request *first; /* of the queue; those given to the stream stand first */
    struct redis_request **last;
    struct redis_request *first_in_out; /* the first that was not given; NULL: all were */
    struct redis_request greeting;
};

/**
 * @param loop        borrowed
 * @param target      copied
 * @param timeout_ms  to connect and log in, before the next attempt
 */
void redis_connection_init(struct redis_connection *connection, uv_loop_t *loop,
                           const struct redis_target *target, int64_t timeout_ms,
                           const struct redis_connection_events *events);

/** The first attempt. */
void redis_connection_start(struct redis_connection *connection);

/**
 * Where to append the commands of the next request; only while READY. An append that fails is
 * taken back by redis_connection_send().
 */
struct strbuf *redis_connection_out(struct redis_connection *connection);

/**
 * Sends what was appended since the last call, as one request.
 *
 * @return  ERR_NO_MEMORY: nothing was sent, the request is not queued
 */
enum err redis_connection_send(struct redis_connection *connection,
                               struct redis_request *request) MUST_CHECK;

/** Gives the connection up, tells all requests, and connects again. Fine when there is none. */
void redis_connection_drop(struct redis_connection *connection, const char *reason);

/**
 * Ends it for good and tells all requests. Its memory must live until `on_closed`, on the loop.
 */
void redis_connection_close(struct redis_connection *connection, void (*on_closed)(void *ctx));

#endif
