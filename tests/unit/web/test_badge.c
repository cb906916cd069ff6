/* Pictures of counters. Whether they are well-formed and how they look, browsers say:
 * tests/integration/test_counters.py. */
#include "web/badge.h"

#include <stdio.h>

#include "support/cmocka.h"
#include "web/badge_width.h"

static char storage[BADGE_MAX_BYTES + 1];

/* NUL-terminated. */
static const char *picture(const char *query, const char *label, int64_t number)
{
    struct counter_options options;
    char text[COUNTER_TEXT_BYTES];
    int64_t days[30];
    struct strbuf out;

    for (size_t i = 0; i < 30; i++)
        days[i] = i % 7 == 0 ? 0 : number - (int64_t)i * (number / 31);
    counter_options_init(&options);
    counter_options_read(&options, slice_str(query));
    strbuf_init_fixed(&out, storage, BADGE_MAX_BYTES);
    badge_append(&out,
                 &(struct badge){.options = &options,
                                 .label = slice_str(label),
                                 .text = counter_number(number, options.form, options.language,
                                                        options.digits, text),
                                 .number = number,
                                 .days = days,
                                 .day_count = 30});
    assert_false(out.failed);
    storage[out.len] = '\0';
    return storage;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

static void test_widths_are_those_of_the_font(void **state)
{
    static const struct {
        const char *text;
        enum badge_weight weight;
        unsigned width;
    } cases[] = {
        {"", BADGE_REGULAR, 0},
        {"0", BADGE_REGULAR, 636},
        {" ~", BADGE_REGULAR, 318 + 838},
        {"views", BADGE_REGULAR, 592 + 278 + 615 + 818 + 521},
        {"1,234", BADGE_BOLD, 4 * 696 + 380},
        {"\xc3\xa9", BADGE_REGULAR, 640},
        {"\xe2\x80\xaf", BADGE_REGULAR, 200},
        {"\xe8\xae\xbf", BADGE_BOLD, 1000},
        {"\xf0\x9f\x91\x80", BADGE_REGULAR, 1000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(badge_width(slice_str(cases[i].text), cases[i].weight), cases[i].width);
    assert_int_equal(badge_characters(SLICE("a\xc3\xa9\xe8\xae\xbf\xf0\x9f\x91\x80")), 4);
}

static void test_every_style_names_its_number_first_and_has_no_id(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTER_STYLE_COUNT_; i++) {
        char query[64];
        const char *svg;

        (void)snprintf(query, sizeof(query), "theme=auto&color=green&style=%.*s",
                       SLICE_ARG(counter_style_names[i]));
        svg = picture(query, "views", 1234);
        assert_int_equal(strncmp(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", 47), 0);
        assert_non_null(strstr(svg, " role=\"img\" aria-label=\"views: 1,234\"><title>views: 1,234"
                                    "</title><"));
        assert_null(strstr(svg, " id="));
        assert_null(strstr(svg, "href"));
        assert_null(strstr(svg, "url("));
        assert_null(strstr(svg, " style="));
        assert_string_equal(svg + strlen(svg) - 7, "</svg>\n");
    }
}

static void test_the_longest_of_all_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTER_STYLE_COUNT_; i++) {
        char query[64];
        char label[4 * COUNTER_MAX_LABEL + 1] = "";

        (void)snprintf(query, sizeof(query), "theme=auto&color=123&labelColor=345&style=%.*s",
                       SLICE_ARG(counter_style_names[i]));
        memset(label, '"', COUNTER_MAX_LABEL); /* six bytes each */
        (void)picture(query, label, INT64_MAX);
        for (size_t at = 0; at < COUNTER_MAX_LABEL; at++)
            memcpy(label + 4 * at, "\xf0\x9f\x91\x80", 4);
        (void)picture(query, label, INT64_MAX);
    }
}

static void test_labels_are_escaped(void **state)
{
    const char *svg = picture("", "<a href='x'>&\"", 1);

    (void)state;
    assert_int_equal(count_of(svg, "&lt;a href=&#39;x&#39;&gt;&amp;&quot;"), 3);
    assert_null(strstr(svg, "<a"));
    svg = picture("style=big", "\xc3\xa9t\xc3\xa9 <b>", 1);
    assert_non_null(strstr(svg, ">\xc3\x89T\xc3\x89 &lt;B&gt;</text>"));
}

static void test_geometry_is_that_of_other_badges(void **state)
{
    (void)state;
    assert_non_null(strstr(picture("", "views", 1234), " height=\"20\""));
    assert_non_null(strstr(picture("style=square", "views", 1234), "M0 0h44v20h-44z"));
    assert_non_null(strstr(picture("style=big", "views", 1234), " height=\"28\""));
    assert_int_equal(count_of(picture("", "", 1234), "<path"), 1);
    assert_int_equal(count_of(picture("", "views", 1234), "textLength"), 2);
}

static void test_digits_are_filled_up(void **state)
{
    (void)state;
    assert_int_equal(count_of(picture("style=digits", "views", 42), "<svg "), 1 + 6);
    assert_int_equal(count_of(picture("style=digits&digits=0", "views", 42), "<svg "), 1 + 2);
    assert_int_equal(count_of(picture("style=digits&digits=9", "views", 1234567890), "<svg "),
                     1 + 10);
    assert_int_equal(count_of(picture("style=led", "views", 42), "skewX"), 6);
    assert_int_equal(count_of(picture("style=led&digits=12", "views", 42), "opacity=\".4\""), 10);
}

static void test_themes_choose_colours_and_only_auto_has_a_style(void **state)
{
    const char *svg = picture("style=ghost", "views", 1);

    (void)state;
    assert_non_null(strstr(svg, "fill=\"#1f2328\""));
    assert_null(strstr(svg, "<style"));
    svg = picture("style=ghost&theme=dark", "views", 1);
    assert_non_null(strstr(svg, "fill=\"#f0f6fc\""));
    assert_null(strstr(svg, "<style"));
    svg = picture("style=ghost&theme=auto", "views", 1);
    assert_non_null(strstr(svg, "fill=\"#1f2328\" class=\"ffff0f6fc\""));
    assert_non_null(strstr(svg, "<style>@media(prefers-color-scheme:dark){"));
    assert_non_null(strstr(svg, ".ffff0f6fc{fill:#f0f6fc}"));
    assert_non_null(strstr(svg, ".ffs444c56{stroke:#444c56}"));
}

static void test_a_notice_is_grey(void **state)
{
    struct strbuf out;

    (void)state;
    strbuf_init_fixed(&out, storage, BADGE_MAX_BYTES);
    badge_append_notice(&out, "no such site");
    storage[out.len] = '\0';
    assert_non_null(strstr(storage, "<title>counter: no such site</title>"));
    assert_non_null(strstr(storage, "fill=\"#59636e\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_widths_are_those_of_the_font),
        cmocka_unit_test(test_every_style_names_its_number_first_and_has_no_id),
        cmocka_unit_test(test_the_longest_of_all_fits),
        cmocka_unit_test(test_labels_are_escaped),
        cmocka_unit_test(test_geometry_is_that_of_other_badges),
        cmocka_unit_test(test_digits_are_filled_up),
        cmocka_unit_test(test_themes_choose_colours_and_only_auto_has_a_style),
        cmocka_unit_test(test_a_notice_is_grey),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
