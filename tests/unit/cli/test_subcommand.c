#include "cli/subcommand.h"

#include <fcntl.h>
#include <unistd.h>

#include "support/cmocka.h"

static const struct subcommand table[] = {
    {"add", " ID [WORD]", 1, 2, true, NULL},
    {"list", "", 0, 0, false, NULL},
};

static void the_one_that_is_called_is_found_with_as_many_words_as_it_takes(void **state)
{
    static const struct {
        const char *words[4];
        unsigned count;
        const char *found; /* NULL: complained */
    } cases[] = {
        {{0}, 0, NULL},
        {{"list"}, 1, "list"},
        {{"list", "x"}, 2, NULL},
        {{"add"}, 1, NULL},
        {{"add", "x"}, 2, "add"},
        {{"add", "x", "y"}, 3, "add"},
        {{"add", "x", "y", "z"}, 4, NULL},
        {{"ad", "x"}, 2, NULL},
        {{"LIST"}, 1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct invocation invocation = {.command = command_find(SLICE("site")),
                                        .word_count = cases[i].count};
        const struct subcommand *found;

        memcpy(invocation.words, cases[i].words, sizeof(cases[i].words));
        found = subcommand_choose(&invocation, table, 2);
        if (cases[i].found)
            assert_string_equal(found->name, cases[i].found);
        else
            assert_null(found);
    }
}

/* Standard input is no terminal here. */
static void what_cannot_be_undone_wants_the_same_word_twice(void **state)
{
    static const struct {
        const char *confirm;
        enum exit_code code;
    } cases[] = {
        {NULL, EXIT_CODE_USAGE},   {"", EXIT_CODE_USAGE},  {"blo", EXIT_CODE_USAGE},
        {"Blog", EXIT_CODE_USAGE}, {"blog", EXIT_CODE_OK}, {"blogs", EXIT_CODE_USAGE},
    };
    const struct removal removal = {"the site", "", "its id", SLICE("blog")};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct invocation invocation = {.command = command_find(SLICE("site")),
                                              .confirm = cases[i].confirm};

        assert_int_equal(subcommand_make_sure(&invocation, &removal), cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_that_is_called_is_found_with_as_many_words_as_it_takes),
        cmocka_unit_test(what_cannot_be_undone_wants_the_same_word_twice),
    };
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)dup2(nothing, STDIN_FILENO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
