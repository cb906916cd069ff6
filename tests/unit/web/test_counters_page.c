/* /counters: where somebody puts a counter together. */
#include "account_fixture.h"
#include "support/cmocka.h"

static void test_nobody_is_led_to_the_login(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, NULL);
    assert_int_equal(show(a, "/counters", ""), 303);
    assert_leads_to(a, "/login?next=/counters");
}

static void test_a_counter_of_the_first_site_is_there_at_once(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->viewer);
    assert_int_equal(show(a, "/counters", ""), 200);
    assert_page_has(a, "<option value=\"default\"");
    assert_page_has(a, "src=\"/c/default.svg\" alt=\"The counter as it is now\" height=\"20\"");
    assert_page_has(a, "&lt;img src=&quot;http://count.example/c/default.svg&quot; "
                       "alt=&quot;Visitor counter&quot; height=&quot;20&quot;&gt;");
    assert_page_has(a, "![Visitor counter](http://count.example/c/default.svg)");
    assert_page_has(a, "[img]http://count.example/c/default.svg[/img]");
    assert_page_has(a, "<option value=\"flat\" selected>");
    assert_page_has(a, "<a href=\"/counters\">Counters</a>");
}

static void test_what_is_chosen_stays_chosen_and_is_in_the_address(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    assert_int_equal(show(a, "/counters",
                          "site=default&path=about%2F&style=led&metric=visitors&period=7d&"
                          "label=&no_label=1&color=amber&labelColor=&theme=dark&format=group&"
                          "lang=en&digits=8&hit=1"),
                     200);
    assert_page_has(a, "<option value=\"led\" selected>");
    assert_page_has(a, "<option value=\"7d\" selected>the last 7 days</option>");
    assert_page_has(a, "name=\"no_label\" value=\"1\" checked>");
    assert_page_has(a, "name=\"hit\" value=\"1\" checked>");
    assert_page_has(a, "value=\"amber\" list=\"colors\"");
    assert_page_has(a,
                    "<p class=\"preview dark\"><img src=\"/c/default/about.svg?style=led&amp;"
                    "metric=visitors&amp;period=7d&amp;label=&amp;color=amber&amp;theme=dark&amp;"
                    "digits=8\" alt=\"The counter as it is now\" height=\"38\" width=\"153\">");
    assert_page_has(a, "digits=8&amp;hit=1)</code>");
    assert_page_has(a, "http://count.example/c/default/about.json?metric=visitors&amp;period=7d<");
    assert_page_has(a, "This site shows only its total");
}

static void test_what_is_wrong_is_said_and_stays_text(void **state)
{
    static const struct {
        const char *query;
        const char *message;
    } cases[] = {
        {"color=%22%3E%3Cscript%3E", "Color: there is none such; it was left out."},
        {"digits=13", "Digits: there is none such; it was left out."},
        {"path=%2F%3Cscript%3E&style=%3C", "Style: there is none such; it was left out."},
        {"label=" /* 33 characters */ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "Label: there is none such; it was left out."},
        {"surprise=1", "role=\"alert\""},
        {"path=%ff", "role=\"alert\""},
    };
    struct account_fixture *a = *state;

    ask_as(a, &a->viewer);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(show(a, "/counters", cases[i].query), 200);
        assert_page_has(a, cases[i].message);
        assert_page_has(a, "http://count.example/c/default");
        assert_page_lacks(a, "<script");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nobody_is_led_to_the_login, account_set_up,
                                        account_tear_down),
        cmocka_unit_test_setup_teardown(test_a_counter_of_the_first_site_is_there_at_once,
                                        account_set_up, account_tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_chosen_stays_chosen_and_is_in_the_address,
                                        account_set_up, account_tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_wrong_is_said_and_stays_text, account_set_up,
                                        account_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
