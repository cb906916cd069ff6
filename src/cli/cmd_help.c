#include "cli/help.h"

enum exit_code cmd_help(const struct invocation *invocation)
{
    const struct command *command;

    if (invocation->man) {
        help_manual(stdout);
        return EXIT_CODE_OK;
    }
    if (!invocation->topic) {
        help_overview(stdout);
        return EXIT_CODE_OK;
    }
    command = command_find(slice_str(invocation->topic));
    if (!command) {
        (void)fprintf(stderr,
                      "footfall: there is no command \"%s\"; \"footfall help\" lists them\n",
                      invocation->topic);
        return EXIT_CODE_USAGE;
    }
    help_command(stdout, command);
    return EXIT_CODE_OK;
}
