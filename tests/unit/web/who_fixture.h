/**
 * Users, logins and API tokens on the memory store of a web_fixture, and requests that show them.
 */
#ifndef FOOTFALL_TESTS_WHO_FIXTURE_H
#define FOOTFALL_TESTS_WHO_FIXTURE_H

#include "web_fixture.h"

/** What a request shows. */
enum showing {
    SHOW_NOTHING,
    SHOW_VIEWER, /* the login of one who sees the site blog */
    SHOW_EDITOR,
    SHOW_SITE_OWNER, /* owner of blog only */
    SHOW_OWNER,      /* of all sites */
    SHOW_PENDING,    /* an owner of all sites without the second factor */
    SHOW_DISABLED,   /* who has been disabled since he logged in */
    SHOW_ENDED,      /* a login that was ended */
    SHOW_MADE_UP_LOGIN,
    SHOW_STATS_TOKEN, /* with the scope stats; for all sites */
    SHOW_COUNT_TOKEN,
    SHOW_BLOG_TOKEN, /* with both scopes, for blog */
    SHOW_EXPIRED_TOKEN,
    SHOW_REVOKED_TOKEN,
    SHOW_LINK,       /* of the default site */
    SHOW_OTHER_LINK, /* of a site that is not there */
    SHOW_MADE_UP_TOKEN,
    SHOW_NO_TOKEN,        /* "Bearer " and what is none */
    SHOW_OTHER_SCHEME,    /* meant for somebody on the way */
    SHOW_TOKEN_AS_COOKIE, /* the token for statistics */
    SHOW_COOKIE_AS_TOKEN, /* the login of the owner */
    SHOW_TOKEN_AND_LOGIN, /* a made-up token, and the owner's login */
    SHOW_PROXY_OWNER,     /* a trusted proxy names the owner */
    SHOW_PROXY_STRANGER,
    SHOW_PROXY_DISABLED,
    SHOW_PROXY_ID,         /* it names the owner by his id */
    SHOW_ANYBODY_AS_PROXY, /* who is no proxy names the owner */
    SHOW_COUNT_,
};

struct who_fixture {
    struct web_fixture *f;
    void *state;                  /* of the web_fixture */
    char shown[SHOW_COUNT_][100]; /* the field of each */
    char owner[USER_ID_TEXT + 1]; /* his id */
    char editor[USER_ID_TEXT + 1];
    char token_ids[SHOW_COUNT_][API_TOKEN_ID_TEXT + 1];
};

/** cmocka's set-up and tear-down. */
int who_set_up(void **state);
int who_tear_down(void **state);

/** Has the request that was prepared show it. */
void show(struct who_fixture *w, enum showing what);

/* From the next request on: */
void end_logins(struct who_fixture *w, const char *user);
void set_role(struct who_fixture *w, const char *user, const char *site, enum role role);
void revoke_token(struct who_fixture *w, enum showing which);
void revoke_link(struct who_fixture *w);

#endif
