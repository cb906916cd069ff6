#include "count/date_range.h"

#include <stdlib.h>

#include "count/bucket.h"
#include "count/civil_date.h"

static const char *const period_names[PERIOD_COUNT_] = {
    [PERIOD_TODAY] = "today", [PERIOD_YESTERDAY] = "yesterday", [PERIOD_7_DAYS] = "7d",
    [PERIOD_30_DAYS] = "30d", [PERIOD_90_DAYS] = "90d",         [PERIOD_12_MONTHS] = "12m",
    [PERIOD_WEEK] = "week",   [PERIOD_MONTH] = "month",         [PERIOD_YEAR] = "year",
    [PERIOD_ALL] = "all",
};

static const char *const comparison_names[COMPARISON_COUNT_] = {
    [COMPARISON_NONE] = "none",
    [COMPARISON_PREVIOUS] = "previous",
    [COMPARISON_YEAR] = "year",
};

const char *period_name(enum period period)
{
    return period_names[period];
}

bool period_parse(struct slice name, enum period *out, struct err_info *info)
{
    for (enum period period = 0; period < PERIOD_COUNT_; period++) {
        if (slice_eq(slice_str(period_names[period]), name)) {
            *out = period;
            return true;
        }
    }
    err_info_set(info, "a period is today, yesterday, 7d, 30d, 90d, 12m, week, month, year or all");
    return false;
}

bool comparison_parse(struct slice name, enum comparison *out, struct err_info *info)
{
    for (enum comparison comparison = 0; comparison < COMPARISON_COUNT_; comparison++) {
        if (slice_eq(slice_str(comparison_names[comparison]), name)) {
            *out = comparison;
            return true;
        }
    }
    err_info_set(info, "a range is compared with none, previous or year");
    return false;
}

static int32_t first_day_of(enum period period, int32_t today)
{
    int32_t month = bucket_month_of_day(today);

    switch (period) {
    case PERIOD_TODAY:
        return today;
    case PERIOD_YESTERDAY:
        return today - 1;
    case PERIOD_7_DAYS:
        return today - 6;
    case PERIOD_30_DAYS:
        return today - 29;
    case PERIOD_90_DAYS:
        return today - 89;
    case PERIOD_12_MONTHS:
        return month - 11 < BUCKET_FIRST_MONTH ? 0 : bucket_month_start(month - 11);
    case PERIOD_WEEK:
        return bucket_week_start(today);
    case PERIOD_MONTH:
        return bucket_month_start(month);
    case PERIOD_YEAR:
        return bucket_month_start(bucket_year_start(month));
    case PERIOD_ALL:
    case PERIOD_COUNT_:
        break;
    }
    return 0;
}

struct date_range period_range(enum period period, int32_t today)
{
    struct date_range range = {first_day_of(period, today), today};

    if (period == PERIOD_YESTERDAY)
        range.last_day = today - 1;
    if (range.first_day < 0)
        range.first_day = 0;
    if (range.last_day < 0)
        range.last_day = 0;
    return range;
}

/* A 29 February of a year that has none is taken for the day behind it. */
static int32_t year_before(int32_t day)
{
    struct civil_date date = civil_date_of_day(day);

    date.year--;
    return civil_date_to_day(date);
}

enum err date_range_compared(struct date_range range, enum comparison comparison,
                             struct date_range *out, struct err_info *info)
{
    struct date_range other = {range.first_day - date_range_days(range), range.first_day - 1};

    if (comparison == COMPARISON_YEAR)
        other = (struct date_range){year_before(range.first_day), year_before(range.last_day)};
    if (other.first_day < 0) {
        err_info_set(info, "there is nothing to compare with: it would begin before 1970");
        return ERR_INVALID;
    }
    *out = other;
    return ERR_OK;
}

static int compare(const void *a, const void *b)
{
    int32_t one = *(const int32_t *)a;
    int32_t two = *(const int32_t *)b;

    return one < two ? -1 : one > two;
}

size_t date_range_cover(struct date_range range, int32_t out[static DATE_RANGE_MAX_BUCKETS])
{
    size_t count = bucket_cover(range.first_day, range.last_day, out, DATE_RANGE_MAX_BUCKETS);

    /* The days behind the last whole month have smaller numbers than it. */
    qsort(out, count, sizeof(*out), compare);
    return count;
}
