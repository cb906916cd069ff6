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
    {SLICE_INIT("/"), on_home, HTTP_GET | HTTP_HEAD, false, 0},
    {SLICE_INIT("/count"), on_count, HTTP_GET, false, 0},
    {SLICE_INIT("/count"), on_post_count, HTTP_POST, false, 7},
    {SLICE_INIT("/c/"), on_below, HTTP_GET, true, 0},
};

static const struct router router = {
    .routes = routes, .count = sizeof(routes) / sizeof(routes[0]), .on_error = on_error};

struct router_case {
    const char *path;
    const char *handler; /* NULL: an error */
    const char *allow;
    enum http_method method;
    int status;
};

static const struct router_case cases[] = {
    {"/", "home", "", HTTP_GET, 0},
    {"/", "home", "", HTTP_HEAD, 0},
    {"/", NULL, "GET, HEAD", HTTP_POST, 405},
    {"/count", "count", "", HTTP_GET, 0},
    {"/count", "post count", "", HTTP_POST, 0},
    {"/count", NULL, "GET, POST", HTTP_PUT, 405},
    {"/count", NULL, "GET, POST", HTTP_OPTIONS, 405},
    {"/count/", NULL, "", HTTP_GET, 404},
    {"/coun", NULL, "", HTTP_GET, 404},
    {"/Count", NULL, "", HTTP_GET, 404},
    {"/c/", "below", "", HTTP_GET, 0},
    {"/c/site/page", "below", "", HTTP_GET, 0},
    {"/c", NULL, "", HTTP_GET, 404},
    {"/c/site", NULL, "GET", HTTP_DELETE, 405},
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

/* What admit() was called with. */
static struct {
    const struct route *route;
    size_t count;
    bool lets_in;
} admitted;

static void on_admit(struct request *req, const struct route *route)
{
    admitted.route = route;
    admitted.count++;
    req->admission = &admitted;
    if (admitted.lets_in)
        route->handler(req);
}

static const struct router guarded = {.routes = routes,
                                      .count = sizeof(routes) / sizeof(routes[0]),
                                      .admit = on_admit,
                                      .on_error = on_error};

static void no_handler_is_called_past_admit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int lets_in = 0; lets_in < 2; lets_in++) {
            struct request req = {.method = cases[i].method, .path = slice_str(cases[i].path)};
            bool is_called = cases[i].handler && lets_in;

            memset(&called, 0, sizeof(called));
            memset(&admitted, 0, sizeof(admitted));
            admitted.lets_in = lets_in;
            router_dispatch(&guarded, &req);
            assert_int_equal(admitted.count, cases[i].handler ? 1 : 0);
            assert_int_equal(called.status, cases[i].status);
            assert_int_equal(called.handler != NULL, is_called);
            if (is_called)
                assert_string_equal(called.handler, cases[i].handler);
            assert_ptr_equal(req.admission, cases[i].handler ? &admitted : NULL);
        }
    }
}

static void admit_is_told_the_route_and_may_call_its_handler_later(void **state)
{
    struct request req = {.method = HTTP_POST, .path = SLICE("/count")};

    (void)state;
    memset(&called, 0, sizeof(called));
    memset(&admitted, 0, sizeof(admitted));
    router_dispatch(&guarded, &req);
    assert_null(called.handler);
    assert_int_equal(admitted.route->policy, 7);
    admitted.route->handler(&req);
    assert_string_equal(called.handler, "post count");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_find_their_handler),
        cmocka_unit_test(no_handler_is_called_past_admit),
        cmocka_unit_test(admit_is_told_the_route_and_may_call_its_handler_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
