#include "count/device.h"

#include "support/cmocka.h"

static void test_devices_by_their_agents(void **state)
{
    static const struct {
        const char *agent;
        const char *device;
    } cases[] = {
        {"", "other"},
        {"x", "other"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36", "desktop"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.4 Safari/605", "desktop"},
        {"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "desktop"},
        {"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/126.0.0.0 Safari/537.36", "desktop"},
        {"Mozilla/5.0 (Windows NT 10.0; Trident/7.0; Tablet PC 2.0; rv:11.0)", "desktop"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Mobile/15E148", "phone"},
        {"Mozilla/5.0 (Linux; Android 10; K) Chrome/126.0.0.0 Mobile Safari/537.36", "phone"},
        {"Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", "phone"},
        {"Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Lumia 950) Mobile Edge/15", "phone"},
        {"Mozilla/5.0 (Mobile; Nokia 8000 4G; rv:48.0) Firefox/48.0 KAIOS/2.5.4", "phone"},
        {"Opera/9.80 (Android; Opera Mini/36.2/119.132; U; id) Version/12.16", "phone"},
        {"Nokia6120c/3.83 Series60/3.1 Profile/MIDP-2.0", "phone"},
        {"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) Mobile/15E148 Safari/604.1", "tablet"},
        {"Mozilla/5.0 (Linux; Android 13; SM-X900) Chrome/126.0.0.0 Safari/537.36", "tablet"},
        {"Mozilla/5.0 (Android 13; Tablet; rv:127.0) Gecko/127.0 Firefox/127.0", "tablet"},
        {"Mozilla/5.0 (Linux; Android 9; AFTKA) Chrome/108.0 Mobile Safari", "television"},
        {"Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) 76.0.3809.146/6.0 TV Safari", "television"},
        {"Mozilla/5.0 (Web0S; Linux/SmartTV) Chrome/94.0.4606.128", "television"},
        {"Mozilla/5.0 (PlayStation; PlayStation 5/2.26) Version/13.0 Safari/605.1", "other"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) Edge/44.18363", "other"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(device_class_name(device_of_agent(slice_str(cases[i].agent))),
                            cases[i].device);
    assert_int_equal(device_of_agent((struct slice){NULL, 0}), DEVICE_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_devices_by_their_agents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
