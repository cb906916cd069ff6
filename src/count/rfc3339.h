/**
 * Points in time as texts: RFC 3339, section 5.6.
 *
 *     2026-03-01T14:30:05Z    2026-03-01T14:30:05.123+01:00    2026-03-01 14:30:05-08:00
 */
#ifndef FOOTFALL_COUNT_RFC3339_H
#define FOOTFALL_COUNT_RFC3339_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/** Go writes the time that nobody has set so: 0001-01-01T00:00:00Z. */
#define RFC3339_GO_ZERO_UNIX_S INT64_C(-62135596800)

/**
 * Reads a point in time. Parts of a second are cut off; a leap second counts as the one before it.
 *
 * @param out  seconds since 1970, UTC; of years 0 to 9999
 * @return     false: it is none, as a date without a time, a time without its offset, a 30th of
 *             February
 */
bool rfc3339_parse(struct slice text, int64_t *out);

#define RFC3339_UTC_TEXT 20

/** Writes 2026-03-01T14:30:05Z, NUL-terminated. Before 1970 and after 9999 it is taken for their
 * first and last second. */
void rfc3339_format(int64_t unix_s, char out[static RFC3339_UTC_TEXT + 1]);

#endif
