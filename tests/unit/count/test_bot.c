#include "count/bot.h"

#include "support/cmocka.h"

static void test_every_reason_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (enum bot_reason a = BOT_NONE; a < BOT_REASON_COUNT_; a++) {
        assert_true(strlen(bot_reason_name(a)) > 0);
        for (enum bot_reason b = BOT_NONE; b < a; b++)
            assert_string_not_equal(bot_reason_name(a), bot_reason_name(b));
    }
    assert_string_equal(bot_reason_name(BOT_DATA_CENTRE_AGENT), "data centre agent");
}

static void test_hints_of_goatcounters_script(void **state)
{
    static const struct {
        int64_t hint;
        enum bot_reason reason;
    } cases[] = {
        {INT64_MIN, BOT_NONE},
        {-1, BOT_NONE},
        {0, BOT_NONE},
        {1, BOT_NONE},
        {2, BOT_PREFETCH},
        {3, BOT_CRAWLER},
        {4, BOT_DATA_CENTRE_AGENT},
        {5, BOT_CRAWLER},
        {7, BOT_CRAWLER},
        {8, BOT_DATA_CENTRE_AGENT},
        {17, BOT_DATA_CENTRE_AGENT},
        {150, BOT_HEADLESS},
        {151, BOT_HEADLESS},
        {152, BOT_HEADLESS},
        {153, BOT_HEADLESS},
        {154, BOT_HEADLESS},
        {INT64_MAX, BOT_HEADLESS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(bot_reason_of_hint(cases[i].hint), cases[i].reason);
}

static void test_agents_that_the_list_of_crawlers_lacks(void **state)
{
    static const struct {
        struct slice agent;
        enum bot_reason reason;
    } cases[] = {
        {{NULL, 0}, BOT_NO_AGENT},
        {SLICE_INIT(""), BOT_NO_AGENT},
        {SLICE_INIT("  "), BOT_NO_AGENT},
        {SLICE_INIT("-"), BOT_NO_AGENT},
        {SLICE_INIT("Java/17.0.2"), BOT_DATA_CENTRE_AGENT},
        {SLICE_INIT("libwww-FM/2.14"), BOT_DATA_CENTRE_AGENT},
        {SLICE_INIT("Dalvik/2.1.0 (Linux; U; Android 13)"), BOT_DATA_CENTRE_AGENT},
        {SLICE_INIT("Mozilla/5.0 (Windows NT; de-DE) WindowsPowerShell/5.1.1"),
         BOT_DATA_CENTRE_AGENT},
        {SLICE_INIT("Mozilla/5.0 (linux) AppleWebKit/537.36 jsdom/20.0.3"), BOT_HEADLESS},
        {SLICE_INIT("Something/1.0 (+https://example.org/about)"), BOT_CRAWLER},
        {SLICE_INIT("examplebot/0.1"), BOT_CRAWLER},
        {SLICE_INIT("Mozilla/5.0 (compatible; ExampleSpider)"), BOT_CRAWLER},
        {SLICE_INIT("Mozilla/5.0 (Linux; Android 10; CUBOT_X30) Chrome/103.0"), BOT_NONE},
        {SLICE_INIT("Mozilla/5.0 (Java) Java/1.4"), BOT_NONE},
        {SLICE_INIT("x"), BOT_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(bot_reason_of_agent(cases[i].agent), cases[i].reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_reason_has_a_name_of_its_own),
        cmocka_unit_test(test_hints_of_goatcounters_script),
        cmocka_unit_test(test_agents_that_the_list_of_crawlers_lacks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
