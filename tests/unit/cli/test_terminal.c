#include "cli/terminal.h"

#include <locale.h>
#include <stdlib.h>

#include "support/cmocka.h"

static void assert_fitted(const struct terminal *terminal, struct slice text, unsigned width,
                          const char *expected)
{
    char storage[256];
    struct strbuf out;

    strbuf_init_fixed(&out, storage, sizeof(storage));
    append_fitted(terminal, &out, text, width);
    if (out.failed || !slice_eq(strbuf_slice(&out), slice_str(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(strbuf_slice(&out)), expected);
}

static void test_texts_are_cut_and_filled_up(void **state)
{
    static const struct {
        struct slice text;
        unsigned width;
        const char *expected;
    } cases[] = {
        {SLICE_INIT("/about"), 6, "/about"},
        {SLICE_INIT("/about"), 8, "/about  "},
        {SLICE_INIT("/about"), 4, "/ab…"},
        {SLICE_INIT("/about"), 1, "…"},
        {SLICE_INIT("/about"), 0, ""},
        {SLICE_INIT(""), 2, "  "},
        {SLICE_INIT("/stra\xc3\x9f"
                    "e"),
         7, "/straße"},
        {SLICE_INIT("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"), 6, "日本語"}, /* two columns each */
        {SLICE_INIT("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"), 4, "日… "},
        {SLICE_INIT("e\xcc\x81t"), 2, "e\xcc\x81t"}, /* an accent of its own takes none */
        /* Nothing moves the cursor, hides, or turns the direction of writing. */
        {SLICE_INIT("a\x1b[2Jb"), 6, "a?[2Jb"},
        {SLICE_INIT("a\nb\rc\td\0e"), 9, "a?b?c?d?e"},
        {SLICE_INIT("a\x7f"
                    "b\xc2\x9b"
                    "c"),
         5, "a?b?c"},
        {SLICE_INIT("a\xe2\x80\xae"
                    "b"),
         3, "a?b"},
        {SLICE_INIT("a\xe2\x81\xa6"
                    "b"),
         3, "a?b"},
        {SLICE_INIT("a\xe2\x80\x8b"
                    "b"),
         3, "a?b"},
        {SLICE_INIT("a\xef\xbb\xbf"
                    "b"),
         3, "a?b"},
        /* What is no UTF-8. */
        {SLICE_INIT("a\xff\xfe"
                    "b"),
         4, "a??b"},
        {SLICE_INIT("a\xe2\x80"), 3, "a??"},
        {SLICE_INIT("\xed\xa0\x80"), 3, "???"},
    };
    const struct terminal terminal = {.has_utf8 = true};

    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_fitted(&terminal, cases[i].text, cases[i].width, cases[i].expected);
}

static void test_without_utf8_only_ascii_is_shown(void **state)
{
    const struct terminal terminal = {.has_utf8 = false};

    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C"));
    assert_fitted(&terminal, SLICE("/about"), 4, "/ab.");
    assert_fitted(&terminal,
                  SLICE("stra\xc3\x9f"
                        "e"),
                  8, "stra??e ");
}

/* Standard output of a test is no terminal, or has whatever size: the variables go first. */
static void test_variables_go_before_the_terminal(void **state)
{
    static const struct {
        const char *columns;
        unsigned expected;
    } cases[] = {{"100", 100}, {"1", 40}, {"100000", 400}, {"0", 80}, {"ten", 80}, {"", 80}};
    struct terminal terminal;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(setenv("COLUMNS", cases[i].columns, 1), 0);
        terminal_look(&terminal);
        if (!terminal.is_terminal || cases[i].expected != 80)
            assert_int_equal(terminal.columns, cases[i].expected);
    }
    assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
    terminal_look(&terminal);
    assert_false(terminal.has_colour);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_cut_and_filled_up),
        cmocka_unit_test(test_without_utf8_only_ascii_is_shown),
        cmocka_unit_test(test_variables_go_before_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
