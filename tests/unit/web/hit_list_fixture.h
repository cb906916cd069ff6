/**
 * Bodies with hits, read without a request and without a store.
 */
#ifndef FOOTFALL_TESTS_HIT_LIST_FIXTURE_H
#define FOOTFALL_TESTS_HIT_LIST_FIXTURE_H

#include "web/hit_list.h"

#define NOW_S INT64_C(1700000000) /* 2023-11-14T22:13:20Z */

struct list_fixture {
    struct arena arena;
    struct address address;
    struct hit_sender sender; /* has no token, but a browser, a language and a page */
    struct hit_list list;     /* what was read last */
    struct err_info info;
};

/** cmocka's set-up and tear-down; the state is the fixture. */
int list_set_up(void **state);
int list_tear_down(void **state);

enum err read_in(struct list_fixture *f, const struct hit_dialect *dialect, const char *body);

/** In the dialect of /api/v1/hits. */
enum err read_own(struct list_fixture *f, const char *body);

/** The one hit of a body, which is none to be refused. */
const struct hit_request *read_one(struct list_fixture *f, const char *body);

void assert_slice(struct slice text, const char *expected);

#endif
