#include "web/badge_color.h"

#include "support/cmocka.h"

static void test_names_and_hex_are_colours(void **state)
{
    static const struct {
        const char *text;
        uint32_t color;
    } cases[] = {
        {"blue", 0x1f6feb},   {"white", 0xffffff},   {"f80", 0xff8800},  {"#F80", 0xff8800},
        {"12ab9F", 0x12ab9f}, {"#000000", 0x000000}, {"#000", 0x000000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t color = 1;

        assert_true(badge_color_parse(slice_str(cases[i].text), &color));
        assert_int_equal(color, cases[i].color);
    }
    for (size_t i = 0; i < badge_color_name_count; i++) {
        uint32_t color;

        assert_true(badge_color_parse(badge_color_names[i], &color));
    }
}

static void test_all_else_is_none(void **state)
{
    static const char *const cases[] = {
        "",    "#",    "ff",    "#ff",        "ffff",    "fffff",     "fffffff",         "##fff",
        "ggg", "Blue", "blue ", "rgb(0,0,0)", "url(#a)", "f\xc3\xbc", "red;fill:url(x)", "-12345",
        "+12", "0x1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t color = 7;

        if (badge_color_parse(slice_str(cases[i]), &color) || color != 7)
            fail_msg("%s is a colour", cases[i]);
    }
}

/* Examples of WCAG's own working group, and the ends of the scale. */
static void test_contrast_is_that_of_wcag(void **state)
{
    static const struct {
        uint32_t a;
        uint32_t b;
        double contrast;
    } cases[] = {
        {0x000000, 0xffffff, 21},    {0xffffff, 0xffffff, 1},     {0x777777, 0xffffff, 4.478},
        {0x767676, 0xffffff, 4.542}, {0xff0000, 0xffffff, 3.998}, {0x0000ff, 0xffffff, 8.592},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double contrast = badge_contrast(cases[i].a, cases[i].b);

        if (contrast < cases[i].contrast - 0.001 || contrast > cases[i].contrast + 0.001)
            fail_msg("%06x on %06x: %f", cases[i].a, cases[i].b, contrast);
        assert_true(badge_contrast(cases[i].b, cases[i].a) == contrast);
    }
}

/* Steps of 15 in each channel: 5,832 colours. */
static void test_text_can_be_read_on_every_colour(void **state)
{
    (void)state;
    for (uint32_t r = 0; r <= 255; r += 15) {
        for (uint32_t g = 0; g <= 255; g += 15) {
            for (uint32_t b = 0; b <= 255; b += 15) {
                uint32_t color = r << 16 | g << 8 | b;

                if (badge_contrast(badge_text_on(color), color) < BADGE_MIN_CONTRAST)
                    fail_msg("text on %06x", color);
                if (badge_contrast(badge_readable(0x1f6feb, color), color) < BADGE_MIN_CONTRAST ||
                    badge_contrast(badge_readable(color, 0x0d1117), 0x0d1117) < BADGE_MIN_CONTRAST)
                    fail_msg("readable on %06x", color);
            }
        }
    }
}

static void test_what_can_be_read_stays_as_it_is(void **state)
{
    char text[BADGE_COLOR_BYTES];

    (void)state;
    assert_int_equal(badge_readable(0x1a7f37, 0xffffff), 0x1a7f37);
    assert_int_equal(badge_text_on(0x000000), 0xffffff);
    assert_int_equal(badge_text_on(0xf5b301), 0x1b1f24);
    badge_color_format(0x00f00a, text);
    assert_string_equal(text, "#00f00a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_hex_are_colours),
        cmocka_unit_test(test_all_else_is_none),
        cmocka_unit_test(test_contrast_is_that_of_wcag),
        cmocka_unit_test(test_text_can_be_read_on_every_colour),
        cmocka_unit_test(test_what_can_be_read_stays_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
