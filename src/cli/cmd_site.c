#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/db.h"
#include "cli/site_edit.h"
#include "cli/site_print.h"
#include "cli/site_session.h"
#include "cli/suggest.h"
#include "count/site_field.h"

/** One call of a sub-command. */
struct call {
    const struct invocation *invocation;
    struct site_session session;
    struct site_words words;
    bool is_found;
    bool has_failed; /* what it is to say could not be said */
};

/** What follows "footfall site". */
struct subcommand {
    const char *name;
    const char *arguments; /* for the complaint */
    unsigned min_words;    /* so many of them */
    unsigned max_words;
    bool changes;
    enum exit_code (*run)(struct call *call);
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

static enum exit_code run_list(struct call *call)
{
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

static enum exit_code run_show(struct call *call)
{
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

static enum exit_code run_add(struct call *call)
{
    return code_of(call, site_session_change(&call->session, call->words.id, site_edit_add,
                                             &call->words, on_added, call));
}

static void on_set(void *ctx, const struct site_outcome *outcome)
{
    struct call *call = ctx;

    call->has_failed = !site_print_changes(outcome->before, outcome->after);
}

static enum exit_code run_set(struct call *call)
{
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

static enum exit_code run_remove(struct call *call)
{
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

static const struct subcommand *find_subcommand(const char *name)
{
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) {
        if (strcmp(subcommands[i].name, name) == 0)
            return &subcommands[i];
    }
    return NULL;
}

static void complain_unknown(const char *name)
{
    struct suggestion suggestion;

    suggestion_init(&suggestion, slice_str(name));
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        suggestion_add(&suggestion, slice_str(subcommands[i].name));
    if (suggestion.best.ptr)
        (void)db_fail(EXIT_CODE_USAGE,
                      "site does not know \"%s\"; did you mean \"footfall site %.*s\"?", name,
                      SLICE_ARG(suggestion.best));
    else
        (void)db_fail(EXIT_CODE_USAGE,
                      "site does not know \"%s\"; \"footfall help site\" says what it does", name);
}

static const struct subcommand *choose(const struct invocation *invocation)
{
    const struct subcommand *subcommand;

    if (invocation->word_count == 0) {
        (void)db_fail(EXIT_CODE_USAGE, "site wants a word, for example \"footfall site list\"; "
                                       "\"footfall help site\" lists them");
        return NULL;
    }
    subcommand = find_subcommand(invocation->words[0]);
    if (!subcommand) {
        complain_unknown(invocation->words[0]);
        return NULL;
    }
    if (invocation->word_count > subcommand->min_words &&
        invocation->word_count <= 1 + subcommand->max_words)
        return subcommand;
    (void)db_fail(EXIT_CODE_USAGE, "use it as \"footfall site %s%s\"", subcommand->name,
                  subcommand->arguments);
    return NULL;
}

/* ---- being sure ----------------------------------------------------------------------------- */

static bool is_answered(struct slice id)
{
    char line[SITE_MAX_ID + 2];

    (void)fprintf(stderr,
                  "This removes the site %.*s, and all that was counted for it. Nothing brings it "
                  "back.\nType its id to go on: ",
                  SLICE_ARG(id));
    return fgets(line, sizeof(line), stdin) && slice_eq(slice_of(line, strcspn(line, "\n")), id);
}

/* Only for what cannot be undone. */
static enum exit_code make_sure(const struct call *call)
{
    const char *confirm = call->invocation->confirm;
    struct slice id = call->words.id;

    if (confirm && slice_eq(slice_str(confirm), id))
        return EXIT_CODE_OK;
    if (!confirm && isatty(STDIN_FILENO))
        return is_answered(id) ? EXIT_CODE_OK : db_fail(EXIT_CODE_FAILED, "nothing is removed");
    return db_fail(EXIT_CODE_USAGE,
                   "this removes the site %.*s, and all that was counted for it; if that is meant, "
                   "add --confirm=%.*s",
                   SLICE_ARG(id), SLICE_ARG(id));
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
    const struct subcommand *subcommand = choose(invocation);
    struct options_error error;

    if (!subcommand)
        return EXIT_CODE_USAGE;
    options_read_environment(invocation->options, environ);
    if (options_resolve(invocation->options, &error) != ERR_OK)
        return db_fail(EXIT_CODE_CONFIG, "%s", error.text);
    return run(&call, subcommand);
}
