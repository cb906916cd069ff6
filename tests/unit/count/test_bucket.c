#include "count/bucket.h"

#include <limits.h>

#include "count/moment.h"
#include "count/zone.h"
#include "support/cmocka.h"

static struct zone *open_zone(const char *name)
{
    struct err_info info = {""};
    struct zone *zone = NULL;

    if (zone_open(name, &zone, &info) != ERR_OK)
        fail_msg("%s", info.text);
    return zone;
}

static int32_t day_of(const char *text)
{
    int32_t day;

    assert_true(bucket_parse_day(slice_str(text), &day));
    return day;
}

static void assert_text(struct zone *zone, int32_t bucket, const char *expected)
{
    char storage[BUCKET_MAX_TEXT];
    struct strbuf text;

    strbuf_init_fixed(&text, storage, sizeof(storage));
    bucket_format(zone, bucket, &text);
    if (text.failed || !slice_eq(strbuf_slice(&text), slice_str(expected)))
        fail_msg("%d is %.*s, not %s", bucket, (int)text.len, text.ptr, expected);
}

static void test_a_bucket_tells_its_kind(void **state)
{
    static const struct {
        int32_t bucket;
        enum bucket_kind kind;
    } cases[] = {
        {0, BUCKET_DAY},           {99999, BUCKET_DAY},        {100000, BUCKET_MONTH},
        {999999, BUCKET_MONTH},    {1000000, BUCKET_HOUR},     {39999999, BUCKET_HOUR},
        {40000000, BUCKET_MINUTE}, {INT32_MAX, BUCKET_MINUTE}, {-1, BUCKET_DAY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(bucket_kind(cases[i].bucket), cases[i].kind);
}

static void test_buckets_are_written_as_dates_and_times(void **state)
{
    struct zone *berlin = open_zone("Europe/Berlin");
    struct zone *st_johns = open_zone("America/St_Johns");

    (void)state;
    assert_text(NULL, 0, "1970-01-01");
    assert_text(berlin, 20782, "2026-11-25");
    assert_text(NULL, BUCKET_MAX_DAY, "2243-10-16");
    assert_text(berlin, 100000 + 12 * 56 + 10, "2026-11");
    assert_text(NULL, 100000, "1970-01");
    assert_text(berlin, bucket_hour_of(1795611600, 3600), "2026-11-25T14:00:00+01:00");
    assert_text(NULL, bucket_hour_of(1795611600, 0), "2026-11-25T13:00:00+00:00");
    assert_text(st_johns, bucket_hour_of(1795611600, -12600), "2026-11-25T09:00:00-03:30");
    assert_text(berlin, bucket_minute_of(1795611959), "2026-11-25T14:05:00+01:00");
    zone_close(berlin);
    zone_close(st_johns);
}

static void test_dates_are_parsed_strictly(void **state)
{
    static const struct {
        const char *text;
        int32_t day; /* -1: refused */
    } cases[] = {
        {"1970-01-01", 0},     {"2026-11-25", 20782}, {"2000-02-29", 11016}, {"2024-02-29", 19782},
        {"2243-10-16", 99999}, {"2243-10-17", -1},    {"1969-12-31", -1},    {"2100-02-29", -1},
        {"2023-02-29", -1},    {"2026-02-30", -1},    {"2026-04-31", -1},    {"2026-00-01", -1},
        {"2026-13-01", -1},    {"2026-01-00", -1},    {"2026-01-32", -1},    {"2026-1-01", -1},
        {"2026-01-1", -1},     {"2026-01-01 ", -1},   {" 2026-01-01", -1},   {"2026/01/01", -1},
        {"20260101", -1},      {"+026-01-01", -1},    {"-026-01-01", -1},    {"2026-01-0x", -1},
        {"9999-12-31", -1},    {"0000-01-01", -1},    {"2026-99-99", -1},    {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int32_t day = -1;

        assert_int_equal(bucket_parse_day(slice_str(cases[i].text), &day), cases[i].day >= 0);
        if (day != cases[i].day)
            fail_msg("%s is %d", cases[i].text, day);
    }
}

static void test_every_day_has_its_date_month_and_week(void **state)
{
    int32_t month = BUCKET_FIRST_MONTH;

    (void)state;
    for (int32_t day = 0; day <= BUCKET_MAX_DAY; day++) {
        char storage[BUCKET_MAX_TEXT];
        struct strbuf text;
        int32_t again = -1;

        strbuf_init_fixed(&text, storage, sizeof(storage));
        bucket_format(NULL, day, &text);
        assert_true(bucket_parse_day(strbuf_slice(&text), &again));
        assert_int_equal(again, day);
        if (day == bucket_month_start(month + 1))
            month++;
        assert_int_equal(bucket_month_of_day(day), month);
        assert_in_range(day - bucket_week_start(day), 0, 6);
        assert_int_equal(bucket_week_start(day) % 7, day < 4 ? -3 : 4);
    }
    assert_int_equal(month, BUCKET_FIRST_MONTH + 12 * (2243 - 1970) + 9);
}

static void test_weeks_begin_on_monday_and_years_in_january(void **state)
{
    (void)state;
    assert_int_equal(bucket_week_start(day_of("2026-11-25")), day_of("2026-11-23"));
    assert_int_equal(bucket_week_start(day_of("2026-11-23")), day_of("2026-11-23"));
    assert_int_equal(bucket_week_start(day_of("2026-11-29")), day_of("2026-11-23"));
    assert_int_equal(bucket_week_start(day_of("2027-01-01")), day_of("2026-12-28"));
    assert_int_equal(bucket_year_start(bucket_month_of_day(day_of("2026-11-25"))),
                     bucket_month_of_day(day_of("2026-01-01")));
    assert_int_equal(bucket_year_start(bucket_month_of_day(day_of("2026-01-31"))),
                     bucket_month_of_day(day_of("2026-01-01")));
}

static void test_a_range_of_days_is_covered_by_months_and_days(void **state)
{
    static const struct {
        const char *first;
        const char *last;
        const char *cover; /* days and months, by spaces */
    } cases[] = {
        {"2026-11-25", "2026-11-24", ""},
        {"2026-11-25", "2026-11-25", "2026-11-25"},
        {"2026-11-29", "2026-12-02", "2026-11-29 2026-11-30 2026-12-01 2026-12-02"},
        {"2026-11-01", "2026-11-30", "2026-11"},
        {"2026-11-30", "2027-01-01", "2026-11-30 2026-12 2027-01-01"},
        {"2024-02-01", "2024-02-28", NULL}, /* not the leap day: 28 days */
        {"2024-02-01", "2024-03-01", "2024-02 2024-03-01"},
        {"2026-12-31", "2027-02-28", "2026-12-31 2027-01 2027-02"},
        {"1970-01-01", "1970-03-31", "1970-01 1970-02 1970-03"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int32_t cover[40];
        size_t count = bucket_cover(day_of(cases[i].first), day_of(cases[i].last), cover, 40);
        char storage[400];
        struct strbuf text;

        strbuf_init_fixed(&text, storage, sizeof(storage));
        for (size_t j = 0; j < count; j++) {
            strbuf_append(&text, j > 0 ? SLICE(" ") : SLICE(""));
            bucket_format(NULL, cover[j], &text);
        }
        if (!cases[i].cover)
            assert_int_equal(count, 28);
        else if (!slice_eq(strbuf_slice(&text), slice_str(cases[i].cover)))
            fail_msg("%s to %s: %.*s", cases[i].first, cases[i].last, (int)text.len, text.ptr);
    }
}

static void test_a_cover_that_is_too_long_is_counted_but_not_written(void **state)
{
    int32_t cover[3] = {-1, -1, -1};

    (void)state;
    assert_int_equal(bucket_cover(0, BUCKET_MAX_DAY, cover, 2), 12 * (2243 - 1970) + 9 + 16);
    assert_int_equal(cover[1], BUCKET_FIRST_MONTH + 1);
    assert_int_equal(cover[2], -1);
    assert_int_equal(bucket_cover(INT32_MIN, INT32_MAX, NULL, 0), 12 * (2243 - 1970) + 9 + 16);
    assert_int_equal(bucket_cover(INT32_MAX, INT32_MIN, NULL, 0), 0);
}

/* Every hour of a range, in order, each once; each begins after the one before. */
static void test_days_have_their_hours(void **state)
{
    static const struct {
        const char *zone;
        const char *first;
        const char *last;
        size_t hours;
    } cases[] = {
        {"UTC", "2026-01-01", "2026-12-31", 8760},
        {"UTC", "2026-01-02", "2026-01-01", 0},
        {"UTC", "1970-01-01", "1970-01-01", 24},
        {"Europe/Berlin", "1970-01-01", "1970-01-01", 23}, /* its first hour was in 1969 */
        {"Europe/Berlin", "2026-11-25", "2026-11-25", 24},
        {"Europe/Berlin", "2026-03-29", "2026-03-29", 23},
        {"Europe/Berlin", "2026-10-25", "2026-10-25", 25},
        {"Europe/Berlin", "2026-01-01", "2026-12-31", 8760},
        {"America/New_York", "2026-03-08", "2026-03-08", 23},
        {"America/New_York", "2026-11-01", "2026-11-01", 25},
        {"Asia/Kolkata", "2026-11-25", "2026-11-25", 24},
        {"Asia/Kathmandu", "2026-11-25", "2026-11-25", 24},
        {"America/Sao_Paulo", "2017-10-15", "2017-10-15", 23},
        {"America/Sao_Paulo", "2018-02-17", "2018-02-17", 25},
        {"Africa/Casablanca", "2026-02-15", "2026-02-15", 25},
        {"Africa/Casablanca", "2026-03-22", "2026-03-22", 23},
        /* 24.5 and 23.5 hours: one of them is half as long, or half longer. */
        {"Australia/Lord_Howe", "2026-04-05", "2026-04-05", 25},
        {"Australia/Lord_Howe", "2026-10-04", "2026-10-04", 23},
        {"Pacific/Apia", "2011-12-30", "2011-12-30", 0},
        {"Pacific/Apia", "2011-12-29", "2011-12-31", 48},
    };

    static int32_t hours[BUCKET_MAX_HOURS];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct zone *zone = open_zone(cases[i].zone);
        int32_t last_day = day_of(cases[i].last);
        size_t count =
            bucket_hours(zone, day_of(cases[i].first), last_day, hours, BUCKET_MAX_HOURS);

        if (count != cases[i].hours)
            fail_msg("%s %s has %zu hours", cases[i].zone, cases[i].first, count);
        for (size_t j = 0; j < count; j++) {
            int64_t starts = bucket_start_unix_s(zone, hours[j]);
            struct moment moment;

            moment_of(zone, starts, &moment);
            assert_true(moment.hour == hours[j] || starts < 172800);
            moment_of(zone, starts - 1, &moment);
            assert_true(moment.hour == hours[j] - 1 || starts < 172801);
        }
        zone_close(zone);
    }
}

static void test_hours_that_are_too_many_are_counted_but_not_written(void **state)
{
    int32_t hours[2] = {-1, -1};

    (void)state;
    assert_int_equal(bucket_hours(NULL, 0, BUCKET_MAX_DAY, hours, 1), 24 * 100000);
    assert_int_equal(hours[0], BUCKET_FIRST_HOUR);
    assert_int_equal(hours[1], -1);
}

static void test_buckets_of_any_number_are_safe(void **state)
{
    static const int32_t buckets[] = {INT32_MIN, -1,       99999,    100000,   999999,
                                      1000000,   39999999, 40000000, INT32_MAX};
    struct zone *zone = open_zone("Australia/Lord_Howe");

    (void)state;
    for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++) {
        char storage[BUCKET_MAX_TEXT];
        struct strbuf text;

        strbuf_init_fixed(&text, storage, sizeof(storage));
        bucket_format(zone, buckets[i], &text);
        assert_false(text.failed);
        (void)bucket_start_unix_s(zone, buckets[i]);
        (void)bucket_month_of_day(buckets[i]);
        (void)bucket_month_start(buckets[i]);
        (void)bucket_week_start(buckets[i]);
        (void)bucket_year_start(buckets[i]);
    }
    zone_close(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bucket_tells_its_kind),
        cmocka_unit_test(test_buckets_are_written_as_dates_and_times),
        cmocka_unit_test(test_dates_are_parsed_strictly),
        cmocka_unit_test(test_every_day_has_its_date_month_and_week),
        cmocka_unit_test(test_weeks_begin_on_monday_and_years_in_january),
        cmocka_unit_test(test_a_range_of_days_is_covered_by_months_and_days),
        cmocka_unit_test(test_a_cover_that_is_too_long_is_counted_but_not_written),
        cmocka_unit_test(test_days_have_their_hours),
        cmocka_unit_test(test_hours_that_are_too_many_are_counted_but_not_written),
        cmocka_unit_test(test_buckets_of_any_number_are_safe),
    };

    return cmocka_run_group_tests_name("bucket", tests, NULL, NULL);
}
