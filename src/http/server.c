#include "http/server.h"

#include <assert.h>
#include <stdlib.h>

#include "http/connection.h"
#include "http/exchange.h"
#include "http/listener.h"

const struct http_limits http_default_limits = {
    .head_bytes = 16 << 10,
    .field_count = 100,
    .target_bytes = 8 << 10,
    .body_bytes = 1 << 20,
    .connections = 20000,
    .head_ms = 10000,
    .body_grace_ms = 5000,
    .body_rate = 500,
    .idle_ms = 60000,
    .write_ms = 20000,
};

struct http_server *http_server_create(const struct http_server_options *options)
{
    struct http_server *server = calloc(1, sizeof(*server));

    assert(options->limits.head_bytes < READ_BUFFER_BYTES && options->limits.body_rate > 0);
    if (!server)
        return NULL;
    server->read_buffer = malloc(READ_BUFFER_BYTES);
    server->out_storage = malloc(OUT_BUFFER_BYTES);
    if (!server->read_buffer || !server->out_storage) {
        free(server->read_buffer);
        free(server->out_storage);
        free(server);
        return NULL;
    }
    server->options = *options;
    server->guard_limits = (struct guard_limits){
        .head_bytes = options->limits.head_bytes,
        .target_bytes = options->limits.target_bytes,
        .field_count = options->limits.field_count,
    };
    strbuf_init_fixed(&server->out, server->out_storage, OUT_BUFFER_BYTES);
    server->is_accepting = true;
    return server;
}

enum err http_server_listen(struct http_server *server, int fd)
{
    return listener_open(server, fd);
}

static void free_when_done(struct http_server *server)
{
    if (!server->is_closing || server->open_handles > 0)
        return;
    exchange_free_all(server);
    free(server->read_buffer);
    free(server->out_storage);
    free(server);
}

void http_server_handle_closed(struct http_server *server)
{
    server->open_handles--;
    free_when_done(server);
}

static void close_listeners(struct http_server *server)
{
    timer_stop(server->options.timers, &server->accept_timer);
    while (!LIST_EMPTY(&server->listeners))
        listener_close(LIST_FIRST(&server->listeners));
}

static void on_drained(void *ctx)
{
    struct http_server *server = ctx;

    server->options.on_drained(server->options.ctx);
}

/* In a later turn of the loop; the timer's place was taken before, so it cannot fail twice. */
static void start_later(struct http_server *server, timer_fn *fn)
{
    struct timers *timers = server->options.timers;

    if (timer_start(timers, &server->drain_timer, http_server_now_ms(server), fn, server) != ERR_OK)
        fn(server);
}

void http_server_connection_closed(struct http_server *server)
{
    if (server->is_closing)
        return;
    if (!server->is_accepting && !timer_is_active(&server->accept_timer))
        listener_resume_all(server);
    if (server->has_drained_idle && server->stats.open == 0)
        start_later(server, on_drained);
}

static void drain_connections(void *ctx)
{
    struct http_server *server = ctx;
    struct connection *connection = LIST_FIRST(&server->connections);

    while (connection) {
        struct connection *next = LIST_NEXT(connection, entry);

        connection_drain(connection);
        connection = next;
    }
    server->has_drained_idle = true;
    if (server->stats.open == 0)
        start_later(server, on_drained);
}

void http_server_drain(struct http_server *server)
{
    if (server->is_draining || server->is_closing)
        return;
    server->is_draining = true;
    close_listeners(server);
    /* Not now: a handler may be the caller, and its request lies in the read buffer. */
    start_later(server, drain_connections);
}

void http_server_close(struct http_server *server)
{
    if (!server || server->is_closing)
        return;
    server->is_closing = true;
    timer_stop(server->options.timers, &server->drain_timer);
    close_listeners(server);
    while (!LIST_EMPTY(&server->connections))
        connection_close(LIST_FIRST(&server->connections));
    free_when_done(server);
}

void http_server_get_stats(const struct http_server *server, struct http_stats *out)
{
    *out = server->stats;
}
