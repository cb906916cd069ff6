/**
 * What the files of "footfall user" share: cmd_user.c holds the table of its sub-commands.
 */
#ifndef FOOTFALL_CLI_USER_COMMAND_H
#define FOOTFALL_CLI_USER_COMMAND_H

#include "cli/account_session.h"
#include "cli/command.h"
#include "cli/password_input.h"

/** One call of a sub-command. */
struct user_command {
    const struct invocation *invocation;
    struct account_session session;
    struct slice who; /* the word that stands behind the sub-command; may be nothing */
    struct password_input password;
    bool has_password;
    char hash[PASSWORD_HASH_TEXT];
    enum role role;
    const char *site;  /* "*": all */
    struct user fresh; /* of add */
    struct user user;  /* as he is afterwards */
    bool has_failed;   /* what it is to say could not be said */
};

/** EXIT_CODE_FAILED when it could not be said. */
enum exit_code user_command_code(const struct user_command *command, enum exit_code code);

/* Before the store is opened: they read what was given, and ask for the password. */
enum exit_code user_prepare_add(struct user_command *command);
enum exit_code user_prepare_passwd(struct user_command *command);

/* Sub-commands; `ctx` is a struct user_command. */
enum exit_code user_run_add(void *ctx);    /* user_add.c */
enum exit_code user_run_passwd(void *ctx); /* likewise */

/** Reads a role and --site. */
enum exit_code user_read_role(struct user_command *command, const char *role);

#endif
