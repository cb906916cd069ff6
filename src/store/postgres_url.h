/**
 * What a PostgreSQL url says:
 *
 *     postgres://[user[:password]@][host[:port]][,…][/database][?name=value&…]
 *
 * (or postgresql://). It is libpq's own url (PostgreSQL 15, section 34.1.1.2), with all its
 * parameters, and with the variables PGHOST, PGPASSFILE, PGSSLROOTCERT … and the service file
 * behind it. `require=strict|relaxed` is ours.
 */
#ifndef FOOTFALL_STORE_POSTGRES_URL_H
#define FOOTFALL_STORE_POSTGRES_URL_H

#include <libpq-fe.h>

#include "base/err.h"
#include "store/store.h"

struct postgres_target {
    PQconninfoOption *options; /* all of libpq's, from url, service file, variables and defaults */
    enum durability require;   /* commits are refused below it; DURABILITY_LOSSY accepts all */
};

/**
 * Reads the url and what stands behind it; local files only, and no connection.
 *
 * @param url  borrowed for the call
 * @param out  written only on success; the caller's, ends with postgres_target_fini()
 * @param info why not, in one sentence with a right example, never a password; may be NULL
 * @return     ERR_CONFIG, ERR_NO_MEMORY
 */
enum err postgres_url_parse(const char *url, struct postgres_target *out,
                            struct err_info *info) MUST_CHECK;

/** Fine for one that is all zero. */
void postgres_target_fini(struct postgres_target *target);

/** The value of a libpq parameter ("host"); empty when it has none. Lives with the target. */
const char *postgres_target_value(const struct postgres_target *target, const char *keyword);

#define POSTGRES_MAX_KEYWORDS 64

/** Parameters of a connection as libpq takes them, NULL at the end. The texts are borrowed. */
struct postgres_keywords {
    const char *names[POSTGRES_MAX_KEYWORDS + 1];
    const char *values[POSTGRES_MAX_KEYWORDS + 1];
    size_t count;
};

/** All parameters of the target, and those that are ours whatever the target says. */
void postgres_target_keywords(const struct postgres_target *target, struct postgres_keywords *out);

/** Sets a parameter, in place of one of that name. */
void postgres_keywords_set(struct postgres_keywords *keywords, const char *name, const char *value);

#endif
