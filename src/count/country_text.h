/**
 * The two text tables of Debian's package tor-geoipdb, in one folder: geoip and geoip6.
 */
#ifndef FOOTFALL_COUNT_COUNTRY_TEXT_H
#define FOOTFALL_COUNT_COUNTRY_TEXT_H

#include "base/address.h"
#include "count/country_file.h"
#include "count/country_table.h"

struct country_text {
    struct country_file files[2]; /* by enum country_family */
    struct country_table tables[2];
};

/**
 * Maps the files of `folder` and makes their indexes.
 *
 * @return  ERR_CONFIG: a file is missing or is not such a table, `info` says which and why;
 *          ERR_NO_MEMORY
 */
enum err country_text_open(const char *folder, struct country_text **out,
                           struct err_info *info) MUST_CHECK;

/** NULL is fine. */
void country_text_close(struct country_text *text);

/** The code of the country of an address, not of a unix socket; COUNTRY_NONE. */
uint16_t country_text_find(const struct country_text *text, const struct address *address);

/** When the older of the two files was written, in seconds since 1970. */
int64_t country_text_modified_unix_s(const struct country_text *text);

/** country_table_check() for both; ERR_CONFIG when one is damaged. */
enum err country_text_check(const struct country_text *text, size_t *ranges,
                            struct err_info *info) MUST_CHECK;

#endif
