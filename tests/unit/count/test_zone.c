#include "count/zone.h"

#include <stdlib.h>
#include <time.h>

#include "count/bucket.h"
#include "count/moment.h"
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

static void test_what_is_no_zone_is_refused_and_a_right_one_is_named(void **state)
{
    static const struct {
        const char *name;
        enum err err;
    } cases[] = {
        {"", ERR_INVALID},
        {" ", ERR_INVALID},
        {"/", ERR_INVALID},
        {"..", ERR_INVALID},
        {"../UTC", ERR_INVALID},
        {"/etc/passwd", ERR_INVALID},
        {"Europe/../Europe/Berlin", ERR_INVALID},
        {"Europe/./Berlin", ERR_INVALID},
        {"Europe//Berlin", ERR_INVALID},
        {"Europe/Berlin/", ERR_INVALID},
        {"Europe/Berlin ", ERR_INVALID},
        {"Europe/Berlin\n", ERR_INVALID},
        {"Europe\\Berlin", ERR_INVALID},
        {"europe/berlin", ERR_INVALID},
        {"right/Europe/Berlin", ERR_INVALID},
        {"posixrules", ERR_INVALID},
        {"tzdata.zi", ERR_INVALID},
        {"+01:00", ERR_INVALID},
        {"B\xc3\xa9rlin", ERR_INVALID},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ERR_INVALID},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ERR_NOT_FOUND},
        {"Europe", ERR_NOT_FOUND},
        {"Europe/Berlin/Mitte", ERR_NOT_FOUND},
        {"Europe/Atlantis", ERR_NOT_FOUND},
        {"EUROPE/BERLIN", ERR_NOT_FOUND},
        {"CETI", ERR_NOT_FOUND},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};
        struct zone *zone = NULL;

        if (zone_open(cases[i].name, &zone, &info) != cases[i].err)
            fail_msg("\"%s\": %s", cases[i].name, info.text);
        assert_null(zone);
        assert_non_null(strstr(info.text, "Europe/Berlin, or UTC"));
        assert_int_equal(zone_open(cases[i].name, &zone, NULL), cases[i].err);
    }
}

static void test_a_zone_has_its_name(void **state)
{
    static const char *const names[] = {"UTC", "Europe/Berlin", "Etc/GMT+12", "CET",
                                        "America/Argentina/ComodRivadavia"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *zone = open_zone(names[i]);

        assert_string_equal(zone_name(zone), names[i]);
        zone_close(zone);
    }
}

static void test_no_zone_is_utc(void **state)
{
    (void)state;
    assert_string_equal(zone_name(NULL), "UTC");
    assert_int_equal(zone_offset_s(NULL, 1795615200), 0);
    assert_int_equal(zone_day_start_unix_s(NULL, 20000), INT64_C(20000) * 86400);
    assert_int_equal(zone_day_end_unix_s(NULL, 20000), INT64_C(20001) * 86400);
    zone_close(NULL);
}

static void test_offsets_change_in_the_right_second(void **state)
{
    static const struct {
        const char *zone;
        int64_t unix_s; /* the first second of the new offset */
        int32_t before_s;
        int32_t after_s;
    } cases[] = {
        {"Europe/Berlin", 1774746000, 3600, 7200},
        {"Europe/Berlin", 1792890000, 7200, 3600},
        {"America/New_York", 1772953200, -18000, -14400},
        {"Australia/Lord_Howe", 1775314800, 39600, 37800},
        {"Europe/Berlin", 3794173200, 3600, 7200}, /* 2090: by the rule behind the table */
        {"Europe/Dublin", 2784762000, 0, 3600},    /* 2058: "daylight saving" in winter */
        {"Africa/Monrovia", 63593070, -2670, 0},
        {"UTC", 1774746000, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct zone *zone = open_zone(cases[i].zone);

        assert_int_equal(zone_offset_s(zone, cases[i].unix_s), cases[i].after_s);
        assert_int_equal(zone_offset_s(zone, cases[i].unix_s - 1), cases[i].before_s);
        assert_int_equal(zone_offset_s(zone, cases[i].unix_s), cases[i].after_s);
        zone_close(zone);
    }
}

/* A day and how it begins and how long it is, when the clocks change in it, at its midnight, just
 * after it, or when there is no such day. */
static void test_days_begin_at_their_first_moment_and_end_for_good(void **state)
{
    static const struct {
        const char *zone;
        const char *day;
        const char *starts;
        int32_t minutes;
    } cases[] = {
        {"UTC", "2026-06-01", "2026-06-01T00:00:00+00:00", 1440},
        {"Europe/Berlin", "2026-11-25", "2026-11-25T00:00:00+01:00", 1440},
        {"Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00", 1380},
        {"Europe/Berlin", "2026-10-25", "2026-10-25T00:00:00+02:00", 1500},
        {"Europe/Berlin", "2090-03-26", "2090-03-26T00:00:00+01:00", 1380},
        {"Europe/Dublin", "2060-07-01", "2060-07-01T00:00:00+01:00", 1440},
        {"America/New_York", "2026-03-08", "2026-03-08T00:00:00-05:00", 1380},
        {"America/New_York", "2026-11-01", "2026-11-01T00:00:00-04:00", 1500},
        {"Australia/Lord_Howe", "2026-04-05", "2026-04-05T00:00:00+11:00", 1470},
        {"Australia/Lord_Howe", "2026-10-04", "2026-10-04T00:00:00+10:30", 1410},
        {"Asia/Kolkata", "2026-01-01", "2026-01-01T00:00:00+05:30", 1440},
        {"Asia/Kathmandu", "2026-01-01", "2026-01-01T00:00:00+05:45", 1440},
        {"Africa/Casablanca", "2026-02-15", "2026-02-15T00:00:00+01:00", 1500},
        {"Africa/Casablanca", "2026-03-22", "2026-03-22T00:00:00+00:00", 1380},
        {"Antarctica/Troll", "2026-03-29", "2026-03-29T00:00:00+00:00", 1320},
        /* No midnight. */
        {"America/Sao_Paulo", "2017-10-15", "2017-10-15T01:00:00-02:00", 1380},
        {"America/Havana", "2026-03-08", "2026-03-08T01:00:00-04:00", 1380},
        {"Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00+03:00", 1380},
        {"Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00", 1380},
        /* At the end of the day, its last hour comes again. */
        {"America/Sao_Paulo", "2018-02-17", "2018-02-17T00:00:00-02:00", 1500},
        {"Asia/Beirut", "2026-10-24", "2026-10-24T00:00:00+03:00", 1500},
        {"Asia/Pyongyang", "2015-08-14", "2015-08-14T00:00:00+09:00", 1470},
        /* A minute of the next day, then the last hour again: both days have it. */
        {"America/St_Johns", "2010-11-06", "2010-11-06T00:00:00-02:30", 1500},
        {"America/St_Johns", "2010-11-07", "2010-11-07T00:00:00-02:30", 1500},
        /* No such day. */
        {"Pacific/Apia", "2011-12-29", "2011-12-29T00:00:00-10:00", 1440},
        {"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", 0},
        {"Pacific/Apia", "2011-12-31", "2011-12-31T00:00:00+14:00", 1440},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct zone *zone = open_zone(cases[i].zone);
        int32_t day = day_of(cases[i].day);
        int64_t starts = zone_day_start_unix_s(zone, day);
        char storage[BUCKET_MAX_TEXT];
        struct strbuf text;

        strbuf_init_fixed(&text, storage, sizeof(storage));
        bucket_format(zone, bucket_minute_of(starts), &text);
        if (!slice_eq(strbuf_slice(&text), slice_str(cases[i].starts)))
            fail_msg("%s %s starts %.*s", cases[i].zone, cases[i].day, (int)text.len, text.ptr);
        assert_int_equal(zone_day_end_unix_s(zone, day) - starts, cases[i].minutes * 60);
        zone_close(zone);
    }
}

static void test_moments_and_days_far_off_are_taken_for_the_last_known_ones(void **state)
{
    static const char *const names[] = {"UTC", "Europe/Berlin", "America/Sao_Paulo"};
    static const int64_t moments[] = {INT64_MIN, -1, 0, INT64_MAX};
    static const int32_t days[] = {INT32_MIN, -1, 0, INT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *zone = open_zone(names[i]);

        for (size_t j = 0; j < 4; j++) {
            assert_in_range(zone_offset_s(zone, moments[j]) + 20000, 0, 40000);
            assert_true(zone_day_start_unix_s(zone, days[j]) < zone_day_end_unix_s(zone, days[j]));
        }
        zone_close(zone);
    }
}

/* ---- glibc's opinion ------------------------------------------------------------------------ */

static const char *const zone_names[] = {
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Monrovia",
    "America/Havana",
    "America/Nuuk",
    "America/Los_Angeles",
    "America/New_York",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Pyongyang",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "EST5EDT",
    "Etc/GMT-14",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Moscow",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Kiritimati",
    "UTC",
};

#define MOMENTS_PER_ZONE 20000
#define FIRST_UNIX_S     INT64_C(172800)     /* 1970-01-03 */
#define LAST_UNIX_S      INT64_C(4133980800) /* 2101-01-01 */

/* Newlib's generator, after Knuth (MMIX): the same moments in every run. */
static int64_t next_moment(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1;
    return FIRST_UNIX_S + (int64_t)((*seed >> 20) % (uint64_t)(LAST_UNIX_S - FIRST_UNIX_S));
}

static void compare(struct zone *zone, int64_t unix_s)
{
    time_t when = (time_t)unix_s;
    struct moment moment;
    struct tm tm;
    char date[16];
    char storage[BUCKET_MAX_TEXT];
    struct strbuf text;

    assert_non_null(localtime_r(&when, &tm));
    assert_true(strftime(date, sizeof(date), "%Y-%m-%d", &tm) > 0);
    moment_of(zone, unix_s, &moment);
    strbuf_init_fixed(&text, storage, sizeof(storage));
    bucket_format(zone, moment.day, &text);
    if (zone_offset_s(zone, unix_s) != tm.tm_gmtoff ||
        !slice_eq(strbuf_slice(&text), slice_str(date)) ||
        moment.month != BUCKET_FIRST_MONTH + 12 * (tm.tm_year - 70) + tm.tm_mon)
        fail_msg("%s at %lld is %s %+ld, not %.*s %+d", zone_name(zone), (long long)unix_s, date,
                 tm.tm_gmtoff, (int)text.len, text.ptr, zone_offset_s(zone, unix_s));
    assert_true(moment.day_ends_unix_s > unix_s);
    assert_true(zone_day_start_unix_s(zone, moment.day) <= unix_s);
}

static void test_days_and_months_are_those_of_the_c_library(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(zone_names) / sizeof(zone_names[0]); i++) {
        struct zone *zone = open_zone(zone_names[i]);

        assert_int_equal(setenv("TZ", zone_names[i], 1), 0);
        tzset();
        for (int j = 0; j < MOMENTS_PER_ZONE; j++) {
            int64_t unix_s = next_moment(&seed);

            compare(zone, unix_s);
            compare(zone, unix_s + 1800); /* often by the memo of the hour */
        }
        zone_close(zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_zone_is_refused_and_a_right_one_is_named),
        cmocka_unit_test(test_a_zone_has_its_name),
        cmocka_unit_test(test_no_zone_is_utc),
        cmocka_unit_test(test_offsets_change_in_the_right_second),
        cmocka_unit_test(test_days_begin_at_their_first_moment_and_end_for_good),
        cmocka_unit_test(test_moments_and_days_far_off_are_taken_for_the_last_known_ones),
        cmocka_unit_test(test_days_and_months_are_those_of_the_c_library),
    };

    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
