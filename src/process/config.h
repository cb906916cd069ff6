/**
 * All settings, filled once from flags and environment (cli/options.c), then const.
 */
#ifndef FOOTFALL_PROCESS_CONFIG_H
#define FOOTFALL_PROCESS_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/log.h"

#define CONFIG_MAX_LISTEN  8
#define CONFIG_MAX_WORKERS 256

struct config {
    const char *listen[CONFIG_MAX_LISTEN]; /* "host:port", "[::]:8080", "unix:/path" */
    unsigned listen_count;
    const char *store;           /* url */
    const char *store_source;    /* which variable or flag it came from: for messages */
    const char *redis_total_key; /* NULL: the usual one */
    const char *name;            /* FOOTFALL_NAME: "Footfall" */
    const char *script_path;     /* FOOTFALL_SCRIPT_PATH: "/count.js" */
    const char *count_path;      /* FOOTFALL_COUNT_PATH: "/count"; not the same */
    unsigned workers;            /* WEB_CONCURRENCY; default: CPUs, capped by the cgroup's quota */
    struct address_set trusted_proxies;
    bool proxy_protocol;
    const char *geoip;         /* FOOTFALL_GEOIP: see countries_open(); NULL: the usual places */
    const char *referrer_spam; /* FOOTFALL_REFERRER_SPAM: path of a list; NULL: none */
    int64_t hit_timeout_ms;    /* FOOTFALL_HIT_TIMEOUT: a hit's deadline; 5 s */
    int64_t store_timeout_ms;  /* FOOTFALL_STORE_TIMEOUT: of one store operation; 2 s */
    int64_t drain_timeout_ms;  /* FOOTFALL_DRAIN_TIMEOUT: from TERM to the end; 10 s */
    const char *url;        /* FOOTFALL_URL: the origin that browsers know; NULL: by their Host */
    const char *secret_key; /* FOOTFALL_SECRET_KEY; NULL: made and kept in the store */
    unsigned auth_header;   /* FOOTFALL_AUTH_HEADER: a word of its row; 0: none */
    int64_t login_idle_ms;  /* FOOTFALL_LOGIN_IDLE: a login that is not used for so long ends */
    int64_t login_lifetime_ms; /* FOOTFALL_LOGIN_LIFETIME: every login ends after so long */
    const char *admin_email; /* FOOTFALL_ADMIN_EMAIL: is made a user when there is none; or NULL */
    const char *admin_password_file; /* FOOTFALL_ADMIN_PASSWORD_FILE */
    bool has_guests;        /* of a demo, never by a setting: anybody may look at the statistics */
    int64_t prune_every_ms; /* FOOTFALL_PRUNE_EVERY: see pruning.h; 24 h, 0: never */
    enum log_format log_format;
    enum log_level log_level;
};

#endif
