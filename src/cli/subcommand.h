/**
 * What a command with words of its own shares: "footfall site add", "footfall user list".
 */
#ifndef FOOTFALL_CLI_SUBCOMMAND_H
#define FOOTFALL_CLI_SUBCOMMAND_H

#include "cli/command.h"

/** What follows "footfall COMMAND". */
struct subcommand {
    const char *name;
    const char *arguments; /* for the complaint: " ID [KEY=VALUE ...]", or "" */
    unsigned min_words;    /* so many of them */
    unsigned max_words;
    bool changes; /* false: the store is only read */
    enum exit_code (*run)(void *call);
};

/** The one that is called; NULL: complained on standard error, EXIT_CODE_USAGE. */
const struct subcommand *subcommand_choose(const struct invocation *invocation,
                                           const struct subcommand *table, size_t count);

/** What is to be removed, as it is said to people. */
struct removal {
    const char *what; /* "the site" */
    const char *also; /* what goes with it: ", and all that was counted for it" */
    const char *word; /* what has to be typed: "its id" */
    struct slice id;
};

/** Only for what cannot be undone: EXIT_CODE_OK when --confirm says the same id, or it is typed
 * once more at the terminal. Else complains. */
enum exit_code subcommand_make_sure(const struct invocation *invocation,
                                    const struct removal *removal);

/** Reads the settings of the environment, too; complains. */
enum exit_code subcommand_settings(const struct invocation *invocation);

#endif
