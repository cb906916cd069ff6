/**
 * Where packages and updaters put files with countries.
 */
#ifndef FOOTFALL_COUNT_COUNTRY_PLACES_H
#define FOOTFALL_COUNT_COUNTRY_PLACES_H

#include "base/err.h"

/**
 * Finds the best of the files that are there: MaxMind's before DB-IP's and IPinfo's, countries
 * before cities (which are larger, and know no more countries), of several dates the latest, and
 * tor's tables last.
 *
 * @param root  what stands before all places; "" but in tests
 * @param out   the path of a file, or of a folder with tor's tables; the caller frees it
 * @return      ERR_NOT_FOUND, ERR_NO_MEMORY
 */
enum err country_places_find(const char *root, char **out) MUST_CHECK;

#endif
