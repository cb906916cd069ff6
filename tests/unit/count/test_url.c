#include "count/url.h"

#include "support/cmocka.h"

static void check(const char *what, const char *part, struct slice told, const char *expected)
{
    if (!slice_eq(told, slice_str(expected)))
        fail_msg("%s: %s \"%.*s\", not \"%s\"", what, part, SLICE_ARG(told), expected);
}

static void test_addresses_are_taken_apart(void **state)
{
    static const struct {
        const char *text;
        const char *scheme; /* NULL: it is no address */
        const char *host;
        const char *rest;
    } cases[] = {
        {"http://example.com", "http", "example.com", ""},
        {"HTTPS://Example.COM/a?b#c", "HTTPS", "Example.COM", "/a?b#c"},
        {"https://example.com?b", "https", "example.com", "?b"},
        {"https://example.com#c", "https", "example.com", "#c"},
        {"https://example.com\\a", "https", "example.com", "\\a"},
        {"https://user:secret@example.com:8080/", "https", "example.com", "/"},
        {"https://a@b@example.com/", "https", "example.com", "/"},
        {"https://example.com:/", "https", "example.com", "/"},
        {"https://example.com./", "https", "example.com", "/"},
        {"https://192.0.2.1:80/", "https", "192.0.2.1", "/"},
        {"https://[2001:db8::1]:443/", "https", "[2001:db8::1]", "/"},
        {"https://xn--bcher-kva.example/", "https", "xn--bcher-kva.example", "/"},
        {"https://a_b.example", "https", "a_b.example", ""},
        {"https://intranet/", "https", "intranet", "/"},
        {"android-app://com.example.App/https/x", "android-app", "com.example.App", "/https/x"},
        {"view-source+x.y://h", "view-source+x.y", "h", ""},
        /* Addresses of no host. */
        {"https://", "https", "", ""},
        {"file:///etc/passwd", "file", "", "/etc/passwd"},
        {"https://./", "https", "", "/"},
        {"https://a..b/", "https", "", "/"},
        {"https://.a/", "https", "", "/"},
        {"https://a b/", "https", "", "/"},
        {"https://a%2eb/", "https", "", "/"},
        {"https://b\xc3\xbc"
         "cher.example/",
         "https", "", "/"},
        {"https://example.com:8o/", "https", "", "/"},
        {"https://[::1/", "https", "", "/"},
        {"https://[]/", "https", "", "/"},
        {"https://[1.2.3.4]/", "https", "", "/"},
        {"https://[fe80::1%eth0]/", "https", "", "/"},
        {"https://[::1]x/", "https", "", "/"},
        {"https://user@/", "https", "", "/"},
        /* No addresses at all. */
        {"", NULL, NULL, NULL},
        {"example.com", NULL, NULL, NULL},
        {"//example.com/", NULL, NULL, NULL},
        {"/https://example.com", NULL, NULL, NULL},
        {"1http://example.com", NULL, NULL, NULL},
        {"://example.com", NULL, NULL, NULL},
        {"http:/example.com", NULL, NULL, NULL},
        {"ht tp://example.com", NULL, NULL, NULL},
        {"javascript:alert(1)", NULL, NULL, NULL},
        {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz://a", NULL, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = cases[i].text;
        struct url url;

        if (url_split(slice_str(text), &url) != (cases[i].scheme != NULL))
            fail_msg("%s", text);
        if (!cases[i].scheme)
            continue;
        check(text, "scheme", url.scheme, cases[i].scheme);
        check(text, "host", url.host, cases[i].host);
        check(text, "rest", url.rest, cases[i].rest);
    }
}

static void test_nothing_is_no_address(void **state)
{
    struct url url;

    (void)state;
    assert_false(url_split(slice_of(NULL, 0), &url));
    assert_int_equal(url_host(slice_of(NULL, 0), NULL).len, 0);
}

static void test_hosts_have_a_longest_name(void **state)
{
    char text[256];

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_int_equal(url_host(slice_of(text, 63), NULL).len, 63);
    assert_int_equal(url_host(slice_of(text, 64), NULL).len, 0);
    for (size_t i = 1; i < sizeof(text); i += 2)
        text[i] = '.';
    assert_int_equal(url_host(slice_of(text, 253), NULL).len, 253);
    assert_int_equal(url_host(slice_of(text, 254), NULL).len, 253); /* with the dot at its end */
    assert_int_equal(url_host(slice_of(text, 255), NULL).len, 0);
}

static void test_hosts_are_put_into_lower_case(void **state)
{
    struct arena arena;
    struct slice host = SLICE("a.example");
    struct slice lower;

    (void)state;
    arena_init(&arena, 256, 256);
    assert_int_equal(url_lower(host, &arena, &lower), ERR_OK);
    assert_ptr_equal(lower.ptr, host.ptr);
    assert_int_equal(url_lower(SLICE("A.Example"), &arena, &lower), ERR_OK);
    check("A.Example", "lower", lower, "a.example");
    arena_fini(&arena);
    arena_init(&arena, 256, 0);
    assert_int_equal(url_lower(SLICE("A.Example"), &arena, &lower), ERR_NO_MEMORY);
    arena_fini(&arena);
}

static void test_hosts_are_folded(void **state)
{
    static const char *const cases[][2] = {
        {"example.com", "example.com"},
        {"www.example.com", "example.com"},
        {"m.example.com", "example.com"},
        {"mobile.example.com", "example.com"},
        {"amp.example.com", "example.com"},
        {"l.example.com", "example.com"},
        {"lm.example.com", "example.com"},
        {"www.m.example.co.uk", "example.co.uk"},
        {"m.ok.ru", "ok.ru"},
        {"m.me", "m.me"},
        {"www.com", "www.com"},
        {"m.co.uk", "m.co.uk"},
        {"amp.com.au", "amp.com.au"},
        {"www.or.jp", "www.or.jp"},
        {"wwww.example.com", "wwww.example.com"},
        {"blog.example.com", "blog.example.com"},
        {"[::1]", "[::1]"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(cases[i][0], "folded", url_fold_host(slice_str(cases[i][0])), cases[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_are_taken_apart),
        cmocka_unit_test(test_nothing_is_no_address),
        cmocka_unit_test(test_hosts_have_a_longest_name),
        cmocka_unit_test(test_hosts_are_put_into_lower_case),
        cmocka_unit_test(test_hosts_are_folded),
    };

    return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
