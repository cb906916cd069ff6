#include "store/postgres_connection.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/backoff.h"
#include "store/postgres_text.h"

/* ---- waiting for the socket ----------------------------------------------------------------- */

/* libpq opens and closes sockets as it likes while it connects; so each wait has a handle of its
 * own, which is closed before libpq can close the socket under it. */
struct postgres_poll {
    uv_poll_t uv;
    struct postgres_connection *connection;
};

static void on_poll_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void stop_waiting(struct postgres_connection *c)
{
    struct postgres_poll *poll = c->poll;

    c->poll = NULL;
    if (poll)
        uv_close((uv_handle_t *)&poll->uv, on_poll_closed);
}

static void on_socket(uv_poll_t *uv, int status, int events);

static bool wait_for_socket(struct postgres_connection *c, int events)
{
    struct postgres_poll *poll = calloc(1, sizeof(*poll));

    if (!poll)
        return false;
    if (uv_poll_init(c->loop, &poll->uv, PQsocket(c->pg)) != 0) {
        free(poll);
        return false;
    }
    poll->uv.data = poll;
    poll->connection = c;
    c->poll = poll;
    c->is_writing = false;
    return uv_poll_start(&poll->uv, events, on_socket) == 0;
}

/* ---- the life of the connection ------------------------------------------------------------- */

static void set_reason(struct postgres_connection *c, const char *reason)
{
    if (reason != c->reason)
        (void)snprintf(c->reason, sizeof(c->reason), "%s", reason);
}

static void on_timer(uv_timer_t *timer);

static void start_timer(struct postgres_connection *c, uint64_t ms)
{
    int status = uv_timer_start(&c->timer, on_timer, ms, 0);

    assert(status == 0); /* only fails on a closing timer, and then nothing comes here */
    (void)status;
}

static void wait_for_next_attempt(struct postgres_connection *c)
{
    c->state = POSTGRES_WAITING;
    start_timer(c, backoff_ms(c->failures));
    c->failures++;
}

/* Tells all that was queued. Whoever is told may send, which fails, or close the store. */
static void lose_requests(struct postgres_connection *c)
{
    struct postgres_request *request = c->first;

    c->first = NULL;
    c->last = &c->first;
    while (request) {
        struct postgres_request *next = request->next;

        request->on_lost(request, c->reason);
        request = next;
    }
}

static void forget_server(struct postgres_connection *c)
{
    stop_waiting(c);
    postgres_resolver_cancel(c->resolver);
    c->resolver = NULL;
    PQclear(c->reply);
    c->reply = NULL;
    PQfinish(c->pg); /* does not wait: our socket never blocks */
    c->pg = NULL;
    c->is_broken = false;
    (void)uv_timer_stop(&c->timer);
}

void postgres_connection_drop(struct postgres_connection *c, const char *reason)
{
    if (c->state == POSTGRES_WAITING)
        return;
    set_reason(c, reason);
    forget_server(c);
    wait_for_next_attempt(c);
    lose_requests(c);
    if (!c->closed)
        c->events.on_down(c->events.ctx);
}

static void drop_by_libpq(struct postgres_connection *c)
{
    char line[POSTGRES_LINE_BYTES];
    char reason[sizeof(c->reason)];

    postgres_one_line(PQerrorMessage(c->pg), line, sizeof(line));
    (void)snprintf(reason, sizeof(reason), "PostgreSQL: %.180s",
                   line[0] != '\0' ? line : "the connection broke");
    postgres_connection_drop(c, reason);
}

static void start_attempt(struct postgres_connection *c);

static void on_timer(uv_timer_t *timer)
{
    struct postgres_connection *c = timer->data;

    if (c->state == POSTGRES_WAITING) {
        start_attempt(c);
    } else if (c->is_broken) {
        drop_by_libpq(c);
    } else {
        c->silent_hosts++; /* the next attempt begins with another */
        postgres_connection_drop(c, "PostgreSQL did not let us in within the time limit");
    }
}

/* ---- sending -------------------------------------------------------------------------------- */

/* Nobody may be told inside the call that finds it broken. */
static void break_soon(struct postgres_connection *c)
{
    stop_waiting(c);
    c->is_broken = true;
    start_timer(c, 0);
}

/* What libpq could not give to the kernel goes when the socket takes it. libpq closes the socket
 * when it finds, while it writes, that the other end is closed: nothing would ever be heard of. */
static void flush(struct postgres_connection *c)
{
    int left = PQflush(c->pg);
    bool is_alive = left >= 0 && PQstatus(c->pg) == CONNECTION_OK && PQsocket(c->pg) >= 0;

    /* uv_poll_start() costs two system calls. */
    if (is_alive && (left > 0) != c->is_writing) {
        c->is_writing = left > 0;
        is_alive = uv_poll_start(&c->poll->uv, UV_READABLE | (c->is_writing ? UV_WRITABLE : 0),
                                 on_socket) == 0;
    }
    if (!is_alive)
        break_soon(c);
}

enum err postgres_connection_send(struct postgres_connection *c, enum postgres_statement statement,
                                  struct postgres_request *request)
{
    const struct postgres_statement_text *text = &postgres_statements[statement];
    const struct postgres_params *params = &c->params;
    const char *values[POSTGRES_MAX_PARAMS];
    int lengths[POSTGRES_MAX_PARAMS];
    int formats[POSTGRES_MAX_PARAMS];
    int is_sent;

    assert(c->state == POSTGRES_READY);
    assert((int)params->count == text->param_count);
    if (params->bytes.failed)
        return ERR_NO_MEMORY;
    if (c->is_broken)
        return ERR_UNAVAILABLE;
    for (size_t i = 0; i < params->count; i++) {
        size_t end = i + 1 < params->count ? params->starts[i + 1] : params->bytes.len;

        values[i] = params->bytes.ptr + params->starts[i];
        lengths[i] = (int)(end - params->starts[i]);
        formats[i] = 1;
    }
    if (text->name)
        is_sent =
            PQsendQueryPrepared(c->pg, text->name, text->param_count, values, lengths, formats, 1);
    else
        is_sent = PQsendQueryParams(c->pg, text->sql[0], text->param_count, text->types, values,
                                    lengths, formats, 1);
    /* Without its sync a statement is never committed. */
    if (is_sent != 1 || PQpipelineSync(c->pg) != 1) {
        break_soon(c);
        return ERR_UNAVAILABLE;
    }
    request->next = NULL;
    *c->last = request;
    c->last = &request->next;
    flush(c);
    return ERR_OK;
}

/* ---- the greeting --------------------------------------------------------------------------- */

static void greet(struct postgres_connection *c)
{
    if (c->is_broken || !postgres_greeting_send(&c->greeting, c->pg))
        drop_by_libpq(c);
    else
        flush(c);
}

static void become_ready(struct postgres_connection *c)
{
    (void)uv_timer_stop(&c->timer);
    c->state = POSTGRES_READY;
    c->failures = 0;
    c->silent_hosts = 0;
    c->reason[0] = '\0';
    c->events.on_ready(c->events.ctx);
}

static void end_step(struct postgres_connection *c)
{
    if (!postgres_greeting_next(&c->greeting))
        postgres_connection_drop(c, c->greeting.reason);
    else if (c->greeting.step == GREETING_DONE)
        become_ready(c);
    else
        greet(c);
}

/* False: the connection is no more, or the step has ended. A step by one query ends with NULL, that
 * of the pipeline with its sync. */
static bool take_greeting(struct postgres_connection *c, PGresult *result)
{
    bool is_pipeline = c->greeting.step == GREETING_PREPARE;
    bool is_end = is_pipeline ? PQresultStatus(result) == PGRES_PIPELINE_SYNC : !result;
    bool fits = !result || postgres_greeting_take(&c->greeting, result);

    PQclear(result);
    if (!fits)
        postgres_connection_drop(c, c->greeting.reason);
    else if (is_end)
        end_step(c);
    return fits && !is_end;
}

static void receive_greeting(struct postgres_connection *c)
{
    bool more = true;

    while (more && !PQisBusy(c->pg)) {
        if (PQstatus(c->pg) != CONNECTION_OK) {
            drop_by_libpq(c);
            return;
        }
        more = take_greeting(c, PQgetResult(c->pg));
    }
}

/* ---- receiving ------------------------------------------------------------------------------ */

/* Why the connection is given up for this reply. */
static void note_misfit(struct postgres_connection *c, const PGresult *reply)
{
    set_reason(c, "PostgreSQL gave an answer that does not fit");
    if (PQresultStatus(reply) == PGRES_FATAL_ERROR)
        postgres_error_line(reply, c->reason, sizeof(c->reason));
}

/* The sync of the first request has come. */
static bool deliver(struct postgres_connection *c)
{
    struct postgres_request *request = c->first;
    PGresult *reply = c->reply;
    bool fits;

    c->reply = NULL;
    c->first = request->next;
    if (!c->first)
        c->last = &c->first;
    fits = reply && request->on_reply(request, reply);
    if (!reply)
        request->on_lost(request, "PostgreSQL gave no answer");
    if (!fits && c->state == POSTGRES_READY)
        note_misfit(c, reply);
    PQclear(reply);
    return fits;
}

/* False: an answer that does not fit. Of several the first error counts: behind the rows comes that
 * of the transaction's end, and behind the server's last words that its connection ended. */
static bool take_result(struct postgres_connection *c, PGresult *result)
{
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        return deliver(c);
    }
    if (c->reply && PQresultStatus(c->reply) == PGRES_FATAL_ERROR) {
        PQclear(result);
        return true;
    }
    PQclear(c->reply);
    c->reply = result;
    return true;
}

/* Takes all answers that are there. NULL stands between two of them, and comes again and again when
 * there is none. */
static void receive_replies(struct postgres_connection *c)
{
    const PGconn *pg = c->pg;
    unsigned nulls = 0;

    while (c->first && nulls < 2 && !PQisBusy(c->pg)) {
        PGresult *result = PQgetResult(c->pg);
        bool fits = true;

        nulls = result ? 0 : nulls + 1;
        if (result)
            fits = take_result(c, result);
        if (c->pg != pg)
            return; /* dropped or closed by whoever got the answer */
        if (!fits) {
            postgres_connection_drop(c, c->reason);
            return;
        }
    }
}

/* The server's last words say more than that the connection ended. */
static void drop_at_end(struct postgres_connection *c)
{
    char line[POSTGRES_LINE_BYTES];

    if (!c->reply || PQresultStatus(c->reply) != PGRES_FATAL_ERROR) {
        drop_by_libpq(c);
        return;
    }
    postgres_error_line(c->reply, line, sizeof(line));
    postgres_connection_drop(c, line);
}

static void receive(struct postgres_connection *c)
{
    bool alive = PQconsumeInput(c->pg) == 1;
    const PGconn *pg = c->pg;

    if (!alive) { /* libpq has closed the socket; what it had read before is still good */
        stop_waiting(c);
        c->is_broken = true;
    }
    if (c->state == POSTGRES_GREETING)
        receive_greeting(c);
    else
        receive_replies(c);
    if (c->pg != pg)
        return;
    (void)PQisBusy(c->pg); /* reads what the server says without being asked */
    if (!alive)
        drop_at_end(c);
}

/* ---- connecting ----------------------------------------------------------------------------- */

static void ignore_notice(void *ctx, const PGresult *notice)
{
    (void)ctx;
    (void)notice;
}

static void on_connected(struct postgres_connection *c)
{
    if (PQsetnonblocking(c->pg, 1) != 0 || !wait_for_socket(c, UV_READABLE)) {
        drop_by_libpq(c);
        return;
    }
    c->state = POSTGRES_GREETING;
    postgres_greeting_restart(&c->greeting);
    greet(c);
}

static void connect_on(struct postgres_connection *c)
{
    bool waits = true;

    stop_waiting(c);
    switch (PQconnectPoll(c->pg)) {
    case PGRES_POLLING_READING:
        waits = wait_for_socket(c, UV_READABLE);
        break;
    case PGRES_POLLING_WRITING:
        waits = wait_for_socket(c, UV_WRITABLE);
        break;
    case PGRES_POLLING_OK:
        on_connected(c);
        break;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE: /* not used by libpq any more */
        drop_by_libpq(c);
        break;
    }
    if (!waits)
        postgres_connection_drop(c, "no memory left to connect to PostgreSQL");
}

static void on_socket(uv_poll_t *uv, int status, int events)
{
    const struct postgres_poll *poll = uv->data;
    struct postgres_connection *c = poll->connection;

    (void)status; /* an error is one of the socket, which libpq finds too */
    if (c->poll != poll)
        return;
    if (c->state == POSTGRES_CONNECTING) {
        connect_on(c);
        return;
    }
    if (events & UV_WRITABLE)
        flush(c);
    if (c->poll && (events & UV_READABLE || status != 0))
        receive(c);
}

static void on_resolved(void *ctx, const struct postgres_places *places, const char *reason)
{
    struct postgres_connection *c = ctx;
    struct postgres_keywords keywords;

    c->resolver = NULL;
    if (!places) {
        postgres_connection_drop(c, reason);
        return;
    }
    postgres_target_keywords(c->target, &keywords);
    postgres_keywords_set(&keywords, "host", places->host);
    postgres_keywords_set(&keywords, "hostaddr", places->hostaddr);
    postgres_keywords_set(&keywords, "port", places->port);
    c->state = POSTGRES_CONNECTING;
    c->pg = PQconnectStartParams(keywords.names, keywords.values, 0);
    if (!c->pg) {
        postgres_connection_drop(c, "no memory left to connect to PostgreSQL");
        return;
    }
    (void)PQsetNoticeReceiver(c->pg, ignore_notice, NULL);
    if (PQstatus(c->pg) == CONNECTION_BAD)
        drop_by_libpq(c);
    else if (!wait_for_socket(c, UV_WRITABLE)) /* as libpq wants it to begin */
        postgres_connection_drop(c, "no memory left to connect to PostgreSQL");
}

static void start_attempt(struct postgres_connection *c)
{
    assert(c->state == POSTGRES_WAITING && !c->pg);
    c->resolver = postgres_resolver_start(c->loop, c->target, c->silent_hosts, on_resolved, c);
    if (!c->resolver) {
        set_reason(c, "no memory left to connect to PostgreSQL");
        wait_for_next_attempt(c);
        return;
    }
    c->state = POSTGRES_RESOLVING;
    start_timer(c, (uint64_t)c->timeout_ms);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

void postgres_connection_init(struct postgres_connection *c, uv_loop_t *loop,
                              const struct postgres_target *target, int64_t timeout_ms,
                              const struct postgres_connection_events *events)
{
    *c = (struct postgres_connection){.target = target,
                                      .events = *events,
                                      .loop = loop,
                                      .timeout_ms = timeout_ms,
                                      .reason = "not connected to PostgreSQL yet"};
    c->last = &c->first;
    postgres_greeting_init(&c->greeting, timeout_ms);
    postgres_params_init(&c->params);
    (void)uv_timer_init(loop, &c->timer); /* cannot fail */
    c->timer.data = c;
}

void postgres_connection_start(struct postgres_connection *c)
{
    start_attempt(c);
}

static void on_timer_closed(uv_handle_t *timer)
{
    struct postgres_connection *c = timer->data;

    postgres_greeting_fini(&c->greeting);
    postgres_params_fini(&c->params);
    c->events.on_closed(c->events.ctx);
}

void postgres_connection_close(struct postgres_connection *c, void (*on_closed_for_good)(void *ctx))
{
    c->closed = true;
    c->events.on_closed = on_closed_for_good;
    postgres_connection_drop(c, "the store was closed");
    (void)uv_timer_stop(&c->timer);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}
