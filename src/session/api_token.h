/**
 * API tokens: what programs say instead of logging in.
 *
 *     token/accounts/HASH   JSON. Expires when the token does
 *     tokens/accounts       id, hash and end of all of them, at most API_TOKEN_MAX
 *     links/accounts/SITE   the same of the links that show the dashboard of a site: tokens with
 *                           SCOPE_SHARE, which editors make. Those of one site leave room for all
 *                           others
 *
 * A token is shown once, when it is made. It is named by an id, eight hex digits. Its last use is
 * written at most once a minute.
 */
#ifndef FOOTFALL_SESSION_API_TOKEN_H
#define FOOTFALL_SESSION_API_TOKEN_H

#include "base/strbuf.h"
#include "session/secret.h"
#include "store/change.h"

#define API_TOKEN_MAX       200
#define API_TOKEN_ID_TEXT   8
#define API_TOKEN_MAX_NAME  100
#define API_TOKEN_MAX_SITE  64
#define API_TOKEN_MAX_TTL_S (400 * 24 * 3600)

/** What a token is good for; or'ed. */
enum api_scope {
    SCOPE_COUNT = 1 << 0,    /* send hits, also of the past */
    SCOPE_STATS = 1 << 1,    /* read statistics */
    SCOPE_SITES = 1 << 2,    /* look after sites, users and tokens */
    SCOPE_SESSIONS = 1 << 3, /* keep sessions for an application */
    SCOPE_EXPORT = 1 << 4,   /* read everything out */
    SCOPE_SHARE = 1 << 5,    /* look at the dashboard of one site, and nothing else: a link */
};

/** Reads "count,stats". ERR_INVALID, with `info`. */
enum err api_scopes_parse(struct slice text, unsigned *out, struct err_info *info) MUST_CHECK;

/** Appends "count,stats". */
void api_scopes_format(unsigned scopes, struct strbuf *out);

struct api_token {
    char id[API_TOKEN_ID_TEXT + 1];
    char name[API_TOKEN_MAX_NAME + 1]; /* what it is for */
    unsigned scopes;
    char site[API_TOKEN_MAX_SITE + 1]; /* "*": all */
    char user[SECRET_OWNER_TEXT + 1];  /* who made it; empty: the command line */
    int64_t created_s;
    int64_t expires_s;   /* 0: never */
    int64_t last_used_s; /* 0: never; up to a minute ago */
};

struct api_token_store;
struct api_token_call;

/** @param store, changer  borrowed, outlive it. NULL without memory */
struct api_token_store *api_token_store_create(struct store *store, const struct store_env *env,
                                               struct changer *changer);

/** Nobody is told any more. Not inside a `done` of this store. NULL is fine. */
void api_token_store_destroy(struct api_token_store *tokens);

/** `done` is not called; it may be done all the same. Not of a call that was told. NULL is fine. */
void api_token_call_cancel(struct api_token_call *call);

/* Each `done` is called once, never inside the call. A call that returns NULL did nothing. */

/** @param err    ERR_OK; ERR_NOT_FOUND; ERR_INVALID: as `why` says; ERR_UNAVAILABLE; ERR_UNKNOWN;
 *                ERR_BUSY; ERR_NO_MEMORY
 *  @param token  of ERR_OK; borrowed for the call */
typedef void api_token_done_fn(void *ctx, enum err err, const char *why,
                               const struct api_token *token);

/** Makes one; its id and when it was made are made here. @param secret  made with secret_make();
 * the owner may be any number */
struct api_token_call *api_token_add(struct api_token_store *tokens, const struct secret *secret,
                                     const struct api_token *fresh, api_token_done_fn *done,
                                     void *ctx);

/** Finds the token that a request carries, and notes its use; that is not waited for. The checks of
 * one turn of the loop are one read of the store. */
struct api_token_call *api_token_find(struct api_token_store *tokens, const struct secret *secret,
                                      api_token_done_fn *done, void *ctx);

/** All of them but links, the oldest first. */
typedef void api_token_list_fn(void *ctx, enum err err, const struct api_token *list, size_t count);
struct api_token_call *api_token_list(struct api_token_store *tokens, api_token_list_fn *done,
                                      void *ctx);

/** The links of a site, the same way. */
struct api_token_call *api_token_list_links(struct api_token_store *tokens, struct slice site,
                                            api_token_list_fn *done, void *ctx);

/** Revokes the one with this id: from the answer on no request is let in by it. Told as it was. */
struct api_token_call *api_token_revoke(struct api_token_store *tokens, struct slice id,
                                        api_token_done_fn *done, void *ctx);

/** The same of a link of this site; the id of another one's is not found. */
struct api_token_call *api_token_revoke_link(struct api_token_store *tokens, struct slice site,
                                             struct slice id, api_token_done_fn *done, void *ctx);

#endif
