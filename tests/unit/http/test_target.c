#include "support/cmocka.h"

#include "http/target.h"

struct target_case {
    const char *raw;
    const char *path; /* NULL: refused */
    const char *query;
    const char *host; /* NULL: not absolute */
};

static const struct target_case cases[] = {
    {"/", "/", "", NULL},
    {"/a/b", "/a/b", "", NULL},
    {"/a?b=c", "/a", "b=c", NULL},
    {"/a?", "/a", "", NULL},
    {"/?a?b", "/", "a?b", NULL},
    {"/a#b", "/a", "", NULL},
    {"/a#b?c", "/a", "", NULL},
    {"/a?b#c", "/a", "b", NULL},
    {"/%41%2f", "/A/", "", NULL},
    {"/a?%zz", "/a", "%zz", NULL},
    {"//a", "//a", "", NULL},
    {"/http://a", "/http://a", "", NULL},
    {"http://a", "/", "", "a"},
    {"http://a/", "/", "", "a"},
    {"HTTP://a:80/b", "/b", "", "a:80"},
    {"https://[::1]:8080/b?c", "/b", "c", "[::1]:8080"},
    {"http://a?b=c", "/", "b=c", "a"},
    {"http://a?b/c", "/", "b/c", "a"},
    {"http://a#b", "/", "", "a"},
    {"http://a/%41", "/A", "", "a"},
    {"", NULL, NULL, NULL},
    {"#", NULL, NULL, NULL},
    {"a", NULL, NULL, NULL},
    {"a:80", NULL, NULL, NULL},
    {"*", NULL, NULL, NULL},
    {"?a", NULL, NULL, NULL},
    {"ftp://a/", NULL, NULL, NULL},
    {"http:/a", NULL, NULL, NULL},
    {"http://", NULL, NULL, NULL},
    {"http:///a", NULL, NULL, NULL},
    {"http://u@a/", NULL, NULL, NULL},
    {"http://a b/", NULL, NULL, NULL},
    {"/%", NULL, NULL, NULL},
    {"/%4", NULL, NULL, NULL},
    {"/%00", NULL, NULL, NULL},
    {"http://a/%00", NULL, NULL, NULL},
};

static void targets_are_taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct target_case *c = &cases[i];
        char raw[64];
        size_t len = strlen(c->raw);
        struct target target;
        struct refusal refusal;

        memcpy(raw, c->raw, len);
        refusal = target_parse(raw, len, HTTP_GET, &target);
        assert_int_equal(refusal.status, c->path ? 0 : 400);
        assert_int_equal(refusal.reason == NULL, c->path != NULL);
        if (!c->path)
            continue;
        assert_true(slice_eq(target.path, slice_str(c->path)));
        assert_true(slice_eq(target.query, slice_str(c->query)));
        assert_int_equal(target.host.ptr == NULL, c->host == NULL);
        if (target.host.ptr && c->host)
            assert_true(slice_eq(target.host, slice_str(c->host)));
    }
}

static void asterisk_is_for_options_alone(void **state)
{
    char raw[] = "*";
    struct target target;

    (void)state;
    assert_int_equal(target_parse(raw, 1, HTTP_OPTIONS, &target).status, 0);
    assert_true(slice_eq(target.path, SLICE("*")));
    assert_int_equal(target_parse(raw, 1, HTTP_POST, &target).status, 400);
}

static void hosts_are_names_or_addresses_with_a_port(void **state)
{
    static const char *const valid[] = {"a",        "a.b-c_d.example", "a:80",
                                        "a:",       "192.0.2.1",       "192.0.2.1:65535",
                                        "[::1]:80", "[2001:DB8::1]"};
    static const char *const invalid[] = {
        "",   ":80", "a b",  "a/b",    "a,b",   "u@a",    "a:b", "a:80:80", "[::1",  "::1",
        "[]", "[g]", "a%41", "[::1]x", "a:-80", "a\x80z", "a?b", "a\tb",    "\"a\"", "a:123456"};

    (void)state;
    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++)
        assert_true(host_is_valid(slice_str(valid[i])));
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
        assert_false(host_is_valid(slice_str(invalid[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_taken_apart),
        cmocka_unit_test(asterisk_is_for_options_alone),
        cmocka_unit_test(hosts_are_names_or_addresses_with_a_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
