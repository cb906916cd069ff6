/**
 * How "footfall site" shows sites, for people and as JSON.
 */
#ifndef FOOTFALL_CLI_SITE_PRINT_H
#define FOOTFALL_CLI_SITE_PRINT_H

#include "count/site_store.h"

/** A line each, under a heading. A site whose record cannot be read is shown with the reason.
 *  False: it could not be written. */
bool site_print_list(const struct stored_site *sites, size_t count);

/** {"sites":[…]}, each as site_print_json(); without those whose record cannot be read. */
bool site_print_list_json(const struct stored_site *sites, size_t count);

/** All settings, one a line. */
bool site_print(const struct site *site, int64_t views);

/** The site's record, with its views. */
bool site_print_json(const struct site *site, int64_t views);

/** What is different, one setting a line. */
bool site_print_changes(const struct site *before, const struct site *after);

#endif
