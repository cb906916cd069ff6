/* Forms: what is read, and what is refused (Z02). */
#include "web/form.h"

#include "fake_request.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

#define COUNT(array_) (sizeof(array_) / sizeof((array_)[0]))

/* The form of all cases: a user is wanted, the others may be there. */
enum { USER, PASSWORD, NEXT, FIELDS };

struct form_test {
    struct fake_request fake;
    struct form_field fields[FIELDS];
    struct err_info info;
};

static enum err read_form(struct form_test *t, struct slice encoded)
{
    *t = (struct form_test){
        .fields = {
            [USER] = {.name = SLICE("user"), .max = 8, .is_required = true, .value = SLICE("?")},
            [PASSWORD] = {.name = SLICE("pass word"), .max = 4, .value = SLICE("?")},
            [NEXT] = {.name = SLICE("n"), .max = 8, .value = SLICE("?")},
        }};
    fake_request_init(&t->fake, HTTP_POST, "/login", "");
    return form_read(&t->fake.req, encoded, t->fields, FIELDS, &t->info);
}

static const struct {
    const char *encoded;
    const char *values[FIELDS]; /* NULL: absent */
} read[] = {
    {"user=a", {"a", NULL, NULL}},
    {"user=a&pass+word=b&n=c", {"a", "b", "c"}},
    {"n=c&pass%20word=b&user=a", {"a", "b", "c"}},
    {"%75ser=a", {"a", NULL, NULL}},
    {"&&user=a&", {"a", NULL, NULL}},
    {"user=a&n=", {"a", NULL, ""}},
    {"user=a&n", {"a", NULL, ""}},
    {"user=a=b", {"a=b", NULL, NULL}},
    {"user=+a%2B%26%3D%25", {" a+&=%", NULL, NULL}},
    {"user=a&n=/b?c", {"a", NULL, "/b?c"}},
    {"user=caf%C3%A9", {"caf\xc3\xa9", NULL, NULL}},
    {"user=caf\xc3\xa9", {"caf\xc3\xa9", NULL, NULL}},
    {"user=12345678", {"12345678", NULL, NULL}},
    {"user=%41%41%41%41%41%41%41%41", {"AAAAAAAA", NULL, NULL}},
};

static void a_form_is_read_by_its_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(read); i++) {
        struct form_test t;

        if (read_form(&t, slice_str(read[i].encoded)) != ERR_OK)
            fail_msg("%s: %s", read[i].encoded, t.info.text);
        for (size_t k = 0; k < FIELDS; k++) {
            struct slice value = t.fields[k].value;

            assert_int_equal(value.ptr == NULL, read[i].values[k] == NULL);
            if (value.ptr && !slice_eq(value, slice_str(read[i].values[k])))
                fail_msg("%s: %.*s", read[i].encoded, SLICE_ARG(value));
        }
        fake_request_fini(&t.fake);
    }
}

#define UNKNOWN "There is a field that this form does not have."
#define NO_TEXT "is no text in UTF-8, or has control characters in it."

static const struct {
    struct slice encoded;
    const char *why;
} refused[] = {
    {SLICE_INIT(""), "The field \"user\" is missing."},
    {SLICE_INIT("&"), "The field \"user\" is missing."},
    {SLICE_INIT("user"), "The field \"user\" is missing."},
    {SLICE_INIT("user="), "The field \"user\" is missing."},
    {SLICE_INIT("n=a"), "The field \"user\" is missing."},
    /* unknown */
    {SLICE_INIT("user=a&is_admin=1"), UNKNOWN},
    {SLICE_INIT("user=a&User=b"), UNKNOWN},
    {SLICE_INIT("user=a&user%00=b"), UNKNOWN},
    {SLICE_INIT("user=a&user[]=b"), UNKNOWN},
    {SLICE_INIT("user=a&=b"), UNKNOWN},
    {SLICE_INIT("user=a&="), UNKNOWN},
    {SLICE_INIT("user=a&%zz=b"), UNKNOWN},
    {SLICE_INIT("user=a;n=b&x"), UNKNOWN},
    {SLICE_INIT("us"), UNKNOWN},
    {SLICE_INIT("secret-in-a-name"), UNKNOWN},
    {SLICE_INIT("\xff=b"), UNKNOWN},
    /* twice */
    {SLICE_INIT("user=a&user=a"), "The field \"user\" comes twice."},
    {SLICE_INIT("user=a&n=&n=b"), "The field \"n\" comes twice."},
    {SLICE_INIT("user=a&us%65r=b"), "The field \"user\" comes twice."},
    {SLICE_INIT("user=&user=a"), "The field \"user\" comes twice."},
    /* too long */
    {SLICE_INIT("user=123456789"), "The field \"user\" is too long: it may have 8 bytes."},
    {SLICE_INIT("user=%41%41%41%41%41%41%41%41%41"),
     "The field \"user\" is too long: it may have 8 bytes."},
    {SLICE_INIT("user=1234567%C3%A9"), "The field \"user\" is too long: it may have 8 bytes."},
    {SLICE_INIT("user=a&pass+word=12345"),
     "The field \"pass word\" is too long: it may have 4 bytes."},
    /* broken */
    {SLICE_INIT("user=%"), "The field \"user\" has a % without two hexadecimal digits."},
    {SLICE_INIT("user=%4"), "The field \"user\" has a % without two hexadecimal digits."},
    {SLICE_INIT("user=%4x"), "The field \"user\" has a % without two hexadecimal digits."},
    /* no text */
    {SLICE_INIT("user=a%00b"), "The field \"user\" " NO_TEXT},
    {SLICE_INIT("user=a\0b"), "The field \"user\" " NO_TEXT},
    {SLICE_INIT("user=%ff"), "The field \"user\" " NO_TEXT},
    {SLICE_INIT("user=\xff"), "The field \"user\" " NO_TEXT},
    {SLICE_INIT("user=%c0%af"), "The field \"user\" " NO_TEXT},
    {SLICE_INIT("user=%ed%a0%80"), "The field \"user\" " NO_TEXT},
    {SLICE_INIT("user=a%0d%0ab"), "The field \"user\" " NO_TEXT},
    {SLICE_INIT("user=%7f"), "The field \"user\" " NO_TEXT},
    {SLICE_INIT("user=%c2%85"), "The field \"user\" " NO_TEXT},
};

static void what_the_table_does_not_want_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct form_test t;

        if (read_form(&t, refused[i].encoded) != ERR_INVALID)
            fail_msg("taken: %.*s", SLICE_ARG(refused[i].encoded));
        assert_string_equal(t.info.text, refused[i].why);
        for (size_t k = 0; k < FIELDS; k++)
            assert_null(t.fields[k].value.ptr);
        fake_request_fini(&t.fake);
    }
}

static void long_names_and_values_ask_for_no_memory(void **state)
{
    static char text[60000];
    struct form_test t;

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_int_equal(read_form(&t, slice_of(text, sizeof(text))), ERR_INVALID);
    assert_string_equal(t.info.text, UNKNOWN);
    assert_int_equal(t.fake.arena.used_bytes, 0);
    fake_request_fini(&t.fake);
    memcpy(text, "user=", 5);
    assert_int_equal(read_form(&t, slice_of(text, sizeof(text))), ERR_INVALID);
    assert_int_equal(t.fake.arena.used_bytes, 0);
    fake_request_fini(&t.fake);
}

static void without_memory_nothing_is_read(void **state)
{
    struct form_test t;

    (void)state;
    failing_malloc_from(1);
    assert_int_equal(read_form(&t, SLICE("n=a&user=b")), ERR_NO_MEMORY);
    assert_true(failing_malloc_stop());
    assert_null(t.fields[USER].value.ptr);
    assert_null(t.fields[NEXT].value.ptr);
    fake_request_fini(&t.fake);
}

static void nothing_that_is_nobodys_body_is_an_empty_form(void **state)
{
    struct form_test t;

    (void)state;
    assert_int_equal(read_form(&t, slice_of(NULL, 0)), ERR_INVALID);
    fake_request_fini(&t.fake);
    fake_request_init(&t.fake, HTTP_GET, "/", "");
    assert_int_equal(form_read(&t.fake.req, slice_of(NULL, 0), NULL, 0, NULL), ERR_OK);
    assert_int_equal(form_read(&t.fake.req, SLICE("a=b"), NULL, 0, NULL), ERR_INVALID);
    fake_request_fini(&t.fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_is_read_by_its_table),
        cmocka_unit_test(what_the_table_does_not_want_is_refused),
        cmocka_unit_test(long_names_and_values_ask_for_no_memory),
        cmocka_unit_test(without_memory_nothing_is_read),
        cmocka_unit_test(nothing_that_is_nobodys_body_is_an_empty_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
