/**
 * From flags and environment to a struct config: flag before environment before default.
 *
 *     options_init -> options_set_flag … -> options_read_environment -> options_resolve -> config
 */
#ifndef FOOTFALL_CLI_OPTIONS_H
#define FOOTFALL_CLI_OPTIONS_H

#include "cli/option.h"

#define OPTIONS_MAX_ROWS    32
#define OPTIONS_MAX_UNKNOWN 16

enum option_source { SOURCE_DEFAULT, SOURCE_ENVIRONMENT, SOURCE_FLAG };

struct option_value {
    const char *text; /* borrowed from argv or the environment; NULL: not given */
    enum option_source source;
};

/** A FOOTFALL_ variable that is not in the table. */
struct unknown_variable {
    struct slice name;
    const char *suggestion; /* NULL: none is near */
};

struct options {
    struct option_value values[OPTIONS_MAX_ROWS]; /* by row of the table */
    const struct option *chosen[SETTING_COUNT_];  /* the row that gave each setting; NULL: none */
    struct unknown_variable unknown[OPTIONS_MAX_UNKNOWN];
    unsigned unknown_count;
    struct config config; /* valid after options_resolve() */
    struct option_target target;
};

/** What is wrong, for a person: variable or flag, value (masked), and a right example. */
struct options_error {
    char text[768]; /* one sentence, without a line feed */
};

void options_init(struct options *options);
void options_fini(struct options *options);

/** @param text  borrowed; the last one of several wins */
void options_set_flag(struct options *options, const struct option *option, const char *text);

/** @param environment  as `environ`, borrowed; empty values count as not set */
void options_read_environment(struct options *options, char *const *environment);

/** Checks everything and fills options->config. ERR_CONFIG with `error`. */
enum err options_resolve(struct options *options, struct options_error *error) MUST_CHECK;

/** How the value of a setting in force is written and where it is from: "default", "environment",
 * "flag". */
const char *option_source_name(enum option_source source);

/** The value of `option` as given, or its default; NULL when it has none. */
const char *options_text(const struct options *options, const struct option *option);

enum option_source options_source(const struct options *options, const struct option *option);

#endif
