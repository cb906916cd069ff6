#include "count/date_range.h"

#include "count/bucket.h"
#include "support/cmocka.h"

static int32_t day_of(const char *text)
{
    int32_t day;

    assert_true(bucket_parse_day(slice_str(text), &day));
    return day;
}

static void assert_range(struct date_range range, const char *first, const char *last)
{
    if (range.first_day != day_of(first) || range.last_day != day_of(last))
        fail_msg("%d to %d is not %s to %s", range.first_day, range.last_day, first, last);
}

static void test_periods_end_today(void **state)
{
    static const struct {
        const char *name;
        const char *today;
        const char *first;
        const char *last;
    } cases[] = {
        {"today", "2026-11-25", "2026-11-25", "2026-11-25"},
        {"yesterday", "2026-11-01", "2026-10-31", "2026-10-31"},
        {"7d", "2026-11-25", "2026-11-19", "2026-11-25"},
        {"30d", "2026-03-01", "2026-01-31", "2026-03-01"},
        {"90d", "2026-11-25", "2026-08-28", "2026-11-25"},
        {"12m", "2026-11-25", "2025-12-01", "2026-11-25"},
        {"12m", "1970-03-02", "1970-01-01", "1970-03-02"},
        {"week", "2026-11-25", "2026-11-23", "2026-11-25"},
        {"week", "2026-11-23", "2026-11-23", "2026-11-23"},
        {"week", "1970-01-01", "1970-01-01", "1970-01-01"},
        {"month", "2026-11-25", "2026-11-01", "2026-11-25"},
        {"year", "2026-11-25", "2026-01-01", "2026-11-25"},
        {"all", "2026-11-25", "1970-01-01", "2026-11-25"},
        {"yesterday", "1970-01-01", "1970-01-01", "1970-01-01"},
        {"7d", "1970-01-03", "1970-01-01", "1970-01-03"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum period period;

        assert_true(period_parse(slice_str(cases[i].name), &period, NULL));
        assert_string_equal(period_name(period), cases[i].name);
        assert_range(period_range(period, day_of(cases[i].today)), cases[i].first, cases[i].last);
    }
}

static void test_names_that_are_none_are_refused(void **state)
{
    struct err_info info = {""};
    enum period period;
    enum comparison comparison;

    (void)state;
    assert_false(period_parse(SLICE("14d"), &period, &info));
    assert_non_null(strstr(info.text, "7d"));
    assert_false(period_parse(SLICE(""), &period, &info));
    assert_false(period_parse(SLICE("Today"), &period, &info));
    assert_false(comparison_parse(SLICE("month"), &comparison, &info));
    assert_non_null(strstr(info.text, "previous"));
}

static void test_a_range_is_compared_with_what_was_before(void **state)
{
    static const struct {
        const char *name;
        const char *first, *last;
        const char *before_first, *before_last; /* NULL: there is nothing */
    } cases[] = {
        {"previous", "2026-11-19", "2026-11-25", "2026-11-12", "2026-11-18"},
        {"previous", "2026-11-25", "2026-11-25", "2026-11-24", "2026-11-24"},
        {"previous", "1970-01-02", "1970-01-02", "1970-01-01", "1970-01-01"},
        {"previous", "1970-01-01", "1970-01-01", NULL, NULL},
        {"previous", "1970-01-04", "1970-01-09", NULL, NULL},
        {"year", "2026-11-19", "2026-11-25", "2025-11-19", "2025-11-25"},
        {"year", "2024-02-29", "2024-02-29", "2023-03-01", "2023-03-01"},
        {"year", "2024-01-01", "2024-12-31", "2023-01-01", "2023-12-31"},
        {"year", "2020-01-01", "2025-12-31", "2019-01-01", "2024-12-31"},
        {"year", "1970-12-31", "1971-01-02", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct date_range range = {day_of(cases[i].first), day_of(cases[i].last)};
        struct err_info info = {""};
        enum comparison comparison;
        struct date_range before;
        enum err err;

        assert_true(comparison_parse(slice_str(cases[i].name), &comparison, NULL));
        err = date_range_compared(range, comparison, &before, &info);
        assert_int_equal(err, cases[i].before_first ? ERR_OK : ERR_INVALID);
        if (err == ERR_OK)
            assert_range(before, cases[i].before_first, cases[i].before_last);
        else
            assert_non_null(strstr(info.text, "1970"));
    }
}

static void test_a_cover_is_ascending_and_short(void **state)
{
    static const struct {
        const char *first, *last;
        size_t count;
    } cases[] = {
        {"2026-01-01", "2026-12-31", 12},
        {"2025-12-31", "2027-01-01", 14},
        {"2026-11-02", "2026-11-29", 28},
        {"1970-01-01", "2243-10-16", 3285 + 16},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct date_range range = {day_of(cases[i].first), day_of(cases[i].last)};
        int32_t buckets[DATE_RANGE_MAX_BUCKETS];

        assert_int_equal(date_range_cover(range, buckets), cases[i].count);
        for (size_t k = 1; k < cases[i].count; k++)
            assert_true(buckets[k - 1] < buckets[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_periods_end_today),
        cmocka_unit_test(test_names_that_are_none_are_refused),
        cmocka_unit_test(test_a_range_is_compared_with_what_was_before),
        cmocka_unit_test(test_a_cover_is_ascending_and_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
