#include "store/redis_connection.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>

#include "store/backoff.h"
#include "store/redis_command.h"

/* A commit of COMMIT_MAX_WRITES of the largest records, twice. */
#define MAX_OUT_BYTES ((size_t)320 << 20)

/* A buffer larger than this was for something rare: its memory is given back. */
#define KEPT_BYTES ((size_t)1 << 20)

static const struct redis_stream_events stream_events;

static void set_reason(struct redis_connection *c, const char *reason)
{
    if (reason != c->reason)
        (void)snprintf(c->reason, sizeof(c->reason), "%s", reason);
}

/* ---- the life of the connection ------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

static void start_timer(struct redis_connection *c, uint64_t ms)
{
    int status = uv_timer_start(&c->timer, on_timer, ms, 0);

    assert(status == 0); /* only fails on a closing timer, and then nothing comes here */
    (void)status;
}

static void wait_for_next_attempt(struct redis_connection *c)
{
    c->state = REDIS_WAITING;
    start_timer(c, backoff_ms(c->failures));
    c->failures++;
}

static void connect_now(struct redis_connection *c)
{
    struct redis_stream_events events = stream_events;

    assert(c->state == REDIS_WAITING && !c->stream);
    events.ctx = c;
    redis_reader_fini(&c->reader);
    if (redis_reader_init(&c->reader) == ERR_OK)
        c->stream = redis_stream_open(c->loop, &c->target, &events);
    if (!c->stream) {
        set_reason(c, "no memory or no socket left to connect to Redis");
        wait_for_next_attempt(c);
        return;
    }
    c->state = REDIS_CONNECTING;
    start_timer(c, (uint64_t)c->timeout_ms);
}

static void on_timer(uv_timer_t *timer)
{
    struct redis_connection *c = timer->data;

    if (c->state == REDIS_WAITING)
        connect_now(c);
    else if (c->state == REDIS_CONNECTING && c->target.tls)
        redis_connection_drop(c,
                              "no answer in TLS within the time limit: is this Redis' TLS port?");
    else
        redis_connection_drop(c, "Redis did not let us in within the time limit");
}

/* Tells all that was queued. Whoever is told may send, which fails, or close the store. */
static void lose_requests(struct redis_connection *c)
{
    const struct redis_request *first_in_out = c->first_in_out;
    struct redis_request *request = c->first;
    bool given = true;

    c->first = NULL;
    c->last = &c->first;
    c->first_in_out = NULL;
    while (request) {
        struct redis_request *next = request->next;

        if (request == first_in_out)
            given = false;
        request->on_lost(request, given, c->reason);
        request = next;
    }
}

/* The reader stays until the next attempt: whoever is called with a reply may drop the connection.
 */
static void forget_stream(struct redis_connection *c)
{
    redis_stream_close(c->stream);
    c->stream = NULL;
    c->write_pending = false;
    strbuf_fini(&c->out);
    /* libuv may hold on to these bytes until its handle is closed; but it only writes them in the
     * loop, and a closed handle is never written to. */
    strbuf_fini(&c->writing);
    (void)uv_timer_stop(&c->timer);
}

void redis_connection_drop(struct redis_connection *c, const char *reason)
{
    if (!c->stream)
        return;
    set_reason(c, reason);
    forget_stream(c);
    wait_for_next_attempt(c);
    lose_requests(c);
    if (!c->closed)
        c->events.on_down(c->events.ctx);
}

/* ---- sending -------------------------------------------------------------------------------- */

static void enqueue(struct redis_connection *c, struct redis_request *request)
{
    request->next = NULL;
    *c->last = request;
    c->last = &request->next;
    if (!c->first_in_out)
        c->first_in_out = request;
}

/* Hands over all that is encoded, unless an earlier write is still going on. A stream that turns
 * out to be broken says so to its reader, soon. */
static void flush(struct redis_connection *c)
{
    struct strbuf full = c->out;

    if (c->write_pending || full.len == 0)
        return;
    c->first_in_out = NULL;
    if (redis_stream_write(c->stream, strbuf_slice(&full), &c->write_pending) != ERR_OK)
        c->write_pending = true; /* and stays so: nothing more goes into a broken stream */
    if (c->write_pending) {
        c->out = c->writing;
        c->writing = full;
    }
    if (c->out.capacity > KEPT_BYTES)
        strbuf_fini(&c->out);
    strbuf_clear(&c->out);
}

static void on_written(void *ctx)
{
    struct redis_connection *c = ctx;

    c->write_pending = false;
    if (c->writing.capacity > KEPT_BYTES)
        strbuf_fini(&c->writing);
    flush(c);
}

struct strbuf *redis_connection_out(struct redis_connection *c)
{
    assert(c->state == REDIS_READY);
    c->out_start = c->out.len;
    return &c->out;
}

static enum err send_request(struct redis_connection *c, struct redis_request *request)
{
    if (c->out.failed) {
        c->out.failed = false;
        c->out.len = c->out_start;
        return ERR_NO_MEMORY;
    }
    enqueue(c, request);
    flush(c);
    return ERR_OK;
}

enum err redis_connection_send(struct redis_connection *c, struct redis_request *request)
{
    assert(c->state == REDIS_READY);
    return send_request(c, request);
}

/* ---- the greeting --------------------------------------------------------------------------- */

static bool on_greeting_reply(struct redis_request *request, const struct redis_value *reply)
{
    struct redis_connection *c =
        (struct redis_connection *)((char *)request - offsetof(struct redis_connection, greeting));
    char reason[200];

    if (reply->type != REDIS_STATUS) {
        (void)snprintf(reason, sizeof(reason), "Redis does not let us in: %.*s",
                       SLICE_ARG(reply->text));
        redis_connection_drop(c, reason);
        return true;
    }
    if (request->replies_left > 0)
        return true;
    (void)uv_timer_stop(&c->timer);
    c->state = REDIS_READY;
    c->failures = 0;
    c->reason[0] = '\0';
    c->events.on_ready(c->events.ctx);
    return true;
}

/* The connection that lost it says so itself. */
static void on_greeting_lost(struct redis_request *request, bool given, const char *reason)
{
    (void)request;
    (void)given;
    (void)reason;
}

/* SELECT is sent for database 0 too: its answer shows that commands are accepted at all. */
static void on_open(void *ctx)
{
    struct redis_connection *c = ctx;
    const struct redis_target *t = &c->target;
    bool has_login = t->password[0] != '\0';

    c->state = REDIS_GREETING;
    c->out_start = 0;
    if (has_login) {
        redis_command(&c->out, t->user[0] ? 3 : 2);
        redis_arg(&c->out, SLICE("AUTH"));
        if (t->user[0])
            redis_arg(&c->out, slice_str(t->user));
        redis_arg(&c->out, slice_str(t->password));
    }
    redis_command(&c->out, 2);
    redis_arg(&c->out, SLICE("SELECT"));
    redis_arg_int(&c->out, t->db);
    c->greeting = (struct redis_request){.on_reply = on_greeting_reply,
                                         .on_lost = on_greeting_lost,
                                         .replies_left = has_login ? 2 : 1};
    if (send_request(c, &c->greeting) != ERR_OK)
        redis_connection_drop(c, "out of memory");
}

/* ---- receiving ------------------------------------------------------------------------------ */

/* False: the connection is no more, or must be given up for *reason. */
static bool deliver(struct redis_connection *c, const struct redis_value *reply,
                    const char **reason)
{
    struct redis_request *request = c->first;

    if (!request || request == c->first_in_out) {
        *reason = "Redis answered what was not asked";
        return false;
    }
    if (--request->replies_left == 0) {
        c->first = request->next;
        if (!c->first)
            c->last = &c->first;
    }
    *reason = "Redis gave an answer that does not fit";
    return request->on_reply(request, reply);
}

static void on_data(void *ctx, struct slice bytes)
{
    struct redis_connection *c = ctx;
    const char *reason = "";
    const struct redis_value *reply;
    enum redis_read got = REDIS_READ_BROKEN;

    if (redis_reader_feed(&c->reader, bytes))
        got = redis_reader_next(&c->reader, &reply);
    while (got == REDIS_READ_REPLY) {
        bool fits = deliver(c, reply, &reason);

        if (!c->stream)
            return; /* dropped or closed by whoever got the reply */
        if (!fits)
            break;
        got = redis_reader_next(&c->reader, &reply);
    }
    if (got == REDIS_READ_BROKEN)
        reason = "Redis sent what is not its protocol, or far too much of it";
    if (got != REDIS_READ_MORE)
        redis_connection_drop(c, reason);
}

static void on_closed(void *ctx, const char *reason)
{
    redis_connection_drop(ctx, reason);
}

static const struct redis_stream_events stream_events = {
    .on_open = on_open,
    .on_data = on_data,
    .on_written = on_written,
    .on_closed = on_closed,
};

/* ---- beginning and end ---------------------------------------------------------------------- */

void redis_connection_init(struct redis_connection *c, uv_loop_t *loop,
                           const struct redis_target *target, int64_t timeout_ms,
                           const struct redis_connection_events *events)
{
    *c = (struct redis_connection){.target = *target,
                                   .events = *events,
                                   .loop = loop,
                                   .timeout_ms = timeout_ms,
                                   .reason = "not connected to Redis yet"};
    c->last = &c->first;
    strbuf_init(&c->out, MAX_OUT_BYTES);
    strbuf_init(&c->writing, MAX_OUT_BYTES);
    (void)uv_timer_init(loop, &c->timer); /* cannot fail */
    c->timer.data = c;
}

void redis_connection_start(struct redis_connection *c)
{
    connect_now(c);
}

static void on_timer_closed(uv_handle_t *timer)
{
    struct redis_connection *c = timer->data;

    redis_reader_fini(&c->reader);
    c->events.on_closed(c->events.ctx);
}

void redis_connection_close(struct redis_connection *c, void (*on_closed_for_good)(void *ctx))
{
    c->closed = true;
    c->events.on_closed = on_closed_for_good;
    redis_connection_drop(c, "the store was closed");
    (void)uv_timer_stop(&c->timer);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}
