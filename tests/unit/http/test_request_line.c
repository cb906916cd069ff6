#include "support/cmocka.h"

#include "http/request_line.h"

struct line_case {
    const char *line;
    int status; /* 0: fine */
    enum http_method method;
    const char *target;
    unsigned minor_version;
};

static const struct line_case cases[] = {
    {"GET / HTTP/1.1", 0, HTTP_GET, "/", 1},
    {"HEAD /a?b HTTP/1.0", 0, HTTP_HEAD, "/a?b", 0},
    {"POST * HTTP/1.1", 0, HTTP_POST, "*", 1},
    {"PUT a:80 HTTP/1.1", 0, HTTP_PUT, "a:80", 1},
    {"PATCH / HTTP/1.1", 0, HTTP_PATCH, "/", 1},
    {"DELETE / HTTP/1.1", 0, HTTP_DELETE, "/", 1},
    {"OPTIONS / HTTP/1.1", 0, HTTP_OPTIONS, "/", 1},
    {"", 400, 0, NULL, 0},
    {"GET", 400, 0, NULL, 0},
    {"GET ", 400, 0, NULL, 0},
    {"GET  / HTTP/1.1", 400, 0, NULL, 0},
    {" GET / HTTP/1.1", 400, 0, NULL, 0},
    {"GET / HTTP/1.1 ", 400, 0, NULL, 0},
    {"GET /  HTTP/1.1", 400, 0, NULL, 0},
    {"GET / a HTTP/1.1", 400, 0, NULL, 0},
    {"GET / http/1.1", 400, 0, NULL, 0},
    {"GET / HTTP/11", 400, 0, NULL, 0},
    {"GET / HTTP/1.", 400, 0, NULL, 0},
    {"GET / HTTP/1.10", 400, 0, NULL, 0},
    {"GET / HTTP/x.1", 400, 0, NULL, 0},
    {"G@T / HTTP/1.1", 400, 0, NULL, 0},
    {"AAAAAAAAAAAAAAAAA / HTTP/1.1", 400, 0, NULL, 0},
    {"GET /", 505, 0, NULL, 0},
    {"GET / HTTP/0.9", 505, 0, NULL, 0},
    {"GET / HTTP/1.2", 505, 0, NULL, 0},
    {"GET / HTTP/2.0", 505, 0, NULL, 0},
    {"BREW / HTTP/2.0", 505, 0, NULL, 0},
    {"BREW / HTTP/1.1", 501, 0, NULL, 0},
    {"get / HTTP/1.1", 501, 0, NULL, 0},
    {"GETS / HTTP/1.1", 501, 0, NULL, 0},
    {"AAAAAAAAAAAAAAAA / HTTP/1.1", 501, 0, NULL, 0},
};

static void lines_have_one_reading(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct line_case *c = &cases[i];
        struct request_line line = {0};
        struct refusal refusal = request_line_parse(slice_str(c->line), &line);

        assert_int_equal(refusal.status, c->status);
        if (c->status)
            continue;
        assert_int_equal(line.method, c->method);
        assert_true(slice_eq(line.target, slice_str(c->target)));
        assert_int_equal(line.minor_version, c->minor_version);
    }
}

static void method_is_known_also_when_the_rest_is_wrong(void **state)
{
    struct request_line line = {0};

    (void)state;
    assert_int_equal(request_line_parse(SLICE("HEAD / HTTP/3.0"), &line).status, 505);
    assert_int_equal(line.method, HTTP_HEAD);
}

static void token_characters_are_those_of_rfc_9110(void **state)
{
    static const char allowed[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    (void)state;
    for (int c = 0; c < 256; c++)
        assert_int_equal(is_token_char((char)c), c != 0 && strchr(allowed, c) != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_one_reading),
        cmocka_unit_test(method_is_known_also_when_the_rest_is_wrong),
        cmocka_unit_test(token_characters_are_those_of_rfc_9110),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
