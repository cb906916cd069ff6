/**
 * Beginning a login, for the pages that do: /login, /login/code, /setup, /reset.
 */
#ifndef FOOTFALL_WEB_LOGIN_H
#define FOOTFALL_WEB_LOGIN_H

#include "web/admission.h"

/** Answers with more than a redirect. @param headers  the login's cookie; @param ctx edit_ctx */
typedef void login_begun_fn(struct request *req, struct slice headers, void *ctx);

/** What a login is to the one that the request came with. That ends in the same commit when it is
 * this user's (S05). */
enum login_kind {
    LOGIN_NEW,
    LOGIN_COMPLETES, /* the password was given, here is the second factor */
    LOGIN_RENEWS, /* what it takes to get in has changed: it keeps its end and when it was proved,
                     and all others end */
};

/** What a login begins with. One that goes on from another one fails when that has ended meanwhile,
 * and the browser is sent to /login. */
struct login_start {
    enum login_kind kind;
    const char *user;      /* id */
    account_edit_fn *edit; /* says no when he may not, at the moment it is written */
    void *edit_ctx;
    enum session_strength strength;
    struct slice next;     /* where the browser goes then, next_path_is_safe(); empty: /dashboard */
    bool marks_device;     /* the browser gets the mark of one that has logged in */
    login_begun_fn *begun; /* NULL: the answer is a redirect to `next` */
};

/** @param err  of account_login(), none of them ERR_OK */
typedef void login_failed_fn(struct request *req, enum err err, const char *why);

/**
 * Begins a login and answers with its cookie and a redirect. When that fails `failed` answers.
 */
void login_begin(struct request *req, const struct login_start *start, login_failed_fn *failed);

/** Appends the line that takes the cookie of the login away. */
void login_append_end(const struct request *req, struct strbuf *headers);

/** True when the browser has the mark of an earlier login of this user (A05). */
bool login_knows_device(const struct request *req, const char *user);

/** The browser and system of a request, "Firefox on Linux", in the request's memory; empty when
 * they are not known. */
struct slice login_device(struct request *req);

/** Writes what became of a login, or an attempt, to the log (A10): the user by his id, the source
 * cut to its network. @param user  may be empty */
void login_log(const struct request *req, const char *event, const char *user, const char *reason);

#endif
