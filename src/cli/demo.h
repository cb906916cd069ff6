/**
 * The parts of `footfall demo`; cmd_demo.c puts them together.
 */
#ifndef FOOTFALL_CLI_DEMO_H
#define FOOTFALL_CLI_DEMO_H

#include "cli/command.h"
#include "cli/fill.h"
#include "session/secret.h"

/** What was asked for. */
struct demo_wish {
    uint64_t seed;
    int32_t first_day; /* since 1970-01-01, UTC */
    int32_t days;
    int64_t until_unix_s;
    uint32_t hits_per_day; /* of the main site */
    const char *into;      /* NULL: a store of its own, which is served */
    bool is_forced;
};

/* ---- demo_wish.c ---------------------------------------------------------------------------- */

/** Reads the flags. @param info  what is wrong, a sentence. ERR_INVALID */
enum err demo_wish_read(const struct invocation *invocation, struct demo_wish *out,
                        struct err_info *info) MUST_CHECK;

/** The traffic that one of the websites has then. */
struct traffic_plan demo_plan(const struct demo_wish *wish, enum traffic_kind kind);

/* ---- demo_sites.c --------------------------------------------------------------------------- */

/** The id of the site that a website is in the store of a demo. */
struct slice demo_site_id(enum traffic_kind kind);

/** Makes the sites in a store that is empty. ERR_UNAVAILABLE, ERR_NO_MEMORY */
enum err demo_sites_create(struct db_session *session, struct store *store) MUST_CHECK;

/** Whether a site has statistics, or a count. ERR_UNAVAILABLE, ERR_NO_MEMORY */
enum err demo_site_is_used(struct db_session *session, struct store *store, struct slice id,
                           bool *out) MUST_CHECK;

/* ---- demo_token.c --------------------------------------------------------------------------- */

/** Makes an API token that reads the statistics of all sites, and sends hits. ERR_UNAVAILABLE,
 * ERR_NO_MEMORY */
enum err demo_token_make(struct db_session *session, struct store *store,
                         char out[static SECRET_TEXT + 1]) MUST_CHECK;

/* ---- demo_folder.c -------------------------------------------------------------------------- */

#define DEMO_MAX_PATH 512

/** A folder for the store of a demo. */
struct demo_folder {
    char path[DEMO_MAX_PATH];
    char store[DEMO_MAX_PATH + 32]; /* url of an SQLite store in it */
};

/** Makes it below $TMPDIR, or /tmp. False, with errno: it cannot be made. */
bool demo_folder_make(struct demo_folder *folder) MUST_CHECK;

/** Removes it with its files. */
void demo_folder_remove(const struct demo_folder *folder);

#endif
