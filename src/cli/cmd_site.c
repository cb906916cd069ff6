#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cli/db.h"
#include "cli/site_edit.h"
#include "cli/site_print.h"
#include "cli/site_session.h"
#include "cli/subcommand.h"
#include "count/site_field.h"

/** One call of a sub-command. */
struct call {
    const struct invocation *invocation;
    struct site_session session;
    struct site_words words;
    bool is_found;
    bool has_failed; /* what it is to say could not be said */
};

/* ---- list, show ----------------------------------------------------------------------------- */

static enum exit_code code_of(const struct call *call, enum exit_code code)
{
    return code == EXIT_CODE_OK && call->has_failed ? EXIT_CODE_FAILED : code;
}

static void on_list(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct call *call = ctx;

    (void)err; /* none, or this is not called */
    call->has_failed = call->invocation->json ? !site_print_list_json(sites, count)
                                              : !site_print_list(sites, count);
}

static enum exit_code run_list(void *ctx)
{
    struct call *call = ctx;

    return code_of(call, site_session_read(&call->session, SLICE(""), on_list, call));
}

static void on_found(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct call *call = ctx;
    struct err_info info = {.text = "out of memory"};
    struct site *site = NULL;

    (void)err;
    call->is_found = count == 1;
    if (count != 1)
        return;
    call->has_failed = stored_site_open(&sites[0], &site, &info) != ERR_OK;
    if (!site)
        (void)db_fail(EXIT_CODE_FAILED, "the record of %.*s cannot be read: %s",
                      SLICE_ARG(sites[0].id), info.text);
    else
        call->has_failed = call->invocation->json ? !site_print_json(site, sites[0].views)
                                                  : !site_print(site, sites[0].views);
    site_destroy(site);
}

static enum exit_code fail_not_there(const struct call *call)
{
    return db_fail(EXIT_CODE_FAILED,
                   "there is no site %.*s; \"footfall site list\" names those "
                   "there are",
                   SLICE_ARG(call->words.id));
}

static enum exit_code run_show(void *ctx)
{
    struct call *call = ctx;
    enum exit_code code = site_session_read(&call->session, call->words.id, on_found, call);

    if (code == EXIT_CODE_OK && !call->is_found)
        return fail_not_there(call);
    return code_of(call, code);
}

/* ---- add, set, remove ----------------------------------------------------------------------- */

static void on_added(void *ctx, const struct site_outcome *outcome)
{
    struct call *call = ctx;

    call->has_failed = printf("%s is %s\n", outcome->after->id,
                              outcome->before ? "there, as asked for" : "added") < 0;
}

static enum exit_code run_add(void *ctx)
{
    struct call *call = ctx;

    return code_of(call, site_session_change(&call->session, call->words.id, site_edit_add,
                                             &call->words, on_added, call));
}

static void on_set(void *ctx, const struct site_outcome *outcome)
{
    struct call *call = ctx;

    call->has_failed = !site_print_changes(outcome->before, outcome->after);
}

static enum exit_code run_set(void *ctx)
{
    struct call *call = ctx;

    return code_of(call, site_session_change(&call->session, call->words.id, site_edit_set,
                                             &call->words, on_set, call));
}

/* Perhaps only what a removal had left that was interrupted. */
static void on_removed(void *ctx, const struct site_outcome *outcome)
{
    struct call *call = ctx;
    char storage[SITE_FIELD_MAX_TEXT];
    struct strbuf domains;

    call->is_found = outcome->before || outcome->views != 0;
    if (!call->is_found)
        return;
    strbuf_init_fixed(&domains, storage, sizeof(storage));
    if (outcome->before)
        site_format_domains(site_field_find(SLICE("domains")), outcome->before, &domains);
    call->has_failed =
        printf("%.*s is removed, with %" PRId64 " views and all their statistics; domains: %.*s\n",
               SLICE_ARG(call->words.id), outcome->views,
               SLICE_ARG(outcome->before ? strbuf_slice(&domains) : SLICE("none"))) < 0;
}

static enum exit_code run_remove(void *ctx)
{
    struct call *call = ctx;
    enum exit_code code = site_session_change(&call->session, call->words.id, site_edit_remove,
                                              &call->words, on_removed, call);

    if (code == EXIT_CODE_OK && !call->is_found)
        return fail_not_there(call);
    return code_of(call, code);
}

/* ---- which one ------------------------------------------------------------------------------ */

#define MAX_SETTINGS (COMMAND_MAX_WORDS - 2)

static const struct subcommand subcommands[] = {
    {"add", " ID [KEY=VALUE ...]", 1, 1 + MAX_SETTINGS, true, run_add},
    {"list", "", 0, 0, false, run_list},
    {"show", " ID", 1, 1, false, run_show},
    {"set", " ID KEY=VALUE ...", 2, 1 + MAX_SETTINGS, true, run_set},
    {"remove", " ID", 1, 1, true, run_remove},
};

#define SUBCOMMAND_COUNT (sizeof(subcommands) / sizeof(subcommands[0]))

/* ---- being sure ----------------------------------------------------------------------------- */

static enum exit_code make_sure(const struct call *call)
{
    const struct removal removal = {.what = "the site",
                                    .also = ", and all that was counted for it",
                                    .word = "its id",
                                    .id = call->words.id};

    return subcommand_make_sure(call->invocation, &removal);
}

/* ---- the command ---------------------------------------------------------------------------- */

static enum exit_code read_words(struct call *call)
{
    const struct invocation *invocation = call->invocation;
    struct err_info info = {.text = "out of memory"};

    if (invocation->word_count < 2)
        return EXIT_CODE_OK;
    call->words = (struct site_words){.id = slice_str(invocation->words[1]),
                                      .words = invocation->words + 2,
                                      .count = invocation->word_count - 2,
                                      .now_unix_s = (int64_t)time(NULL)};
    if (site_words_check(&call->words, &info) != ERR_OK)
        return db_fail(EXIT_CODE_USAGE, "%s", info.text);
    return EXIT_CODE_OK;
}

static enum exit_code run(struct call *call, const struct subcommand *subcommand)
{
    const struct config *config = &call->invocation->options->config;
    enum exit_code code = read_words(call);

    if (code == EXIT_CODE_OK && subcommand->run == run_remove)
        code = make_sure(call);
    if (code == EXIT_CODE_OK)
        code = site_session_open(&call->session, config, subcommand->changes);
    if (code != EXIT_CODE_OK)
        return code;
    code = subcommand->run(call);
    site_session_close(&call->session);
    return code;
}

enum exit_code cmd_site(const struct invocation *invocation)
{
    struct call call = {.invocation = invocation};
    const struct subcommand *subcommand =
        subcommand_choose(invocation, subcommands, SUBCOMMAND_COUNT);
    enum exit_code code = subcommand ? subcommand_settings(invocation) : EXIT_CODE_USAGE;

    return code == EXIT_CODE_OK ? run(&call, subcommand) : code;
}
