#include "store/redis_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

/* A dead peer behind a silent network is found after this; commits have deadlines of their own. */
#define KEEPALIVE_S 60

/* One read takes the answer of any usual batch. */
#define READ_BYTES 65536

struct redis_stream {
    struct redis_stream_events events;
    struct redis_target target;
    uv_loop_t *loop;

    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;

    uv_getaddrinfo_t resolve;
    uv_connect_t connect;
    uv_write_t write;
    struct addrinfo *addresses;     /* of the host, owned */
    const struct addrinfo *address; /* the one tried now */
    bool resolving;                 /* the thread pool still has `resolve` */
    bool has_handle;                /* uv.handle is initialised, and not closed to the end */
    bool closing;                   /* nobody listens any more */
    char read_buffer[READ_BYTES];

    struct redis_tls *tls; /* NULL: without; else also: */
    struct slice unsent;   /* the rest of what redis_stream_write() got, not encrypted yet */
    bool is_sending;       /* libuv has bytes of `cipher` */
    char cipher[REDIS_TLS_MAX_WRITE + 1024];
};

static void free_when_done(struct redis_stream *stream)
{
    if (!stream->closing || stream->resolving || stream->has_handle)
        return;
    uv_freeaddrinfo(stream->addresses);
    redis_tls_destroy(stream->tls);
    free(stream);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct redis_stream *stream = handle->data;

    stream->has_handle = false;
    free_when_done(stream);
}

void redis_stream_close(struct redis_stream *stream)
{
    if (!stream || stream->closing)
        return;
    stream->closing = true;
    if (stream->resolving)
        (void)uv_cancel((uv_req_t *)&stream->resolve); /* too late is fine: on_resolved comes */
    if (stream->has_handle && !uv_is_closing(&stream->uv.handle))
        uv_close(&stream->uv.handle, on_handle_closed);
    free_when_done(stream);
}

/* The owner closes the stream in there. */
static void report_closed(struct redis_stream *stream, const char *what, int status)
{
    char reason[160];

    if (stream->closing)
        return;
    (void)snprintf(reason, sizeof(reason), "%s: %s", what, uv_strerror(status));
    stream->events.on_closed(stream->events.ctx, reason);
}

/* ---- writing -------------------------------------------------------------------------------- */

static void on_write_done(uv_write_t *write, int status);

/* As much as the kernel takes at once; the rest goes in the background when *pending. */
static enum err write_now(struct redis_stream *stream, struct slice bytes, bool *pending)
{
    uv_buf_t buf = {.len = bytes.len};
    int written;

    /* uv_buf_t is made for reading too; writing leaves the bytes alone. */
    memcpy(&buf.base, &bytes.ptr, sizeof(buf.base));
    written = uv_try_write(&stream->uv.stream, &buf, 1);
    if (written < 0 && written != UV_EAGAIN)
        return ERR_UNAVAILABLE;
    if (written > 0) {
        buf.base += written;
        buf.len -= (size_t)written;
    }
    *pending = buf.len > 0;
    stream->write.data = stream;
    if (*pending && uv_write(&stream->write, &stream->uv.stream, &buf, 1, on_write_done) < 0)
        return ERR_UNAVAILABLE;
    return ERR_OK;
}

/* Encrypts a part of what is unsent, when there is nothing encrypted left. */
static bool fill_cipher(struct redis_stream *stream, size_t *len)
{
    struct slice part = stream->unsent;

    *len = redis_tls_take(stream->tls, stream->cipher, sizeof(stream->cipher));
    if (*len > 0 || part.len == 0)
        return true;
    if (part.len > REDIS_TLS_MAX_WRITE)
        part.len = REDIS_TLS_MAX_WRITE;
    if (!redis_tls_write(stream->tls, part))
        return false;
    stream->unsent = slice_from(stream->unsent, part.len);
    *len = redis_tls_take(stream->tls, stream->cipher, sizeof(stream->cipher));
    return true;
}

/* Sends until the kernel takes no more, or nothing is left: our bytes and those of TLS itself. */
static enum err send_encrypted(struct redis_stream *stream)
{
    while (!stream->is_sending) {
        size_t len;

        if (!fill_cipher(stream, &len))
            return ERR_UNAVAILABLE;
        if (len == 0)
            return ERR_OK;
        if (write_now(stream, slice_of(stream->cipher, len), &stream->is_sending) != ERR_OK)
            return ERR_UNAVAILABLE;
    }
    return ERR_OK;
}

static void on_write_done(uv_write_t *write, int status)
{
    struct redis_stream *stream = write->data;
    bool is_awaited = !stream->tls || stream->unsent.len > 0;

    if (stream->closing)
        return;
    stream->is_sending = false;
    if (status == 0 && stream->tls && send_encrypted(stream) != ERR_OK)
        status = UV_EPIPE;
    if (status < 0)
        report_closed(stream, "the connection to Redis broke", status);
    else if (is_awaited && stream->unsent.len == 0)
        stream->events.on_written(stream->events.ctx);
}

enum err redis_stream_write(struct redis_stream *stream, struct slice bytes, bool *pending)
{
    enum err err;

    if (!stream->tls)
        return write_now(stream, bytes, pending);
    stream->unsent = bytes;
    err = send_encrypted(stream);
    *pending = stream->unsent.len > 0;
    return err;
}

/* ---- reading -------------------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct redis_stream *stream = handle->data;

    (void)suggested;
    *buf = uv_buf_init(stream->read_buffer, sizeof(stream->read_buffer));
}

/* Goes on with TLS until it needs more from the network. The read buffer is free again: TLS has a
 * copy of what was in it. What is told may close the stream, which then stays until a later turn.
 */
static void go_on_with_tls(struct redis_stream *stream)
{
    enum redis_tls_read got;

    do {
        size_t len = 0;

        got = redis_tls_read(stream->tls, stream->read_buffer, sizeof(stream->read_buffer), &len);
        if (got == REDIS_TLS_OPEN)
            stream->events.on_open(stream->events.ctx);
        if (got == REDIS_TLS_BYTES)
            stream->events.on_data(stream->events.ctx, slice_of(stream->read_buffer, len));
        if (stream->closing)
            return;
    } while (got == REDIS_TLS_OPEN || got == REDIS_TLS_BYTES);
    /* When the stream is broken its reader learns of it. */
    (void)send_encrypted(stream);
    if (got == REDIS_TLS_FAILED)
        stream->events.on_closed(stream->events.ctx, redis_tls_reason(stream->tls));
}

static void on_read(uv_stream_t *uv, ssize_t count, const uv_buf_t *buf)
{
    struct redis_stream *stream = uv->data;

    if (stream->closing || count == 0)
        return;
    if (count < 0)
        report_closed(stream, "the connection to Redis ended", (int)count);
    else if (!stream->tls)
        stream->events.on_data(stream->events.ctx, slice_of(buf->base, (size_t)count));
    else if (redis_tls_feed(stream->tls, slice_of(buf->base, (size_t)count)))
        go_on_with_tls(stream);
    else
        report_closed(stream, "the connection to Redis broke", UV_ENOMEM);
}

/* ---- opening -------------------------------------------------------------------------------- */

static void connect_next_address(struct redis_stream *stream);

static void on_failed_handle_closed(uv_handle_t *handle)
{
    struct redis_stream *stream = handle->data;

    stream->has_handle = false;
    if (stream->closing)
        free_when_done(stream);
    else
        connect_next_address(stream);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct redis_stream *stream = connect->data;

    if (stream->closing)
        return;
    if (status < 0 && stream->address && stream->address->ai_next) {
        stream->address = stream->address->ai_next;
        uv_close(&stream->uv.handle, on_failed_handle_closed);
        return;
    }
    if (status == 0)
        status = uv_read_start(&stream->uv.stream, on_alloc, on_read);
    if (status < 0)
        report_closed(stream, "Redis cannot be reached", status);
    else if (stream->tls)
        go_on_with_tls(stream);
    else
        stream->events.on_open(stream->events.ctx);
}

static void connect_next_address(struct redis_stream *stream)
{
    int status = uv_tcp_init(stream->loop, &stream->uv.tcp);

    if (status == 0) {
        stream->has_handle = true;
        stream->uv.handle.data = stream;
        status = uv_tcp_connect(&stream->connect, &stream->uv.tcp, stream->address->ai_addr,
                                on_connected);
    }
    if (status < 0) {
        report_closed(stream, "Redis cannot be reached", status);
        return;
    }
    /* Neither can fail on a fresh socket in a way that matters: both only make it better. */
    (void)uv_tcp_nodelay(&stream->uv.tcp, 1);
    (void)uv_tcp_keepalive(&stream->uv.tcp, 1, KEEPALIVE_S);
}

static void on_resolved(uv_getaddrinfo_t *resolve, int status, struct addrinfo *addresses)
{
    struct redis_stream *stream = resolve->data;

    stream->resolving = false;
    stream->addresses = addresses;
    stream->address = addresses;
    if (stream->closing)
        free_when_done(stream);
    else if (status < 0)
        report_closed(stream, "the host of Redis is not known", status);
    else
        connect_next_address(stream);
}

/* Numeric addresses are resolved there too; that costs a thread of libuv's pool, once. */
static int start_tcp(struct redis_stream *stream)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    char port[8];
    int status;

    (void)snprintf(port, sizeof(port), "%u", stream->target.address.port);
    stream->resolve.data = stream;
    status = uv_getaddrinfo(stream->loop, &stream->resolve, on_resolved,
                            stream->target.address.host, port, &hints);
    stream->resolving = status == 0;
    return status;
}

static int start_unix(struct redis_stream *stream)
{
    int status = uv_pipe_init(stream->loop, &stream->uv.pipe, 0);

    if (status < 0)
        return status;
    stream->has_handle = true;
    stream->uv.handle.data = stream;
    uv_pipe_connect(&stream->connect, &stream->uv.pipe, stream->target.path, on_connected);
    return 0;
}

struct redis_stream *redis_stream_open(uv_loop_t *loop, const struct redis_target *target,
                                       const struct redis_stream_events *events)
{
    struct redis_stream *stream = calloc(1, sizeof(*stream));
    int status = 0;

    if (!stream)
        return NULL;
    stream->loop = loop;
    stream->target = *target;
    stream->events = *events;
    stream->connect.data = stream;
    if (target->tls) {
        stream->tls = redis_tls_create(target->tls, target->address.host);
        status = stream->tls ? 0 : UV_ENOMEM;
    }
    if (status == 0)
        status = target->is_unix ? start_unix(stream) : start_tcp(stream);
    if (status < 0) {
        redis_stream_close(stream);
        return NULL;
    }
    return stream;
}
