/* Points in time as texts. */
#include "count/rfc3339.h"
#include "support/cmocka.h"

static void test_points_in_time_are_read(void **state)
{
    static const struct {
        struct slice text;
        int64_t unix_s;
    } cases[] = {
        {SLICE_INIT("1970-01-01T00:00:00Z"), 0},
        {SLICE_INIT("2026-03-01T14:30:05Z"), 1772375405},
        {SLICE_INIT("2026-03-01t14:30:05z"), 1772375405},
        {SLICE_INIT("2026-03-01 14:30:05Z"), 1772375405},
        {SLICE_INIT("2026-03-01T14:30:05.9Z"), 1772375405},
        {SLICE_INIT("2026-03-01T14:30:05.123456789123456789+00:00"), 1772375405},
        {SLICE_INIT("2026-03-01T14:30:05-00:00"), 1772375405},
        {SLICE_INIT("2026-03-01T15:30:05+01:00"), 1772375405},
        {SLICE_INIT("2026-02-28T19:00:05-19:30"), 1772375405},
        {SLICE_INIT("2024-02-29T00:00:00Z"), 1709164800},
        {SLICE_INIT("2016-12-31T23:59:60Z"), 1483228799},
        {SLICE_INIT("1969-12-31T23:59:59Z"), -1},
        {SLICE_INIT("0001-01-01T00:00:00Z"), RFC3339_GO_ZERO_UNIX_S},
        {SLICE_INIT("0000-01-01T00:00:00Z"), INT64_C(-62167219200)},
        {SLICE_INIT("9999-12-31T23:59:59Z"), INT64_C(253402300799)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t unix_s = 7;

        if (!rfc3339_parse(cases[i].text, &unix_s) || unix_s != cases[i].unix_s)
            fail_msg("%.*s: %lld", SLICE_ARG(cases[i].text), (long long)unix_s);
    }
}

static void test_what_is_no_point_in_time_is_refused(void **state)
{
    static const struct slice cases[] = {
        SLICE_INIT(""),
        SLICE_INIT("2026-03-01"),
        SLICE_INIT("2026-03-01T14:30:05"),
        SLICE_INIT("2026-03-01T14:30Z"),
        SLICE_INIT("2026-03-01T14:30:05Z "),
        SLICE_INIT(" 2026-03-01T14:30:05Z"),
        SLICE_INIT("2026-03-01T14:30:05.Z"),
        SLICE_INIT("2026-03-01T14:30:05,5Z"),
        SLICE_INIT("2026-3-01T14:30:05Z"),
        SLICE_INIT("+026-03-01T14:30:05Z"),
        SLICE_INIT("2026-00-01T14:30:05Z"),
        SLICE_INIT("2026-13-01T14:30:05Z"),
        SLICE_INIT("2026-03-00T14:30:05Z"),
        SLICE_INIT("2026-03-32T14:30:05Z"),
        SLICE_INIT("2026-02-29T14:30:05Z"),
        SLICE_INIT("2026-04-31T14:30:05Z"),
        SLICE_INIT("2026-03-01T24:00:00Z"),
        SLICE_INIT("2026-03-01T14:60:05Z"),
        SLICE_INIT("2026-03-01T14:30:61Z"),
        SLICE_INIT("2026-03-01T14:30:05+1:00"),
        SLICE_INIT("2026-03-01T14:30:05+0100"),
        SLICE_INIT("2026-03-01T14:30:05+24:00"),
        SLICE_INIT("2026-03-01T14:30:05+01:60"),
        SLICE_INIT("2026-03-01T14:30:05+"),
        SLICE_INIT("2026-03-01T14:30:05Z\0"),
        SLICE_INIT("12026-03-01T14:30:05Z"),
        SLICE_INIT("2026-W10-1T14:30:05Z"),
    };
    int64_t unix_s = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (rfc3339_parse(cases[i], &unix_s))
            fail_msg("%.*s", SLICE_ARG(cases[i]));
    }
    assert_int_equal(unix_s, 7);
}

static void test_points_in_time_are_written(void **state)
{
    static const struct {
        int64_t unix_s;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1700000001, "2023-11-14T22:13:21Z"},
        {951782399, "2000-02-28T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {253402300800, "9999-12-31T23:59:59Z"},
        {INT64_MAX, "9999-12-31T23:59:59Z"},
        {-1, "1970-01-01T00:00:00Z"},
        {INT64_MIN, "1970-01-01T00:00:00Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[RFC3339_UTC_TEXT + 1];

        rfc3339_format(cases[i].unix_s, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points_in_time_are_read),
        cmocka_unit_test(test_what_is_no_point_in_time_is_refused),
        cmocka_unit_test(test_points_in_time_are_written),
    };

    return cmocka_run_group_tests_name("rfc3339", tests, NULL, NULL);
}
