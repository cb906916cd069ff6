#include "http/deadline.h"

#include "http/exchange.h"
#include "http/input.h"

/* PROXY protocol: a header comes with the first packet, or it is none. */
#define PROXY_MS 3000

/* Long enough for a client to read the last answer before a RST can overtake it. */
#define LINGER_MS 1000

/* A drained server waits this long for the first request of a connection accepted just before:
 * unlike on a reused connection, clients do not expect to have to send it again. */
#define FRESH_DRAIN_MS 1000

/* With three quarters of all connections taken, idle ones get a quarter of the time. */
#define PRESSURE_DIVISOR 4

#define NO_DEADLINE      INT64_MAX

static void on_timer(void *ctx);

static void arm(struct connection *connection, int64_t at_ms)
{
    struct timer *timer = &connection->timer;

    if (timer_is_active(timer) && timer->at_ms <= at_ms)
        return;
    /* Fails at most for a new connection, which looks at its timer then: for another one the heap
     * has had a place already. */
    if (timer_start(connection->server->options.timers, timer, at_ms, on_timer, connection) !=
        ERR_OK)
        timer_stop(connection->server->options.timers, timer);
}

static void set_deadline(struct connection *connection, int64_t at_ms)
{
    connection->deadline_ms = at_ms;
    if (at_ms != NO_DEADLINE)
        arm(connection, at_ms);
}

static int64_t idle_ms(const struct http_server *server)
{
    const struct http_limits *limits = &server->options.limits;
    bool is_pressed = server->stats.open > limits->connections / 4 * 3;

    return is_pressed ? limits->idle_ms / PRESSURE_DIVISOR : limits->idle_ms;
}

/* How long a state may last; NO_DEADLINE where somebody else watches the time. */
static int64_t allowed_ms(const struct connection *connection)
{
    const struct http_limits *limits = &connection->server->options.limits;

    switch (connection->state) {
    case CONNECTION_PROXY:
        return PROXY_MS;
    case CONNECTION_IDLE:
        return idle_ms(connection->server);
    case CONNECTION_HEAD:
        return limits->head_ms;
    case CONNECTION_BODY:
        return limits->body_grace_ms;
    case CONNECTION_WRITING:
        return limits->write_ms;
    case CONNECTION_LINGERING:
        return LINGER_MS;
    case CONNECTION_ANSWERING: /* the handler has its own deadlines */
    case CONNECTION_CLOSING:
        break;
    }
    return NO_DEADLINE;
}

static size_t queued_bytes(const struct connection *connection)
{
    return uv_stream_get_write_queue_size(&connection->handle.stream);
}

void deadline_begin(struct connection *connection)
{
    int64_t ms = allowed_ms(connection);

    if (connection->state == CONNECTION_WRITING)
        connection->queued_bytes = queued_bytes(connection);
    set_deadline(connection, ms == NO_DEADLINE ? ms : http_server_now_ms(connection->server) + ms);
}

void deadline_hasten(struct connection *connection)
{
    set_deadline(connection, http_server_now_ms(connection->server) + FRESH_DRAIN_MS);
}

void deadline_resume(struct connection *connection)
{
    connection->resumes = true;
    arm(connection, http_server_now_ms(connection->server));
}

static void expire_silent(struct connection *connection)
{
    connection->server->stats.timeouts++;
    connection_close(connection);
}

static void expire_request(struct connection *connection, const char *reason)
{
    connection->server->stats.timeouts++;
    connection_refuse(connection, (struct refusal){408, reason});
}

/* A body has its grace, and then as long as its bytes last at the least rate. */
static void expire_body(struct connection *connection)
{
    const struct http_limits *limits = &connection->server->options.limits;
    const struct body *body = &connection->exchange->body;
    int64_t until = body->started_ms + limits->body_grace_ms +
                    (int64_t)body->received * 1000 / limits->body_rate;

    if (until > http_server_now_ms(connection->server))
        set_deadline(connection, until);
    else
        expire_request(connection, "The body comes too slowly.");
}

/* A slow reader is fine as long as it reads at all. */
static void expire_writing(struct connection *connection)
{
    if (queued_bytes(connection) < connection->queued_bytes)
        deadline_begin(connection);
    else
        expire_silent(connection);
}

static void expire(struct connection *connection)
{
    switch (connection->state) {
    case CONNECTION_PROXY:
    case CONNECTION_IDLE:
        expire_silent(connection);
        break;
    case CONNECTION_HEAD:
        expire_request(connection, "The head comes too slowly.");
        break;
    case CONNECTION_BODY:
        expire_body(connection);
        break;
    case CONNECTION_WRITING:
        expire_writing(connection);
        break;
    case CONNECTION_LINGERING:
        connection_close(connection);
        break;
    case CONNECTION_ANSWERING:
    case CONNECTION_CLOSING:
        break;
    }
}

/* Keeps a place in the heap at all times, so that no later state lacks the memory for one. */
static void arm_again(struct connection *connection)
{
    const struct http_server *server = connection->server;

    arm(connection, connection->deadline_ms == NO_DEADLINE
                        ? http_server_now_ms(server) + server->options.limits.idle_ms
                        : connection->deadline_ms);
}

static void on_timer(void *ctx)
{
    struct connection *connection = ctx;

    if (connection->resumes) {
        connection->resumes = false;
        arm_again(connection);
        input_resume(connection);
    } else if (connection->deadline_ms <= http_server_now_ms(connection->server)) {
        arm_again(connection);
        expire(connection);
    } else {
        arm_again(connection);
    }
}
