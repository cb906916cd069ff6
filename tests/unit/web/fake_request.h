/**
 * Requests without a server: this file stands in for http/request.c, so that the handlers of web
 * can be called and their answers looked at.
 *
 *     fake_request_init(&fake, HTTP_GET, "/count", "p=/a");
 *     fake.req.app = &web;
 *     router_dispatch(&web_router, &fake.req);
 *     …let the store answer…
 *     assert_int_equal(fake.status, 200);
 *     fake_request_fini(&fake);
 */
#ifndef FOOTFALL_TESTS_FAKE_REQUEST_H
#define FOOTFALL_TESTS_FAKE_REQUEST_H

#include "base/strbuf.h"
#include "http/request.h"

#define FAKE_MAX_DEFERRED 8

struct fake_request {
    struct request req; /* first, so that one is the other */
    struct arena arena; /* of 64 KiB, as the server's */

    struct {
        void (*fn)(void *ctx);
        void *ctx;
    } deferred[FAKE_MAX_DEFERRED];

    size_t deferred_count;
    bool cannot_keep; /* request_keep() has no memory */
    int status;       /* of the answer; 0: none yet */
    struct strbuf type;
    struct strbuf headers;
    struct strbuf body;
};

/** @param path  decoded; @param query raw; both live as long as the request */
void fake_request_init(struct fake_request *fake, enum http_method method, const char *path,
                       const char *query);

/** The client leaves, if it was not answered; then the memory goes. */
void fake_request_fini(struct fake_request *fake);

#endif
