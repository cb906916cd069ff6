#include "http/output.h"

#include <stdlib.h>

#include "http/input.h"

/* Bytes that the socket did not take at once. */
struct queued {
    uv_write_t write;
    struct connection *connection;
    char bytes[];
};

static void on_written(uv_write_t *write, int status)
{
    struct queued *queued = write->data;
    struct connection *connection = queued->connection;

    free(queued);
    connection->writes--;
    if (connection->state == CONNECTION_CLOSING)
        return;
    if (status < 0) {
        connection_close(connection); /* the client is gone */
        return;
    }
    input_resume(connection); /* a head or a body that waited for this */
    connection_settle(connection);
}

/* Queues a copy of what is behind the first `skip` bytes of both. */
static void queue_rest(struct connection *connection, struct slice first, struct slice second,
                       size_t skip)
{
    size_t first_skip = skip < first.len ? skip : first.len;
    size_t len = first.len + second.len - skip;
    struct queued *queued = malloc(sizeof(*queued) + len);
    uv_buf_t buf;

    if (!queued) {
        connection_close(connection);
        return;
    }
    first = slice_from(first, first_skip);
    second = slice_from(second, skip - first_skip);
    memcpy(queued->bytes, first.ptr, first.len);
    memcpy(queued->bytes + first.len, second.ptr, second.len);
    queued->connection = connection;
    queued->write.data = queued;
    buf = uv_buf_init(queued->bytes, (unsigned)len);
    if (uv_write(&queued->write, &connection->handle.stream, &buf, 1, on_written) != 0) {
        free(queued);
        connection_close(connection);
        return;
    }
    connection->writes++;
}

static uv_buf_t to_buf(struct slice bytes)
{
    union {
        const char *from;
        char *to; /* uv_buf_t serves reading too and is not const; writing changes nothing */
    } ptr = {.from = bytes.ptr};

    return uv_buf_init(ptr.to, (unsigned)bytes.len);
}

static void send_bytes(struct connection *connection, struct slice first, struct slice second)
{
    uv_buf_t bufs[2] = {to_buf(first), to_buf(second)};
    int sent = UV_EAGAIN;

    if (connection->writes == 0)
        sent = uv_try_write(&connection->handle.stream, bufs, second.len > 0 ? 2 : 1);
    if (sent == UV_EAGAIN)
        sent = 0;
    if (sent < 0)
        connection_close(connection); /* the client is gone */
    else if ((size_t)sent < first.len + second.len)
        queue_rest(connection, first, second, (size_t)sent);
}

/* Writes all that is in `out` from `start` on, and `body` behind it. */
static void send_out(struct connection *connection, size_t start, struct slice body)
{
    struct strbuf *out = &connection->server->out;
    struct slice gathered = slice_of(out->ptr + start, out->len - start);

    out->len = start;
    if (connection->state != CONNECTION_CLOSING && gathered.len > 0)
        send_bytes(connection, gathered, body);
}

void output_flush(struct connection *connection)
{
    send_out(connection, 0, SLICE(""));
}

void output_raw(struct connection *connection, struct slice bytes)
{
    strbuf_append(&connection->server->out, bytes);
    if (!connection->is_at_work)
        send_out(connection, connection->server->out.len - bytes.len, SLICE(""));
}

void output_response(struct connection *connection, const struct response *response,
                     const struct response_form *form)
{
    struct strbuf *out = &connection->server->out;
    size_t start = connection->is_at_work ? 0 : out->len;
    struct slice body = response_has_body(response, form) ? response->body : SLICE("");

    response_put_head(out, response, form);
    if (body.len <= OUT_SMALL_BODY_BYTES) {
        strbuf_append(out, body);
        body = SLICE("");
    }
    if (out->failed) { /* the handler's fields are longer than a head may be */
        out->failed = false;
        out->len = start;
        connection_close(connection);
        return;
    }
    /* What stays gathered leaves room for one more answer, ours or another connection's. */
    if (!connection->is_at_work || body.len > 0 ||
        out->max - out->len < OUT_HEAD_BYTES + OUT_SMALL_BODY_BYTES)
        send_out(connection, start, body);
}
