/**
 * The users in the store: who there is, and how that is changed. All of it holds in every process
 * with the next request, since each request reads the store.
 *
 * The first user is an owner of all sites, and comes by one of
 *
 *     a setup code      printed at start while there is no user, and by `footfall setup-code`. 60
 *                       bits, stored as a hash in setup/accounts, for an hour, in any of up to
 *                       eight processes that printed one. The first claim makes the user and
 *                       drops all codes, in one commit on top of "there is no user": of any
 *                       number one wins
 *     footfall user add
 *     FOOTFALL_ADMIN_EMAIL and FOOTFALL_ADMIN_PASSWORD_FILE, when there is no user
 */
#ifndef FOOTFALL_SESSION_ACCOUNT_STORE_H
#define FOOTFALL_SESSION_ACCOUNT_STORE_H

#include "session/session_store.h"
#include "session/user.h"

#define SETUP_CODE_TEXT  16 /* "abcd-efgh-ijkl" and its NUL: 60 bits of base32 */
#define SETUP_CODE_TTL_S 3600
#define SETUP_MAX_CODES  8
#define RESET_TTL_S      3600

struct account_store;
struct account_call;

/** @param store, changer  borrowed, outlive it. NULL without memory */
struct account_store *account_store_create(struct store *store, const struct store_env *env,
                                           struct changer *changer);

/** Nobody is told any more. Not inside an `edit`. NULL is fine. */
void account_store_destroy(struct account_store *accounts);

/** `done` is not called; it may be done all the same. Not of a call that was told, nor inside its
 * `edit`. NULL is fine. */
void account_call_cancel(struct account_call *call);

/* Each `done` below is called once, never inside the call. A call that returns NULL did nothing. */

/**
 * @param err   ERR_OK; ERR_NOT_FOUND: there is no such user, code or link; ERR_INVALID: as `why`
 *              says; ERR_UNAVAILABLE; ERR_UNKNOWN; ERR_BUSY; ERR_NO_MEMORY
 * @param why   a sentence, or empty
 * @param user  of ERR_OK: as he is now; NULL when he is removed. Borrowed for the call
 */
typedef void account_done_fn(void *ctx, enum err err, const char *why, const struct user *user);

/** By e-mail (in any case) when it has an @, else by id. */
struct account_call *account_find(struct account_store *accounts, struct slice who,
                                  account_done_fn *done, void *ctx);

/** All users, in the order of their e-mails. */
typedef void account_list_fn(void *ctx, enum err err, const struct user *users, size_t count);
struct account_call *account_list(struct account_store *accounts, account_list_fn *done, void *ctx);

/** Whether there is any user. */
typedef void account_any_fn(void *ctx, enum err err, bool is_any);
struct account_call *account_any(struct account_store *accounts, account_any_fn *done, void *ctx);

/**
 * Adds a user. ERR_INVALID: the e-mail is taken, or there are too many.
 *
 * @param user   its id is made here
 * @param code   a setup code: then there must be no user yet, and the code must be right (else
 *               ERR_NOT_FOUND). Empty: none is needed
 * @param first  true: only when there is no user yet (ERR_STALE otherwise); implied by a code
 */
struct account_call *account_add(struct account_store *accounts, const struct user *user,
                                 struct slice code, bool first, account_done_fn *done, void *ctx);

/** What a user is to become; may be called again. Anything but ERR_OK ends it. Id and e-mail stay,
 * whatever it does to them. */
typedef enum err account_edit_fn(void *ctx, struct user *user, struct err_info *info);

enum account_also {
    ACCOUNT_NOTHING_ELSE,
    ACCOUNT_END_SESSIONS, /* all of his, in the same commit */
};

/** Changes a user; who is the last owner of all sites stays one, and enabled (ERR_INVALID). Who
 * becomes disabled loses his sessions in any case, and a new password makes the code to reset it
 * none. */
struct account_call *account_change(struct account_store *accounts, struct slice who,
                                    account_edit_fn *edit, void *edit_ctx, enum account_also also,
                                    account_done_fn *done, void *ctx);

/** Removes a user with his sessions; not the last owner of all sites (ERR_INVALID). */
struct account_call *account_remove(struct account_store *accounts, struct slice who,
                                    account_done_fn *done, void *ctx);

/** The session of the same browser that a login comes after. */
struct login_before {
    struct slice hash;  /* when it is one of his it ends in the same commit; empty: there is none */
    bool must_be_there; /* ERR_NOT_FOUND when it has ended: who ended it meant it to be over */
    enum account_also also; /* ACCOUNT_END_SESSIONS: all others, too */
};

/**
 * Begins a session of a user, in the commit that changes him: `edit` says no when he may not (it
 * sees the user as he is at that moment), and uses up a step of his second factor. What he may do
 * it cannot change. ERR_INVALID: he is disabled.
 *
 * @param edit    NULL: he only has to be there, and not disabled. When it sets a new password and
 *                all sessions end, the code to reset it becomes none
 * @param before  copied
 * @param fresh   as for session_create(); its user is set here
 */
struct account_call *account_login(struct account_store *accounts, struct slice id,
                                   account_edit_fn *edit, void *edit_ctx,
                                   const struct login_before *before, const struct secret *secret,
                                   const struct session *fresh, account_done_fn *done, void *ctx);

/* ---- codes ---------------------------------------------------------------------------------- */

/**
 * Makes a setup code, when there is no user (else ERR_STALE).
 *
 * @param code  NUL-terminated, of ERR_OK; borrowed for the call
 */
typedef void account_code_fn(void *ctx, enum err err, const char *code);
struct account_call *account_make_setup_code(struct account_store *accounts, account_code_fn *done,
                                             void *ctx);

/** Makes a code to set a new password with, once, within an hour: for a link that an owner hands
 * over. It replaces the one before. The text of a secret (secret.h), of kind SECRET_RESET. */
struct account_call *account_make_reset(struct account_store *accounts, struct slice who,
                                        account_code_fn *done, void *ctx);

/** Sets the password (a PHC string) by such a code, uses the code up, and ends all sessions of the
 * user. His second factor stays. ERR_NOT_FOUND: no such code. */
struct account_call *account_reset(struct account_store *accounts, const struct secret *code,
                                   const char *password_hash, account_done_fn *done, void *ctx);

#endif
