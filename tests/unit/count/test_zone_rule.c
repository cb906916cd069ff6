#include "count/zone_rule.h"

#include "count/civil_date.h"
#include "support/cmocka.h"

static int64_t at(int32_t year, int32_t month, int32_t day, int32_t hour)
{
    return civil_date_to_day((struct civil_date){year, month, day}) * DAY_S +
           (int64_t)hour * HOUR_S;
}

static void test_offsets_follow_the_rule(void **state)
{
    static const struct {
        const char *rule;
        struct civil_date date;
        int32_t hour; /* UTC */
        int32_t offset_s;
    } cases[] = {
        {"UTC0", {2050, 1, 1}, 0, 0},
        {"<+0545>-5:45", {2050, 7, 1}, 0, 20700},
        {"XXX+1:02:03", {2050, 7, 1}, 0, -3723},
        {"CET-1CEST,M3.5.0,M10.5.0/3", {2050, 1, 1}, 0, 3600},
        {"CET-1CEST,M3.5.0,M10.5.0/3", {2050, 7, 1}, 0, 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", {2050, 3, 27}, 0, 3600},
        {"CET-1CEST,M3.5.0,M10.5.0/3", {2050, 3, 27}, 1, 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", {2050, 10, 30}, 0, 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", {2050, 10, 30}, 1, 3600},
        /* The south: summer at the turn of the year. */
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", {2050, 12, 31}, 23, 39600},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", {2051, 1, 1}, 0, 39600},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", {2051, 7, 1}, 0, 36000},
        /* "Daylight saving" that takes an hour away in winter. */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", {2051, 1, 1}, 0, 0},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", {2051, 7, 1}, 0, 3600},
        /* Half an hour. */
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", {2051, 1, 1}, 0, 39600},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", {2051, 7, 1}, 0, 37800},
        /* The day before, and days after: 50:00 of a Thursday is Saturday, 2:00. */
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", {2050, 3, 27}, 0, -7200},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", {2050, 3, 27}, 1, -3600},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", {2050, 3, 25}, 23, 7200},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", {2050, 3, 26}, 0, 10800},
        /* Days of the year: J60 is always March 1; 59 is February 29 in a leap year. */
        {"AAA0BBB,J60/0,J300/0", {2052, 2, 29}, 23, 0},
        {"AAA0BBB,J60/0,J300/0", {2052, 3, 1}, 0, 3600},
        {"AAA0BBB,J60/0,J300/0", {2051, 3, 1}, 0, 3600},
        {"AAA0BBB,J59/0,J300/0", {2052, 2, 28}, 0, 3600},
        {"AAA0BBB,59/0,300/0", {2052, 2, 28}, 23, 0},
        {"AAA0BBB,59/0,300/0", {2052, 2, 29}, 0, 3600},
        {"AAA0BBB,0/0,365/0", {2052, 12, 30}, 22, 3600},
        {"AAA0BBB,0/0,365/0", {2052, 12, 31}, 0, 0},
        /* All year: RFC 8536, section 3.3.1. */
        {"EST5EDT,0/0,J365/25", {2050, 12, 31}, 23, -14400},
        {"EST5EDT,0/0,J365/25", {2051, 1, 1}, 4, -14400},
        {"EST5EDT,0/0,J365/25", {2051, 1, 1}, 5, -14400},
        {"EST5EDT,0/0,J365/25", {2051, 7, 1}, 0, -14400},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct civil_date date = cases[i].date;
        int64_t unix_s = at(date.year, date.month, date.day, cases[i].hour);
        struct zone_rule rule;
        struct zone_span span;

        if (!zone_rule_parse(slice_str(cases[i].rule), &rule))
            fail_msg("%s was refused", cases[i].rule);
        span = zone_rule_span(&rule, unix_s);
        if (span.offset_s != cases[i].offset_s)
            fail_msg("case %zu: %s gives %d", i, cases[i].rule, span.offset_s);
        assert_true(span.begins_unix_s <= unix_s && unix_s < span.ends_unix_s);
    }
}

static void test_what_is_no_rule_is_refused(void **state)
{
    static const struct slice cases[] = {
        SLICE_INIT(""),
        SLICE_INIT("UTC"),
        SLICE_INIT("0"),
        SLICE_INIT("UT0"),
        SLICE_INIT("UTC0 "),
        SLICE_INIT("UTC0\0"),
        SLICE_INIT("UTC25"),
        SLICE_INIT("UTC99999"),
        SLICE_INIT("UTC1:60"),
        SLICE_INIT("UTC1:"),
        SLICE_INIT("UTC1:2:"),
        SLICE_INIT("UTC+-1"),
        SLICE_INIT("<UTC0"),
        SLICE_INIT("<"),
        SLICE_INIT("CET-1CEST"),
        SLICE_INIT("CET-1CEST,"),
        SLICE_INIT("CET-1CEST,M3.5.0"),
        SLICE_INIT("CET-1CEST,M3.5.0,"),
        SLICE_INIT("CET-1CEST,M3.5.0,M10.5.0/3,"),
        SLICE_INIT("CET-1CEST,M0.5.0,M10.5.0/3"),
        SLICE_INIT("CET-1CEST,M13.5.0,M10.5.0/3"),
        SLICE_INIT("CET-1CEST,M3.0.0,M10.5.0/3"),
        SLICE_INIT("CET-1CEST,M3.6.0,M10.5.0/3"),
        SLICE_INIT("CET-1CEST,M3.5.7,M10.5.0/3"),
        SLICE_INIT("CET-1CEST,M3.5,M10.5.0/3"),
        SLICE_INIT("CET-1CEST,M3.5.0/168,M10.5.0/3"),
        SLICE_INIT("CET-1CEST,M3.5.0/,M10.5.0/3"),
        SLICE_INIT("CET-1CEST,J0,J10"),
        SLICE_INIT("CET-1CEST,J366,J10"),
        SLICE_INIT("CET-1CEST,366,10"),
        SLICE_INIT("CET-1CEST,-1,10"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct zone_rule rule;

        if (zone_rule_parse(cases[i], &rule))
            fail_msg("\"%.*s\" was taken", SLICE_ARG(cases[i]));
    }
}

/* From span to span without a gap, each with the offset that its first and last moment have. */
static void test_spans_follow_each_other(void **state)
{
    static const char *const rules[] = {
        "CET-1CEST,M3.5.0,M10.5.0/3", "AEST-10AEDT,M10.1.0,M4.1.0/3", "AAA0BBB,J365/167,J1/-167",
        "AAA-14BBB12,M12.5.6/167,M1.1.0/-167", "AAA0BBB,0/0,J365/23"};

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct zone_rule rule;
        struct zone_span span;

        assert_true(zone_rule_parse(slice_str(rules[i]), &rule));
        span = zone_rule_span(&rule, 0);
        while (span.ends_unix_s < at(2100, 1, 1, 0)) {
            struct zone_span last = zone_rule_span(&rule, span.ends_unix_s - 1);
            struct zone_span next = zone_rule_span(&rule, span.ends_unix_s);

            assert_memory_equal(&last.begins_unix_s, &span.begins_unix_s, sizeof(int64_t));
            assert_int_equal(last.offset_s, span.offset_s);
            assert_int_equal(next.begins_unix_s, span.ends_unix_s);
            span = next;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offsets_follow_the_rule),
        cmocka_unit_test(test_what_is_no_rule_is_refused),
        cmocka_unit_test(test_spans_follow_each_other),
    };

    return cmocka_run_group_tests_name("zone rule", tests, NULL, NULL);
}
