#include "count/agent.h"

#include <sodium.h>
#include <time.h>

#include "base/utf8.h"
#include "support/cmocka.h"

static int set_up(void **state)
{
    *state = agent_parser_create();
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    agent_parser_destroy(*state);
    agent_parser_destroy(NULL);
    return 0;
}

static struct agent parse(void **state, struct slice user_agent)
{
    struct agent agent;

    assert_int_equal(agent_parse(*state, &agent, user_agent), ERR_OK);
    return agent;
}

static void assert_text(struct slice text, const char *expected)
{
    if (!slice_eq(text, slice_str(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(text), expected);
}

static void test_browsers_of_people(void **state)
{
    static const struct {
        const char *agent;
        const char *browser;
        const char *browser_version;
        const char *system;
        const char *system_version;
        enum device_class device;
    } cases[] = {
        {"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
         "Firefox", "Firefox 127", "Ubuntu", "Ubuntu", DEVICE_DESKTOP},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
         "Edge", "Edge 126", "Windows", "Windows 10", DEVICE_DESKTOP},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/17.4.1 Safari/605.1.15",
         "Safari", "Safari 17", "Mac OS X", "Mac OS X 10", DEVICE_DESKTOP},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
         "Mobile Safari", "Mobile Safari 17", "iOS", "iOS 17", DEVICE_PHONE},
        {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/126.0.0.0 Mobile Safari/537.36",
         "Chrome Mobile", "Chrome Mobile 126", "Android", "Android 10", DEVICE_PHONE},
        {"Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-X900) AppleWebKit/537.36 (KHTML, like Gecko) "
         "SamsungBrowser/25.0 Chrome/121.0.0.0 Safari/537.36",
         "Samsung Internet", "Samsung Internet 25", "Android", "Android 13", DEVICE_TABLET},
        {"Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv) AppleWebKit/537.36 "
         "(KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.142 Mobile Safari/537.36 Instagram "
         "406.0.0.58.159 Android (35/15; 480dpi; 1080x2400; OPPO; CPH2557; OP573DL1)",
         "Instagram", "Instagram 406", "Android", "Android 15", DEVICE_PHONE},
        {"Mozilla/5.0 (X11; U; Linux i686; en-US; rv:1.9.0.7) Minefield/3.0.1",
         "Firefox "
         "(Minefield)",
         "Firefox (Minefield) 3", "Linux", "Linux", DEVICE_DESKTOP},
        {"Surfer", "", "", "", "", DEVICE_OTHER},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct agent agent = parse(state, slice_str(cases[i].agent));

        assert_text(agent.browser, cases[i].browser);
        assert_text(agent.browser_version, cases[i].browser_version);
        assert_text(agent.system, cases[i].system);
        assert_text(agent.system_version, cases[i].system_version);
        assert_int_equal(agent.device, cases[i].device);
        assert_int_equal(agent.bot, BOT_NONE);
    }
}

static void test_bots_by_their_agents(void **state)
{
    static const struct {
        struct slice agent;
        enum bot_reason bot;
    } cases[] = {
        {{NULL, 0}, BOT_NO_AGENT},
        {SLICE_INIT(""), BOT_NO_AGENT},
        {SLICE_INIT("-"), BOT_NO_AGENT},
        {SLICE_INIT("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
         BOT_CRAWLER},
        {SLICE_INIT("facebookexternalhit/1.1"), BOT_CRAWLER},
        {SLICE_INIT("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)"),
         BOT_CRAWLER},
        {SLICE_INIT("AdsBot-Google-Mobile"), BOT_CRAWLER},
        {SLICE_INIT("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                    "HeadlessChrome/126.0.0.0 Safari/537.36"),
         BOT_HEADLESS},
        {SLICE_INIT("Mozilla/5.0 (Unknown; Linux) AppleWebKit/538.1 PhantomJS/2.1.1 Safari/538.1"),
         BOT_HEADLESS},
        {SLICE_INIT("curl/8.5.0"), BOT_DATA_CENTRE_AGENT},
        {SLICE_INIT("python-requests/2.31.0"), BOT_DATA_CENTRE_AGENT},
        {SLICE_INIT("Go-http-client/1.1"), BOT_DATA_CENTRE_AGENT},
        {SLICE_INIT("Wget/1.21.3"), BOT_DATA_CENTRE_AGENT},
        {SLICE_INIT("Java/17.0.2"), BOT_DATA_CENTRE_AGENT},
        {SLICE_INIT("libcurl/7.88 not curl at the start"), BOT_DATA_CENTRE_AGENT},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(parse(state, cases[i].agent).bot, cases[i].bot);
}

static void assert_clean(struct slice text)
{
    assert_non_null(text.ptr);
    assert_true(text.len <= AGENT_MAX_NAME);
    assert_true(utf8_is_clean(text));
}

static struct agent parse_clean(void **state, struct slice user_agent)
{
    struct agent agent = parse(state, user_agent);

    assert_clean(agent.browser);
    assert_clean(agent.browser_version);
    assert_clean(agent.system);
    assert_clean(agent.system_version);
    assert_true(slice_starts_with(agent.browser_version, agent.browser));
    assert_true(slice_starts_with(agent.system_version, agent.system));
    return agent;
}

/* An application on Apple's systems gives its name as the family. */
static void test_names_that_an_agent_makes_up_are_clean_and_short(void **state)
{
    char text[AGENT_MAX_BYTES];
    struct agent agent;

    assert_text(parse_clean(state, SLICE(" Caf\xc3\xa9 /7 CFNetwork")).browser_version,
                "Caf\xc3\xa9 7");
    assert_text(parse_clean(state, SLICE("Caf\xe9/7 CFNetwork")).browser_version, "");
    assert_text(parse_clean(state, SLICE("Caf\x01/7 CFNetwork")).browser_version, "");
    assert_text(parse_clean(state, SLICE("   /7 CFNetwork")).browser_version, "");
    memset(text, 'n', 150);
    memcpy(text + 150, "/7 CFNetwork", 12);
    agent = parse_clean(state, slice_of(text, 162));
    assert_int_equal(agent.browser.len, AGENT_MAX_NAME);
    assert_int_equal(agent.browser_version.len, AGENT_MAX_NAME); /* without the version */
    memcpy(text + 99, "\xc3\xa9", 2);
    assert_int_equal(parse_clean(state, slice_of(text, 162)).browser.len, 99);
    memcpy(text + 97, "    ", 4);
    assert_int_equal(parse_clean(state, slice_of(text, 162)).browser_version.len, 99);
}

static void test_what_stands_behind_512_bytes_is_not_looked_at(void **state)
{
    char text[AGENT_MAX_BYTES + 16];
    struct slice firefox = SLICE("Firefox/127.0");

    memset(text, ' ', sizeof(text));
    memcpy(text + AGENT_MAX_BYTES - firefox.len, firefox.ptr, firefox.len);
    assert_text(parse(state, slice_of(text, sizeof(text))).browser, "Firefox");
    memset(text, ' ', sizeof(text));
    memcpy(text + AGENT_MAX_BYTES - 4, firefox.ptr, firefox.len);
    assert_text(parse(state, slice_of(text, sizeof(text))).browser, "");
}

static void test_the_digest_is_of_8_kib(void **state)
{
    static unsigned char text[AGENT_MAX_DIGESTED + 2];
    unsigned char expected[AGENT_DIGEST_BYTES];
    struct agent first;
    struct agent second;

    memset(text, 'x', sizeof(text));
    (void)crypto_generichash(expected, sizeof(expected), text, AGENT_MAX_DIGESTED, NULL, 0);
    first = parse(state, slice_of(text, AGENT_MAX_DIGESTED));
    assert_memory_equal(first.digest, expected, sizeof(expected));
    text[AGENT_MAX_DIGESTED] = 'y';
    second = parse(state, slice_of(text, AGENT_MAX_DIGESTED + 1));
    assert_memory_equal(second.digest, expected, sizeof(expected));
    text[AGENT_MAX_DIGESTED - 1] = 'y';
    second = parse(state, slice_of(text, AGENT_MAX_DIGESTED));
    assert_memory_not_equal(second.digest, expected, sizeof(expected));
}

static double cpu_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Sanitizers and a busy machine make it slow, so this finds only what explodes; the benchmark says
 * what they cost. */
static void test_hostile_agents_take_no_long_time(void **state)
{
    static const char *const units[] = {
        "a",
        "\xff",
        "/1.",
        "Mozilla/5.0 (",
        "CFNetwork/1 Darwin/9",
        "iPhone Version/1.1 ",
        " Mobile Chrome/1.1.1.1",
        "bot Bot BOT crawler spider ",
        "jbota",
        "Windows NT Android Linux Mac OS X ",
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        char text[AGENT_MAX_BYTES];
        double started = cpu_s();

        for (size_t k = 0; k < sizeof(text); k++)
            text[k] = units[i][k % strlen(units[i])];
        (void)parse_clean(state, slice_of(text, sizeof(text)));
        assert_true(cpu_s() - started < 0.2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_browsers_of_people, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bots_by_their_agents, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names_that_an_agent_makes_up_are_clean_and_short,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_stands_behind_512_bytes_is_not_looked_at, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_digest_is_of_8_kib, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_agents_take_no_long_time, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
