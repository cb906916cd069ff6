#include "http/input.h"

#include <assert.h>

#include "http/client_address.h"
#include "http/exchange.h"
#include "http/output.h"
#include "http/parse.h"
#include "http/proxy_header.h"

static bool takes_input(const struct connection *connection)
{
    switch (connection->state) {
    case CONNECTION_PROXY:
    case CONNECTION_IDLE:
    case CONNECTION_HEAD:
    case CONNECTION_BODY:
        return connection->writes == 0; /* who does not read answers gets no more of them */
    case CONNECTION_ANSWERING:
    case CONNECTION_WRITING:
    case CONNECTION_LINGERING:
    case CONNECTION_CLOSING:
        break;
    }
    return false;
}

size_t input_room(const struct connection *connection)
{
    return READ_BUFFER_BYTES - input_held(connection);
}

static size_t take_proxy_header(struct connection *connection, struct slice bytes)
{
    struct address source;
    size_t used = 0;

    switch (proxy_header_parse(bytes, &source, &used)) {
    case PROXY_HEADER_MORE:
        return 0;
    case PROXY_HEADER_INVALID:
        connection_close(connection);
        return 0;
    case PROXY_HEADER_ADDRESS:
        connection->peer = source;
        break;
    case PROXY_HEADER_LOCAL:
        break;
    }
    connection_set_state(connection, CONNECTION_IDLE);
    return used;
}

static void dispatch(struct connection *connection, size_t unread_bytes)
{
    struct http_server *server = connection->server;

    connection->unread_bytes = unread_bytes;
    connection_set_state(connection, CONNECTION_ANSWERING);
    server->stats.requests++;
    server->stats.active++;
    router_dispatch(server->options.router, &connection->exchange->request);
    /* A handler that neither answered nor asked to be told of the end has forgotten its request. */
    assert(!connection->exchange || connection->exchange->deferred);
}

static size_t take_body(struct connection *connection, struct slice bytes)
{
    struct exchange *exchange = connection->exchange;
    size_t used;

    switch (body_feed(&exchange->body, bytes, &used)) {
    case BODY_MORE:
        break;
    case BODY_WHOLE:
        exchange->request.body = strbuf_slice(&exchange->body.bytes);
        dispatch(connection, bytes.len - used);
        break;
    case BODY_MALFORMED:
        connection_refuse(connection, (struct refusal){400, "The chunked body is malformed."});
        break;
    case BODY_TOO_LONG:
        connection_refuse(connection, (struct refusal){413, "The body is too long."});
        break;
    }
    return used;
}

/* The body is not whole yet: from here on it is gathered, and the head moves out of the way. */
static size_t gather_body(struct connection *connection, struct slice head, struct slice rest)
{
    struct http_server *server = connection->server;
    struct exchange *exchange = connection->exchange;

    body_init(&exchange->body, &exchange->framing, server->options.limits.body_bytes,
              http_server_now_ms(server));
    exchange->borrowed = head;
    if (!exchange_keep(exchange)) {
        connection_close(connection);
        return 0;
    }
    connection_set_state(connection, CONNECTION_BODY);
    if (exchange->framing.expects_continue && rest.len == 0)
        output_raw(connection, SLICE("HTTP/1.1 100 Continue\r\n\r\n"));
    return head.len + take_body(connection, rest);
}

/* A head was whole and sound: the request begins. */
static size_t begin_request(struct connection *connection, struct slice head, struct slice rest)
{
    struct exchange *exchange = connection->exchange;
    const struct framing *framing = &exchange->framing;
    struct http_server *server = connection->server;
    size_t body_len = (size_t)framing->content_length;

    if (framing->content_length > server->options.limits.body_bytes) {
        connection_refuse(connection, (struct refusal){413, "The body is too long."});
        return 0;
    }
    connection->is_fresh = false;
    exchange->request.client =
        client_address(&connection->peer, exchange->request.fields[FIELD_X_FORWARDED_FOR],
                       exchange->request.fields[FIELD_FORWARDED], server->options.trusted_proxies);
    exchange->request.is_by_trusted_proxy =
        address_set_has(server->options.trusted_proxies, &connection->peer);
    exchange->request.is_secure =
        client_is_secure(&connection->peer, exchange->request.fields[FIELD_X_FORWARDED_PROTO],
                         server->options.trusted_proxies);
    if (framing->body == BODY_CHUNKED || framing->content_length > rest.len)
        return gather_body(connection, head, rest);
    exchange->request.body = slice_of(rest.ptr, body_len);
    exchange->borrowed = slice_of(head.ptr, head.len + body_len); /* one lies behind the other */
    dispatch(connection, rest.len - body_len);
    return head.len + body_len;
}

static size_t take_whole_head(struct connection *connection, char *bytes, size_t len,
                              size_t head_len)
{
    struct slice all = slice_of(bytes, len);
    struct request_line line = guard_request_line(&connection->guard, all);
    struct exchange *exchange = exchange_take(connection->server, connection);
    struct refusal refusal;

    connection->guard = (struct guard){0};
    if (!exchange) {
        connection_close(connection);
        return 0;
    }
    connection->exchange = exchange;
    refusal = parse_head(bytes, head_len, &line, &exchange->arena, &exchange->request,
                         &exchange->framing);
    if (refusal.status) {
        connection_refuse(connection, refusal);
        return 0;
    }
    return begin_request(connection, slice_of(bytes, head_len), slice_from(all, head_len));
}

static size_t take_head(struct connection *connection, char *bytes, size_t len)
{
    struct slice head;
    struct refusal refusal;

    switch (guard_scan(&connection->guard, slice_of(bytes, len), &connection->server->guard_limits,
                       &head, &refusal)) {
    case GUARD_MORE:
        if (connection->state == CONNECTION_IDLE)
            connection_set_state(connection, CONNECTION_HEAD);
        return 0;
    case GUARD_REFUSED:
        connection_refuse(connection, refusal);
        return 0;
    case GUARD_WHOLE:
        break;
    }
    return take_whole_head(connection, bytes, len, head.len);
}

/* Handles the next piece; returns how many bytes it was, 0 when it is not whole or was refused. */
static size_t take(struct connection *connection, char *bytes, size_t len)
{
    if (connection->state == CONNECTION_PROXY)
        return take_proxy_header(connection, slice_of(bytes, len));
    if (connection->state == CONNECTION_BODY)
        return take_body(connection, slice_of(bytes, len));
    return take_head(connection, bytes, len);
}

/* Handles all that can be handled, then writes the answers that gathered. */
static size_t work(struct connection *connection, char *bytes, size_t len)
{
    size_t used = 0;

    connection->is_at_work = true;
    while (used < len && takes_input(connection)) {
        size_t taken = take(connection, bytes + used, len - used);

        if (taken == 0)
            break;
        used += taken;
    }
    output_flush(connection);
    connection->is_at_work = false;
    return used;
}

static bool wants_no_more(const struct connection *connection)
{
    return connection->is_last || connection->state == CONNECTION_CLOSING;
}

static void hold(struct connection *connection, struct slice bytes)
{
    struct strbuf *held = &connection->held;

    if (bytes.len == 0 || wants_no_more(connection))
        return;
    if (connection->held_start > 0) {
        held->len -= connection->held_start;
        memmove(held->ptr, held->ptr + connection->held_start, held->len);
        connection->held_start = 0;
    }
    strbuf_append(held, bytes);
    if (held->failed) /* out of memory: reading never asks for more than there is room for */
        connection_close(connection);
    else if (input_room(connection) == 0)
        connection_pause(connection);
}

static void release(struct connection *connection, size_t used)
{
    connection->held_start += used;
    if (input_held(connection) == 0 || wants_no_more(connection)) {
        strbuf_fini(&connection->held);
        connection->held_start = 0;
    }
    connection_unpause(connection);
}

void input_resume(struct connection *connection)
{
    size_t used;

    if (!takes_input(connection) || input_held(connection) == 0)
        return;
    used = work(connection, connection->held.ptr + connection->held_start, input_held(connection));
    release(connection, used);
    connection_settle(connection);
}

void input_receive(struct connection *connection, char *bytes, size_t len)
{
    size_t used = 0;

    if (input_held(connection) > 0 || !takes_input(connection)) {
        hold(connection, slice_of(bytes, len));
        input_resume(connection);
        return;
    }
    used = work(connection, bytes, len);
    hold(connection, slice_of(bytes + used, len - used));
    connection_settle(connection);
}
