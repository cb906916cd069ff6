#include "cli/chart.h"

#include "support/cmocka.h"

#define MAX_VALUES 8

static void assert_text(const struct strbuf *text, const char *expected)
{
    if (text->failed || !slice_eq(strbuf_slice(text), slice_str(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(strbuf_slice(text)), expected);
}

static void test_a_sparkline_has_a_column_for_each_value(void **state)
{
    static const struct {
        int64_t values[MAX_VALUES];
        size_t count, width;
        const char *utf8, *ascii;
    } cases[] = {
        {{0, 1, 4, 8}, 4, 4, "▁▂▅█", "_.=#"},
        {{0, 0}, 2, 2, "▁▁", "__"},
        {{7}, 1, 1, "█", "#"},
        {{-5, 5}, 2, 2, "▁█", "_#"},
        {{1, 0, 3, 1, 0, 0}, 6, 3, "▃█▁", ":#_"}, /* neighbours share a column */
        {{1, 1, 4}, 3, 2, "▅█", "=#"},
        {{1, 2}, 2, 100, "▅▅▅███", "===###"}, /* few are wide */
        {{1, INT64_MAX}, 2, 2, "▂█", ".#"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char storage[400];
        struct strbuf text;

        strbuf_init_fixed(&text, storage, sizeof(storage));
        append_sparkline(&text, true, cases[i].values, cases[i].count, cases[i].width);
        assert_text(&text, cases[i].utf8);
        strbuf_clear(&text);
        append_sparkline(&text, false, cases[i].values, cases[i].count, cases[i].width);
        assert_text(&text, cases[i].ascii);
    }
}

static void test_a_bar_takes_its_columns(void **state)
{
    static const struct {
        int64_t part, whole;
        const char *utf8, *ascii; /* of four columns */
    } cases[] = {
        {0, 8, "    ", "    "},         {8, 8, "████", "####"},  {4, 8, "██  ", "##  "},
        {3, 8, "█▌  ", "#   "},         {9, 8, "████", "####"},  {-1, 8, "    ", "    "},
        {5, 0, "    ", "    "},         {1, 32, "▏   ", "    "}, {31, 32, "███▉", "### "},
        {INT64_MAX, 1, "████", "####"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char storage[64];
        struct strbuf text;

        strbuf_init_fixed(&text, storage, sizeof(storage));
        append_bar(&text, true, cases[i].part, cases[i].whole, 4);
        assert_text(&text, cases[i].utf8);
        strbuf_clear(&text);
        append_bar(&text, false, cases[i].part, cases[i].whole, 4);
        assert_text(&text, cases[i].ascii);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sparkline_has_a_column_for_each_value),
        cmocka_unit_test(test_a_bar_takes_its_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
