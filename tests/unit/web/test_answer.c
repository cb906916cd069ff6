#include "web/answer.h"

#include <jansson.h>
#include <stdlib.h>

#include "fake_request.h"
#include "support/cmocka.h"

static void assert_appends(void (*append)(struct strbuf *out, struct slice text), struct slice text,
                           struct slice expected)
{
    struct strbuf out;

    strbuf_init(&out, 4096);
    append(&out, text);
    if (!slice_eq(strbuf_slice(&out), expected))
        fail_msg("\"%.*s\" instead of \"%.*s\"", SLICE_ARG(strbuf_slice(&out)),
                 SLICE_ARG(expected));
    strbuf_fini(&out);
}

static void test_json_strings_are_quoted_and_escaped(void **state)
{
    static const struct {
        struct slice text;
        struct slice expected;
    } cases[] = {
        {SLICE_INIT(""), SLICE_INIT("\"\"")},
        {{NULL, 0}, SLICE_INIT("\"\"")},
        {SLICE_INIT("plain"), SLICE_INIT("\"plain\"")},
        {SLICE_INIT("\""), SLICE_INIT("\"\\\"\"")},
        {SLICE_INIT("a\"b\"\""), SLICE_INIT("\"a\\\"b\\\"\\\"\"")},
        {SLICE_INIT("\\"), SLICE_INIT("\"\\\\\"")},
        {SLICE_INIT("\\\""), SLICE_INIT("\"\\\\\\\"\"")},
        {SLICE_INIT("a\nb"), SLICE_INIT("\"a\\u000ab\"")},
        {SLICE_INIT("\0"), SLICE_INIT("\"\\u0000\"")},
        {SLICE_INIT("\x1f\x20"), SLICE_INIT("\"\\u001f \"")},
        {SLICE_INIT("\x7f"), SLICE_INIT("\"\x7f\"")},
        {SLICE_INIT("caf\xc3\xa9 \xf0\x9f\x98\x80"),
         SLICE_INIT("\"caf\xc3\xa9 \xf0\x9f\x98\x80\"")},
        {SLICE_INIT("</script>"), SLICE_INIT("\"</script>\"")}, /* never within HTML */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_appends(append_json_string, cases[i].text, cases[i].expected);
}

static void test_any_ascii_comes_back_from_json(void **state)
{
    char text[128];
    struct strbuf out;
    json_t *value;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)i;
    strbuf_init(&out, 4096);
    append_json_string(&out, slice_of(text, sizeof(text)));
    value = json_loadb(out.ptr, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_true(json_is_string(value));
    assert_int_equal(json_string_length(value), sizeof(text));
    assert_memory_equal(json_string_value(value), text, sizeof(text));
    json_decref(value);
    strbuf_fini(&out);
}

static void test_html_is_escaped_for_text_and_attributes(void **state)
{
    static const struct {
        struct slice text;
        struct slice expected;
    } cases[] = {
        {SLICE_INIT(""), SLICE_INIT("")},
        {SLICE_INIT("plain caf\xc3\xa9"), SLICE_INIT("plain caf\xc3\xa9")},
        {SLICE_INIT("<script>"), SLICE_INIT("&lt;script&gt;")},
        {SLICE_INIT("\" onload='x'"), SLICE_INIT("&quot; onload=&#39;x&#39;")},
        {SLICE_INIT("&amp;"), SLICE_INIT("&amp;amp;")},
        {SLICE_INIT("&&<<"), SLICE_INIT("&amp;&amp;&lt;&lt;")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_appends(append_html, cases[i].text, cases[i].expected);
}

static void test_every_error_is_json_that_says_code_message_and_hint(void **state)
{
    static const int statuses[] = {400, 404, 405, 408, 413, 414, 415,
                                   417, 431, 500, 501, 503, 504, 505};

    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct fake_request fake;
        json_t *body;
        const char *code = NULL;
        const char *message = NULL;
        const char *hint = NULL;
        bool may_retry = statuses[i] == 503 || statuses[i] == 504;

        fake_request_init(&fake, HTTP_GET, "/", "");
        answer_error(&fake.req, statuses[i], "a \"message\"", "X-More: 1\r\n");
        assert_int_equal(fake.status, statuses[i]);
        assert_true(slice_eq(strbuf_slice(&fake.type), SLICE("application/json")));
        body = json_loadb(fake.body.ptr, fake.body.len, 0, NULL);
        assert_int_equal(json_unpack(body, "{s:{s:s,s:s,s:s}}", "error", "code", &code, "message",
                                     &message, "hint", &hint),
                         0);
        assert_string_equal(message, "a \"message\"");
        assert_true(strcmp(code, "error") != 0 || statuses[i] == 500);
        assert_non_null(memmem(fake.headers.ptr, fake.headers.len, "X-More: 1\r\n", 11));
        assert_non_null(memmem(fake.headers.ptr, fake.headers.len, "no-store", 8));
        assert_int_equal(memmem(fake.headers.ptr, fake.headers.len, "Retry-After: 1\r\n", 16) !=
                             NULL,
                         may_retry);
        json_decref(body);
        fake_request_fini(&fake);
    }
}

static void test_a_browser_gets_an_error_page_with_the_message_escaped(void **state)
{
    struct fake_request fake;

    (void)state;
    fake_request_init(&fake, HTTP_GET, "/", "");
    fake.req.fields[FIELD_ACCEPT] = SLICE("text/html,*/*");
    answer_error(&fake.req, 400, "<script>", "");
    assert_true(slice_eq(strbuf_slice(&fake.type), SLICE("text/html; charset=utf-8")));
    assert_non_null(memmem(fake.body.ptr, fake.body.len, "&lt;script&gt;", 14));
    assert_null(memmem(fake.body.ptr, fake.body.len, "<script", 7));
    assert_non_null(memmem(fake.headers.ptr, fake.headers.len, "default-src 'none'", 18));
    fake_request_fini(&fake);
}

static void test_the_longest_message_fits_in_both_forms(void **state)
{
    static const struct slice accepts[] = {{NULL, 0}, SLICE_INIT("text/html")};
    static const struct slice ends[] = {SLICE_INIT("}}\n"), SLICE_INIT("</html>\n")};
    struct err_info info;

    (void)state;
    memset(info.text, '"', sizeof(info.text)); /* six bytes each in HTML */
    info.text[sizeof(info.text) - 1] = '\0';
    for (size_t i = 0; i < 2; i++) {
        struct fake_request fake;

        fake_request_init(&fake, HTTP_GET, "/", "");
        fake.req.fields[FIELD_ACCEPT] = accepts[i];
        answer_err(&fake.req, ERR_INVALID, &info);
        assert_int_equal(fake.status, 400);
        assert_true(
            slice_eq(slice_from(strbuf_slice(&fake.body), fake.body.len - ends[i].len), ends[i]));
        fake_request_fini(&fake);
    }
}

static void test_errors_become_their_status_with_a_message_of_their_own(void **state)
{
    static const struct {
        enum err err;
        int status;
        const char *message;
    } cases[] = {
        {ERR_INVALID, 400, "invalid"},   {ERR_NOT_FOUND, 404, "not_found"},
        {ERR_NO_MEMORY, 503, "memory"},  {ERR_BUSY, 503, "busy"},
        {ERR_UNAVAILABLE, 503, "store"}, {ERR_UNKNOWN, 504, "in time"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_request fake;

        fake_request_init(&fake, HTTP_GET, "/", "");
        answer_err(&fake.req, cases[i].err, i % 2 ? NULL : &(struct err_info){""});
        assert_int_equal(fake.status, cases[i].status);
        assert_non_null(
            memmem(fake.body.ptr, fake.body.len, cases[i].message, strlen(cases[i].message)));
        fake_request_fini(&fake);
    }
}

static void test_a_wrong_method_is_told_the_right_ones(void **state)
{
    struct fake_request fake;

    (void)state;
    fake_request_init(&fake, HTTP_POST, "/", "");
    answer_no_route(&fake.req, 405, SLICE("GET, HEAD"), "not this method");
    assert_int_equal(fake.status, 405);
    assert_non_null(memmem(fake.headers.ptr, fake.headers.len, "Allow: GET, HEAD\r\n", 18));
    fake_request_fini(&fake);
}

static void test_browsers_that_fetch_ahead_are_known_by_three_fields(void **state)
{
    static const struct {
        enum http_field field;
        struct slice value;
        bool is_prefetch;
    } cases[] = {
        {FIELD_SEC_PURPOSE, SLICE_INIT("prefetch"), true},
        {FIELD_SEC_PURPOSE, SLICE_INIT("prefetch;prerender"), true},
        {FIELD_PURPOSE, SLICE_INIT("prefetch"), true},
        {FIELD_PURPOSE, SLICE_INIT("preview"), true},
        {FIELD_X_MOZ, SLICE_INIT("prefetch"), true},
        {FIELD_SEC_PURPOSE, SLICE_INIT(""), false},
        {FIELD_PURPOSE, SLICE_INIT("navigate"), false},
        {FIELD_USER_AGENT, SLICE_INIT("prefetch"), false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct request req = {.method = HTTP_GET};

        assert_false(is_prefetch(&req));
        req.fields[cases[i].field] = cases[i].value;
        assert_int_equal(is_prefetch(&req), cases[i].is_prefetch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_strings_are_quoted_and_escaped),
        cmocka_unit_test(test_any_ascii_comes_back_from_json),
        cmocka_unit_test(test_html_is_escaped_for_text_and_attributes),
        cmocka_unit_test(test_every_error_is_json_that_says_code_message_and_hint),
        cmocka_unit_test(test_a_browser_gets_an_error_page_with_the_message_escaped),
        cmocka_unit_test(test_the_longest_message_fits_in_both_forms),
        cmocka_unit_test(test_errors_become_their_status_with_a_message_of_their_own),
        cmocka_unit_test(test_a_wrong_method_is_told_the_right_ones),
        cmocka_unit_test(test_browsers_that_fetch_ahead_are_known_by_three_fields),
    };

    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
