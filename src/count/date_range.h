/**
 * Ranges of local days, as statistics are asked for them: by their ends, by a name ("30d"), or as
 * what another range is compared with.
 *
 * A day is a number: see zone.h.
 */
#ifndef FOOTFALL_COUNT_DATE_RANGE_H
#define FOOTFALL_COUNT_DATE_RANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/** From 0 to BUCKET_MAX_DAY; the last one is not before the first. */
struct date_range {
    int32_t first_day;
    int32_t last_day; /* inclusive */
};

/** Those that have an end have it today, but for PERIOD_YESTERDAY. */
enum period {
    PERIOD_TODAY,
    PERIOD_YESTERDAY,
    PERIOD_7_DAYS,
    PERIOD_30_DAYS,
    PERIOD_90_DAYS,
    PERIOD_12_MONTHS, /* this month and the eleven before it */
    PERIOD_WEEK,      /* since Monday */
    PERIOD_MONTH,     /* since the first */
    PERIOD_YEAR,      /* since January */
    PERIOD_ALL,       /* since the first month with counts; here: since 1970 */
    PERIOD_COUNT_     /* how many there are; none itself */
};

/** "today", "yesterday", "7d", "30d", "90d", "12m", "week", "month", "year", "all". */
const char *period_name(enum period period);

/** False: there is none of this name; `info` lists them. */
bool period_parse(struct slice name, enum period *out, struct err_info *info);

/** @param today  from 0 to BUCKET_MAX_DAY */
struct date_range period_range(enum period period, int32_t today);

/** What a range is compared with. */
enum comparison {
    COMPARISON_NONE,
    COMPARISON_PREVIOUS, /* as many days just before it */
    COMPARISON_YEAR,     /* the same dates a year before; 29 February: 1 March */
    COMPARISON_COUNT_    /* how many there are; none itself */
};

/** "none", "previous", "year". False: none of them; `info` lists them. */
bool comparison_parse(struct slice name, enum comparison *out, struct err_info *info);

/**
 * The range that `range` is compared with; not for COMPARISON_NONE.
 *
 * @return ERR_INVALID: it would begin before 1970
 */
enum err date_range_compared(struct date_range range, enum comparison comparison,
                             struct date_range *out, struct err_info *info) MUST_CHECK;

static inline int32_t date_range_days(struct date_range range)
{
    return range.last_day - range.first_day + 1;
}

/** So many buckets cover any range: the months from 1970 to 2243, and the days at both ends. */
#define DATE_RANGE_MAX_BUCKETS 3400

/** bucket_cover() in the order of a store's query, which is that of the numbers. */
size_t date_range_cover(struct date_range range, int32_t out[static DATE_RANGE_MAX_BUCKETS]);

#endif
