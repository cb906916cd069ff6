#include "cli/subcommand.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/db.h"
#include "cli/suggest.h"

/* More than anything that can be removed is called. */
#define MAX_ANSWER 320

/* ---- which one ------------------------------------------------------------------------------ */

static void complain_unknown(const char *command, const char *name, const struct subcommand *table,
                             size_t count)
{
    struct suggestion suggestion;

    suggestion_init(&suggestion, slice_str(name));
    for (size_t i = 0; i < count; i++)
        suggestion_add(&suggestion, slice_str(table[i].name));
    if (suggestion.best.ptr)
        (void)db_fail(EXIT_CODE_USAGE,
                      "%s does not know \"%s\"; did you mean \"footfall %s %.*s\"?", command, name,
                      command, SLICE_ARG(suggestion.best));
    else
        (void)db_fail(EXIT_CODE_USAGE,
                      "%s does not know \"%s\"; \"footfall help %s\" says what it does", command,
                      name, command);
}

static const struct subcommand *find(const char *name, const struct subcommand *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}

const struct subcommand *subcommand_choose(const struct invocation *invocation,
                                           const struct subcommand *table, size_t count)
{
    const char *command = invocation->command->name;
    const struct subcommand *subcommand;

    if (invocation->word_count == 0) {
        (void)db_fail(EXIT_CODE_USAGE,
                      "%s wants a word, for example \"footfall %s list\"; \"footfall help %s\" "
                      "lists them",
                      command, command, command);
        return NULL;
    }
    subcommand = find(invocation->words[0], table, count);
    if (!subcommand) {
        complain_unknown(command, invocation->words[0], table, count);
        return NULL;
    }
    if (invocation->word_count > subcommand->min_words &&
        invocation->word_count <= 1 + subcommand->max_words)
        return subcommand;
    (void)db_fail(EXIT_CODE_USAGE, "use it as \"footfall %s %s%s\"", command, subcommand->name,
                  subcommand->arguments);
    return NULL;
}

/* ---- being sure ----------------------------------------------------------------------------- */

static bool is_answered(const struct removal *removal)
{
    char line[MAX_ANSWER];

    (void)fprintf(stderr, "This removes %s %.*s%s. Nothing brings it back.\nType %s to go on: ",
                  removal->what, SLICE_ARG(removal->id), removal->also, removal->word);
    return fgets(line, sizeof(line), stdin) &&
           slice_eq(slice_of(line, strcspn(line, "\n")), removal->id);
}

enum exit_code subcommand_make_sure(const struct invocation *invocation,
                                    const struct removal *removal)
{
    const char *confirm = invocation->confirm;

    if (confirm && slice_eq(slice_str(confirm), removal->id))
        return EXIT_CODE_OK;
    if (!confirm && isatty(STDIN_FILENO))
        return is_answered(removal) ? EXIT_CODE_OK
                                    : db_fail(EXIT_CODE_FAILED, "nothing is removed");
    return db_fail(EXIT_CODE_USAGE, "this removes %s %.*s%s; if that is meant, add --confirm=%.*s",
                   removal->what, SLICE_ARG(removal->id), removal->also, SLICE_ARG(removal->id));
}

/* ---- settings ------------------------------------------------------------------------------- */

enum exit_code subcommand_settings(const struct invocation *invocation)
{
    struct options_error error;

    options_read_environment(invocation->options, environ);
    if (options_resolve(invocation->options, &error) != ERR_OK)
        return db_fail(EXIT_CODE_CONFIG, "%s", error.text);
    return EXIT_CODE_OK;
}
