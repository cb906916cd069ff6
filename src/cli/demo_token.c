#include "cli/demo.h"
#include "session/api_token.h"

/* A token belongs to nobody: what its number is does not matter. */
#define NOBODY SLICE("0000000000000000")

/* What the call waits for. */
struct answer {
    struct db_session *session;
    size_t pending;
    enum err err;
};

static void on_added(void *ctx, enum err err, const char *why, const struct api_token *token)
{
    struct answer *answer = ctx;

    (void)why; /* nothing is wrong with it */
    (void)token;
    answer->err = err;
    db_told(answer->session, &answer->pending);
}

static enum err add(struct db_session *session, struct api_token_store *tokens,
                    const struct secret *secret)
{
    const struct api_token fresh = {
        .name = "demo", .scopes = SCOPE_STATS | SCOPE_COUNT, .site = "*"};
    struct answer answer = {.session = session, .err = ERR_NO_MEMORY};

    answer.pending = api_token_add(tokens, secret, &fresh, on_added, &answer) ? 1 : 0;
    if (!db_wait(session, &answer.pending))
        return ERR_UNAVAILABLE; /* and the caller ends `tokens` */
    return answer.err;
}

enum err demo_token_make(struct db_session *session, struct store *store,
                         char out[static SECRET_TEXT + 1])
{
    struct store_env env = db_session_env(session);
    struct changer *changer = changer_create(store, &env);
    struct api_token_store *tokens = changer ? api_token_store_create(store, &env, changer) : NULL;
    enum err err = ERR_NO_MEMORY;
    struct secret secret;

    secret_make(&secret, NOBODY);
    secret_format(&secret, out);
    if (tokens)
        err = add(session, tokens, &secret);
    api_token_store_destroy(tokens);
    changer_destroy(changer);
    return err;
}
