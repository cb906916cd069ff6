#include "cli/options.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/suggest.h"
#include "process/cpu_count.h"

static size_t row_of(const struct option *option)
{
    return (size_t)(option - option_table);
}

void options_init(struct options *options)
{
    assert(option_count <= OPTIONS_MAX_ROWS);
    *options = (struct options){.unknown_count = 0};
    options->target.config = &options->config;
}

void options_fini(struct options *options)
{
    for (size_t i = 0; i < options->target.memory_count; i++)
        free(options->target.memory[i]);
    options->target.memory_count = 0;
}

static void set(struct options *options, const struct option *option, const char *text,
                enum option_source source)
{
    struct option_value *value = &options->values[row_of(option)];

    if (!value->text || value->source <= source)
        *value = (struct option_value){.text = text, .source = source};
}

void options_set_flag(struct options *options, const struct option *option, const char *text)
{
    set(options, option, text, SOURCE_FLAG);
}

static void note_unknown(struct options *options, struct slice name)
{
    struct suggestion suggestion;

    if (options->unknown_count == OPTIONS_MAX_UNKNOWN)
        return;
    suggestion_init(&suggestion, name);
    for (size_t i = 0; i < option_count; i++)
        suggestion_add(&suggestion, slice_str(option_table[i].variable));
    options->unknown[options->unknown_count++] =
        (struct unknown_variable){.name = name, .suggestion = suggestion.best.ptr};
}

void options_read_environment(struct options *options, char *const *environment)
{
    for (; *environment; environment++) {
        const char *equals = strchr(*environment, '=');
        struct slice name;
        const struct option *option;

        if (!equals)
            continue;
        name = slice_of(*environment, (size_t)(equals - *environment));
        option = option_by_variable(name);
        if (option && equals[1] != '\0')
            set(options, option, equals + 1, SOURCE_ENVIRONMENT);
        else if (!option && slice_starts_with(name, SLICE("FOOTFALL_")))
            note_unknown(options, name);
    }
}

/* The row that gives a setting: of those given the one with the strongest source, then the first.
 */
static const struct option *choose(const struct options *options, enum setting setting)
{
    const struct option *best = NULL;
    const struct option *with_default = NULL;

    for (size_t i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        const struct option_value *value = &options->values[i];

        if (option->setting != setting)
            continue;
        if (option->fallback)
            with_default = option;
        if (value->text && (!best || value->source > options->values[row_of(best)].source))
            best = option;
    }
    return best ? best : with_default;
}

static void explain(const struct options *options, const struct option *option,
                    const struct err_info *info, struct options_error *error)
{
    const char *given_as = options->target.given_as;
    bool has_example = strstr(info->text, "for example") != NULL;
    char shown[200];
    size_t len;

    option_show(option, options_text(options, option), shown, sizeof(shown));
    len = (size_t)snprintf(error->text, sizeof(error->text), "%s=%s is not right: %s", given_as,
                           shown, info->text);
    if (!has_example && len < sizeof(error->text))
        (void)snprintf(error->text + len, sizeof(error->text) - len, "; for example %s=%s",
                       given_as, option->example);
}

/* Checks the row that won and writes its setting. */
static enum err apply(struct options *options, const struct option *option,
                      struct options_error *error)
{
    struct err_info info = {.text = "out of memory"};
    char flag[2 + OPTION_MAX_FLAG] = "--";
    enum err err;

    option_flag(option, flag + 2);
    options->target.given_as =
        options_source(options, option) == SOURCE_FLAG ? flag : option->variable;
    err = option->parse(option, options_text(options, option), &options->target, &info);
    if (err != ERR_OK)
        explain(options, option, &info, error);
    options->target.given_as = NULL;
    return err == ERR_OK ? ERR_OK : ERR_CONFIG;
}

enum err options_resolve(struct options *options, struct options_error *error)
{
    unsigned cpus;

    for (int setting = 0; setting < SETTING_COUNT_; setting++) {
        const struct option *option = choose(options, (enum setting)setting);

        options->chosen[setting] = option;
        if (option && apply(options, option, error) != ERR_OK)
            return ERR_CONFIG;
    }
    if (options->config.workers == 0) {
        cpus = cpu_count();
        options->config.workers = cpus < CONFIG_MAX_WORKERS ? cpus : CONFIG_MAX_WORKERS;
    }
    return ERR_OK;
}

const char *option_source_name(enum option_source source)
{
    static const char *const names[] = {
        [SOURCE_DEFAULT] = "default", [SOURCE_ENVIRONMENT] = "environment", [SOURCE_FLAG] = "flag"};

    return names[source];
}

const char *options_text(const struct options *options, const struct option *option)
{
    const char *text = options->values[row_of(option)].text;

    return text ? text : option->fallback;
}

enum option_source options_source(const struct options *options, const struct option *option)
{
    const struct option_value *value = &options->values[row_of(option)];

    return value->text ? value->source : SOURCE_DEFAULT;
}
