#include "count/moment.h"

#include "count/bucket.h"
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

static void test_a_moment_has_all_its_buckets(void **state)
{
    struct zone *zone = open_zone("Europe/Berlin");
    struct moment moment;

    (void)state;
    moment_of(zone, 1795648530, &moment); /* 2026-11-26T00:15:30+01:00 */
    assert_int_equal(moment.minute, 40000000 + 1795648530 / 60);
    assert_int_equal(moment.hour, 1000000 + 1795648530 / 3600);
    assert_int_equal(moment.day, 20783);
    assert_int_equal(moment.month, 100000 + 12 * 56 + 10);
    assert_int_equal(moment.day_ends_unix_s, 1795647600 + 86400);
    moment_of(NULL, 1795648530, &moment);
    assert_int_equal(moment.minute, 40000000 + 1795648530 / 60);
    assert_int_equal(moment.day, 20782);
    assert_int_equal(moment.day_ends_unix_s, 1795651200);
    zone_close(zone);
}

/* Every quarter of an hour from 1970 on, forwards: as time goes on, so do the hours, by one at
 * most; and what the memo of the hour says is what a zone says that was not asked before. */
static void test_hours_go_on_with_time(void **state)
{
    static const char *const names[] = {
        "UTC",          "Europe/Berlin",  "America/New_York", "Australia/Lord_Howe",
        "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Africa/Casablanca",
        "Pacific/Apia", "Asia/Pyongyang", "Africa/Monrovia",  "America/Sao_Paulo",
        "Asia/Tehran",  "Asia/Singapore", "Pacific/Chatham",  "America/Caracas",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *zone = open_zone(names[i]);
        struct moment before;
        struct moment now;

        moment_of(zone, 172800, &before);
        for (int64_t unix_s = 172800; unix_s < INT64_C(2524608000); unix_s += 900) {
            moment_of(zone, unix_s, &now);
            if (now.hour != before.hour && now.hour != before.hour + 1)
                fail_msg("%s at %lld", names[i], (long long)unix_s);
            assert_int_equal(now.hour, bucket_hour_of(unix_s, zone_offset_s(zone, unix_s)));
            assert_true(now.day_ends_unix_s > unix_s);
            before = now;
        }
        zone_close(zone);
    }
}

static void test_the_memo_is_right_backwards_too(void **state)
{
    struct zone *zone = open_zone("Australia/Lord_Howe");

    (void)state;
    /* Around 2026-10-03T15:30Z, when half an hour is skipped. */
    for (int64_t unix_s = 1791056000; unix_s > 1791027000; unix_s -= 60) {
        struct zone *fresh = open_zone("Australia/Lord_Howe");
        struct moment moment;
        struct moment expected;

        moment_of(zone, unix_s, &moment);
        moment_of(fresh, unix_s, &expected);
        assert_memory_equal(&moment, &expected, sizeof(moment));
        zone_close(fresh);
    }
    zone_close(zone);
}

static void test_moments_off_the_calendar_are_taken_for_its_ends(void **state)
{
    static const char *const names[] = {"UTC", "Pacific/Kiritimati", "Etc/GMT+12"};
    static const int64_t moments[] = {INT64_MIN, -1, 0, 86400, INT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *zone = open_zone(names[i]);

        for (size_t j = 0; j < sizeof(moments) / sizeof(moments[0]); j++) {
            struct moment moment;

            moment_of(zone, moments[j], &moment);
            assert_in_range(moment.day, 0, BUCKET_MAX_DAY);
            assert_int_equal(bucket_kind(moment.month), BUCKET_MONTH);
            assert_int_equal(bucket_kind(moment.hour), BUCKET_HOUR);
            assert_int_equal(bucket_kind(moment.minute), BUCKET_MINUTE);
        }
        zone_close(zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_moment_has_all_its_buckets),
        cmocka_unit_test(test_hours_go_on_with_time),
        cmocka_unit_test(test_the_memo_is_right_backwards_too),
        cmocka_unit_test(test_moments_off_the_calendar_are_taken_for_its_ends),
    };

    return cmocka_run_group_tests_name("moment", tests, NULL, NULL);
}
