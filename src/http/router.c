#include "http/router.h"

#include "base/strbuf.h"
#include "http/response.h"

static const struct {
    enum http_method method;
    struct slice name;
} method_names[] = {
    {HTTP_GET, SLICE_INIT("GET")},         {HTTP_HEAD, SLICE_INIT("HEAD")},
    {HTTP_POST, SLICE_INIT("POST")},       {HTTP_PUT, SLICE_INIT("PUT")},
    {HTTP_PATCH, SLICE_INIT("PATCH")},     {HTTP_DELETE, SLICE_INIT("DELETE")},
    {HTTP_OPTIONS, SLICE_INIT("OPTIONS")},
};

#define METHOD_COUNT (sizeof(method_names) / sizeof(method_names[0]))

/* All names with ", " between them fit. */
#define MAX_ALLOW_BYTES 64

static void put_methods(struct strbuf *out, unsigned methods)
{
    for (size_t i = 0; i < METHOD_COUNT; i++) {
        if (!(methods & (unsigned)method_names[i].method))
            continue;
        if (out->len > 0)
            strbuf_append(out, SLICE(", "));
        strbuf_append(out, method_names[i].name);
    }
}

static bool fits(const struct route *route, struct slice path)
{
    return route->is_prefix ? slice_starts_with(path, route->path) : slice_eq(path, route->path);
}

void router_fail(const struct router *router, struct request *req, int status, struct slice allow,
                 const char *reason)
{
    if (router->on_error)
        router->on_error(req, status, allow, reason);
    else
        response_plain_error(req, status, allow, reason);
}

static void fail(const struct router *router, struct request *req, unsigned allowed)
{
    char text[MAX_ALLOW_BYTES];
    struct strbuf allow;

    strbuf_init_fixed(&allow, text, sizeof(text));
    put_methods(&allow, allowed);
    if (allowed)
        router_fail(router, req, 405, strbuf_slice(&allow),
                    "This address does not take this method.");
    else
        router_fail(router, req, 404, SLICE(""), "There is nothing at this address.");
}

/* OPTIONS *: what the server can do at all (RFC 9110, section 9.3.7). */
static void answer_options(const struct router *router, struct request *req)
{
    unsigned methods = HTTP_OPTIONS;
    char text[MAX_ALLOW_BYTES + 16];
    struct strbuf headers;
    struct strbuf allow;
    char names[MAX_ALLOW_BYTES];

    for (size_t i = 0; i < router->count; i++)
        methods |= router->routes[i].methods;
    strbuf_init_fixed(&allow, names, sizeof(names));
    put_methods(&allow, methods);
    strbuf_init_fixed(&headers, text, sizeof(text));
    strbuf_append(&headers, SLICE("Allow: "));
    strbuf_append(&headers, strbuf_slice(&allow));
    strbuf_append(&headers, SLICE("\r\n"));
    request_respond(req, &(struct response){.status = 204, .headers = strbuf_slice(&headers)});
}

static void admit(const struct router *router, struct request *req, const struct route *route)
{
    if (router->admit)
        router->admit(req, route);
    else
        route->handler(req);
}

void router_dispatch(const struct router *router, struct request *req)
{
    struct slice path = router->path_of ? router->path_of(req) : req->path;
    unsigned allowed = 0;

    for (size_t i = 0; i < router->count; i++) {
        const struct route *route = &router->routes[i];

        if (!fits(route, path))
            continue;
        if (route->methods & (unsigned)req->method) {
            admit(router, req, route);
            return;
        }
        allowed |= route->methods;
    }
    if (slice_eq(req->path, SLICE("*")))
        answer_options(router, req);
    else
        fail(router, req, allowed);
}
