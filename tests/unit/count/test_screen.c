#include "count/screen.h"

#include "support/cmocka.h"

static const struct {
    struct slice text;
    unsigned width_px; /* 0: refused */
    unsigned height_px;
} texts[] = {
    {SLICE_INIT("1920,1080,1"), 1920, 1080},
    {SLICE_INIT("1920,1080"), 1920, 1080},
    {SLICE_INIT("1920"), 1920, 0},
    {SLICE_INIT("412,915,2.625"), 412, 915},
    {SLICE_INIT("412.5,915.999,2"), 412, 915},
    {SLICE_INIT("412."), 412, 0},
    {SLICE_INIT("1"), 1, 0},
    {SLICE_INIT("00000000000000000000000000000360"), 360, 0},
    {SLICE_INIT("20000,20000"), 20000, 20000},
    {SLICE_INIT("1920,"), 1920, 0},
    {SLICE_INIT("1920,,"), 1920, 0},
    {SLICE_INIT("1920,0"), 1920, 0},
    {SLICE_INIT("1920,20001"), 1920, 0},
    {SLICE_INIT("1920,abc"), 1920, 0},
    {SLICE_INIT("1920,1080,nonsense"), 1920, 1080},
    {{NULL, 0}, 0, 0},
    {SLICE_INIT(""), 0, 0},
    {SLICE_INIT("0"), 0, 0},
    {SLICE_INIT("0.9"), 0, 0},
    {SLICE_INIT("20001"), 0, 0},
    {SLICE_INIT("4294967297"), 0, 0},
    {SLICE_INIT("99999999999999999999999999999999999999"), 0, 0},
    {SLICE_INIT("-1"), 0, 0},
    {SLICE_INIT("+1"), 0, 0},
    {SLICE_INIT(" 1"), 0, 0},
    {SLICE_INIT("1e3"), 0, 0},
    {SLICE_INIT("1.2.3"), 0, 0},
    {SLICE_INIT("."), 0, 0},
    {SLICE_INIT(",1080"), 0, 0},
    {SLICE_INIT("1920x1080"), 0, 0},
    {SLICE_INIT("NaN"), 0, 0},
    {SLICE_INIT("1920\0"), 0, 0},
    {SLICE_INIT("\xd9\xa1"), 0, 0},
};

static void test_sizes_are_parsed_and_nonsense_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct screen screen = {.width_px = 7};
        bool is_read = screen_parse(texts[i].text, &screen);

        if (is_read != (texts[i].width_px > 0))
            fail_msg("%.*s", SLICE_ARG(texts[i].text));
        assert_int_equal(screen.width_px, is_read ? texts[i].width_px : 7);
        assert_int_equal(screen.height_px, texts[i].height_px);
    }
}

static void test_sizes_have_the_limits_of_goatcounter(void **state)
{
    static const struct {
        unsigned width_px;
        const char *name;
    } cases[] = {
        {1, "phone"},     {384, "phone"},   {385, "large phone"}, {1024, "large phone"},
        {1025, "tablet"}, {1440, "tablet"}, {1441, "desktop"},    {1920, "desktop"},
        {1921, "wide"},   {20000, "wide"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct screen screen = {.width_px = cases[i].width_px};

        assert_string_equal(screen_size_name(screen_size(&screen)), cases[i].name);
    }
}

static void test_the_device_is_guessed_by_the_shorter_side(void **state)
{
    static const struct {
        struct screen screen;
        const char *name;
    } cases[] = {
        {{390, 844}, "phone"}, /* iPhone 14 */
        {{844, 390}, "phone"}, /* Android turns the numbers with the device */
        {{390, 0}, "phone"},       {{599, 0}, "phone"},       {{600, 0}, "tablet"},
        {{768, 1024}, "tablet"},  /* iPad */
        {{1024, 1366}, "tablet"}, /* iPad Pro */
        {{1024, 600}, "tablet"},   {{1025, 0}, "desktop"},    {{1366, 768}, "desktop"},
        {{1920, 1080}, "desktop"}, {{3840, 2160}, "desktop"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(device_class_name(screen_device(&cases[i].screen)), cases[i].name);
}

static void test_devices_have_names(void **state)
{
    (void)state;
    assert_string_equal(device_class_name(DEVICE_OTHER), "other");
    assert_string_equal(device_class_name(DEVICE_TELEVISION), "television");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_are_parsed_and_nonsense_is_refused),
        cmocka_unit_test(test_sizes_have_the_limits_of_goatcounter),
        cmocka_unit_test(test_the_device_is_guessed_by_the_shorter_side),
        cmocka_unit_test(test_devices_have_names),
    };

    return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
