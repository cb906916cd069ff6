#include "cli/duration.h"

#include "support/cmocka.h"

static void durations_are_read_in_milliseconds(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"500ms", 500},        {"0s", 0},     {"5s", 5000}, {"1m", 60000},
                 {"1000h", 3600000000}, {"007s", 7000}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ms = -1;

        assert_true(duration_parse(slice_str(cases[i].text), &ms));
        assert_int_equal(ms, cases[i].ms);
    }
}

static void what_is_no_duration_is_refused(void **state)
{
    static const char *const cases[] = {"",     "5",   "s",    "5 s",   "-5s",
                                        "5.5s", "5S",  "5sec", "1001h", "9999999999ms",
                                        "0x5s", "+5s", "ms"};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ms = -1;

        if (duration_parse(slice_str(cases[i]), &ms))
            fail_msg("\"%s\" was taken", cases[i]);
        assert_int_equal(ms, -1);
    }
}

static void numbers_have_one_to_nine_digits(void **state)
{
    int64_t number = -1;

    (void)state;
    assert_true(number_parse(SLICE("999999999"), &number));
    assert_int_equal(number, 999999999);
    assert_false(number_parse(SLICE("1000000000"), &number));
    assert_false(number_parse(SLICE(""), &number));
    assert_false(number_parse(SLICE("1a"), &number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_in_milliseconds),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(numbers_have_one_to_nine_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
