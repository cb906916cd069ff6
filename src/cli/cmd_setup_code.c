#include <stdio.h>
#include <unistd.h>

#include "cli/account_link.h"
#include "cli/account_session.h"
#include "cli/db.h"
#include "cli/subcommand.h"

static enum exit_code print_code(const struct config *config, const char *code)
{
    char link[ACCOUNT_LINK_TEXT];

    account_link(config, "setup", code, link);
    if (isatty(STDERR_FILENO))
        (void)fputs("Within an hour the first user can be made with this code, or by this link:\n",
                    stderr);
    return printf("%s\n%s\n", code, link) > 0 && fflush(stdout) == 0 ? EXIT_CODE_OK
                                                                     : EXIT_CODE_FAILED;
}

enum exit_code cmd_setup_code(const struct invocation *invocation)
{
    const struct config *config = &invocation->options->config;
    struct account_session session;
    char text[ACCOUNT_CODE_TEXT];
    enum exit_code code = subcommand_settings(invocation);

    if (code == EXIT_CODE_OK)
        code = account_session_open(&session, config, true, "users");
    if (code != EXIT_CODE_OK)
        return code;
    code = account_session_setup_code(&session, text);
    if (code == EXIT_CODE_OK)
        code = print_code(config, text);
    account_session_close(&session);
    return code;
}
