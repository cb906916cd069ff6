/**
 * The users, their sessions and the API tokens of a store, for a command that does one thing: calls
 * of account_store.h, session_store.h and api_token.h that wait (store_session.h). What goes wrong
 * is told on standard error.
 */
#ifndef FOOTFALL_CLI_ACCOUNT_SESSION_H
#define FOOTFALL_CLI_ACCOUNT_SESSION_H

#include "cli/store_session.h"
#include "session/account_store.h"
#include "session/api_token.h"

struct account_session {
    struct store_session of;
    struct changer *changer;
    struct session_store *sessions;
    struct account_store *accounts;
    struct api_token_store *tokens;
};

/** @param what  what is looked after: "users"
 *  @return      with anything but EXIT_CODE_OK there is nothing to close */
enum exit_code account_session_open(struct account_session *session, const struct config *config,
                                    bool changes, const char *what);
void account_session_close(struct account_session *session);

/* ---- users (user_session.c) ----------------------------------------------------------------- */

/* `who` is an e-mail address or an id; what is told of a user goes to `out`. */

/** Whether there is any user. */
enum exit_code account_session_any(struct account_session *session, bool *is_any);

/** @param first  only when there is no user yet */
enum exit_code account_session_add(struct account_session *session, const struct user *fresh,
                                   bool first, struct user *out);
enum exit_code account_session_find(struct account_session *session, struct slice who,
                                    struct user *out);

/** @param edit  may be called again */
enum exit_code account_session_change(struct account_session *session, struct slice who,
                                      account_edit_fn *edit, void *edit_ctx, enum account_also also,
                                      struct user *out);
enum exit_code account_session_remove(struct account_session *session, struct slice who);

/** `told` is called for ERR_OK only. */
enum exit_code account_session_list(struct account_session *session, account_list_fn *told,
                                    void *ctx);

#define ACCOUNT_CODE_TEXT (SECRET_TEXT + 1) /* room for either code, with its NUL */

/** A code to set a password with. */
enum exit_code account_session_reset_code(struct account_session *session, struct slice who,
                                          char out[static ACCOUNT_CODE_TEXT]);
enum exit_code account_session_setup_code(struct account_session *session,
                                          char out[static ACCOUNT_CODE_TEXT]);

/* ---- their sessions (login_session.c) ------------------------------------------------------- */

/** `told` is called for ERR_OK only. @param id  of the user */
enum exit_code account_session_logins(struct account_session *session, struct slice id,
                                      session_list_fn *told, void *ctx);
enum exit_code account_session_end_logins(struct account_session *session, struct slice id);

/* ---- tokens (token_session.c) --------------------------------------------------------------- */

/** @param out  as it was made */
enum exit_code account_session_add_token(struct account_session *session,
                                         const struct secret *secret, const struct api_token *fresh,
                                         struct api_token *out);

/** `told` is called for ERR_OK only. */
enum exit_code account_session_list_tokens(struct account_session *session, api_token_list_fn *told,
                                           void *ctx);

/** @param out  as it was */
enum exit_code account_session_revoke_token(struct account_session *session, struct slice id,
                                            struct api_token *out);

#endif
