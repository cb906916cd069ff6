/**
 * The routes: one table, from which the router finds the handler, and 404, and 405 with Allow.
 */
#ifndef FOOTFALL_HTTP_ROUTER_H
#define FOOTFALL_HTTP_ROUTER_H

#include "http/request.h"

typedef void handler_fn(struct request *req);

struct route {
    struct slice path; /* the whole path; with a '/' at its end and `is_prefix`, all below it */
    handler_fn *handler;
    unsigned methods; /* of enum http_method, or'ed. HEAD is listed where it is wanted */
    bool is_prefix;
    unsigned policy; /* of who may use it: only router->admit knows what it means */
};

struct router {
    const struct route *routes;
    size_t count;
    /** The path that is looked up, for those of other names. NULL: req->path, always. */
    struct slice (*path_of)(const struct request *req);
    /** Called in the place of the handler of each route that is found: calls route->handler(req),
     * now or later (request_keep(), request_defer()), or answers. NULL: handlers are called at
     * once. */
    void (*admit)(struct request *req, const struct route *route);
    /** Answers when no route fits; `status` is 404, or 405 with `allow` ("GET, HEAD"). Also used by
     *  the HTTP layer itself for 4xx and 5xx of its own, with `allow` empty and `reason` a
     *  sentence. Must answer at once, and may rely on nothing of `req` but method, app and
     *  request_respond() when the request never was a sound one. NULL: plain text. */
    void (*on_error)(struct request *req, int status, struct slice allow, const char *reason);
};

/** Finds and calls the handler of `req`, or router->on_error. */
void router_dispatch(const struct router *router, struct request *req);

/** Calls router->on_error, or answers in plain text where it is NULL. */
void router_fail(const struct router *router, struct request *req, int status, struct slice allow,
                 const char *reason);

#endif
