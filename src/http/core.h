/**
 * What the files of one server share: its memory, its numbers, its lists.
 *
 *     http_server
 *       |- listeners     uv_poll on each listening socket        listener.c
 *       |- connections   state, deadline, held bytes             connection.c, input.c, output.c
 *       |    `- exchange    the request under way, if any        exchange.c, request.c
 *       |- free exchanges   for reuse, so a steady load allocates nothing
 *       |- read_buffer      all connections read into it, one after the other
 *       `- out              answers on their way to the socket
 *
 * The read buffer's content belongs to the connection whose bytes are being handled, until that
 * call returns; what a connection needs longer, it copies. The answers of the connection at work
 * gather at the start of `out` and leave in one write; an answer to another connection that
 * happens meanwhile is put behind them and leaves at once.
 */
#ifndef FOOTFALL_HTTP_CORE_H
#define FOOTFALL_HTTP_CORE_H

#include <sys/queue.h>

#include "base/strbuf.h"
#include "http/date.h"
#include "http/guard.h"
#include "http/server.h"

/* One read takes at most this much; also how much a connection may hold back of pipelined bytes. */
#define READ_BUFFER_BYTES (64 << 10)

/* Gathered answers; an answer's head and a small body must fit behind what is gathered. */
#define OUT_BUFFER_BYTES (64 << 10)

/* A body up to this size is copied behind its head, one up to any size is written from its place.
 */
#define OUT_SMALL_BODY_BYTES (16 << 10)

/* Room for an answer's head with the handler's own fields. */
#define OUT_HEAD_BYTES (8 << 10)

struct connection;
struct exchange;
struct listener;

struct http_server {
    struct http_server_options options;
    struct guard_limits guard_limits;
    struct http_stats stats;
    LIST_HEAD(, listener) listeners;
    LIST_HEAD(, connection) connections;
    struct exchange *free_exchanges;
    size_t free_exchange_count;
    char *read_buffer;
    char *out_storage;
    struct strbuf out;
    struct date_line date;
    struct timer accept_timer; /* active while accepting pauses */
    struct timer drain_timer;  /* the next step of draining */
    size_t open_handles;       /* of libuv, ours; 0 with is_closing: free everything */
    bool is_accepting;         /* false while accepting pauses */
    bool is_draining;
    bool has_drained_idle; /* what was idle when draining began is closed */
    bool is_closing;
};

/** To be called when a handle of libuv was closed; frees a closing server with its last one. */
void http_server_handle_closed(struct http_server *server);

/** To be called when a connection began to close: there is room for another, or draining is done.
 */
void http_server_connection_closed(struct http_server *server);

/** As of the loop's turn: costs no system call. */
static inline int64_t http_server_now_ms(const struct http_server *server)
{
    return timers_now_ms(server->options.timers);
}

#endif
