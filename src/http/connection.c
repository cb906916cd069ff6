#include "http/connection.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/deadline.h"
#include "http/exchange.h"
#include "http/input.h"
#include "http/listener.h"
#include "http/output.h"

/* How much is dropped after the last answer (RFC 9112, section 9.6). */
#define LINGER_BYTES (64 << 10)

#define BIT(state_)  (1U << (unsigned)(state_))

/* Which states may follow; into CLOSING, from each, only connection_close() goes. */
static const unsigned followers[] = {
    [CONNECTION_PROXY] = BIT(CONNECTION_IDLE),
    [CONNECTION_IDLE] = BIT(CONNECTION_HEAD) | BIT(CONNECTION_BODY) | BIT(CONNECTION_ANSWERING) |
                        BIT(CONNECTION_WRITING),
    [CONNECTION_HEAD] = BIT(CONNECTION_BODY) | BIT(CONNECTION_ANSWERING),
    [CONNECTION_BODY] = BIT(CONNECTION_ANSWERING),
    [CONNECTION_ANSWERING] = BIT(CONNECTION_IDLE) | BIT(CONNECTION_WRITING),
    [CONNECTION_WRITING] = BIT(CONNECTION_IDLE) | BIT(CONNECTION_LINGERING),
    [CONNECTION_LINGERING] = 0,
    [CONNECTION_CLOSING] = 0,
};

void connection_set_state(struct connection *connection, enum connection_state state)
{
    bool may_follow = followers[connection->state] & BIT(state);

    assert(may_follow);
    (void)may_follow; /* without assertions */
    connection->state = state;
    deadline_begin(connection);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    struct http_server *server = connection->server;

    strbuf_fini(&connection->held);
    free(connection);
    http_server_handle_closed(server);
}

void connection_close(struct connection *connection)
{
    struct http_server *server = connection->server;
    struct exchange *exchange = connection->exchange;

    if (connection->state == CONNECTION_CLOSING)
        return;
    if (connection->state == CONNECTION_ANSWERING && exchange)
        server->stats.active--;
    connection->state = CONNECTION_CLOSING;
    connection->exchange = NULL;
    LIST_REMOVE(connection, entry);
    server->stats.open--;
    timer_stop(server->options.timers, &connection->timer);
    uv_close(&connection->handle.any, on_closed);
    exchange_end(server, exchange);
    http_server_connection_closed(server);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct connection *connection = handle->data;

    (void)suggested;
    *buf = uv_buf_init(connection->server->read_buffer, (unsigned)input_room(connection));
}

/* No more will come; what is held is still answered. */
static void on_end(struct connection *connection)
{
    connection->has_ended = true;
    if (connection->state == CONNECTION_LINGERING)
        connection_close(connection);
    else
        connection_settle(connection);
}

static void drop(struct connection *connection, size_t len)
{
    if (len > connection->drop_bytes)
        connection_close(connection);
    else
        connection->drop_bytes -= len;
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct connection *connection = stream->data;

    if (len > 0 && connection->state == CONNECTION_LINGERING)
        drop(connection, (size_t)len);
    else if (len > 0)
        input_receive(connection, buf->base, (size_t)len);
    else if (len == UV_EOF)
        on_end(connection);
    else if (len < 0)
        connection_close(connection); /* reset: the client is gone */
}

void connection_pause(struct connection *connection)
{
    if (!connection->is_paused)
        (void)uv_read_stop(&connection->handle.stream); /* always 0 */
    connection->is_paused = true;
}

void connection_unpause(struct connection *connection)
{
    if (!connection->is_paused || connection->state == CONNECTION_CLOSING)
        return;
    connection->is_paused = false;
    if (!connection->has_ended && uv_read_start(&connection->handle.stream, on_alloc, on_read) != 0)
        connection_close(connection);
}

/* Hands the socket to libuv, which closes it with the handle. */
static bool adopt(struct connection *connection, int fd, int family)
{
    struct uv_loop_s *loop = connection->server->options.loop;

    if (family == AF_UNIX) {
        (void)uv_pipe_init(loop, &connection->handle.pipe, 0); /* always 0 */
        return uv_pipe_open(&connection->handle.pipe, fd) == 0;
    }
    (void)uv_tcp_init(loop, &connection->handle.tcp); /* always 0 */
    return uv_tcp_open(&connection->handle.tcp, fd) == 0;
}

static bool is_welcome(const struct connection *connection)
{
    const struct http_server_options *options = &connection->server->options;

    return !options->proxy_protocol || address_set_has(options->trusted_proxies, &connection->peer);
}

void connection_open(struct http_server *server, int fd, const struct sockaddr *peer)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    bool is_adopted;

    if (!connection) {
        (void)close(fd);
        return;
    }
    connection->server = server;
    connection->state = server->options.proxy_protocol ? CONNECTION_PROXY : CONNECTION_IDLE;
    connection->is_fresh = true;
    connection->peer = address_from_sockaddr(peer);
    strbuf_init(&connection->held, READ_BUFFER_BYTES);
    is_adopted = adopt(connection, fd, peer->sa_family);
    connection->handle.any.data = connection;
    LIST_INSERT_HEAD(&server->connections, connection, entry);
    server->open_handles++;
    server->stats.accepted++;
    server->stats.open++;
    if (!is_adopted)
        (void)close(fd);
    deadline_begin(connection);
    if (!is_adopted || !is_welcome(connection) || !timer_is_active(&connection->timer) ||
        uv_read_start(&connection->handle.stream, on_alloc, on_read) != 0)
        connection_close(connection);
}

/* All is said: waits for the client's end where it may still be sending, else closes. */
static void finish(struct connection *connection)
{
    uv_os_fd_t fd;

    if (!connection->lingers || connection->has_ended ||
        uv_fileno(&connection->handle.any, &fd) != 0 || shutdown(fd, SHUT_WR) != 0) {
        connection_close(connection);
        return;
    }
    connection->drop_bytes = LINGER_BYTES;
    connection_set_state(connection, CONNECTION_LINGERING);
    connection_unpause(connection);
}

static void settle_idle(struct connection *connection)
{
    if (input_held(connection) > 0)
        deadline_resume(connection);
    else if (connection->has_ended)
        connection_close(connection);
    else if (connection->server->is_draining)
        connection_drain(connection);
}

void connection_settle(struct connection *connection)
{
    if (connection->state == CONNECTION_WRITING && connection->writes == 0) {
        if (connection->is_last) {
            finish(connection);
            return;
        }
        connection_set_state(connection, CONNECTION_IDLE);
    }
    switch (connection->state) {
    case CONNECTION_IDLE:
        if (connection->writes > 0)
            connection_set_state(connection, CONNECTION_WRITING);
        else
            settle_idle(connection);
        break;
    case CONNECTION_PROXY:
    case CONNECTION_HEAD:
    case CONNECTION_BODY:
        if (connection->has_ended && connection->writes == 0)
            connection_close(connection); /* the rest of it will never come */
        break;
    case CONNECTION_ANSWERING:
    case CONNECTION_WRITING:
    case CONNECTION_LINGERING:
    case CONNECTION_CLOSING:
        break;
    }
}

/* The last look: a request that is in the kernel already is answered. */
void connection_drain(struct connection *connection)
{
    struct http_server *server = connection->server;
    uv_os_fd_t fd;
    ssize_t len;

    if ((connection->state != CONNECTION_IDLE && connection->state != CONNECTION_PROXY) ||
        input_held(connection) > 0 || uv_fileno(&connection->handle.any, &fd) != 0)
        return;
    len = read(fd, server->read_buffer, READ_BUFFER_BYTES);
    if (len > 0)
        input_receive(connection, server->read_buffer, (size_t)len);
    else if (len < 0 && errno == EAGAIN && connection->is_fresh)
        deadline_hasten(connection);
    else
        connection_close(connection);
}
