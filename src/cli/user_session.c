/* The users of account_session.h. */
#include <stdio.h>

#include "cli/account_session.h"
#include "cli/db.h"

struct user_call {
    struct store_call of;
    struct account_store *accounts;
    struct slice who;
    const struct user *fresh;
    bool first;
    account_edit_fn *edit;
    void *edit_ctx;
    enum account_also also;
    struct user *out; /* NULL: nobody wants to know */
    bool is_any;
    char *code;
    account_list_fn *told;
    void *ctx;
};

static void cancel(void *call)
{
    account_call_cancel(call);
}

/** @param stale  what ERR_STALE means; NULL: it cannot be */
static enum exit_code ask(struct account_session *session, struct user_call *call,
                          const char *stale)
{
    enum err err;

    call->of.cancel = cancel;
    call->accounts = session->accounts;
    err = store_session_wait(&session->of, &call->of);
    if (err == ERR_NOT_FOUND)
        return db_fail(EXIT_CODE_FAILED,
                       "there is no user %.*s; \"footfall user list\" names those there are",
                       SLICE_ARG(call->who));
    if (err == ERR_STALE && stale)
        return db_fail(EXIT_CODE_FAILED, "%s", stale);
    return store_session_told(err, call->of.info.text);
}

static void on_user(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct user_call *call = ctx;

    if (err == ERR_OK && user && call->out)
        *call->out = *user;
    store_call_told(&call->of, err, why);
}

/* ---- any, add, find ------------------------------------------------------------------------- */

static void on_any(void *ctx, enum err err, bool is_any)
{
    struct user_call *call = ctx;

    call->is_any = is_any;
    store_call_told(&call->of, err, "");
}

static void *begin_any(struct store_call *of)
{
    struct user_call *call = (struct user_call *)of;

    return account_any(call->accounts, on_any, call);
}

enum exit_code account_session_any(struct account_session *session, bool *is_any)
{
    struct user_call call = {.of = {.begin = begin_any}};
    enum exit_code code = ask(session, &call, NULL);

    *is_any = call.is_any;
    return code;
}

static void *begin_add(struct store_call *of)
{
    struct user_call *call = (struct user_call *)of;

    return account_add(call->accounts, call->fresh, SLICE(""), call->first, on_user, call);
}

enum exit_code account_session_add(struct account_session *session, const struct user *fresh,
                                   bool first, struct user *out)
{
    struct user_call call = {
        .of = {.begin = begin_add, .changes = true}, .fresh = fresh, .first = first, .out = out};

    return ask(session, &call,
               "somebody else made the first user meanwhile; say with --role what this one may do");
}

static void *begin_find(struct store_call *of)
{
    struct user_call *call = (struct user_call *)of;

    return account_find(call->accounts, call->who, on_user, call);
}

enum exit_code account_session_find(struct account_session *session, struct slice who,
                                    struct user *out)
{
    struct user_call call = {.of = {.begin = begin_find}, .who = who, .out = out};

    return ask(session, &call, NULL);
}

/* ---- change, remove ------------------------------------------------------------------------- */

static void *begin_change(struct store_call *of)
{
    struct user_call *call = (struct user_call *)of;

    return account_change(call->accounts, call->who, call->edit, call->edit_ctx, call->also,
                          on_user, call);
}

enum exit_code account_session_change(struct account_session *session, struct slice who,
                                      account_edit_fn *edit, void *edit_ctx, enum account_also also,
                                      struct user *out)
{
    struct user_call call = {.of = {.begin = begin_change, .changes = true},
                             .who = who,
                             .edit = edit,
                             .edit_ctx = edit_ctx,
                             .also = also,
                             .out = out};

    return ask(session, &call, NULL);
}

static void *begin_remove(struct store_call *of)
{
    struct user_call *call = (struct user_call *)of;

    return account_remove(call->accounts, call->who, on_user, call);
}

enum exit_code account_session_remove(struct account_session *session, struct slice who)
{
    struct user_call call = {.of = {.begin = begin_remove, .changes = true}, .who = who};

    return ask(session, &call, NULL);
}

/* ---- list ----------------------------------------------------------------------------------- */

static void on_list(void *ctx, enum err err, const struct user *users, size_t count)
{
    struct user_call *call = ctx;

    if (err == ERR_OK)
        call->told(call->ctx, err, users, count);
    store_call_told(&call->of, err, "");
}

static void *begin_list(struct store_call *of)
{
    struct user_call *call = (struct user_call *)of;

    return account_list(call->accounts, on_list, call);
}

enum exit_code account_session_list(struct account_session *session, account_list_fn *told,
                                    void *ctx)
{
    struct user_call call = {.of = {.begin = begin_list}, .told = told, .ctx = ctx};

    return ask(session, &call, NULL);
}

/* ---- codes ---------------------------------------------------------------------------------- */

static void on_code(void *ctx, enum err err, const char *code)
{
    struct user_call *call = ctx;

    if (err == ERR_OK)
        (void)snprintf(call->code, ACCOUNT_CODE_TEXT, "%s", code);
    store_call_told(&call->of, err, "");
}

static void *begin_reset_code(struct store_call *of)
{
    struct user_call *call = (struct user_call *)of;

    return account_make_reset(call->accounts, call->who, on_code, call);
}

enum exit_code account_session_reset_code(struct account_session *session, struct slice who,
                                          char out[static ACCOUNT_CODE_TEXT])
{
    struct user_call call = {.of = {.begin = begin_reset_code, .changes = true}, .who = who};

    call.code = out;
    return ask(session, &call, NULL);
}

static void *begin_setup_code(struct store_call *of)
{
    struct user_call *call = (struct user_call *)of;

    return account_make_setup_code(call->accounts, on_code, call);
}

enum exit_code account_session_setup_code(struct account_session *session,
                                          char out[static ACCOUNT_CODE_TEXT])
{
    struct user_call call = {.of = {.begin = begin_setup_code, .changes = true}};

    call.code = out;
    return ask(session, &call,
               "there is a user already, and a setup code is for the first one; \"footfall user "
               "add\" adds others");
}
