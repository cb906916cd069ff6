/**
 * The whole of web on a memory store and a virtual clock; no socket.
 */
#ifndef FOOTFALL_TESTS_WEB_FIXTURE_H
#define FOOTFALL_TESTS_WEB_FIXTURE_H

#include "fake_request.h"
#include "store/memory.h"
#include "support/virtual_loop.h"
#include "web/admission.h"
#include "web/web.h"

#define HIT_MS 500

/** What requests say they come from. */
#define A_BROWSER "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

struct web_fixture {
    struct virtual_loop loop;
    struct memory_db *db; /* what the store holds */
    struct store *store;
    struct batcher *batcher;
    struct directory *directory;
    struct fact_maker *facts;
    struct statistics *statistics;
    struct site_store *sites;
    struct identity identity; /* nobody is known: who_fixture.h has somebody */
    struct who who; /* who asks, as the handler is told; not WHO_NOBODY: the route's policy
                       is passed over */
    struct web web;
    struct fake_request fake; /* the last one */
};

/** cmocka's set-up and tear-down; the state is the fixture. */
int web_set_up(void **state);
int web_tear_down(void **state);

/** A request that is not sent yet; the one before is over. */
struct fake_request *prepare(struct web_fixture *f, enum http_method method, const char *path,
                             const char *query);

/** The request that was prepared is of a program whose API token is for this site ("*": all). */
void as_program(struct web_fixture *f, const char *site);

/** Likewise of a user who may do this there. */
void as_user(struct web_fixture *f, const char *site, enum role role);

/** Lets everything happen that has not to wait for the clock. */
void web_settle(struct web_fixture *f);

/** Sends it. */
void send_off(struct web_fixture *f);

/** Sends it and lets the store answer; returns the status. */
int dispatch(struct web_fixture *f);

/** Both; the second one asks for JSON. */
int get(struct web_fixture *f, const char *path, const char *query);
int get_json(struct web_fixture *f, const char *path, const char *query);

void assert_body(const struct web_fixture *f, const char *expected);
void assert_has(const struct strbuf *buf, const char *text);

/** The views of the default site. */
void assert_total(struct web_fixture *f, int64_t expected);

#endif
