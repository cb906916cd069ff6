/**
 * Help for people, and the manual page, both from the tables of commands and settings.
 */
#ifndef FOOTFALL_CLI_HELP_H
#define FOOTFALL_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/** What Footfall is, and the commands. */
void help_overview(FILE *out);

/** One command with its flags. */
void help_command(FILE *out, const struct command *command);

/** footfall(1) in mdoc(7). */
void help_manual(FILE *out);

#endif
