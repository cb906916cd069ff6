#include "count/web_origin.h"

#include "support/cmocka.h"

static char long_host[WEB_HOST_MAX + 2]; /* labels of 49 letters; one byte too long */

static void test_hosts_are_taken_in_lower_case(void **state)
{
    static const struct {
        const char *text;
        const char *host;
    } cases[] = {
        {"example.com", "example.com"},
        {"WWW.Example.COM", "www.example.com"},
        {"localhost", "localhost"},
        {"192.0.2.1", "192.0.2.1"},
        {"a", "a"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"1-2.3", "1-2.3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char host[WEB_HOST_MAX + 1];

        if (!web_host_parse(slice_str(cases[i].text), host))
            fail_msg("%s was refused", cases[i].text);
        assert_string_equal(host, cases[i].host);
    }
}

static void test_what_is_no_host_is_refused(void **state)
{
    static const struct slice cases[] = {
        SLICE_INIT(""),
        SLICE_INIT("."),
        SLICE_INIT("example.com."),
        SLICE_INIT(".example.com"),
        SLICE_INIT("example..com"),
        SLICE_INIT("-example.com"),
        SLICE_INIT("example-.com"),
        SLICE_INIT("exam ple.com"),
        SLICE_INIT("exam_ple.com"),
        SLICE_INIT("example.com:80"),
        SLICE_INIT("https://example.com"),
        SLICE_INIT("example.com/"),
        SLICE_INIT("*.example.com"),
        SLICE_INIT("[::1]"),
        SLICE_INIT("b\xc3\xbc"
                   "cher.example"),
        SLICE_INIT("example.com\0"),
        SLICE_INIT("example.com\n"),
        SLICE_INIT("\xff"),
        SLICE_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.a"),
        {long_host, WEB_HOST_MAX + 1},
        {NULL, 0},
    };
    char host[WEB_HOST_MAX + 1] = "before";

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (web_host_parse(cases[i], host))
            fail_msg("\"%.*s\" was taken", SLICE_ARG(cases[i]));
    }
    assert_string_equal(host, "before");
}

static void test_origins_are_taken_as_browsers_send_them(void **state)
{
    static const struct {
        const char *text;
        const char *origin;
    } cases[] = {
        {"https://example.com", "https://example.com"},
        {"HTTPS://Example.COM", "https://example.com"},
        {"https://example.com:443", "https://example.com"},
        {"https://example.com:80", "https://example.com:80"},
        {"http://example.com:80", "http://example.com"},
        {"http://localhost:8080", "http://localhost:8080"},
        {"http://192.0.2.1:65535", "http://192.0.2.1:65535"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char origin[WEB_ORIGIN_MAX + 1];

        if (!web_origin_parse(slice_str(cases[i].text), origin))
            fail_msg("%s was refused", cases[i].text);
        assert_string_equal(origin, cases[i].origin);
    }
}

static void test_what_is_no_origin_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "null",
        "*",
        "example.com",
        "//example.com",
        "https:",
        "https://",
        "https:///",
        "https://:443",
        "https://example.com/",
        "https://example.com/path",
        "https://example.com:",
        "https://example.com:0",
        "https://example.com:0443",
        "https://example.com:65536",
        "https://example.com:100000",
        "https://example.com:+80",
        "https://example.com:80:80",
        "https://user@example.com",
        "https://example.com?q",
        "ftp://example.com",
        "https://*.example.com",
        " https://example.com",
    };
    char origin[WEB_ORIGIN_MAX + 1] = "before";

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (web_origin_parse(slice_str(cases[i]), origin))
            fail_msg("\"%s\" was taken", cases[i]);
    }
    assert_string_equal(origin, "before");
}

static void test_the_longest_ones_fit(void **state)
{
    char text[WEB_ORIGIN_MAX + 1] = "https://";
    char origin[WEB_ORIGIN_MAX + 1];
    char host[WEB_HOST_MAX + 1];

    (void)state;
    assert_true(web_host_parse(slice_of(long_host, WEB_HOST_MAX), host));
    assert_int_equal(strlen(host), WEB_HOST_MAX);
    memcpy(text + 8, long_host, WEB_HOST_MAX);
    memcpy(text + 8 + WEB_HOST_MAX, ":12345", 7);
    assert_true(web_origin_parse(slice_str(text), origin));
    assert_string_equal(origin, text);
    assert_int_equal(strlen(origin), WEB_ORIGIN_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts_are_taken_in_lower_case),
        cmocka_unit_test(test_what_is_no_host_is_refused),
        cmocka_unit_test(test_origins_are_taken_as_browsers_send_them),
        cmocka_unit_test(test_what_is_no_origin_is_refused),
        cmocka_unit_test(test_the_longest_ones_fit),
    };

    memset(long_host, 'x', sizeof(long_host));
    for (size_t i = 49; i < sizeof(long_host); i += 50)
        long_host[i] = '.';
    return cmocka_run_group_tests_name("web origin", tests, NULL, NULL);
}
