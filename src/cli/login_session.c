/* The sessions of account_session.h. */
#include "cli/account_session.h"

struct login_call {
    struct store_call of;
    struct session_store *sessions;
    struct session_owner owner;
    session_list_fn *told;
    void *ctx;
};

static void cancel(void *call)
{
    session_call_cancel(call);
}

static enum exit_code ask(struct account_session *session, struct login_call *call, struct slice id)
{
    enum err err;

    call->of.cancel = cancel;
    call->sessions = session->sessions;
    call->owner.realm = SESSION_OF_LOGIN;
    memcpy(call->owner.id, id.ptr, SECRET_OWNER_TEXT);
    err = store_session_wait(&session->of, &call->of);
    return store_session_told(err, call->of.info.text);
}

static void on_list(void *ctx, enum err err, const struct listed_session *list, size_t count)
{
    struct login_call *call = ctx;

    if (err == ERR_OK)
        call->told(call->ctx, err, list, count);
    store_call_told(&call->of, err, "");
}

static void *begin_list(struct store_call *of)
{
    struct login_call *call = (struct login_call *)of;

    return session_list(call->sessions, &call->owner, on_list, call);
}

enum exit_code account_session_logins(struct account_session *session, struct slice id,
                                      session_list_fn *told, void *ctx)
{
    struct login_call call = {.of = {.begin = begin_list}, .told = told, .ctx = ctx};

    return ask(session, &call, id);
}

static void on_ended(void *ctx, enum err err, const struct session *session)
{
    struct login_call *call = ctx;

    (void)session;
    store_call_told(&call->of, err, "");
}

static void *begin_end(struct store_call *of)
{
    struct login_call *call = (struct login_call *)of;

    return session_end_all(call->sessions, &call->owner, SLICE(""), on_ended, call);
}

enum exit_code account_session_end_logins(struct account_session *session, struct slice id)
{
    struct login_call call = {.of = {.begin = begin_end, .changes = true}};

    return ask(session, &call, id);
}
