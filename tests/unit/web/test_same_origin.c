/* Which requests may change something: C01 to C04, a truth table. */
#include "web/same_origin.h"

#include "support/cmocka.h"

#define URL           "https://stats.example.com"
#define HOST          "stats.example.com"
#define COUNT(array_) (sizeof(array_) / sizeof((array_)[0]))

struct row {
    enum origin_verdict verdict;
    enum http_method method;
    const char *sec_fetch_site; /* NULL: absent */
    const char *origin;
    const char *referer;
};

/* With URL configured. */
static const struct row rows[] = {
    /* C01: what changes nothing may come from anywhere */
    {ORIGIN_HARMLESS, HTTP_GET, NULL, NULL, NULL},
    {ORIGIN_HARMLESS, HTTP_GET, "cross-site", "https://evil.example", "https://evil.example/"},
    {ORIGIN_HARMLESS, HTTP_GET, "none", NULL, NULL},
    {ORIGIN_HARMLESS, HTTP_HEAD, "cross-site", NULL, NULL},
    {ORIGIN_HARMLESS, HTTP_OPTIONS, "cross-site", "https://evil.example", NULL},
    /* C02: Sec-Fetch-Site decides where it is there */
    {ORIGIN_SAME, HTTP_POST, "same-origin", NULL, NULL},
    {ORIGIN_SAME, HTTP_PUT, "same-origin", NULL, NULL},
    {ORIGIN_SAME, HTTP_PATCH, "same-origin", NULL, NULL},
    {ORIGIN_SAME, HTTP_DELETE, "same-origin", NULL, NULL},
    {ORIGIN_SAME, HTTP_POST, "same-origin", URL, URL "/login"},
    {ORIGIN_SAME, HTTP_POST, "same-origin", "null", NULL}, /* Referrer-Policy: no-referrer */
    {ORIGIN_OTHER, HTTP_POST, "same-site", NULL, NULL},
    {ORIGIN_OTHER, HTTP_POST, "same-site", URL, URL "/"},
    {ORIGIN_OTHER, HTTP_POST, "cross-site", URL, URL "/"},
    {ORIGIN_OTHER, HTTP_PUT, "cross-site", NULL, NULL},
    {ORIGIN_OTHER, HTTP_PATCH, "cross-site", NULL, NULL},
    {ORIGIN_OTHER, HTTP_DELETE, "cross-site", NULL, NULL},
    {ORIGIN_OTHER, HTTP_POST, "none", NULL, NULL},
    {ORIGIN_OTHER, HTTP_POST, "none", URL, NULL},
    {ORIGIN_OTHER, HTTP_POST, "", URL, NULL},
    {ORIGIN_OTHER, HTTP_POST, "Same-Origin", URL, NULL},
    {ORIGIN_OTHER, HTTP_POST, "same-origin, cross-site", URL, NULL}, /* two lines, joined */
    {ORIGIN_OTHER, HTTP_POST, "same-origin;x", URL, NULL},
    {ORIGIN_OTHER, HTTP_POST, "something-new", URL, NULL},
    /* else Origin */
    {ORIGIN_SAME, HTTP_POST, NULL, URL, NULL},
    {ORIGIN_SAME, HTTP_DELETE, NULL, URL, NULL},
    {ORIGIN_SAME, HTTP_POST, NULL, URL ":443", NULL},
    {ORIGIN_SAME, HTTP_POST, NULL, URL ":", NULL},
    {ORIGIN_SAME, HTTP_POST, NULL, "HTTPS://Stats.Example.COM", NULL},
    {ORIGIN_SAME, HTTP_POST, NULL, URL, "https://evil.example/"}, /* not looked at */
    {ORIGIN_OTHER, HTTP_POST, NULL, "null", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "null", URL "/"}, /* what is there decides */
    {ORIGIN_OTHER, HTTP_POST, NULL, "", URL "/"},
    {ORIGIN_OTHER, HTTP_POST, NULL, "http://" HOST, NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "http://" HOST ":443", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, URL ":8443", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, URL ":80", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, URL ":0", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, URL ":65979", NULL}, /* 443 and 65536 */
    {ORIGIN_OTHER, HTTP_POST, NULL, URL ":4430", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, URL ":443443", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, URL "/", NULL}, /* an Origin has no path */
    {ORIGIN_OTHER, HTTP_POST, NULL, URL "?", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, URL ".", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, URL ".evil.example", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "https://evil-stats.example.com", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "https://evil.stats.example.com", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "https://example.com", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "https://" HOST "@evil.example", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "https://evil.example@" HOST, NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "https://evil.example " URL, NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, URL " https://evil.example", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, URL ", https://evil.example", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, HOST, NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "//" HOST, NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "https:" HOST, NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "https://", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "ftp://" HOST, NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "file://", NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "chrome-extension://" HOST, NULL},
    {ORIGIN_OTHER, HTTP_POST, NULL, "*", NULL},
    /* else Referer */
    {ORIGIN_SAME, HTTP_POST, NULL, NULL, URL "/login?next=/a#b"},
    {ORIGIN_SAME, HTTP_POST, NULL, NULL, URL},
    {ORIGIN_SAME, HTTP_POST, NULL, NULL, URL ":443/"},
    {ORIGIN_SAME, HTTP_POST, NULL, NULL, URL "?https://evil.example/"},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, ""},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, "/login"},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, "about:blank"},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, "http://" HOST "/login"},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, URL ":8443/login"},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, URL ".evil.example/"},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, "https://evil.example/?" URL "/"},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, "https://evil.example/" URL},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, "https://evil.example#" URL},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, "https://evil.example\\@" HOST "/"},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, "https://evil.example:x@" HOST "/"},
    {ORIGIN_OTHER, HTTP_POST, NULL, NULL, "x" URL "/"},
    /* else nothing tells */
    {ORIGIN_UNKNOWN, HTTP_POST, NULL, NULL, NULL},
    {ORIGIN_UNKNOWN, HTTP_PUT, NULL, NULL, NULL},
    {ORIGIN_UNKNOWN, HTTP_PATCH, NULL, NULL, NULL},
    {ORIGIN_UNKNOWN, HTTP_DELETE, NULL, NULL, NULL},
};

static void where_a_request_comes_from_decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct origin_claim claim = {
            .method = rows[i].method,
            .sec_fetch_site = slice_str(rows[i].sec_fetch_site),
            .origin = slice_str(rows[i].origin),
            .referer = slice_str(rows[i].referer),
            .host = SLICE("evil.example"), /* C03: not looked at when there is a URL */
            .url = SLICE(URL "/"),
        };
        enum origin_verdict verdict = same_origin_check(&claim);

        if (verdict != rows[i].verdict)
            fail_msg("row %zu: %d, not %d", i, (int)verdict, (int)rows[i].verdict);
        assert_int_equal(same_origin_passes(verdict),
                         verdict == ORIGIN_HARMLESS || verdict == ORIGIN_SAME);
    }
}

struct own_row {
    enum origin_verdict verdict;
    const char *url; /* NULL: none */
    const char *host;
    bool is_secure;
    const char *origin;
};

/* What our own origin is. */
static const struct own_row own_rows[] = {
    /* without a URL: by the request's host and scheme */
    {ORIGIN_SAME, NULL, "a.example", false, "http://a.example"},
    {ORIGIN_SAME, NULL, "a.example:80", false, "http://a.example"},
    {ORIGIN_SAME, NULL, "a.example", false, "http://a.example:80"},
    {ORIGIN_SAME, NULL, "A.example:8080", false, "http://a.example:8080"},
    {ORIGIN_SAME, NULL, "a.example", true, "https://a.example"},
    {ORIGIN_SAME, NULL, "a.example:443", true, "https://a.example"},
    {ORIGIN_SAME, "", "a.example", true, "https://a.example"},
    {ORIGIN_SAME, NULL, "127.0.0.1:8080", false, "http://127.0.0.1:8080"},
    {ORIGIN_SAME, NULL, "[::1]:8080", false, "http://[::1]:8080"},
    {ORIGIN_SAME, NULL, "[2001:DB8::1]", false, "http://[2001:db8::1]:80"},
    {ORIGIN_OTHER, NULL, "a.example", false, "https://a.example"},
    {ORIGIN_OTHER, NULL, "a.example", true, "http://a.example"},
    {ORIGIN_OTHER, NULL, "a.example:8080", false, "http://a.example"},
    {ORIGIN_OTHER, NULL, "a.example", false, "http://a.example:443"},
    {ORIGIN_OTHER, NULL, "a.example", false, "http://b.example"},
    {ORIGIN_OTHER, NULL, "[::1]", false, "http://[::2]"},
    {ORIGIN_OTHER, NULL, "[::1]:8080", false, "http://[::1:8080]"},
    {ORIGIN_OTHER, NULL, "", false, "http://"},
    {ORIGIN_OTHER, NULL, NULL, false, "http://a.example"},
    {ORIGIN_OTHER, NULL, "a.example:0", false, "http://a.example:0"},
    {ORIGIN_OTHER, NULL, "a b", false, "http://a b"},
    {ORIGIN_OTHER, NULL, "null", false, "null"},
    /* with one: by nothing else */
    {ORIGIN_SAME, "https://a.example/footfall/", "b.example", false, "https://a.example"},
    {ORIGIN_SAME, "HTTPS://A.example:443", "b.example", false, "https://a.example"},
    {ORIGIN_SAME, "http://a.example:8080", "b.example", true, "http://a.example:8080"},
    {ORIGIN_OTHER, "https://a.example", "b.example", true, "https://b.example"},
    {ORIGIN_OTHER, "https://a.example", "b.example", false, "http://b.example"},
    /* one that is none lets nothing pass */
    {ORIGIN_OTHER, "a.example", "a.example", true, "https://a.example"},
    {ORIGIN_OTHER, "https://", "a.example", true, "https://a.example"},
    {ORIGIN_OTHER, "https://a.example:99999", "a.example", true, "https://a.example"},
};

static void our_origin_is_what_is_configured_or_else_how_we_are_reached(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(own_rows); i++) {
        struct origin_claim claim = {
            .method = HTTP_POST,
            .origin = slice_str(own_rows[i].origin),
            .host = slice_str(own_rows[i].host),
            .url = slice_str(own_rows[i].url),
            .is_secure = own_rows[i].is_secure,
        };

        if (same_origin_check(&claim) != own_rows[i].verdict)
            fail_msg("row %zu", i);
        claim.referer = claim.origin; /* the same by the other field */
        claim.origin = slice_of(NULL, 0);
        if (same_origin_check(&claim) != own_rows[i].verdict)
            fail_msg("row %zu, by Referer", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_a_request_comes_from_decides),
        cmocka_unit_test(our_origin_is_what_is_configured_or_else_how_we_are_reached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
