/**
 * The schema of a store, for the commands that show and change it. These calls wait; they are not
 * for a process that serves.
 */
#ifndef FOOTFALL_STORE_SCHEMA_H
#define FOOTFALL_STORE_SCHEMA_H

#include <stdbool.h>

#include "base/err.h"

struct schema_state {
    bool has_schema; /* false: such a store has none; nothing below is valid */
    int version;     /* that the store has; 0: nothing of Footfall is there yet */
    int wanted;      /* that this program reads and writes */
};

/**
 * Reads which schema the store has; changes nothing.
 *
 * @param url   borrowed for the call
 * @param out   written only on success
 * @param info  why not, without a password; may be NULL
 * @return      ERR_CONFIG: the url is wrong; ERR_UNAVAILABLE: it cannot be reached, or says no
 */
enum err store_schema_read(const char *url, struct schema_state *out,
                           struct err_info *info) MUST_CHECK;

/**
 * Brings the store to the schema of this program; one that is there already is left alone. In one
 * transaction: it is done, or nothing is.
 *
 * @return  ERR_CONFIG: the store's schema is newer; ERR_UNAVAILABLE: not done; ERR_UNKNOWN: ask
 *          store_schema_read()
 */
enum err store_schema_migrate(const char *url, struct err_info *info) MUST_CHECK;

/** How a driver does it; store_url.c holds the table of schemes. */
typedef enum err schema_read_fn(const char *url, struct schema_state *out, struct err_info *info);
typedef enum err schema_migrate_fn(const char *url, struct err_info *info);

#endif
