#include "base/ascii.h"

#include "support/cmocka.h"

static void only_letters_of_ascii_change_case(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        char expected = c;

        if (i >= 'A' && i <= 'Z')
            expected = (char)(i + ('a' - 'A'));
        assert_int_equal(ascii_lower(c), expected);
        assert_int_equal(ascii_is_letter(c), expected >= 'a' && expected <= 'z');
        assert_int_equal(ascii_is_digit(c), i >= '0' && i <= '9');
    }
}

static void blanks_are_trimmed(void **state)
{
    static const struct {
        struct slice text;
        const char *trimmed;
    } cases[] = {
        {SLICE_INIT(""), ""},          {{NULL, 0}, ""},        {SLICE_INIT(" \t\r\n\v\f"), ""},
        {SLICE_INIT(" a b\n"), "a b"}, {SLICE_INIT("a"), "a"}, {SLICE_INIT("\xc2\xa0"), "\xc2\xa0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_true(slice_eq(ascii_trim(cases[i].text), slice_str(cases[i].trimmed)));
}

static void texts_are_compared_in_lower_case(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        int order;
    } cases[] = {
        {"", "", 0},     {"a", "A", 0},      {"Ab", "aB", 0},   {"", "a", -1},
        {"a", "ab", -1}, {"b", "ab", 1},     {"_", "a", -1},    {"_", "A", -1},
        {"Z", "a", 1},   {"a-b", "a.b", -1}, {"z", "\xff", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice a = slice_str(cases[i].a);
        struct slice b = slice_str(cases[i].b);

        assert_int_equal(ascii_compare(a, b), cases[i].order);
        assert_int_equal(ascii_compare(b, a), -cases[i].order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_letters_of_ascii_change_case),
        cmocka_unit_test(blanks_are_trimmed),
        cmocka_unit_test(texts_are_compared_in_lower_case),
    };

    return cmocka_run_group_tests_name("ascii", tests, NULL, NULL);
}
