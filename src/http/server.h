/**
 * The HTTP server of one process: listening sockets, connections, limits.
 *
 *     listening sockets (inherited, shared by all workers)
 *        -> connections (idle | reading head | reading body | answering | writing | closing)
 *           -> at most one request each
 */
#ifndef FOOTFALL_HTTP_SERVER_H
#define FOOTFALL_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/timers.h"
#include "http/router.h"

struct uv_loop_s;
struct http_server;

/** All sizes in bytes, all times in milliseconds. */
struct http_limits {
    size_t head_bytes;     /* 16 KiB, below 64 KiB; over it 431 */
    size_t field_count;    /* 100; over it 431 */
    size_t target_bytes;   /* 8 KiB; over it 414 */
    size_t body_bytes;     /* 1 MiB; over it 413 */
    size_t connections;    /* 20,000; at it accepting pauses */
    int64_t head_ms;       /* 10,000: from the first byte of a head to its end; then 408 */
    int64_t body_grace_ms; /* 5,000: a body may take this long, and then … */
    int64_t body_rate;     /* … 500 bytes a second at least; else 408 */
    int64_t idle_ms;       /* 60,000: a connection without a request; then closed */
    int64_t write_ms;      /* 20,000: an answer that the client does not take; then closed */
};

extern const struct http_limits http_default_limits;

struct http_server_options {
    struct uv_loop_s *loop;
    struct timers *timers;
    const struct clock *clock; /* for Date; deadlines follow the clock of `timers` */
    struct http_limits limits;
    const struct address_set *trusted_proxies; /* who is believed about whom it speaks for */
    bool proxy_protocol; /* every connection begins with a PROXY header, from a trusted proxy */
    const struct router *router;
    void *app;                     /* becomes request.app */
    void (*on_drained)(void *ctx); /* after http_server_drain(): the last connection is closed */
    void *ctx;
};

/**
 * The process has to ignore SIGPIPE.
 *
 * @param options  copied; what it points to outlives the server
 * @return         NULL without memory
 */
struct http_server *http_server_create(const struct http_server_options *options);

/**
 * Begins to accept on a listening socket, TCP or unix.
 *
 * @param fd  open, bound, listening; the server's from now on. Accepting competes with other
 *            processes on the same socket.
 */
enum err http_server_listen(struct http_server *server, int fd) MUST_CHECK;

/**
 * Stops accepting, closes idle connections, lets requests under way finish with Connection: close,
 * then calls on_drained (in a later turn of the loop).
 */
void http_server_drain(struct http_server *server);

/** Closes everything at once and frees the server in later turns of the loop. NULL is fine. */
void http_server_close(struct http_server *server);

struct http_stats {
    uint64_t accepted;  /* connections */
    uint64_t requests;  /* that reached a handler or the router */
    uint64_t rejected;  /* answered 4xx, 5xx by the HTTP layer itself */
    uint64_t timeouts;  /* 408 sent, or closed for silence */
    size_t open;        /* connections */
    size_t active;      /* requests not answered yet */
    uint64_t status[6]; /* answers by class: status[2] is 2xx */
};

void http_server_get_stats(const struct http_server *server, struct http_stats *out);

#endif
