#include "support/cmocka.h"

#include "http/router.h"

/* Who was called last. */
static struct {
    const char *handler;
    int status;
    char allow[64];
} called;

static void on_home(struct request *req)
{
    (void)req;
    called.handler = "home";
}

static void on_count(struct request *req)
{
    (void)req;
    called.handler = "count";
}

static void on_post_count(struct request *req)
{
    (void)req;
    called.handler = "post count";
}

static void on_below(struct request *req)
{
    (void)req;
    called.handler = "below";
}

static void on_error(struct request *req, int status, struct slice allow, const char *reason)
{
    (void)req;
    called.status = status;
    memcpy(called.allow, allow.ptr, allow.len);
    called.allow[allow.len] = '\0';
    assert_non_null(reason);
}

static const struct route routes[] = {
    {HTTP_GET | HTTP_HEAD, {"/", 1}, false, on_home},
    {HTTP_GET, {"/count", 6}, false, on_count},
    {HTTP_POST, {"/count", 6}, false, on_post_count},
    {HTTP_GET, {"/c/", 3}, true, on_below},
};

static const struct router router = {routes, sizeof(routes) / sizeof(routes[0]), on_error};

struct router_case {
    enum http_method method;
    const char *path;
    const char *handler; /* NULL: an error */
    int status;
    const char *allow;
};

static const struct router_case cases[] = {
    {HTTP_GET, "/", "home", 0, ""},
    {HTTP_HEAD, "/", "home", 0, ""},
    {HTTP_POST, "/", NULL, 405, "GET, HEAD"},
    {HTTP_GET, "/count", "count", 0, ""},
    {HTTP_POST, "/count", "post count", 0, ""},
    {HTTP_PUT, "/count", NULL, 405, "GET, POST"},
    {HTTP_OPTIONS, "/count", NULL, 405, "GET, POST"},
    {HTTP_GET, "/count/", NULL, 404, ""},
    {HTTP_GET, "/coun", NULL, 404, ""},
    {HTTP_GET, "/Count", NULL, 404, ""},
    {HTTP_GET, "/c/", "below", 0, ""},
    {HTTP_GET, "/c/site/page", "below", 0, ""},
    {HTTP_GET, "/c", NULL, 404, ""},
    {HTTP_DELETE, "/c/site", NULL, 405, "GET"},
};

static void requests_find_their_handler(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct request req = {.method = cases[i].method, .path = slice_str(cases[i].path)};

        memset(&called, 0, sizeof(called));
        router_dispatch(&router, &req);
        assert_int_equal(called.status, cases[i].status);
        assert_string_equal(called.allow, cases[i].allow);
        assert_int_equal(called.handler == NULL, cases[i].handler == NULL);
        if (called.handler)
            assert_string_equal(called.handler, cases[i].handler);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_find_their_handler),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
