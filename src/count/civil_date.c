#include "count/civil_date.h"

#define YEARS_IN_ERA 400
#define DAYS_IN_ERA  146097

/* From 0000-03-01, where era 0 begins, to 1970-01-01. */
#define DAYS_TO_1970 719468

/* Days before the month of a year that begins in March; `month` 0 is March. */
static int32_t days_before(int32_t month)
{
    return (153 * month + 2) / 5;
}

int32_t civil_date_to_day(struct civil_date date)
{
    int32_t year = date.month <= 2 ? date.year - 1 : date.year;
    int32_t month = date.month <= 2 ? date.month + 9 : date.month - 3;
    int32_t era = (int32_t)floor_divide(year, YEARS_IN_ERA);
    int32_t year_of_era = year - era * YEARS_IN_ERA;
    int32_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + days_before(month) + date.day - 1;

    return era * DAYS_IN_ERA + day_of_era - DAYS_TO_1970;
}

struct civil_date civil_date_of_day(int32_t day)
{
    int64_t since = (int64_t)day + DAYS_TO_1970;
    int32_t era = (int32_t)floor_divide(since, DAYS_IN_ERA);
    int32_t day_of_era = (int32_t)(since - (int64_t)era * DAYS_IN_ERA);
    /* Without the leap days before it: one in 4 years, but for 3 in 400. */
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_IN_ERA - 1)) /
        365;
    int32_t day_of_year = day_of_era - (year_of_era * 365 + year_of_era / 4 - year_of_era / 100);
    int32_t month = (5 * day_of_year + 2) / 153;

    return (struct civil_date){
        .year = era * YEARS_IN_ERA + year_of_era + (month >= 10 ? 1 : 0),
        .month = month >= 10 ? month - 9 : month + 3,
        .day = day_of_year - days_before(month) + 1,
    };
}

int32_t civil_weekday(int32_t day)
{
    /* 1970-01-01 was a Thursday. */
    int32_t rest = (int32_t)((day + INT64_C(3)) % 7);

    return rest < 0 ? rest + 7 : rest;
}
