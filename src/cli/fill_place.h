/**
 * What filling has to know of the site: its settings, as the store has them.
 */
#ifndef FOOTFALL_CLI_FILL_PLACE_H
#define FOOTFALL_CLI_FILL_PLACE_H

#include "cli/db_session.h"
#include "count/directory.h"

/** A site, with salts of its own for each day, which nobody else ever has. */
struct fill_place {
    struct site *settings;
    struct zone *zone;
    uint64_t version; /* of the settings */
    int32_t day;      /* of the salts; -1: none yet */
    unsigned char salt[SALT_BYTES];
    unsigned char salt_before[SALT_BYTES];
};

/**
 * Reads the settings of a site.
 *
 * @param out   to be ended with fill_place_fini(), also after an error
 * @param info  what is wrong, a sentence
 * @return      ERR_NOT_FOUND; ERR_CONFIG: they cannot be used here; ERR_UNAVAILABLE; ERR_NO_MEMORY
 */
enum err fill_place_read(struct db_session *session, struct store *store, struct slice id,
                         struct fill_place *out, struct err_info *info) MUST_CHECK;
void fill_place_fini(struct fill_place *place);

/**
 * The site at a moment; moments only go on.
 *
 * @param is_new_day  set: it is the first one of its day
 */
void fill_place_at(struct fill_place *place, int64_t unix_s, struct site_now *out,
                   bool *is_new_day);

#endif
