/* Cookies found in a field, and lines that set one. */
#include "support/cmocka.h"

#include "http/cookie.h"

struct find_case {
    const char *field;
    const char *value; /* of "id"; NULL: not found */
};

static const struct find_case found[] = {
    {"id=1", "1"},
    {"id=", ""},
    {"a=1; id=2; b=3", "2"},
    {"a=1;id=2;b=3", "2"},
    {" \ta=1 ;\t id = 2 ;b=3", "2"},
    {"id=2;", "2"},
    {";; ;id=2;;", "2"},
    {"id=a=b==", "a=b=="}, /* only the first '=' parts */
    {"id=\"quoted\"", "\"quoted\""},
    {"id=\"\"", "\"\""},
    {"id=!#$%&'()*+-./:<=>?@[]^_`{|}~", "!#$%&'()*+-./:<=>?@[]^_`{|}~"},
    /* what others look like does not matter */
    {"a=\"x y\"; id=2", "2"},
    {"a=\xff; id=2; b=,", "2"},
    {"lonely; id=2", "2"},
    {"=id; id=2", "2"},
    {"ID=1; Id=1; id=2; iD=1", "2"},
    {"xid=1; id=2; idx=3; i=4; d=5", "2"},
};

static const struct find_case not_found[] = {
    {"", NULL},
    {" ", NULL},
    {"id", NULL},
    {"a=id", NULL},
    {"a=1, id=2", NULL}, /* commas part nothing */
    {"ID=1", NULL},
    {"=id=1", NULL},
    {"a=\"; \"id=1", NULL}, /* a ';' ends a cookie, quoted or not */
    /* twice */
    {"id=1; id=2", NULL},
    {"id=1; id=1", NULL},
    {"id=; id=1", NULL},
    {"id=1; a=2; id =3", NULL},
    {"id=1; id=\xff", NULL},
    /* bytes that no value may have */
    {"id=a b", NULL},
    {"id=a,b", NULL},
    {"id=a\\b", NULL},
    {"id=a\"b", NULL},
    {"id=\"a", NULL},
    {"id=a\"", NULL},
    {"id=\"", NULL},
    {"id=\"\"\"", NULL},
    {"id=\"a b\"", NULL},
    {"id=\x01", NULL},
    {"id=a\tb", NULL},
    {"id=\x7f", NULL},
    {"id=\x80", NULL},
    {"id=\xc3\xa4", NULL},
};

static void a_cookie_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
        struct slice field = slice_str(found[i].field);
        struct slice value;

        if (!cookie_find(field, SLICE("id"), &value))
            fail_msg("not found: %s", found[i].field);
        if (!slice_eq(value, slice_str(found[i].value)))
            fail_msg("%s: %.*s", found[i].field, SLICE_ARG(value));
        assert_true(value.ptr >= field.ptr && value.ptr + value.len <= field.ptr + field.len);
    }
}

static void a_cookie_that_is_not_there_twice_there_or_broken_is_not_found(void **state)
{
    struct slice value = SLICE("as it was");

    (void)state;
    for (size_t i = 0; i < sizeof(not_found) / sizeof(not_found[0]); i++) {
        if (cookie_find(slice_str(not_found[i].field), SLICE("id"), &value))
            fail_msg("found: %s", not_found[i].field);
    }
    assert_false(cookie_find(slice_of(NULL, 0), SLICE("id"), &value));
    assert_false(cookie_find(slice_of("id=\0", 4), SLICE("id"), &value));
    assert_false(cookie_find(SLICE("x; =y"), SLICE(""), &value));
    assert_true(slice_eq(value, SLICE("as it was")));
}

static const struct {
    struct cookie cookie;
    const char *line; /* NULL: refused */
} lines[] = {
    {{SLICE_INIT("__Host-footfall"), SLICE_INIT("abc_-1"), 3600, true, true, COOKIE_LAX},
     "Set-Cookie: __Host-footfall=abc_-1; Path=/; Max-Age=3600; HttpOnly; Secure; "
     "SameSite=Lax\r\n"},
    {{SLICE_INIT("a"), SLICE_INIT(""), 0, false, false, COOKIE_STRICT},
     "Set-Cookie: a=; Path=/; Max-Age=0; SameSite=Strict\r\n"},
    {{SLICE_INIT("a"), SLICE_INIT("1"), COOKIE_UNTIL_BROWSER_ENDS, true, false, COOKIE_STRICT},
     "Set-Cookie: a=1; Path=/; HttpOnly; SameSite=Strict\r\n"},
    {{SLICE_INIT("__Secure-a"), SLICE_INIT("\"1\""), COOKIE_UNTIL_BROWSER_ENDS, false, true,
      COOKIE_LAX},
     "Set-Cookie: __Secure-a=\"1\"; Path=/; Secure; SameSite=Lax\r\n"},
    {{SLICE_INIT("_Host-a"), SLICE_INIT("1"), 31536000, false, false, COOKIE_LAX},
     "Set-Cookie: _Host-a=1; Path=/; Max-Age=31536000; SameSite=Lax\r\n"},
    {{SLICE_INIT("__Host-a"), SLICE_INIT("1"), 1, true, false, COOKIE_LAX}, NULL},
    {{SLICE_INIT("__hOST-a"), SLICE_INIT("1"), 1, true, false, COOKIE_LAX}, NULL},
    {{SLICE_INIT("__Secure-a"), SLICE_INIT("1"), 1, true, false, COOKIE_LAX}, NULL},
    {{SLICE_INIT(""), SLICE_INIT("1"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a b"), SLICE_INIT("1"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a=b"), SLICE_INIT("1"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a;b"), SLICE_INIT("1"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a\r\nb"), SLICE_INIT("1"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a\xff"), SLICE_INIT("1"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a"), SLICE_INIT("1; Domain=x"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a"), SLICE_INIT("1\r\nX: y"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a"), SLICE_INIT("1 2"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a"), SLICE_INIT("1,2"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a"), SLICE_INIT("\0"), 1, true, true, COOKIE_LAX}, NULL},
    {{SLICE_INIT("a"), SLICE_INIT("\xc3\xa4"), 1, true, true, COOKIE_LAX}, NULL},
};

static void a_line_sets_a_cookie_or_is_not_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char storage[256];
        struct strbuf out;

        strbuf_init_fixed(&out, storage, sizeof(storage));
        cookie_append_set(&out, &lines[i].cookie);
        assert_int_equal(out.failed, !lines[i].line);
        if (!slice_eq(strbuf_slice(&out), slice_str(lines[i].line)))
            fail_msg("line %zu: %.*s", i, SLICE_ARG(strbuf_slice(&out)));
    }
}

static void a_line_that_does_not_fit_fails(void **state)
{
    char storage[16];
    struct strbuf out;

    (void)state;
    strbuf_init_fixed(&out, storage, sizeof(storage));
    cookie_append_set(&out, &(struct cookie){.name = SLICE("a"), .value = SLICE("1")});
    assert_true(out.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cookie_is_found_by_its_name),
        cmocka_unit_test(a_cookie_that_is_not_there_twice_there_or_broken_is_not_found),
        cmocka_unit_test(a_line_sets_a_cookie_or_is_not_written),
        cmocka_unit_test(a_line_that_does_not_fit_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
