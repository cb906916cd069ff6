#include "cli/help.h"

enum exit_code cmd_help(const struct invocation *invocation)
{
    const struct command *command;

    if (invocation->man) {
        help_manual(stdout);
        return EXIT_CODE_OK;
    }
    if (invocation->word_count == 0) {
        help_overview(stdout);
        return EXIT_CODE_OK;
    }
    command = command_find(slice_str(invocation->words[0]));
    if (!command) {
        (void)fprintf(stderr,
                      "footfall: there is no command \"%s\"; \"footfall help\" lists them\n",
                      invocation->words[0]);
        return EXIT_CODE_USAGE;
    }
    help_command(stdout, command);
    return EXIT_CODE_OK;
}
