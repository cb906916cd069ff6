#include "cli/account_session.h"

#include "cli/db.h"

/* ---- opening -------------------------------------------------------------------------------- */

/* NULL is fine for all of them. */
static void destroy_all(struct account_session *session)
{
    api_token_store_destroy(session->tokens);
    account_store_destroy(session->accounts);
    session_store_destroy(session->sessions);
    changer_destroy(session->changer);
    store_session_close(&session->of);
}

static bool create_all(struct account_session *session)
{
    struct store *store = session->of.store;
    struct store_env env = db_session_env(&session->of.db);

    session->changer = changer_create(store, &env);
    if (!session->changer)
        return false;
    session->sessions = session_store_create(store, &env, session->changer);
    session->accounts = account_store_create(store, &env, session->changer);
    session->tokens = api_token_store_create(store, &env, session->changer);
    return session->sessions && session->accounts && session->tokens;
}

enum exit_code account_session_open(struct account_session *session, const struct config *config,
                                    bool changes, const char *what)
{
    enum exit_code code = store_session_open(&session->of, config, changes, what);

    if (code != EXIT_CODE_OK)
        return code;
    session->changer = NULL;
    session->sessions = NULL;
    session->accounts = NULL;
    session->tokens = NULL;
    if (create_all(session))
        return EXIT_CODE_OK;
    destroy_all(session);
    return db_fail(EXIT_CODE_FAILED, "out of memory");
}

void account_session_close(struct account_session *session)
{
    destroy_all(session);
}
