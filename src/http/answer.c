#include "http/connection.h"

#include <assert.h>

#include "http/exchange.h"
#include "http/output.h"

/* Whether another request may follow on the connection. */
static bool keeps_alive(const struct connection *connection, const struct framing *framing)
{
    return framing->keep_alive && !connection->is_last && !connection->server->is_draining &&
           (!connection->has_ended || connection->unread_bytes > 0);
}

static void count_answer(struct http_server *server, int status)
{
    server->stats.active--;
    if (status >= 100 && status < 600)
        server->stats.status[status / 100]++;
}

void connection_answer(struct connection *connection, const struct response *response)
{
    struct http_server *server = connection->server;
    struct exchange *exchange = connection->exchange;
    bool is_kept = keeps_alive(connection, &exchange->framing);
    struct response_form form = {
        .date_line =
            date_line_get(&server->date, server->options.clock, http_server_now_ms(server)),
        .is_for_head = exchange->request.method == HTTP_HEAD,
        .keeps_alive = is_kept,
        .says_keep_alive = exchange->framing.minor_version == 0,
    };

    assert(connection->state == CONNECTION_ANSWERING);
    /* A client that would have gone on may be sending already; one that asked to close is not. */
    if (exchange->framing.keep_alive || connection->unread_bytes > 0)
        connection->lingers = true;
    connection->is_last = !is_kept;
    connection->exchange = NULL;
    count_answer(server, response->status);
    output_response(connection, response, &form);
    exchange_end(server, exchange);
    if (connection->state == CONNECTION_CLOSING)
        return;
    connection_set_state(connection, is_kept ? CONNECTION_IDLE : CONNECTION_WRITING);
    if (!connection->is_at_work)
        connection_settle(connection);
}

void connection_refuse(struct connection *connection, struct refusal refusal)
{
    struct http_server *server = connection->server;

    if (!connection->exchange)
        connection->exchange = exchange_take(server, connection);
    if (!connection->exchange) {
        connection_close(connection);
        return;
    }
    if (connection->guard.method)
        connection->exchange->request.method = (enum http_method)connection->guard.method;
    connection->is_last = true;
    connection->lingers = true;
    connection_set_state(connection, CONNECTION_ANSWERING);
    server->stats.rejected++;
    server->stats.active++;
    router_fail(server->options.router, &connection->exchange->request, refusal.status, SLICE(""),
                refusal.reason);
    assert(!connection->exchange); /* on_error must answer at once */
}
