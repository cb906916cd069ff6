#include "count/series.h"

#include "count/bucket.h"
#include "count/zone.h"
#include "support/cmocka.h"

static int32_t day_of(const char *text)
{
    int32_t day;

    assert_true(bucket_parse_day(slice_str(text), &day));
    return day;
}

struct plan {
    struct arena arena;
    struct zone *zone;
    struct series series;
    const int32_t *buckets;
    size_t bucket_count;
};

static enum err plan(struct plan *out, const char *zone, const char *unit, const char *first,
                     const char *last)
{
    const struct date_range range = {day_of(first), day_of(last)};
    struct err_info info = {""};
    enum series_unit of;
    enum err err;

    *out = (struct plan){.zone = NULL};
    arena_init(&out->arena, 65536, (size_t)1 << 24);
    assert_int_equal(zone_open(zone, &out->zone, NULL), ERR_OK);
    assert_true(series_unit_parse(slice_str(unit), &of, NULL));
    err = series_plan(&out->series, of, range, out->zone, &out->arena, &info);
    if (err == ERR_OK)
        assert_int_equal(
            series_buckets(&out->series, &out->arena, &out->buckets, &out->bucket_count), ERR_OK);
    else
        assert_non_null(strstr(info.text, "at most"));
    return err;
}

static void plan_fini(struct plan *p)
{
    zone_close(p->zone);
    arena_fini(&p->arena);
}

static void assert_label(struct plan *p, size_t point, const char *expected)
{
    char storage[64];
    struct strbuf text;

    strbuf_init_fixed(&text, storage, sizeof(storage));
    series_format_label(&p->series, &p->series.points[point], p->zone, &text);
    if (text.failed || !slice_eq(strbuf_slice(&text), slice_str(expected)))
        fail_msg("%.*s is not %s", SLICE_ARG(strbuf_slice(&text)), expected);
}

static void test_a_range_is_cut_into_points(void **state)
{
    static const struct {
        const char *zone, *unit, *first, *last;
        size_t points;
        size_t buckets;
        const char *first_label, *last_label;
    } cases[] = {
        {"UTC", "day", "2026-11-25", "2026-11-25", 1, 1, "2026-11-25", "2026-11-25"},
        {"UTC", "day", "2024-02-28", "2024-03-01", 3, 3, "2024-02-28", "2024-03-01"},
        {"UTC", "hour", "2026-11-25", "2026-11-25", 24, 24, "2026-11-25T00:00:00+00:00",
         "2026-11-25T23:00:00+00:00"},
        {"Europe/Berlin", "hour", "2026-03-29", "2026-03-29", 23, 23, "2026-03-29T00:00:00+01:00",
         "2026-03-29T23:00:00+02:00"},
        {"Europe/Berlin", "hour", "2026-10-25", "2026-10-25", 25, 25, "2026-10-25T00:00:00+02:00",
         "2026-10-25T23:00:00+01:00"},
        {"Asia/Kolkata", "hour", "2026-10-25", "2026-10-25", 24, 24, "2026-10-25T00:00:00+05:30",
         "2026-10-25T23:00:00+05:30"},
        /* A skipped day has no hours. */
        {"Pacific/Apia", "hour", "2011-12-29", "2011-12-31", 48, 48, "2011-12-29T00:00:00-10:00",
         "2011-12-31T23:00:00+14:00"},
        {"UTC", "week", "2026-11-25", "2026-12-07", 3, 13, "2026-W48", "2026-W50"},
        {"UTC", "week", "2024-12-30", "2025-01-05", 1, 7, "2025-W01", "2025-W01"},
        {"UTC", "week", "2021-01-01", "2021-01-04", 2, 4, "2020-W53", "2021-W01"},
        {"UTC", "week", "1970-01-01", "1970-01-05", 2, 5, "1970-W01", "1970-W02"},
        {"UTC", "month", "2026-01-01", "2026-12-31", 12, 12, "2026-01", "2026-12"},
        {"UTC", "month", "2026-01-31", "2026-03-01", 3, 3, "2026-01", "2026-03"},
        {"UTC", "year", "2024-01-01", "2026-11-25", 3, 24 + 10 + 25, "2024", "2026"},
        {"UTC", "year", "1970-01-01", "2243-10-16", 274, 3285 + 16, "1970", "2243"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plan p;

        assert_int_equal(plan(&p, cases[i].zone, cases[i].unit, cases[i].first, cases[i].last),
                         ERR_OK);
        assert_int_equal(p.series.count, cases[i].points);
        assert_int_equal(p.bucket_count, cases[i].buckets);
        assert_label(&p, 0, cases[i].first_label);
        assert_label(&p, cases[i].points - 1, cases[i].last_label);
        plan_fini(&p);
    }
}

static void test_ranges_that_are_too_long_are_refused(void **state)
{
    static const struct {
        const char *unit, *first, *last;
        enum err err;
    } cases[] = {
        {"hour", "2026-01-01", "2026-04-02", ERR_OK},
        {"hour", "2026-01-01", "2026-04-03", ERR_INVALID},
        {"day", "2010-01-01", "2019-12-31", ERR_OK},
        {"day", "2010-01-01", "2020-01-09", ERR_INVALID},
        {"week", "2010-01-01", "2020-01-09", ERR_INVALID},
        {"month", "1970-01-01", "2243-10-16", ERR_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plan p;

        assert_int_equal(plan(&p, "Europe/Berlin", cases[i].unit, cases[i].first, cases[i].last),
                         cases[i].err);
        plan_fini(&p);
    }
}

/* Each bucket goes to one point, and points and buckets make the same total. */
static void test_every_bucket_has_its_point(void **state)
{
    static const char *const units[] = {"hour", "day", "week", "month", "year"};

    (void)state;
    for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
        const struct metrics one = {1, 2, 3, 4, 5};
        struct plan p;
        int64_t views = 0;

        assert_int_equal(plan(&p, "Europe/Berlin", units[u], "2026-01-29", "2026-04-03"), ERR_OK);
        for (size_t i = 0; i < p.bucket_count; i++) {
            assert_true(i == 0 || p.buckets[i - 1] < p.buckets[i]);
            series_add(&p.series, p.buckets[i], &one);
        }
        for (size_t i = 0; i < p.series.count; i++) {
            assert_true(p.series.points[i].metrics.views > 0);
            views += p.series.points[i].metrics.views;
        }
        assert_int_equal(views, p.bucket_count);
        assert_int_equal(p.series.totals.views, p.bucket_count);
        assert_int_equal(p.series.totals.seconds, 5 * p.bucket_count);
        plan_fini(&p);
    }
}

static void test_buckets_of_other_days_are_not_added(void **state)
{
    const struct metrics one = {1, 1, 1, 1, 1};
    struct plan p;

    (void)state;
    assert_int_equal(plan(&p, "UTC", "month", "2026-02-10", "2026-04-20"), ERR_OK);
    series_add(&p.series, day_of("2026-02-09"), &one);
    series_add(&p.series, day_of("2026-04-21"), &one);
    series_add(&p.series, bucket_month_of_day(day_of("2026-02-10")), &one);
    assert_int_equal(p.series.totals.views, 0);
    series_add(&p.series, bucket_month_of_day(day_of("2026-03-10")), &one);
    assert_int_equal(p.series.points[1].metrics.views, 1);
    plan_fini(&p);
}

static void test_points_begin_when_the_zone_says(void **state)
{
    struct plan p;

    (void)state;
    assert_int_equal(plan(&p, "Europe/Berlin", "week", "2026-10-22", "2026-10-27"), ERR_OK);
    assert_int_equal(p.series.count, 2);
    assert_int_equal(series_point_unix_s(&p.series.points[0], p.zone), 1792620000); /* 22:00 UTC */
    assert_int_equal(series_point_unix_s(&p.series.points[1], p.zone), 1792969200); /* 23:00 UTC */
    plan_fini(&p);
}

static void test_a_unit_fits_its_range(void **state)
{
    static const struct {
        const char *first, *last;
        bool has_hours;
        enum series_unit unit;
    } cases[] = {
        {"2026-11-25", "2026-11-25", true, SERIES_HOUR},
        {"2026-11-25", "2026-11-25", false, SERIES_DAY},
        {"2026-11-24", "2026-11-26", true, SERIES_DAY},
        {"2026-08-01", "2026-11-26", true, SERIES_DAY},
        {"2026-01-01", "2026-12-31", true, SERIES_MONTH},
        {"2000-01-01", "2026-12-31", true, SERIES_YEAR},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct date_range range = {day_of(cases[i].first), day_of(cases[i].last)};

        assert_int_equal(series_unit_of(range, cases[i].has_hours), cases[i].unit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_range_is_cut_into_points),
        cmocka_unit_test(test_ranges_that_are_too_long_are_refused),
        cmocka_unit_test(test_every_bucket_has_its_point),
        cmocka_unit_test(test_buckets_of_other_days_are_not_added),
        cmocka_unit_test(test_points_begin_when_the_zone_says),
        cmocka_unit_test(test_a_unit_fits_its_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
