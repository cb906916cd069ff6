/**
 * What "footfall site" does to a site: the edits of site_store.h, and the settings as they are
 * given on the command line.
 */
#ifndef FOOTFALL_CLI_SITE_EDIT_H
#define FOOTFALL_CLI_SITE_EDIT_H

#include "count/site_store.h"

/** The words KEY=VALUE; of a key given twice the last one holds. */
struct site_words {
    struct slice id;
    const char *const *words;
    unsigned count;
    int64_t now_unix_s;
};

/**
 * Checks the id and all words.
 *
 * @param info  the first thing that is wrong, a sentence
 * @return      ERR_INVALID, ERR_NO_MEMORY
 */
enum err site_words_check(const struct site_words *words, struct err_info *info) MUST_CHECK;

/* ctx is a struct site_words that was checked. */
site_edit_fn site_edit_add;
site_edit_fn site_edit_set;
site_edit_fn site_edit_remove;

#endif
