#include "web/counter_options.h"

#include <stdio.h>

#include "support/cmocka.h"

#define TEN   "0123456789"
#define LABEL TEN TEN TEN "ab"

static struct counter_options read_options(const char *query)
{
    struct counter_options options;

    counter_options_init(&options);
    counter_options_read(&options, slice_str(query));
    return options;
}

static void assert_warning(const char *query, const char *expected)
{
    struct counter_options options;
    char storage[512];
    struct strbuf out;

    counter_options_init(&options);
    counter_options_read(&options, slice_str(query));
    strbuf_init_fixed(&out, storage, sizeof(storage));
    counter_options_append_warning(&options, &out);
    if (!slice_eq(strbuf_slice(&out), slice_str(expected)))
        fail_msg("%s: %.*s", query, (int)out.len, out.ptr);
}

static void test_every_word_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTER_STYLE_COUNT_; i++) {
        struct counter_options options;

        counter_options_init(&options);
        assert_true(counter_options_set(&options, SLICE("style"), counter_style_names[i]));
        assert_int_equal(options.style, i);
    }
    for (size_t i = 0; i < counter_period_count; i++) {
        struct counter_options options;

        counter_options_init(&options);
        assert_true(counter_options_set(&options, SLICE("period"),
                                        slice_str(period_name(counter_periods[i]))));
        assert_int_equal(options.period, counter_periods[i]);
    }
    assert_int_equal(read_options("metric=live").metric, COUNTER_LIVE);
    assert_int_equal(read_options("format=short").form, COUNTER_SHORT);
    assert_int_equal(read_options("lang=de").language, COUNTER_GERMAN);
    assert_int_equal(read_options("theme=auto").theme, COUNTER_AUTO);
    assert_int_equal(read_options("digits=12").digits, 12);
    assert_int_equal(read_options("start=1000000000000").start, 1000000000000);
    assert_int_equal(read_options("max=86400").max_age_s, 86400);
    assert_int_equal(read_options("color=%23f80").color, 0xff8800);
    assert_int_equal(read_options("labelColor=black").label_color, 0x1b1f24);
    assert_true(read_options("hit=1").counts);
    assert_false(read_options("hit=1&hit=0").counts);
    assert_true(read_options("hit=0").has_counts);
}

static void test_the_defaults_hold_for_what_is_wrong(void **state)
{
    static const struct {
        const char *query;
        const char *name;
    } cases[] = {
        {"style=plastic", "style"},
        {"style=", "style"},
        {"style=FLAT", "style"},
        {"metric=bounces", "metric"},
        {"period=12m", "period"},
        {"period=all%00", "period"},
        {"color=reddish", "color"},
        {"color=%zz", "color"},
        {"color=", "color"},
        {"labelColor=12", "labelColor"},
        {"digits=13", "digits"},
        {"digits=-1", "digits"},
        {"digits=0x1", "digits"},
        {"start=1000000000001", "start"},
        {"start=99999999999999999999", "start"},
        {"start=1e3", "start"},
        {"format=long", "format"},
        {"lang=EN", "lang"},
        {"theme=blue", "theme"},
        {"hit=2", "hit"},
        {"hit=true", "hit"},
        {"max=59", "max"},
        {"max=86401", "max"},
        {"label=" LABEL "c", "label"},
        {"label=%ff", "label"},
        {"label=a%0ab", "label"},
        {"label=%EF%BF%BE", "label"},
        {"label=%C2%85", "label"},
        {"label=%ED%A0%80", "label"},
    };
    struct counter_options none;

    (void)state;
    counter_options_init(&none);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct counter_options options = read_options(cases[i].query);
        char expected[100];

        (void)snprintf(expected, sizeof(expected),
                       "X-Footfall-Warning: the default is taken for %s\r\n", cases[i].name);
        assert_warning(cases[i].query, expected);
        assert_false(options.has_label || options.has_color || options.has_label_color ||
                     options.has_digits || options.has_form || options.has_counts);
        assert_int_equal(options.style, none.style);
        assert_int_equal(options.metric, none.metric);
        assert_int_equal(options.period, none.period);
        assert_int_equal(options.start, 0);
        assert_int_equal(options.max_age_s, COUNTER_MIN_AGE_S);
        assert_int_equal(options.theme, none.theme);
        assert_int_equal(options.language, none.language);
    }
}

static void test_warnings_name_what_is_wrong_and_nothing_of_the_visitors(void **state)
{
    (void)state;
    assert_warning("", "");
    assert_warning("v=2&v=%zz&style=led", "");
    assert_warning("max=1&style=x&color=y",
                   "X-Footfall-Warning: the default is taken for style, color, max\r\n");
    assert_warning("evil%0d%0aX-A:b=1",
                   "X-Footfall-Warning: there are options that are not known\r\n");
    assert_warning("colour=1&hit=x", "X-Footfall-Warning: there are options that are not known\r\n"
                                     "X-Footfall-Warning: the default is taken for hit\r\n");
}

static void test_labels_are_taken_as_they_are_shown(void **state)
{
    static const struct {
        const char *query;
        const char *label;
    } cases[] = {
        {"label=", ""},
        {"label", ""},
        {"label=+++", ""},
        {"label=++My+++page+", "My page"},
        {"label=" LABEL, LABEL},
        {"label=%3Cscript%3E%26%22%27", "<script>&\"'"},
        {"label=%F0%9F%91%80+gesehen", "\xf0\x9f\x91\x80 gesehen"},
        {"label=a&label=b", "b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct counter_options options;

        counter_options_init(&options);
        counter_options_read(&options, slice_str(cases[i].query));
        assert_true(options.has_label);
        if (!slice_eq(options.label, slice_str(cases[i].label)))
            fail_msg("%s: %.*s", cases[i].query, SLICE_ARG(options.label));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_word_is_taken),
        cmocka_unit_test(test_the_defaults_hold_for_what_is_wrong),
        cmocka_unit_test(test_warnings_name_what_is_wrong_and_nothing_of_the_visitors),
        cmocka_unit_test(test_labels_are_taken_as_they_are_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
