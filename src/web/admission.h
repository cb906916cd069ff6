/**
 * Who may use an address: the policy of its route, one table (routes.c). A route without a policy
 * lets nobody in.
 *
 *     router -> admission_admit() -> read the store: token, or login and user -> route->handler
 *
 * Each request is checked against the store, so what was revoked, or taken from a user, is refused
 * from then on in every process. Addresses for everybody cost nothing, and those for anyone or a
 * token cost nothing when no token is shown.
 */
#ifndef FOOTFALL_WEB_ADMISSION_H
#define FOOTFALL_WEB_ADMISSION_H

#include "count/site.h"
#include "http/router.h"
#include "web/identity.h"

/** Or'ed. Who fits any of the first ones is let in. */
enum policy {
    POLICY_ANYONE = 1 << 0,  /* it is not even asked who that is */
    POLICY_MAYBE = 1 << 1,   /* anyone, but it is found out who, when the request tells */
    POLICY_USER = 1 << 2,    /* somebody who is logged in */
    POLICY_PENDING = 1 << 3, /* somebody whose second factor is still to come */
    POLICY_ADMIN = 1 << 4,   /* an owner of all sites */
    /* More about them: */
    POLICY_RECENT = 1 << 5, /* users must have given their password in the last ten minutes (S11) */
    POLICY_PAGE = 1 << 6,   /* for browsers: who is not let in is led to the login; and what changes
                               something has to come from a page of this server (C02, C04) */
    POLICY_GUEST = 1 << 7,  /* where web.has_guests: anyone, too. Only for what changes nothing */
    POLICY_VISITOR = 1 << 8, /* anyone who may look at the one site that the request names: since it
                                shows its dashboard to everybody, or by a link. Only for what
                                changes nothing */
    POLICY_SCOPE_SHIFT = 9,
};

/** Programs with an API token of this scope. Who shows a token that is wrong, or has not the scope,
 * is told so, also where anyone is let in. */
#define POLICY_TOKEN(scope_) ((unsigned)(scope_) << POLICY_SCOPE_SHIFT)

/**
 * Only for these it is looked at cookies, and at what a proxy says of a login. So a visitor of
 * another site who happens to be logged in here sends his hits as anybody does: a page that is not
 * of this server could do nothing in his name, and is not refused for it either.
 */
#define POLICY_LOGIN (POLICY_USER | POLICY_PENDING | POLICY_ADMIN | POLICY_PAGE)

/** What POLICY_RECENT means. */
#define RECENT_S INT64_C(600)

/** A guest sees all sites of a demo, a visitor one site; they change nothing. */
enum who_kind { WHO_NOBODY, WHO_USER, WHO_PROGRAM, WHO_GUEST, WHO_VISITOR };

/** Who asks; lives as long as the request, whose member `admission` points to it. */
struct who {
    enum who_kind kind;
    struct user user;                        /* WHO_USER */
    struct session session;                  /* WHO_USER; by proxy: only its strength */
    struct secret secret;                    /* of the login; by proxy: zeros */
    char session_hash[SECRET_HASH_TEXT + 1]; /* likewise; empty by proxy */
    struct api_token token;                  /* WHO_PROGRAM; of a visitor, that of his link */
    struct slice site;                       /* WHO_VISITOR: which one he may look at */
};

/** router.admit of this program. */
void admission_admit(struct request *req, const struct route *route);

/** Never NULL; WHO_NOBODY when it was not asked for. */
const struct who *admission_who(const struct request *req);

/** True when this is somebody who may do on `site` what `role` may; a program by its token's site.
 */
bool who_may(const struct who *who, struct slice site, enum role role);

/** True when the link shows this site, and not one that had the same id before it. */
bool link_is_of_site(const struct api_token *link, const struct site *site);

/**
 * The text that forms of this login carry, so that no other page can send them: a second layer
 * behind Sec-Fetch-Site and Origin. NUL-terminated; empty for nobody.
 */
#define FORM_TOKEN_TEXT 43
void who_form_token(const struct request *req, char out[static FORM_TOKEN_TEXT + 1]);

/** True when `text` is that of this login; also for nobody, who has none. */
bool who_form_token_is(const struct request *req, struct slice text);

/** The token behind "Authorization: Bearer"; false: there is none. */
bool request_bearer(const struct request *req, struct slice *token);
/** True when the password was given in the last ten minutes, as POLICY_RECENT wants it. */
bool admission_is_recent(const struct request *req);

/** The request's login was replaced by this one: what is shown from now on is of it. */
void admission_renew(struct request *req, const struct secret *secret);

/** True when browsers reach this server by https, as far as it can know. */
bool request_is_secure(const struct request *req);

/** The cookie of logins: __Host-footfall; over plain http, for trying out, footfall (S03). */
struct slice login_cookie_name(const struct request *req);

#endif
