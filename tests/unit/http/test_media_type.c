#include "support/cmocka.h"

#include "http/media_type.h"

#define BROWSER "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

static const struct slice types[] = {
    {"text/plain", 10}, {"text/html", 9}, {"application/json", 16}};

struct choice_case {
    const char *accept; /* NULL: absent */
    const char *chosen;
};

static const struct choice_case choice_cases[] = {
    {NULL, "text/plain"},
    {"", "text/plain"},
    {"*/*", "text/plain"},
    {"text/html", "text/html"},
    {"TEXT/HTML", "text/html"},
    {BROWSER, "text/html"},
    {"application/json, text/plain, */*", "text/plain"},
    {"application/json", "application/json"},
    {"application/*", "application/json"},
    {"text/*", "text/plain"},
    {"text/*;q=0.5, text/html", "text/html"},
    {"text/plain;q=0, */*", "text/html"},
    {"text/plain;q=0.001, text/html;q=0.002", "text/html"},
    {"text/plain; q=0.5 , text/html; Q=0.8", "text/html"},
    {"text/html;level=1", "text/html"},
    {"text/html;q=1.000, text/plain;q=0.999", "text/html"},
    {"image/png", "text/plain"},
    {"text/html;q=2, application/json;q=0.1", "application/json"},
    {"text/html;q=, application/json;q=0.1", "application/json"},
    {"text/html;q=0.1234, application/json;q=0.1", "application/json"},
    {"text/html;q=a, application/json;q=0.1", "application/json"},
    {",,;,text", "text/plain"},
    {"*/html", "text/plain"},
    {"/*, text/html", "text/html"},
};

static void best_of_ours_is_chosen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(choice_cases) / sizeof(choice_cases[0]); i++) {
        size_t chosen = media_type_choose(slice_str(choice_cases[i].accept), types, 3);

        assert_true(slice_eq(types[chosen], slice_str(choice_cases[i].chosen)));
    }
}

static void wildcards_name_nothing(void **state)
{
    struct slice html = SLICE("text/html");

    (void)state;
    assert_true(media_type_is_named(SLICE(BROWSER), html));
    assert_true(media_type_is_named(SLICE("a/b, Text/Html;q=0.1"), html));
    assert_false(media_type_is_named(SLICE("*/*"), html));
    assert_false(media_type_is_named(SLICE("text/*"), html));
    assert_false(media_type_is_named(SLICE("text/html;q=0"), html));
    assert_false(media_type_is_named(SLICE("text/htm"), html));
    assert_false(media_type_is_named(slice_of(NULL, 0), html));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_of_ours_is_chosen),
        cmocka_unit_test(wildcards_name_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
