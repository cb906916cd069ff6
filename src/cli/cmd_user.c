#include <sodium.h>
#include <stdio.h>

#include "cli/account_print.h"
#include "cli/db.h"
#include "cli/subcommand.h"
#include "cli/user_command.h"

enum exit_code user_command_code(const struct user_command *command, enum exit_code code)
{
    return code == EXIT_CODE_OK && command->has_failed ? EXIT_CODE_FAILED : code;
}

/* ---- list, sessions ------------------------------------------------------------------------- */

static void on_list(void *ctx, enum err err, const struct user *users, size_t count)
{
    struct user_command *command = ctx;

    (void)err; /* none, or this is not called */
    command->has_failed = command->invocation->json ? !user_print_list_json(users, count)
                                                    : !user_print_list(users, count);
}

static enum exit_code run_list(void *ctx)
{
    struct user_command *command = ctx;

    return user_command_code(command, account_session_list(&command->session, on_list, command));
}

static void on_logins(void *ctx, enum err err, const struct listed_session *list, size_t count)
{
    struct user_command *command = ctx;

    (void)err;
    command->has_failed = command->invocation->json ? !login_print_list_json(list, count)
                                                    : !login_print_list(list, count);
}

static enum exit_code end_logins(struct user_command *command, struct slice id)
{
    enum exit_code code = account_session_end_logins(&command->session, id);

    if (code == EXIT_CODE_OK)
        command->has_failed = printf("all sessions of %s are ended\n", command->user.email) < 0;
    return code;
}

static enum exit_code run_sessions(void *ctx)
{
    struct user_command *command = ctx;
    struct slice id;
    enum exit_code code = account_session_find(&command->session, command->who, &command->user);

    if (code != EXIT_CODE_OK)
        return code;
    id = slice_str(command->user.id);
    code = command->invocation->end
               ? end_logins(command, id)
               : account_session_logins(&command->session, id, on_logins, command);
    return user_command_code(command, code);
}

/* ---- role ----------------------------------------------------------------------------------- */

enum exit_code user_read_role(struct user_command *command, const char *role)
{
    const char *site = command->invocation->site ? command->invocation->site : "*";

    if (role_parse(slice_str(role), &command->role) != ERR_OK)
        return db_fail(EXIT_CODE_USAGE, "\"%s\" is no role: owner, editor, viewer or none", role);
    if (!user_site_is_sound(slice_str(site)))
        return db_fail(EXIT_CODE_USAGE, "--site: there can be no site %s", site);
    command->site = site;
    return EXIT_CODE_OK;
}

static enum err grant(void *ctx, struct user *user, struct err_info *info)
{
    struct user_command *command = ctx;
    enum err err = user_grant(user, slice_str(command->site), command->role);

    if (err != ERR_OK)
        err_info_set(info, "a user has roles on at most %d sites", USER_MAX_GRANTS);
    return err;
}

static enum exit_code run_role(void *ctx)
{
    struct user_command *command = ctx;
    bool is_of_all = strcmp(command->site, "*") == 0;
    enum exit_code code = account_session_change(&command->session, command->who, grant, command,
                                                 ACCOUNT_NOTHING_ELSE, &command->user);

    if (code == EXIT_CODE_OK)
        command->has_failed =
            printf("%s of %s: %s\n", command->user.email, is_of_all ? "all sites" : command->site,
                   role_name(command->role)) < 0;
    return user_command_code(command, code);
}

/* ---- disable, enable, reset-factor, remove -------------------------------------------------- */

static enum err set_disabled(void *ctx, struct user *user, struct err_info *info)
{
    const bool *is_disabled = ctx;

    (void)info;
    user->is_disabled = *is_disabled;
    return ERR_OK;
}

static enum exit_code change_and_say(struct user_command *command, account_edit_fn *edit, void *ctx,
                                     enum account_also also, const char *said)
{
    enum exit_code code =
        account_session_change(&command->session, command->who, edit, ctx, also, &command->user);

    if (code == EXIT_CODE_OK)
        command->has_failed = printf("%s %s\n", command->user.email, said) < 0;
    return user_command_code(command, code);
}

static enum exit_code run_disable(void *ctx)
{
    bool is_disabled = true;

    return change_and_say(ctx, set_disabled, &is_disabled, ACCOUNT_END_SESSIONS,
                          "is disabled, and all sessions are ended");
}

static enum exit_code run_enable(void *ctx)
{
    bool is_disabled = false;

    return change_and_say(ctx, set_disabled, &is_disabled, ACCOUNT_NOTHING_ELSE, "is enabled");
}

static enum err drop_factor(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    (void)info;
    user_drop_factor(user);
    return ERR_OK;
}

static enum exit_code run_reset_factor(void *ctx)
{
    return change_and_say(ctx, drop_factor, NULL, ACCOUNT_END_SESSIONS,
                          "has no second factor now, and all sessions are ended");
}

static enum exit_code run_remove(void *ctx)
{
    struct user_command *command = ctx;
    enum exit_code code = account_session_remove(&command->session, command->who);

    if (code == EXIT_CODE_OK)
        command->has_failed =
            printf("%.*s is removed, and all sessions are ended\n", SLICE_ARG(command->who)) < 0;
    return user_command_code(command, code);
}

/* ---- the command ---------------------------------------------------------------------------- */

static const struct subcommand subcommands[] = {
    {"add", " EMAIL", 1, 1, true, user_run_add},
    {"list", "", 0, 0, false, run_list},
    {"passwd", " EMAIL", 1, 1, true, user_run_passwd},
    {"role", " EMAIL ROLE", 2, 2, true, run_role},
    {"disable", " EMAIL", 1, 1, true, run_disable},
    {"enable", " EMAIL", 1, 1, true, run_enable},
    {"remove", " EMAIL", 1, 1, true, run_remove},
    {"sessions", " EMAIL", 1, 1, false, run_sessions},
    {"reset-factor", " EMAIL", 1, 1, true, run_reset_factor},
};

static enum exit_code make_sure(const struct user_command *command)
{
    const struct removal removal = {.what = "the user",
                                    .also = ", and ends all sessions",
                                    .word = "the e-mail address",
                                    .id = command->who};

    return subcommand_make_sure(command->invocation, &removal);
}

/* What has to be known, or asked, before the store is opened. */
static enum exit_code prepare(struct user_command *command, const struct subcommand *subcommand)
{
    const struct invocation *invocation = command->invocation;

    if (invocation->word_count > 1)
        command->who = slice_str(invocation->words[1]);
    if (subcommand->run == user_run_add)
        return user_prepare_add(command);
    if (subcommand->run == user_run_passwd)
        return user_prepare_passwd(command);
    if (subcommand->run == run_role)
        return user_read_role(command, invocation->words[2]);
    return subcommand->run == run_remove ? make_sure(command) : EXIT_CODE_OK;
}

static enum exit_code run(struct user_command *command, const struct subcommand *subcommand)
{
    const struct config *config = &command->invocation->options->config;
    enum exit_code code = prepare(command, subcommand);

    if (code == EXIT_CODE_OK)
        code = account_session_open(&command->session, config,
                                    subcommand->changes || command->invocation->end, "users");
    if (code != EXIT_CODE_OK)
        return code;
    code = subcommand->run(command);
    account_session_close(&command->session);
    return code;
}

enum exit_code cmd_user(const struct invocation *invocation)
{
    struct user_command command = {.invocation = invocation, .who = SLICE("")};
    const struct subcommand *subcommand =
        subcommand_choose(invocation, subcommands, sizeof(subcommands) / sizeof(subcommands[0]));
    enum exit_code code = subcommand ? subcommand_settings(invocation) : EXIT_CODE_USAGE;

    if (code == EXIT_CODE_OK)
        code = run(&command, subcommand);
    sodium_memzero(&command, sizeof(command));
    return code;
}
