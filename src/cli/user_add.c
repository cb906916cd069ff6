/* What has to do with passwords: adding a user, and giving one a new password. */
#include <sodium.h>
#include <stdio.h>
#include <time.h>

#include "cli/account_link.h"
#include "cli/db.h"
#include "cli/user_command.h"

/* ---- the password --------------------------------------------------------------------------- */

/* @param is_needed  false: without a terminal and a file there is none */
static enum exit_code read_password(struct user_command *command, bool is_needed)
{
    const char *path = command->invocation->password_file;
    enum exit_code code;

    if (!path && !password_can_ask() && !is_needed)
        return EXIT_CODE_OK;
    if (!path && !password_can_ask())
        return db_fail(EXIT_CODE_USAGE, "there is no terminal to ask on; use "
                                        "--password-file=PATH, or - for standard input");
    code = path ? password_read_file(path, &command->password) : password_ask(&command->password);
    command->has_password = code == EXIT_CODE_OK;
    return code;
}

/* Whether the user may choose it. */
static enum err check_password(const struct user_command *command, const struct user *user,
                               struct err_info *info)
{
    const struct slice words[] = {slice_str(user->email), slice_str(user->name),
                                  slice_str(command->invocation->options->config.name)};

    return password_check_new(password_input_slice(&command->password), words, 3, info);
}

static enum exit_code hash_password(struct user_command *command)
{
    enum err err = password_hash(password_input_slice(&command->password), command->hash);

    password_input_fini(&command->password);
    return err == ERR_OK ? EXIT_CODE_OK : db_fail(EXIT_CODE_FAILED, "out of memory");
}

/* ---- add ------------------------------------------------------------------------------------ */

static enum err read_name(struct user_command *command, struct err_info *info)
{
    const char *name = command->invocation->name ? command->invocation->name : "";
    enum err err = user_name_check(slice_str(name), info);

    if (err == ERR_OK)
        (void)snprintf(command->fresh.name, sizeof(command->fresh.name), "%s", name);
    return err;
}

enum exit_code user_prepare_add(struct user_command *command)
{
    const struct invocation *invocation = command->invocation;
    const char *role = invocation->role ? invocation->role : role_name(ROLE_VIEWER);
    struct err_info info = {""};
    enum exit_code code = user_read_role(command, role);

    if (code != EXIT_CODE_OK)
        return code;
    if (command->role == ROLE_NONE)
        return db_fail(EXIT_CODE_USAGE, "--role is one of owner, editor and viewer");
    if (user_email_check(command->who, command->fresh.email, &info) != ERR_OK ||
        read_name(command, &info) != ERR_OK)
        return db_fail(EXIT_CODE_USAGE, "%s", info.text);
    command->fresh.created_s = (int64_t)time(NULL);
    code = read_password(command, false);
    if (code != EXIT_CODE_OK || !command->has_password)
        return code;
    command->fresh.password_s = command->fresh.created_s;
    if (check_password(command, &command->fresh, &info) != ERR_OK)
        return db_fail(EXIT_CODE_FAILED, "%s", info.text);
    return EXIT_CODE_OK;
}

/* Who says nothing of a role gets a viewer; but the first user has to be an owner of all sites. */
static enum exit_code find_role(struct user_command *command, bool *is_first)
{
    const struct invocation *invocation = command->invocation;
    bool is_any = true;
    enum exit_code code = EXIT_CODE_OK;

    if (!invocation->role && !invocation->site)
        code = account_session_any(&command->session, &is_any);
    *is_first = !is_any;
    if (!is_any)
        command->role = ROLE_OWNER;
    if (code == EXIT_CODE_OK &&
        user_grant(&command->fresh, slice_str(command->site), command->role) != ERR_OK)
        return db_fail(EXIT_CODE_USAGE, "there can be no site %s", command->site);
    return code;
}

static enum exit_code print_link(struct user_command *command)
{
    char link[ACCOUNT_LINK_TEXT];
    char text[ACCOUNT_CODE_TEXT];
    enum exit_code code =
        account_session_reset_code(&command->session, slice_str(command->user.id), text);

    if (code != EXIT_CODE_OK)
        return code;
    account_link(&command->invocation->options->config, "reset", text, link);
    command->has_failed =
        printf("within an hour a password can be chosen here, once:\n%s\n", link) < 0 ||
        fflush(stdout) != 0;
    sodium_memzero(link, sizeof(link));
    sodium_memzero(text, sizeof(text));
    return EXIT_CODE_OK;
}

static enum exit_code add(struct user_command *command)
{
    bool is_first = false;
    enum exit_code code = find_role(command, &is_first);

    if (code == EXIT_CODE_OK && command->has_password)
        code = hash_password(command);
    if (code != EXIT_CODE_OK)
        return code;
    memcpy(command->fresh.password, command->hash, sizeof(command->hash));
    return account_session_add(&command->session, &command->fresh, is_first, &command->user);
}

enum exit_code user_run_add(void *ctx)
{
    struct user_command *command = ctx;
    bool is_of_all = strcmp(command->site, "*") == 0;
    enum exit_code code = add(command);

    if (code != EXIT_CODE_OK)
        return code;
    command->has_failed =
        printf("%s is added: %s of %s\n", command->user.email, role_name(command->role),
               is_of_all ? "all sites" : command->site) < 0;
    if (!command->has_password)
        code = print_link(command);
    return user_command_code(command, code);
}

/* ---- passwd --------------------------------------------------------------------------------- */

enum exit_code user_prepare_passwd(struct user_command *command)
{
    return read_password(command, true);
}

static enum err set_password(void *ctx, struct user *user, struct err_info *info)
{
    struct user_command *command = ctx;

    (void)info;
    memcpy(user->password, command->hash, sizeof(command->hash));
    user->password_s = (int64_t)time(NULL);
    return ERR_OK;
}

enum exit_code user_run_passwd(void *ctx)
{
    struct user_command *command = ctx;
    struct err_info info = {""};
    enum exit_code code = account_session_find(&command->session, command->who, &command->user);

    if (code != EXIT_CODE_OK)
        return code;
    if (check_password(command, &command->user, &info) != ERR_OK)
        return db_fail(EXIT_CODE_FAILED, "%s", info.text);
    code = hash_password(command);
    if (code == EXIT_CODE_OK)
        code = account_session_change(&command->session, command->who, set_password, command,
                                      ACCOUNT_END_SESSIONS, &command->user);
    if (code == EXIT_CODE_OK)
        command->has_failed =
            printf("%s has a new password, and all sessions are ended\n", command->user.email) < 0;
    return user_command_code(command, code);
}
