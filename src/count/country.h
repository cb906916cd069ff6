/**
 * The country of a client's address.
 *
 * It comes from a MaxMind DB file or from the text tables of Debian's package tor-geoipdb; no data
 * are part of this program. The master opens them before it forks, and the workers share the mapped
 * pages; after that nothing changes them, so any thread may ask. To load anew is to open again and
 * to close the old ones: a file on disk has to be replaced as a whole, never written over in place.
 */
#ifndef FOOTFALL_COUNT_COUNTRY_H
#define FOOTFALL_COUNT_COUNTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"

/** The setting for no countries at all. */
#define COUNTRIES_NONE "none"

struct countries;

/** For the log and for people who look for a fault. Lives with its countries. */
struct countries_description {
    const char *path;    /* the file, or the folder of the text tables; NULL: no countries */
    const char *kind;    /* "GeoLite2-Country" or what the file calls itself, "tor-geoipdb"; NULL */
    int64_t made_unix_s; /* when the data were made, or the older table was written; 0: no data */
};

/**
 * Opens what `path` names.
 *
 * @param path  a MaxMind DB file; a folder with tor's tables geoip and geoip6; COUNTRIES_NONE; or
 *              NULL or "": the best of the files in the usual places (country_places.h), and none
 *              when there is none. Borrowed for the call
 * @param out   yours on success; untouched on errors
 * @param info  the file and what is wrong; may be NULL
 * @return      ERR_CONFIG: there is no such file, or it is not what it should be; ERR_NO_MEMORY
 */
enum err countries_open(const char *path, struct countries **out, struct err_info *info) MUST_CHECK;

/** NULL is fine. */
void countries_close(struct countries *countries);

/**
 * Finds the country of an address, in less than a microsecond.
 *
 * @param out  its code of ISO 3166-1, for example "DE", without a NUL; written when there is one
 * @return     false: no country is known; the address is private, reserved, or of a unix socket
 */
bool countries_find(const struct countries *countries, const struct address *address,
                    char out[static 2]);

void countries_describe(const struct countries *countries, struct countries_description *out);

/**
 * Looks at all data, for people who look for a fault; takes up to a second.
 *
 * When a file is opened only samples are looked at; where the rest is damaged, addresses have no
 * country or a wrong one.
 *
 * @param ranges  how many ranges of addresses there are; 0 without data
 * @return        ERR_CONFIG: they are damaged, `info` says where
 */
enum err countries_check(const struct countries *countries, size_t *ranges,
                         struct err_info *info) MUST_CHECK;

#endif
