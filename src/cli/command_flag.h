/**
 * The flags of commands that are no settings: one table, from which come parsing, help and the
 * manual page.
 */
#ifndef FOOTFALL_CLI_COMMAND_FLAG_H
#define FOOTFALL_CLI_COMMAND_FLAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct command;

struct command_flag {
    struct slice name;   /* without its dashes */
    const char *metavar; /* what the value is called in help; NULL: it has none */
    const char *example; /* a right value; NULL: it has none */
    const char *help;    /* one or two sentences; NULL: it is not worth a word */
    unsigned accepts;    /* the commands that take it, by enum command_accepts; 0: all of them */
    size_t offset;       /* in struct invocation: of its bool, or of its const char * */
};

extern const struct command_flag command_flags[];
extern const size_t command_flag_count;

bool command_takes(const struct command *command, const struct command_flag *flag);

/** NULL when the command has none of this name. */
const struct command_flag *command_flag_find(const struct command *command, struct slice name);

#endif
