/* Where a login may lead to: C08. */
#include "web/next_path.h"

#include "support/cmocka.h"

#define COUNT(array_) (sizeof(array_) / sizeof((array_)[0]))

static const char *const safe[] = {
    "/",
    "/sites",
    "/sites/",
    "/sites/a-b_c.d~e",
    "/.well-known/x",
    "/a/...",
    "/a..b/.c",
    "/?from=2024-01-01&to=2024-02-01#top",
    "/sites?q=a+b%20c%25",
    "/caf%C3%A9",
    "/a?next=https://evil.example/", /* a query leads nowhere */
    "/a?b=//evil.example",
    "/a?b=../..",
    "/a#//evil.example",
    "/@evil.example",
    "/evil.example",
    "/:80",
    "/javascript:alert(1)",
    "/a/%252F", /* decoded once it is an encoded slash */
};

static const char *const payloads[] = {
    "",
    " ",
    "a",
    "sites",
    "evil.example",
    "?a",
    "#a",
    ".",
    "..",
    "./a",
    "../a",
    "@evil.example",
    ":80",
    ".evil.example",
    /* addresses */
    "http://evil.example",
    "https://evil.example/",
    "HTTPS://evil.example",
    "http:evil.example",
    "http:/evil.example",
    "http:///evil.example",
    "https:evil.example",
    "ftp://evil.example",
    "javascript:alert(1)",
    "JavaScript://%0aalert(1)",
    "data:text/html,x",
    "mailto:a@evil.example",
    /* two slashes, whatever they look like */
    "//",
    "//evil.example",
    "///evil.example",
    "////evil.example/",
    "//evil.example/%2e%2e",
    "//evil.example@stats.example.com",
    "//google%E3%80%82com",
    "//%5cevil.example",
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%2f%2fevil.example",
    "%2f%2fevil.example",
    "%2fsites",
    "/%2f/evil.example",
    "/a//b",
    "/a/%2fb",
    "//\tevil.example",
    /* backslashes */
    "\\",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\",
    "/\\evil.example",
    "/\\/evil.example",
    "/\\\\evil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/%5c%5cevil.example",
    "/a\\b",
    "/a%5cb",
    "/a?b=\\",
    "/a?b=%5c",
    /* bytes that browsers drop or that end a line */
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    " /sites",
    "\n/sites",
    "/ /evil.example",
    "/a b",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%0d/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/a\r\nLocation: https://evil.example",
    "/a\r\nSet-Cookie: a=b",
    "/%00/evil.example",
    "/a%00",
    "/%1f/evil.example",
    "/%7f/evil.example",
    "/a\x7f",
    "/\x01",
    "/%c2%85/evil.example",
    "/\xc2\x85/evil.example",
    /* bytes that are not of a URI, or no text when decoded */
    "/\xef\xbc\x8f/x",
    "/\xe3\x80\x82/x",
    "/caf\xc3\xa9",
    "/\xff",
    "/%ff",
    "/%c0%af/evil.example",
    "/%ed%a0%80",
    /* segments that go when the path is tidied up */
    "/.",
    "/..",
    "/./",
    "/.//evil.example",
    "/..//evil.example",
    "/./evil",
    "/a/../b",
    "/a/..//evil.example",
    "/a/..?b",
    "/a/.#b",
    "/%2e/evil.example",
    "/%2e%2e/evil.example",
    "/%2e%2e%2f/evil.example",
    "/.%2e/%2fevil.example",
    "/;/..//evil.example",
    /* what cannot be decoded */
    "/%",
    "/%2",
    "/%zz",
    "/a%2",
    "/%u002f",
};

static void a_path_of_ours_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(safe); i++) {
        if (!next_path_is_safe(slice_str(safe[i])))
            fail_msg("refused: %s", safe[i]);
    }
}

static void what_may_lead_away_is_not(void **state)
{
    (void)state;
    assert_true(COUNT(payloads) >= 60);
    for (size_t i = 0; i < COUNT(payloads); i++) {
        if (next_path_is_safe(slice_str(payloads[i])))
            fail_msg("taken: %s", payloads[i]);
    }
    assert_false(next_path_is_safe(slice_of(NULL, 0)));
    assert_false(next_path_is_safe(slice_of("/\0", 2)));
    assert_false(next_path_is_safe(slice_of("/a\0/b", 5)));
}

static void a_path_has_a_length(void **state)
{
    char text[NEXT_PATH_MAX_BYTES + 1];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[0] = '/';
    assert_true(next_path_is_safe(slice_of(text, NEXT_PATH_MAX_BYTES)));
    assert_false(next_path_is_safe(slice_of(text, NEXT_PATH_MAX_BYTES + 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_of_ours_is_safe),
        cmocka_unit_test(what_may_lead_away_is_not),
        cmocka_unit_test(a_path_has_a_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
