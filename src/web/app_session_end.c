/* Sessions that applications keep here: which there are, and how they end.
 *
 *     POST /api/v1/sessions/revoke      {"token"}, or {"user","id"} -> 200 {"revoked":true}; 404
 *     POST /api/v1/sessions/revoke-all  {"user"}, and "except": an id -> 200 {"revoked":true}
 *     POST /api/v1/sessions/list        {"user"} -> 200 {"sessions":[…]}, the newest first, without
 *                                       tokens
 *
 * No request that begins after a revocation was answered finds the session, in any process. */
#include "web/answer.h"
#include "web/app_session_body.h"
#include "web/app_session_call.h"
#include "web/app_session_json.h"
#include "web/resources.h"

#define MAX_LIST_BYTES ((size_t)SESSION_MAX_OF_APP * (APP_SESSION_JSON_MAX + 1) + 32)

/* ---- ending --------------------------------------------------------------------------------- */

static void on_ended(void *ctx, enum err err, const struct session *session)
{
    struct app_call *call = ctx;

    (void)session;
    call->waiting = NULL;
    if (err == ERR_OK)
        app_call_tell_revoked(call);
    else
        app_call_fail(call, err);
}

static void revoke(struct app_call *call, struct slice user, struct slice id)
{
    struct session_owner owner;

    app_call_owner(call, user, &owner);
    app_call_wait(call, session_end(call->sessions, &owner, id, on_ended, call));
}

static void revoke_found(struct app_call *call, const struct session *session)
{
    revoke(call, session->user, slice_str(call->id));
}

void app_session_revoke_post(struct request *req)
{
    struct app_session_body body;
    struct app_call *call;

    if (!app_session_body_read(req, 0, MEMBER_TOKEN | MEMBER_USER | MEMBER_ID, &body))
        return;
    if (body.given != MEMBER_TOKEN && body.given != (MEMBER_USER | MEMBER_ID))
        answer_error(req, 400, "A session is named by its token, or by user and id.", "");
    else if (!(call = app_call_start(req)))
        ; /* it was answered */
    else if (body.given == MEMBER_TOKEN)
        app_call_find(call, body.token, revoke_found);
    else
        revoke(call, body.user, body.id);
    app_session_body_fini(&body);
}

void app_session_revoke_all_post(struct request *req)
{
    struct app_session_body body;
    struct session_owner owner;
    struct app_call *call;

    if (!app_session_body_read(req, MEMBER_USER, MEMBER_EXCEPT, &body))
        return;
    call = app_call_start(req);
    if (call) {
        app_call_owner(call, body.user, &owner);
        app_call_wait(call, session_end_all(call->sessions, &owner, body.except, on_ended, call));
    }
    app_session_body_fini(&body);
}

/* ---- listing -------------------------------------------------------------------------------- */

static void tell_list(struct app_call *call, const struct listed_session *list, size_t count)
{
    struct strbuf body;

    strbuf_init(&body, MAX_LIST_BYTES);
    strbuf_append(&body, SLICE("{\"sessions\":["));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            strbuf_append_char(&body, ',');
        app_session_append(&body, NULL, list[i].hash, &list[i].session);
    }
    strbuf_append(&body, SLICE("]}\n"));
    if (body.failed)
        answer_err(call->req, ERR_NO_MEMORY, NULL);
    else
        answer_json(call->req, 200, HEADER_NO_STORE, strbuf_slice(&body));
    strbuf_fini(&body);
}

static void on_listed(void *ctx, enum err err, const struct listed_session *list, size_t count)
{
    struct app_call *call = ctx;

    call->waiting = NULL;
    if (err == ERR_OK)
        tell_list(call, list, count);
    else
        app_call_fail(call, err);
}

void app_session_list_post(struct request *req)
{
    struct app_session_body body;
    struct session_owner owner;
    struct app_call *call;

    if (!app_session_body_read(req, MEMBER_USER, 0, &body))
        return;
    call = app_call_start(req);
    if (call) {
        app_call_owner(call, body.user, &owner);
        app_call_wait(call, session_list(call->sessions, &owner, on_listed, call));
    }
    app_session_body_fini(&body);
}
