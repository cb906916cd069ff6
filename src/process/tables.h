/**
 * The tables that hits are looked up in: read from files before the workers are forked, which share
 * them.
 */
#ifndef FOOTFALL_PROCESS_TABLES_H
#define FOOTFALL_PROCESS_TABLES_H

#include "base/err.h"
#include "process/config.h"

struct countries;
struct spam_list;

struct tables {
    struct countries *countries;
    struct spam_list *spam; /* NULL: there is no list */
};

/**
 * Opens what the settings name, and logs what it found.
 *
 * @param out   written only on success
 * @param info  what is wrong, naming the setting
 * @return      ERR_CONFIG: a file is not there, or not what it should be; ERR_NO_MEMORY
 */
enum err tables_open(const struct config *config, struct tables *out,
                     struct err_info *info) MUST_CHECK;

/** Fine on one that was not opened, when it is zero. */
void tables_close(struct tables *tables);

/** Opens them anew in the place of `tables`; what cannot be opened leaves them as they are, which
 * is logged. */
void tables_reopen(const struct config *config, struct tables *tables);

#endif
