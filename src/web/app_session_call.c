#include "web/app_session_call.h"

#include <sodium.h>

#include "web/admission.h"
#include "web/answer.h"
#include "web/app_session_json.h"
#include "web/web.h"

static void on_request_end(void *ctx)
{
    struct app_call *call = ctx;

    session_call_cancel(call->waiting);
    sodium_memzero(&call->secret, sizeof(call->secret));
}

struct app_call *app_call_start(struct request *req)
{
    const struct web *web = req->app;
    struct app_call *call = request_alloc(req, sizeof(*call));

    if (call)
        *call = (struct app_call){.req = req, .sessions = web->identity->sessions};
    if (call && request_defer(req, on_request_end, call))
        return call;
    answer_err(req, ERR_NO_MEMORY, NULL);
    return NULL;
}

static struct slice application_of(const struct app_call *call)
{
    return slice_str(admission_who(call->req)->token.site);
}

void app_call_owner(const struct app_call *call, struct slice user, struct session_owner *out)
{
    session_owner_of_app(out, application_of(call), user);
}

void app_call_take_secret(struct app_call *call, const struct secret *secret)
{
    call->secret = *secret;
    secret_hash(secret, SECRET_SESSION, call->id);
}

void app_call_wait(struct app_call *call, struct session_call *begun)
{
    call->waiting = begun;
    if (!begun)
        answer_err(call->req, ERR_BUSY, NULL);
}

/* ---- finding -------------------------------------------------------------------------------- */

static void on_found(void *ctx, enum err err, const struct session *session,
                     const struct record *extra)
{
    struct app_call *call = ctx;

    (void)extra;
    call->waiting = NULL;
    if (err == ERR_OK && !session_is_of_app(&call->secret, application_of(call), session->user))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        call->found(call, session);
    else
        app_call_fail(call, err);
}

void app_call_find(struct app_call *call, struct slice token, app_found_fn *found)
{
    struct secret secret;

    if (!secret_parse(token, &secret)) {
        app_call_fail(call, ERR_NOT_FOUND);
        return;
    }
    app_call_take_secret(call, &secret);
    sodium_memzero(&secret, sizeof(secret));
    call->found = found;
    app_call_wait(call, session_find(call->sessions, SESSION_OF_APP, &call->secret, SLICE(""),
                                     on_found, call));
}

/* ---- answers -------------------------------------------------------------------------------- */

void app_call_tell(struct app_call *call, const struct session *session)
{
    char room[APP_SESSION_JSON_MAX];
    struct strbuf body;

    strbuf_init_fixed(&body, room, sizeof(room));
    app_session_append(&body, NULL, call->id, session);
    strbuf_append_char(&body, '\n');
    answer_json(call->req, 200, HEADER_NO_STORE, strbuf_slice(&body));
}

void app_call_tell_revoked(struct app_call *call)
{
    answer_json(call->req, 200, HEADER_NO_STORE, SLICE("{\"revoked\":true}\n"));
}

void app_call_fail(struct app_call *call, enum err err)
{
    if (err == ERR_NOT_FOUND)
        answer_error(call->req, 404, "There is no such session, or it has ended.", "");
    else
        answer_err(call->req, err, NULL);
}
