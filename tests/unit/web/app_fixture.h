/**
 * The calls to sessions of applications, in a process whose store is behind a network that can be
 * cut.
 */
#ifndef FOOTFALL_TESTS_APP_FIXTURE_H
#define FOOTFALL_TESTS_APP_FIXTURE_H

#include <jansson.h>

#include "store/faulty.h"
#include "web_fixture.h"

struct app_fixture {
    struct web_fixture *web;
    struct faulty_network *network;
    struct store *far_store;
    struct identity identity; /* without what only logins need */
    /* API tokens: of all sites, of the sites shop and blog, and one that may not keep sessions. */
    char all[SECRET_TEXT + 1];
    char shop[SECRET_TEXT + 1];
    char blog[SECRET_TEXT + 1];
    char reader[SECRET_TEXT + 1];
    char authorization[SECRET_TEXT + 16]; /* of the last request */
};

int app_set_up(void **state);
int app_set_up_near(void **state); /* without a network: that one wants memory */
int app_tear_down(void **state);

/** Nothing is answered by the store until it is mended. */
void app_cut(struct app_fixture *f);
void app_mend(struct app_fixture *f);

/** A request with a body of JSON that is not sent yet. @param token  NULL: none is shown */
void app_prepare(struct app_fixture *f, const char *path, const char *token, const char *body);

/** Sends it; the status. */
int app_post(struct app_fixture *f, const char *path, const char *token, const char *body);

/** The answer to the last request; to be given back. */
json_t *app_answer(struct app_fixture *f);

/** Begins a session; its token and its id. @param id  may be NULL */
void app_begin(struct app_fixture *f, const char *api_token, const char *body,
               char token[static SECRET_TEXT + 1], char id[SECRET_HASH_TEXT + 1]);

/** Reads the session of a token; the status. */
int app_read(struct app_fixture *f, const char *api_token, const char *token);

/** Lets seconds pass. */
void app_pass_s(struct app_fixture *f, int64_t seconds);

#endif
