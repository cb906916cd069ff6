#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/db.h"
#include "cli/suggest.h"
#include "store/schema.h"
#include "store/store.h"

/** What follows "footfall db". */
struct subcommand {
    const char *name;
    const char *arguments; /* for the complaint: " FROM TO", or "" */
    unsigned word_count;   /* so many of them */
    db_run_fn *run;
};

/* ---- complaints ----------------------------------------------------------------------------- */

enum exit_code db_fail(enum exit_code code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)fputs("footfall: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    return code;
}

static enum exit_code complain(const char *store, enum err err, const struct err_info *info)
{
    char shown[200];

    store_url_mask(store, shown, sizeof(shown));
    (void)fprintf(stderr, "footfall: %s: %s\n", shown, info->text);
    if (err == ERR_CONFIG)
        return EXIT_CODE_CONFIG;
    return err == ERR_UNAVAILABLE ? EXIT_CODE_UNAVAILABLE : EXIT_CODE_FAILED;
}

/* ---- status --------------------------------------------------------------------------------- */

enum state { STATE_NONE, STATE_EMPTY, STATE_CURRENT, STATE_OLDER, STATE_NEWER };

static const struct {
    const char *name;
    const char *advice;
    enum exit_code code;
} states[] = {
    [STATE_NONE] = {"none", "such a store has no schema: there is nothing to migrate",
                    EXIT_CODE_OK},
    [STATE_EMPTY] = {"empty", "nothing of Footfall is there yet; serve makes it", EXIT_CODE_OK},
    [STATE_CURRENT] = {"current", "up to date", EXIT_CODE_OK},
    [STATE_OLDER] = {"older", "make a backup, then run: footfall db migrate", EXIT_CODE_CONFIG},
    [STATE_NEWER] = {"newer", "run a newer Footfall", EXIT_CODE_CONFIG},
};

static enum state find_state(const struct schema_state *schema)
{
    if (!schema->has_schema)
        return STATE_NONE;
    if (schema->version == 0)
        return STATE_EMPTY;
    if (schema->version == schema->wanted)
        return STATE_CURRENT;
    return schema->version < schema->wanted ? STATE_OLDER : STATE_NEWER;
}

static bool print_status_text(const char *store, const struct schema_state *schema,
                              enum state state)
{
    (void)printf("store     %s\n", store);
    if (state != STATE_NONE)
        (void)printf("schema    %d\nneeded    %d\n", schema->version, schema->wanted);
    (void)printf("state     %s: %s\n", states[state].name, states[state].advice);
    return fflush(stdout) == 0;
}

/* The url may come from the environment and need not be UTF-8; "?" takes its place then. */
static bool print_status_json(const char *store, const struct schema_state *schema,
                              enum state state)
{
    json_t *name = json_string(store);
    json_t *object = json_pack("{s:o, s:s}", "store", name ? name : json_string("?"), "state",
                               states[state].name);
    int failed = !object;

    if (state != STATE_NONE) {
        failed |= json_object_set_new(object, "schema", json_integer(schema->version));
        failed |= json_object_set_new(object, "needed", json_integer(schema->wanted));
    }
    failed |= json_dumpf(object, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF;
    json_decref(object);
    return !failed;
}

static enum exit_code run_status(const struct invocation *invocation, const struct config *config)
{
    struct schema_state schema;
    struct err_info info = {.text = "out of memory"};
    enum err err = store_schema_read(config->store, &schema, &info);
    enum state state;
    char store[200];
    bool printed;

    if (err != ERR_OK)
        return complain(config->store, err, &info);
    state = find_state(&schema);
    store_url_mask(config->store, store, sizeof(store));
    printed = invocation->json ? print_status_json(store, &schema, state)
                               : print_status_text(store, &schema, state);
    return printed ? states[state].code : EXIT_CODE_FAILED;
}

/* ---- migrate -------------------------------------------------------------------------------- */

static enum exit_code run_migrate(const struct invocation *invocation, const struct config *config)
{
    struct err_info info = {.text = "out of memory"};
    enum err err = store_schema_migrate(config->store, &info);

    return err == ERR_OK ? run_status(invocation, config) : complain(config->store, err, &info);
}

/* ---- which one ------------------------------------------------------------------------------ */

static const struct subcommand subcommands[] = {
    {"status", "", 0, run_status},       {"migrate", "", 0, run_migrate},
    {"copy", " FROM TO", 2, db_copy},    {"backup", " FILE", 1, db_backup},
    {"restore", " FILE", 1, db_restore}, {"prune", "", 0, db_prune},
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

static enum exit_code unknown_subcommand(const char *name)
{
    struct suggestion suggestion;

    suggestion_init(&suggestion, slice_str(name));
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        suggestion_add(&suggestion, slice_str(subcommands[i].name));
    (void)fprintf(stderr, "footfall: db does not know \"%s\"", name);
    if (suggestion.best.ptr)
        (void)fprintf(stderr, "; did you mean \"footfall db %.*s\"?\n", SLICE_ARG(suggestion.best));
    else
        (void)fprintf(stderr, "; \"footfall help db\" says what it does\n");
    return EXIT_CODE_USAGE;
}

static const struct subcommand *choose(const struct invocation *invocation, enum exit_code *code)
{
    const struct subcommand *subcommand;

    *code = EXIT_CODE_USAGE;
    if (invocation->word_count == 0) {
        (void)fprintf(stderr, "footfall: db wants a word, for example \"footfall db status\"; "
                              "\"footfall help db\" lists them\n");
        return NULL;
    }
    subcommand = find_subcommand(invocation->words[0]);
    if (!subcommand) {
        *code = unknown_subcommand(invocation->words[0]);
        return NULL;
    }
    if (invocation->word_count - 1 == subcommand->word_count)
        return subcommand;
    (void)fprintf(stderr, "footfall: use it as \"footfall db %s%s\"\n", subcommand->name,
                  subcommand->arguments);
    return NULL;
}

enum exit_code cmd_db(const struct invocation *invocation)
{
    struct options *options = invocation->options;
    struct options_error error;
    enum exit_code code;
    const struct subcommand *subcommand = choose(invocation, &code);

    if (!subcommand)
        return code;
    options_read_environment(options, environ);
    if (options_resolve(options, &error) != ERR_OK) {
        (void)fprintf(stderr, "footfall: %s\n", error.text);
        return EXIT_CODE_CONFIG;
    }
    return subcommand->run(invocation, &options->config);
}
