/**
 * MaxMind DB files, in which GeoLite2, DB-IP and IPinfo deliver countries.
 *
 * The country is where one of them puts it: country.iso_code (MaxMind, DB-IP), country_code or
 * country (IPinfo). The format: https://maxmind.github.io/MaxMind-DB/
 */
#ifndef FOOTFALL_COUNT_COUNTRY_MMDB_H
#define FOOTFALL_COUNT_COUNTRY_MMDB_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"

struct country_mmdb;

/**
 * Maps the file.
 *
 * @return  ERR_CONFIG: it cannot be read, is over COUNTRY_FILE_MAX_BYTES, is not such a file, or
 * has no countries (as one of networks' owners); `info` says which; ERR_NO_MEMORY
 */
enum err country_mmdb_open(const char *path, struct country_mmdb **out,
                           struct err_info *info) MUST_CHECK;

/** NULL is fine. */
void country_mmdb_close(struct country_mmdb *mmdb);

/** The code of the country of an address, not of a unix socket; COUNTRY_NONE. */
uint16_t country_mmdb_find(const struct country_mmdb *mmdb, const struct address *address);

/**
 * Looks at the whole tree of networks.
 *
 * @param networks  how many have a country
 * @return          ERR_CONFIG: it is damaged
 */
enum err country_mmdb_check(const struct country_mmdb *mmdb, size_t *networks,
                            struct err_info *info) MUST_CHECK;

/** What the file calls itself, for example "GeoLite2-Country"; lives with `mmdb`. */
const char *country_mmdb_kind(const struct country_mmdb *mmdb);

/** When it was made, in seconds since 1970. */
int64_t country_mmdb_made_unix_s(const struct country_mmdb *mmdb);

#endif
