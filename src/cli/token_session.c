/* The API tokens of account_session.h. */
#include "cli/account_session.h"
#include "cli/db.h"

struct token_call {
    struct store_call of;
    struct api_token_store *tokens;
    const struct secret *secret;
    const struct api_token *fresh;
    struct slice id;
    struct api_token *out;
    api_token_list_fn *told;
    void *ctx;
};

static void cancel(void *call)
{
    api_token_call_cancel(call);
}

static void on_token(void *ctx, enum err err, const char *why, const struct api_token *token)
{
    struct token_call *call = ctx;

    if (err == ERR_OK)
        *call->out = *token;
    store_call_told(&call->of, err, why);
}

/* ---- add ------------------------------------------------------------------------------------ */

static void *begin_add(struct store_call *of)
{
    struct token_call *call = (struct token_call *)of;

    return api_token_add(call->tokens, call->secret, call->fresh, on_token, call);
}

enum exit_code account_session_add_token(struct account_session *session,
                                         const struct secret *secret, const struct api_token *fresh,
                                         struct api_token *out)
{
    struct token_call call = {.of = {.begin = begin_add, .cancel = cancel, .changes = true},
                              .tokens = session->tokens,
                              .secret = secret,
                              .fresh = fresh,
                              .out = out};
    enum err err = store_session_wait(&session->of, &call.of);

    if (err == ERR_UNKNOWN)
        return db_fail(
            EXIT_CODE_UNAVAILABLE,
            "the store does not answer: nobody knows whether the token was made; run the "
            "same command again, and revoke the one that \"footfall token list\" has "
            "too many");
    return store_session_told(err, call.of.info.text);
}

/* ---- list ----------------------------------------------------------------------------------- */

static void on_list(void *ctx, enum err err, const struct api_token *list, size_t count)
{
    struct token_call *call = ctx;

    if (err == ERR_OK)
        call->told(call->ctx, err, list, count);
    store_call_told(&call->of, err, "");
}

static void *begin_list(struct store_call *of)
{
    struct token_call *call = (struct token_call *)of;

    return api_token_list(call->tokens, on_list, call);
}

enum exit_code account_session_list_tokens(struct account_session *session, api_token_list_fn *told,
                                           void *ctx)
{
    struct token_call call = {.of = {.begin = begin_list, .cancel = cancel},
                              .tokens = session->tokens,
                              .told = told,
                              .ctx = ctx};

    return store_session_told(store_session_wait(&session->of, &call.of), call.of.info.text);
}

/* ---- revoke --------------------------------------------------------------------------------- */

static void *begin_revoke(struct store_call *of)
{
    struct token_call *call = (struct token_call *)of;

    return api_token_revoke(call->tokens, call->id, on_token, call);
}

enum exit_code account_session_revoke_token(struct account_session *session, struct slice id,
                                            struct api_token *out)
{
    struct token_call call = {.of = {.begin = begin_revoke, .cancel = cancel, .changes = true},
                              .tokens = session->tokens,
                              .id = id,
                              .out = out};
    enum err err = store_session_wait(&session->of, &call.of);

    if (err == ERR_NOT_FOUND)
        return db_fail(EXIT_CODE_FAILED,
                       "there is no token %.*s; \"footfall token list\" names those there are",
                       SLICE_ARG(id));
    return store_session_told(err, call.of.info.text);
}
