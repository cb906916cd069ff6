/* Sessions that applications keep here: they begin, are read, and change.
 *
 *     POST /api/v1/sessions         {"user","data"?,"idle"?,"absolute"?,"country"?,"device"?}
 *                                   -> 201, with the token, which is told this once
 *     POST /api/v1/sessions/read    {"token"} -> 200; the session lives on
 *     POST /api/v1/sessions/update  {"token","version","data"} -> 200; 409 with the session as it
 *                                   is now when it has another version
 *
 * Tokens are in bodies, never in addresses, which are logged (S04). */
#include <sodium.h>

#include "web/answer.h"
#include "web/app_session_body.h"
#include "web/app_session_call.h"
#include "web/app_session_json.h"
#include "web/resources.h"

/* ---- beginning ------------------------------------------------------------------------------ */

static void tell_begun(struct app_call *call, const struct session *session)
{
    char room[APP_SESSION_JSON_MAX];
    char token[SECRET_TEXT + 1];
    struct strbuf body;

    secret_format(&call->secret, token);
    strbuf_init_fixed(&body, room, sizeof(room));
    app_session_append(&body, token, call->id, session);
    strbuf_append_char(&body, '\n');
    answer_json(call->req, 201, HEADER_NO_STORE, strbuf_slice(&body));
    sodium_memzero(token, sizeof(token));
    sodium_memzero(room, body.len);
}

static void on_created(void *ctx, enum err err, const struct session *session)
{
    struct app_call *call = ctx;

    call->waiting = NULL;
    if (err == ERR_OK)
        tell_begun(call, session);
    else
        app_call_fail(call, err);
}

#define MAX_S ((uint32_t)SESSION_MAX_ABSOLUTE_S)

/* A time that is too long is one second too long: session_check() refuses it. */
static uint32_t seconds_of(int64_t given_s)
{
    return given_s > MAX_S ? MAX_S + 1 : (uint32_t)given_s;
}

static struct session fresh_session(const struct app_session_body *body)
{
    struct session fresh = {
        .user = body->user,
        .data = body->data,
        .country = body->country,
        .device = body->device,
        .idle_s = seconds_of(body->idle_s),
        .absolute_s = seconds_of(body->absolute_s),
        .strength = SESSION_PASSWORD, /* how its user proved who he is only the application knows */
    };
    bool is_short = fresh.absolute_s > 0 && fresh.absolute_s < SESSION_IDLE_S;

    /* One of both alone bounds the other. */
    if (fresh.idle_s == 0)
        fresh.idle_s = is_short ? fresh.absolute_s : SESSION_IDLE_S;
    if (fresh.absolute_s == 0)
        fresh.absolute_s = fresh.idle_s > SESSION_ABSOLUTE_S ? fresh.idle_s : SESSION_ABSOLUTE_S;
    return fresh;
}

static void create(struct request *req, const struct app_session_body *body)
{
    const struct session fresh = fresh_session(body);
    struct err_info info = {""};
    enum err err = session_check(&fresh, &info);
    struct session_owner owner;
    struct app_call *call;
    struct secret secret;

    if (err != ERR_OK) {
        answer_err(req, err, &info);
        return;
    }
    call = app_call_start(req);
    if (!call)
        return;
    app_call_owner(call, body->user, &owner);
    secret_make(&secret, slice_of(owner.id, SECRET_OWNER_TEXT));
    app_call_take_secret(call, &secret);
    sodium_memzero(&secret, sizeof(secret));
    app_call_wait(call,
                  session_create(call->sessions, &owner, &call->secret, &fresh, on_created, call));
}

void app_session_create_post(struct request *req)
{
    struct app_session_body body;

    if (!app_session_body_read(
            req, MEMBER_USER,
            MEMBER_DATA | MEMBER_IDLE | MEMBER_ABSOLUTE | MEMBER_COUNTRY | MEMBER_DEVICE, &body))
        return;
    create(req, &body);
    app_session_body_fini(&body);
}

/* ---- reading -------------------------------------------------------------------------------- */

void app_session_read_post(struct request *req)
{
    struct app_session_body body;
    struct app_call *call;

    if (!app_session_body_read(req, MEMBER_TOKEN, 0, &body))
        return;
    call = app_call_start(req);
    if (call)
        app_call_find(call, body.token, app_call_tell);
    app_session_body_fini(&body);
}

/* ---- changing ------------------------------------------------------------------------------- */

static void tell_conflict(struct app_call *call, const struct session *session)
{
    char room[APP_SESSION_JSON_MAX + 512];
    struct strbuf body;

    strbuf_init_fixed(&body, room, sizeof(room));
    strbuf_append_char(&body, '{');
    append_error(&body, 409, "The session has another version.");
    strbuf_append(&body, SLICE(",\"session\":"));
    app_session_append(&body, NULL, call->id, session);
    strbuf_append(&body, SLICE("}\n"));
    answer_json(call->req, 409, HEADER_NO_STORE, strbuf_slice(&body));
}

static void on_updated(void *ctx, enum err err, const struct session *session)
{
    struct app_call *call = ctx;

    call->waiting = NULL;
    if (err == ERR_OK)
        app_call_tell(call, session);
    else if (err == ERR_STALE)
        tell_conflict(call, session);
    else
        app_call_fail(call, err);
}

/* Whose a session is never changes, so it is enough to have asked that before. */
static void update(struct app_call *call, const struct session *session)
{
    (void)session;
    app_call_wait(call, session_update(call->sessions, SESSION_OF_APP, &call->secret, call->version,
                                       call->data, on_updated, call));
}

void app_session_update_post(struct request *req)
{
    struct app_session_body body;
    struct err_info info = {""};
    struct app_call *call;
    enum err err;

    if (!app_session_body_read(req, MEMBER_TOKEN | MEMBER_VERSION | MEMBER_DATA, 0, &body))
        return;
    err = session_check_data(body.data, &info);
    if (err != ERR_OK) {
        answer_err(req, err, &info);
    } else if ((call = app_call_start(req))) {
        call->version = (uint64_t)body.version;
        call->data = body.data;
        app_call_find(call, body.token, update);
    }
    app_session_body_fini(&body);
}
