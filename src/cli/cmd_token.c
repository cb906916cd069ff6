#include <sodium.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/account_print.h"
#include "cli/account_session.h"
#include "cli/db.h"
#include "cli/duration.h"
#include "cli/subcommand.h"

/* A token is found by its hash alone: the owner in it says nothing. */
#define NO_OWNER SLICE("0000000000000000")

#define MAX_DAYS (API_TOKEN_MAX_TTL_S / 86400)

struct call {
    const struct invocation *invocation;
    struct account_session session;
    struct api_token fresh;                 /* of add */
    struct api_token tokens[API_TOKEN_MAX]; /* of list */
    size_t count;
    bool has_failed; /* what it is to say could not be said */
};

static enum exit_code code_of(const struct call *call, enum exit_code code)
{
    return code == EXIT_CODE_OK && call->has_failed ? EXIT_CODE_FAILED : code;
}

/* ---- add ------------------------------------------------------------------------------------ */

static enum exit_code read_days(struct call *call)
{
    const char *days = call->invocation->days;
    int64_t number;

    if (!days)
        return EXIT_CODE_OK;
    if (!number_parse(slice_str(days), &number) || number < 1 || number > MAX_DAYS)
        return db_fail(EXIT_CODE_USAGE, "--days wants a number from 1 to %d, for example --days=90",
                       MAX_DAYS);
    call->fresh.expires_s = (int64_t)time(NULL) + number * 86400;
    return EXIT_CODE_OK;
}

static enum exit_code read_add(struct call *call)
{
    const struct invocation *invocation = call->invocation;
    const char *name = invocation->words[1];
    const char *site = invocation->site ? invocation->site : "*";
    struct err_info info;

    if (!invocation->scopes)
        return db_fail(EXIT_CODE_USAGE, "what is the token good for? for example "
                                        "--scopes=count,stats; \"footfall help token\" names them");
    if (api_scopes_parse(slice_str(invocation->scopes), &call->fresh.scopes, &info) != ERR_OK)
        return db_fail(EXIT_CODE_USAGE, "--scopes: %s", info.text);
    if (call->fresh.scopes & SCOPE_SHARE)
        return db_fail(EXIT_CODE_USAGE,
                       "--scopes: links that show a dashboard are made in the browser, on the page "
                       "of their site");
    if (strlen(name) > API_TOKEN_MAX_NAME)
        return db_fail(EXIT_CODE_USAGE, "a token has a name of at most %d bytes",
                       API_TOKEN_MAX_NAME);
    if (strlen(site) > API_TOKEN_MAX_SITE)
        return db_fail(EXIT_CODE_USAGE, "--site: there can be no site %s", site);
    (void)snprintf(call->fresh.name, sizeof(call->fresh.name), "%s", name);
    (void)snprintf(call->fresh.site, sizeof(call->fresh.site), "%s", site);
    return read_days(call);
}

/* Alone on standard output, so that a script can take it. */
static bool print_token(const struct secret *secret, const struct api_token *token)
{
    char text[SECRET_TEXT + 1];
    bool is_written;

    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr,
                      "This is token %s. It is shown this once; send it as "
                      "\"Authorization: Bearer TOKEN\".\n",
                      token->id);
    secret_format(secret, text);
    is_written = printf("%s\n", text) > 0 && fflush(stdout) == 0;
    sodium_memzero(text, sizeof(text));
    return is_written;
}

static enum exit_code run_add(void *ctx)
{
    struct call *call = ctx;
    struct api_token made;
    struct secret secret;
    enum exit_code code;

    secret_make(&secret, NO_OWNER);
    code = account_session_add_token(&call->session, &secret, &call->fresh, &made);
    if (code == EXIT_CODE_OK)
        call->has_failed = !print_token(&secret, &made);
    sodium_memzero(&secret, sizeof(secret));
    return code_of(call, code);
}

/* ---- list, revoke --------------------------------------------------------------------------- */

static void on_tokens(void *ctx, enum err err, const struct api_token *list, size_t count)
{
    struct call *call = ctx;

    (void)err; /* none, or this is not called */
    for (size_t i = 0; i < count; i++)
        call->tokens[i] = list[i];
    call->count = count;
}

static void on_users(void *ctx, enum err err, const struct user *users, size_t count)
{
    struct call *call = ctx;
    const struct token_list list = {call->tokens, call->count, users, count};

    (void)err;
    call->has_failed =
        call->invocation->json ? !token_print_list_json(&list) : !token_print_list(&list);
}

static enum exit_code run_list(void *ctx)
{
    struct call *call = ctx;
    enum exit_code code = account_session_list_tokens(&call->session, on_tokens, call);

    if (code == EXIT_CODE_OK)
        code = account_session_list(&call->session, on_users, call);
    return code_of(call, code);
}

static enum exit_code run_revoke(void *ctx)
{
    struct call *call = ctx;
    struct api_token was;
    enum exit_code code =
        account_session_revoke_token(&call->session, slice_str(call->invocation->words[1]), &was);

    if (code == EXIT_CODE_OK)
        call->has_failed = printf("%s is revoked: %s\n", was.id, was.name) < 0;
    return code_of(call, code);
}

/* ---- the command ---------------------------------------------------------------------------- */

static const struct subcommand subcommands[] = {
    {"add", " NAME --scopes=SCOPES", 1, 1, true, run_add},
    {"list", "", 0, 0, false, run_list},
    {"revoke", " ID", 1, 1, true, run_revoke},
};

enum exit_code cmd_token(const struct invocation *invocation)
{
    struct call call = {.invocation = invocation};
    const struct subcommand *subcommand =
        subcommand_choose(invocation, subcommands, sizeof(subcommands) / sizeof(subcommands[0]));
    enum exit_code code = subcommand ? subcommand_settings(invocation) : EXIT_CODE_USAGE;

    if (code == EXIT_CODE_OK && subcommand->run == run_add)
        code = read_add(&call);
    if (code == EXIT_CODE_OK)
        code = account_session_open(&call.session, &invocation->options->config,
                                    subcommand->changes, "tokens");
    if (code != EXIT_CODE_OK)
        return code;
    code = subcommand->run(&call);
    account_session_close(&call.session);
    return code;
}
