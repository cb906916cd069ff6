/**
 * Dates of the Gregorian calendar, and their numbers: days since 1970-01-01, which may be negative.
 *
 * Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013: the year begins in March, so
 * that the leap day is its last one, and 400 years are 146,097 days.
 */
#ifndef FOOTFALL_COUNT_CIVIL_DATE_H
#define FOOTFALL_COUNT_CIVIL_DATE_H

#include <stdint.h>

#define MINUTE_S 60
#define HOUR_S   3600
#define DAY_S    INT64_C(86400)

struct civil_date {
    int32_t year;
    int32_t month; /* 1 … 12 */
    int32_t day;   /* 1 … 31 */
};

struct civil_date civil_date_of_day(int32_t day);

/** The number of a date within 5 million years of 1970; a 31st of a month of 30 days is the 1st of
 * the next one. */
int32_t civil_date_to_day(struct civil_date date);

/** 0 (Monday) … 6 (Sunday), as ISO 8601 begins the week. */
int32_t civil_weekday(int32_t day);

/** `a` / `b` rounded down, also when `a` is negative; `b` positive. */
static inline int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

#endif
