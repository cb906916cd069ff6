/**
 * The pages of people who are logged in, on a memory store: an owner, an editor and a
 * viewer of all sites, each with a login; and what hashes passwords, on threads and a loop of its
 * own.
 */
#ifndef FOOTFALL_TESTS_ACCOUNT_FIXTURE_H
#define FOOTFALL_TESTS_ACCOUNT_FIXTURE_H

#include <uv.h>

#include "web/admission.h"
#include "web_fixture.h"

#define PASSWORD "correct horse battery"

#define MAX_TOLD 2048

struct person {
    char id[USER_ID_TEXT + 1];
    char cookie[256];
};

struct account_fixture {
    struct web_fixture *f;
    uv_loop_t uv;
    struct person owner;
    struct person editor;
    struct person viewer;
    const struct person *who; /* who asks; NULL: nobody */
    char form_token[FORM_TOKEN_TEXT + 1];
    void (*meanwhile)(struct account_fixture *a); /* called once, before a password is hashed */
};

int account_set_up(void **state);
int account_tear_down(void **state);

/** From now on he asks; NULL: nobody does. */
void ask_as(struct account_fixture *a, const struct person *who);

/** Forms are sent with the token of the last page. */
void take_form_token(struct account_fixture *a);

/** Sends what is prepared, and waits for the answer. */
int account_dispatch(struct account_fixture *a);

/** A page. */
int show(struct account_fixture *a, const char *path, const char *query);

/** A form: `fields`, behind the form_token of the login. */
int send_form(struct account_fixture *a, const char *path, const char *fields);

/** The same with another form_token. */
int send_forged(struct account_fixture *a, const char *path, const char *fields);

/** The last answer has this text in it. */
void assert_page_has(const struct account_fixture *a, const char *text);
void assert_page_lacks(const struct account_fixture *a, const char *text);
void assert_leads_to(const struct account_fixture *a, const char *path);

/** What stands between two texts in the last answer. */
void cut_from_page(const struct account_fixture *a, const char *before, const char *after,
                   char out[static MAX_TOLD]);

/** The user as he is stored. */
struct user stored_user(struct account_fixture *a, const struct person *person);

/** How many sessions he has. */
size_t count_sessions(struct account_fixture *a, const struct person *person);

/** The browser takes the cookies that the last answer has set: the login, and perhaps the mark of a
 * browser that has logged in. */
void take_cookie(struct account_fixture *a, struct person *person);

#endif
