/**
 * A series: a range of days cut into points, each with the sums of its buckets.
 *
 *     series_plan() -> points with no counts   series_buckets() -> what to ask the store for
 *     series_add() for each sum of a bucket    -> points and totals
 *
 * Whole months are asked for as months and only the rest as days, so a year by month costs 12
 * buckets. Points at the ends of a range may be cut: the week of a range that begins on a Friday
 * has three days. By hour, a day has 23 to 25 points, as the clocks of the zone say.
 */
#ifndef FOOTFALL_COUNT_SERIES_H
#define FOOTFALL_COUNT_SERIES_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "count/date_range.h"
#include "store/rollup.h"

struct zone;

/** Longer ranges have too many points of these units. */
#define SERIES_MAX_DAYS_BY_HOUR 92
#define SERIES_MAX_DAYS_BY_DAY  3660

enum series_unit {
    SERIES_HOUR,
    SERIES_DAY,
    SERIES_WEEK, /* from Monday: ISO 8601 */
    SERIES_MONTH,
    SERIES_YEAR,
    SERIES_UNIT_COUNT_ /* how many there are; none itself */
};

struct series_point {
    struct date_range days; /* of an hour: its day is not told */
    int32_t hour;           /* bucket, by hour; else 0 */
    struct metrics metrics;
};

struct series {
    enum series_unit unit;
    struct date_range range;
    struct series_point *points; /* in order of time */
    size_t count;
    struct metrics totals;
};

/** "hour", "day", "week", "month", "year". */
const char *series_unit_name(enum series_unit unit);

/** False: there is none of this name; `info` lists them. */
bool series_unit_parse(struct slice name, enum series_unit *out, struct err_info *info);

/** The unit that gives a range a readable number of points: 24 to 120 or so.
 *  @param has_hours  whether there are counts by hour */
enum series_unit series_unit_of(struct date_range range, bool has_hours);

/**
 * Cuts a range.
 *
 * @param arena  for the points, which live as long
 * @return       ERR_INVALID: the range is too long for the unit; ERR_NO_MEMORY
 */
enum err series_plan(struct series *out, enum series_unit unit, struct date_range range,
                     struct zone *zone, struct arena *arena, struct err_info *info) MUST_CHECK;

/** The buckets that a store is asked for, in `arena`: at most ROLLUP_MAX_BUCKETS, ascending. */
enum err series_buckets(const struct series *series, struct arena *arena, const int32_t **out,
                        size_t *count) MUST_CHECK;

/** Adds the sum of a bucket to its point and to the totals; of one that is in none, nothing. */
void series_add(struct series *series, int32_t bucket, const struct metrics *metrics);

/** When a point begins. */
int64_t series_point_unix_s(const struct series_point *point, struct zone *zone);

/** "2026-11-25T14:00:00+01:00", "2026-11-25", "2026-W48", "2026-11", "2026". */
void series_format_label(const struct series *series, const struct series_point *point,
                         struct zone *zone, struct strbuf *out);

#endif
