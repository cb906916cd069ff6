#include <stdlib.h>

#include "cli/help.h"
#include "support/cmocka.h"

/* What a printing function wrote; to be freed. */
static char *text_of(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    print(out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void print_serve(FILE *out)
{
    help_command(out, command_find(SLICE("serve")));
}

static void assert_has(const char *text, const char *wanted)
{
    if (!strstr(text, wanted))
        fail_msg("\"%s\" is missing", wanted);
}

static void every_setting_is_in_the_manual_and_in_the_help(void **state)
{
    char *manual = text_of(help_manual);
    char *help = text_of(print_serve);

    (void)state;
    for (size_t i = 0; i < option_count; i++) {
        char flag[OPTION_MAX_FLAG];
        char entry[100];

        option_flag(&option_table[i], flag);
        (void)snprintf(entry, sizeof(entry), ".It Fl -%s Ns = Ns Ar %s\n", flag,
                       option_table[i].metavar);
        assert_has(manual, entry);
        (void)snprintf(entry, sizeof(entry), ".It Ev %s\n", option_table[i].variable);
        assert_has(manual, entry);
        (void)snprintf(entry, sizeof(entry), "--%s=%s", flag, option_table[i].metavar);
        assert_has(help, entry);
        assert_has(help, option_table[i].variable);
    }
    free(manual);
    free(help);
}

static void every_command_is_in_the_manual_and_in_the_overview(void **state)
{
    char *manual = text_of(help_manual);
    char *overview = text_of(help_overview);

    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        char entry[100];

        (void)snprintf(entry, sizeof(entry), ".It Ic %s ", command_table[i].name);
        assert_has(manual, entry);
        assert_has(overview, command_table[i].summary);
    }
    free(manual);
    free(overview);
}

static void help_fits_a_terminal_of_eighty_columns(void **state)
{
    char *help = text_of(print_serve);

    (void)state;
    for (char *rest = help, *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (strlen(line) > 80)
            fail_msg("too long: %s", line);
    }
    free(help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_is_in_the_manual_and_in_the_help),
        cmocka_unit_test(every_command_is_in_the_manual_and_in_the_overview),
        cmocka_unit_test(help_fits_a_terminal_of_eighty_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
