#include "support/cmocka.h"

#include "http/field.h"

static void fields_are_found_in_any_case(void **state)
{
    (void)state;
    assert_int_equal(field_find(SLICE("host")), FIELD_HOST);
    assert_int_equal(field_find(SLICE("Host")), FIELD_HOST);
    assert_int_equal(field_find(SLICE("HOST")), FIELD_HOST);
    assert_int_equal(field_find(SLICE("X-Forwarded-For")), FIELD_X_FORWARDED_FOR);
    assert_int_equal(field_find(SLICE("TRANSFER-ENCODING")), FIELD_TRANSFER_ENCODING);
    assert_int_equal(field_find(SLICE("accept")), FIELD_ACCEPT);
    assert_int_equal(field_find(SLICE("User-Agent")), FIELD_USER_AGENT);
    assert_int_equal(field_find(SLICE("Cookie")), FIELD_COOKIE);
    assert_int_equal(field_find(SLICE("Sec-Fetch-Site")), FIELD_SEC_FETCH_SITE);
    assert_int_equal(field_find(SLICE("X-Forwarded-Proto")), FIELD_X_FORWARDED_PROTO);
}

static void other_fields_are_nobodys(void **state)
{
    static const char *const others[] = {
        "hos",     "hosts",         "h", "x-forwarded-foo", "accept-charset", "cookies",
        "h\xcfst", "content_length"};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_int_equal(field_find(slice_str(others[i])), FIELD_COUNT_);
}

static void what_frames_a_message_may_come_once(void **state)
{
    (void)state;
    assert_int_equal(field_repeat(FIELD_HOST), FIELD_ONCE);
    assert_int_equal(field_repeat(FIELD_CONTENT_LENGTH), FIELD_ONCE);
    assert_int_equal(field_repeat(FIELD_TRANSFER_ENCODING), FIELD_ONCE);
    assert_int_equal(field_repeat(FIELD_USER_AGENT), FIELD_FIRST);
    assert_int_equal(field_repeat(FIELD_CONNECTION), FIELD_JOIN);
    assert_int_equal(field_repeat(FIELD_COOKIE), FIELD_CRUMB);
}

static void values_are_trimmed_of_spaces_and_tabs(void **state)
{
    (void)state;
    assert_true(slice_eq(field_trim(SLICE(" \t a b \t")), SLICE("a b")));
    assert_true(slice_eq(field_trim(SLICE("\x0b")), SLICE("\x0b")));
    assert_int_equal(field_trim(SLICE(" \t ")).len, 0);
    assert_int_equal(field_trim(SLICE("")).len, 0);
}

static void lists_are_split_and_empty_elements_passed_over(void **state)
{
    static const char *const expected[] = {"a", "b c", "d"};
    struct slice rest = SLICE(",a ,, b c,\t,d,");
    struct slice element;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(field_list_next(&rest, &element));
        assert_true(slice_eq(element, slice_str(expected[i])));
    }
    assert_false(field_list_next(&rest, &element));
}

static void text_is_compared_without_case_but_only_of_letters(void **state)
{
    (void)state;
    assert_true(field_text_eq(SLICE("Close"), SLICE("cLOSE")));
    assert_false(field_text_eq(SLICE("close"), SLICE("closed")));
    assert_false(field_text_eq(SLICE("[]"), SLICE("{}"))); /* 0x20 apart, as letters are */
    assert_false(field_text_eq(SLICE("\xe0"), SLICE("\xc0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_in_any_case),
        cmocka_unit_test(other_fields_are_nobodys),
        cmocka_unit_test(what_frames_a_message_may_come_once),
        cmocka_unit_test(values_are_trimmed_of_spaces_and_tabs),
        cmocka_unit_test(lists_are_split_and_empty_elements_passed_over),
        cmocka_unit_test(text_is_compared_without_case_but_only_of_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
