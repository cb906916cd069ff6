/**
 * The buckets that statistics are counted in: one int32 each, which tells its kind by its size.
 *
 *          0 …    99,999   a local day: days since 1970-01-01 of the local date
 *    100,000 …   999,999   a local month: 100,000 + 12 * (year - 1970) + (month - 1)
 *  1,000,000 … 39,999,999  an hour of the local clock: 1,000,000 + floor((unix_s + s) / 3600),
 * where s is how far the offset is beyond a whole hour: 1,800 in Asia/Kolkata 40,000,000 … a
 * minute: 40,000,000 + floor(unix_s / 60)
 *
 * Hours are counted on as time goes on, whatever the clocks show: the two 2-o'clock hours of a day
 * of 25 hours are two buckets. Where the offset changes by less than an hour (Australia/Lord_Howe),
 * the hour of the change is longer or shorter.
 *
 * Weeks and years are no buckets: they are sums of days and of months.
 *
 * A zone is the site's; NULL is UTC. All functions are safe with any bucket; of one that is not
 * what they ask for, a day before 1970 or after BUCKET_MAX_DAY for example, they make nothing
 * useful.
 */
#ifndef FOOTFALL_COUNT_BUCKET_H
#define FOOTFALL_COUNT_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/strbuf.h"

struct zone;

enum bucket_kind { BUCKET_DAY, BUCKET_MONTH, BUCKET_HOUR, BUCKET_MINUTE };

#define BUCKET_MAX_DAY      99999 /* 2243-10-16 */
#define BUCKET_FIRST_MONTH  100000
#define BUCKET_FIRST_HOUR   1000000
#define BUCKET_FIRST_MINUTE 40000000

/** Hours that one may ask for at once: those of a year, and a bit. */
#define BUCKET_MAX_HOURS 8800

/** Bytes that the text of any bucket takes at most. */
#define BUCKET_MAX_TEXT 32

enum bucket_kind bucket_kind(int32_t bucket);

/** When it begins. A day or month that the zone skipped begins where the next one does. */
int64_t bucket_start_unix_s(struct zone *zone, int32_t bucket);

/** @param unix_s  0 up to the year 4000, and a moment at which the zone has this offset */
int32_t bucket_hour_of(int64_t unix_s, int32_t offset_s);
int32_t bucket_minute_of(int64_t unix_s);

/** The month bucket that a day is in. */
int32_t bucket_month_of_day(int32_t day);

/** The first day of a month. */
int32_t bucket_month_start(int32_t month);

/** The Monday that begins the week of a day (ISO 8601). */
int32_t bucket_week_start(int32_t day);

/** The January of the year of a month, both as month buckets. */
int32_t bucket_year_start(int32_t month);

/**
 * Covers a range of days by whole months, and single days at its ends, in order of time.
 *
 * @param last_day  inclusive; before `first_day` the range is empty
 * @param out       `max` buckets
 * @return          how many there are; when that is over `max`, only the first ones are in `out`
 */
size_t bucket_cover(int32_t first_day, int32_t last_day, int32_t *out, size_t max);

/** Lists the hours of a range of local days: 23 or 25 on a day when the clocks change. As above. */
size_t bucket_hours(struct zone *zone, int32_t first_day, int32_t last_day, int32_t *out,
                    size_t max);

/** "2026-11-25", "2026-11"; an hour or a minute as "2026-11-25T14:00:00+01:00" (RFC 3339). */
void bucket_format(struct zone *zone, int32_t bucket, struct strbuf *out);

/** Parses "2026-11-25", exactly so, a date that there is, not before 1970 or after BUCKET_MAX_DAY.
 */
bool bucket_parse_day(struct slice text, int32_t *out_day);

#endif
