/**
 * A time zone of the tz database: Europe/Berlin, America/New_York, UTC.
 *
 * Read from the system's files (Debian: package tzdata), except for UTC, which needs none. Wherever
 * a zone is a parameter, NULL is UTC. A zone keeps the last answers it gave, so one thread uses it.
 *
 * A day is a number: days since 1970-01-01 of the local date. Where the clocks go back just after
 * midnight (America/St_Johns did until 2011), the evening before comes again for an hour; a day
 * then begins when it is there first, and ends when it is over for good.
 */
#ifndef FOOTFALL_COUNT_ZONE_H
#define FOOTFALL_COUNT_ZONE_H

#include "count/zone_rule.h"

/** The longest name of the tz database has 32 bytes. */
#define ZONE_MAX_NAME 63

struct zone;

/**
 * True when a zone could be called so: parts of letters, digits, _, + and - between single slashes,
 * a capital letter first. So no name leads out of the folder, to a file that is no zone, or to
 * right/, which counts leap seconds. Whether there is such a zone, zone_open() knows.
 */
bool zone_is_name(struct slice text);

/**
 * @param name  as the tz database spells it; any text, checked here
 * @param out   to be closed with zone_close()
 * @param info  what is wrong, a whole sentence; may be NULL
 * @return      ERR_INVALID: no name that the tz database could have; ERR_NOT_FOUND: it has no such
 *              zone; ERR_UNAVAILABLE: its file is damaged, cannot be read, or there are no files at
 *              all; ERR_NO_MEMORY
 */
enum err zone_open(const char *name, struct zone **out, struct err_info *info) MUST_CHECK;

/** NULL is fine. */
void zone_close(struct zone *zone);

/** As it was opened; belongs to the zone. */
const char *zone_name(const struct zone *zone);

/** Local time minus UTC, in seconds. Beyond 32,000 years off, the year 32,000's. */
int32_t zone_offset_s(struct zone *zone, int64_t unix_s);

/** The time around this moment in which the offset is the same. */
struct zone_span zone_span(struct zone *zone, int64_t unix_s);

/**
 * The first moment of a local day, be it midnight or not. A day that the zone skipped (2011-12-30
 * in Pacific/Apia) begins where the next one does.
 *
 * @param day  any; beyond 32,000 years off, it is taken for that
 */
int64_t zone_day_start_unix_s(struct zone *zone, int32_t day);

/** The first moment from which on the day is over for good. */
int64_t zone_day_end_unix_s(struct zone *zone, int32_t day);

#endif
