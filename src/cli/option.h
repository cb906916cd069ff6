/**
 * The table of all settings. One row gives the variable, the flag, the check, the default, the line
 * of --help and the entry of the manual page; there is no other place to add one.
 *
 * The flag of a variable follows by one rule: FOOTFALL_HIT_TIMEOUT is --hit-timeout, PORT is
 * --port.
 */
#ifndef FOOTFALL_CLI_OPTION_H
#define FOOTFALL_CLI_OPTION_H

#include <stddef.h>

#include "base/err.h"
#include "process/config.h"

/** Rows of the same setting are alternatives: the flag wins, then the first of the table. */
enum setting {
    SETTING_LISTEN,
    SETTING_STORE,
    SETTING_WORKERS,
    SETTING_NAME,
    SETTING_SCRIPT_PATH,
    SETTING_COUNT_PATH,
    SETTING_REDIS_TOTAL_KEY,
    SETTING_TRUSTED_PROXIES,
    SETTING_PROXY_PROTOCOL,
    SETTING_HIT_TIMEOUT,
    SETTING_STORE_TIMEOUT,
    SETTING_DRAIN_TIMEOUT,
    SETTING_PRUNE_EVERY,
    SETTING_GEOIP,
    SETTING_REFERRER_SPAM,
    SETTING_URL,
    SETTING_SECRET_KEY,
    SETTING_AUTH_HEADER,
    SETTING_LOGIN_IDLE,
    SETTING_LOGIN_LIFETIME,
    SETTING_ADMIN_EMAIL,
    SETTING_ADMIN_PASSWORD_FILE,
    SETTING_LOG_FORMAT,
    SETTING_LOG_LEVEL,
    SETTING_COUNT_,
};

struct option;
struct option_target;

/**
 * Checks `text` and writes the setting.
 *
 * @return ERR_INVALID with what is wrong in `info`, a half-sentence; ERR_NO_MEMORY
 */
typedef enum err option_parse_fn(const struct option *option, const char *text,
                                 struct option_target *target, struct err_info *info);

struct option {
    const char *variable;
    const char *metavar;      /* what the value is called in help: "DURATION" */
    const char *fallback;     /* the default as text; NULL: there is none, or default_text tells */
    const char *default_text; /* how the default is told when it is not a fixed value; or NULL */
    const char *example;      /* a right value */
    const char *help;         /* one or two sentences */
    option_parse_fn *parse;
    size_t offset; /* of a duration: its int64_t in struct config; of a text: its pointer */
    int64_t min;   /* of a number; of a duration in milliseconds */
    int64_t max;
    const char *const *words; /* of a choice, in the order of its enum, NULL at the end */
    void (*set)(struct config *config, unsigned word); /* of a choice: writes the chosen word */
    enum setting setting;
    bool is_store_url; /* may hold a password: shown only masked */
    bool is_secret;    /* not shown at all */
};

/** Texts that one config can point to: addresses, the url from a file, how it was given. */
#define OPTION_MAX_KEPT 7

/** Where parsers write. */
struct option_target {
    struct config *config;
    const char *given_as; /* how the row was given, "FOOTFALL_STORE" or "--store": for messages */
    char *memory[OPTION_MAX_KEPT]; /* what the config points to; freed with the options */
    size_t memory_count;
};

extern const struct option option_table[];
extern const size_t option_count;

#define OPTION_MAX_FLAG 40

/** The flag without its dashes: "hit-timeout". The longest variable fits. */
void option_flag(const struct option *option, char out[static OPTION_MAX_FLAG]);

/** NULL when there is none. */
const struct option *option_by_flag(struct slice flag);
const struct option *option_by_variable(struct slice variable);

/** `text` as it may be shown: passwords masked, control characters replaced, long ones cut. */
void option_show(const struct option *option, const char *text, char *out, size_t size);

/* The parsers: option_parse.c. */
option_parse_fn option_parse_listen;
option_parse_fn option_parse_port;
option_parse_fn option_parse_store;
option_parse_fn option_parse_store_file;
option_parse_fn option_parse_workers;
option_parse_fn option_parse_name;
option_parse_fn option_parse_path;
option_parse_fn option_parse_key;
option_parse_fn option_parse_text;
option_parse_fn option_parse_url;
option_parse_fn option_parse_networks;
option_parse_fn option_parse_duration;
option_parse_fn option_parse_choice;

#endif
