#include "count/bucket.h"

#include <stdio.h>

#include "count/civil_date.h"
#include "count/zone.h"

#define MONTHS_IN_YEAR 12
#define EPOCH_YEAR     1970

/* ---- numbers -------------------------------------------------------------------------------- */

enum bucket_kind bucket_kind(int32_t bucket)
{
    if (bucket < BUCKET_FIRST_MONTH)
        return BUCKET_DAY;
    if (bucket < BUCKET_FIRST_HOUR)
        return BUCKET_MONTH;
    return bucket < BUCKET_FIRST_MINUTE ? BUCKET_HOUR : BUCKET_MINUTE;
}

/* How far an offset is beyond a whole hour: 0 … 3,599. */
static int64_t beyond_hour_s(int32_t offset_s)
{
    return offset_s - floor_divide(offset_s, HOUR_S) * HOUR_S;
}

int32_t bucket_hour_of(int64_t unix_s, int32_t offset_s)
{
    return BUCKET_FIRST_HOUR + (int32_t)floor_divide(unix_s + beyond_hour_s(offset_s), HOUR_S);
}

int32_t bucket_minute_of(int64_t unix_s)
{
    return BUCKET_FIRST_MINUTE + (int32_t)floor_divide(unix_s, MINUTE_S);
}

static int32_t clamp_day(int32_t day)
{
    if (day < 0)
        return 0;
    return day > BUCKET_MAX_DAY ? BUCKET_MAX_DAY : day;
}

int32_t bucket_month_of_day(int32_t day)
{
    struct civil_date date = civil_date_of_day(clamp_day(day));

    return BUCKET_FIRST_MONTH + MONTHS_IN_YEAR * (date.year - EPOCH_YEAR) + date.month - 1;
}

static struct civil_date date_of_month(int32_t month)
{
    int32_t number = bucket_kind(month) == BUCKET_MONTH ? month - BUCKET_FIRST_MONTH : 0;

    return (struct civil_date){EPOCH_YEAR + number / MONTHS_IN_YEAR, number % MONTHS_IN_YEAR + 1,
                               1};
}

int32_t bucket_month_start(int32_t month)
{
    return civil_date_to_day(date_of_month(month));
}

int32_t bucket_week_start(int32_t day)
{
    day = clamp_day(day);
    return day - civil_weekday(day);
}

int32_t bucket_year_start(int32_t month)
{
    return month - (date_of_month(month).month - 1);
}

/* ---- moments -------------------------------------------------------------------------------- */

/* Its first moment: the hour has begun in the first span that reaches it. */
static int64_t hour_start_unix_s(struct zone *zone, int32_t hour)
{
    int64_t local_s = (int64_t)hour * HOUR_S;
    struct zone_span span = zone_span(zone, local_s - HOUR_S);
    int64_t start = local_s - beyond_hour_s(span.offset_s);

    while (start >= span.ends_unix_s) {
        span = zone_span(zone, span.ends_unix_s);
        start = local_s - beyond_hour_s(span.offset_s);
    }
    return start > span.begins_unix_s ? start : span.begins_unix_s;
}

int64_t bucket_start_unix_s(struct zone *zone, int32_t bucket)
{
    switch (bucket_kind(bucket)) {
    case BUCKET_DAY:
        return zone_day_start_unix_s(zone, bucket);
    case BUCKET_MONTH:
        return zone_day_start_unix_s(zone, bucket_month_start(bucket));
    case BUCKET_HOUR:
        return hour_start_unix_s(zone, bucket - BUCKET_FIRST_HOUR);
    case BUCKET_MINUTE:
        return (bucket - BUCKET_FIRST_MINUTE) * (int64_t)MINUTE_S;
    }
    return 0;
}

/* ---- ranges --------------------------------------------------------------------------------- */

size_t bucket_cover(int32_t first_day, int32_t last_day, int32_t *out, size_t max)
{
    int32_t last = clamp_day(last_day);
    size_t count = 0;

    if (last_day < first_day)
        return 0;
    for (int32_t day = clamp_day(first_day); day <= last;) {
        int32_t month = bucket_month_of_day(day);
        int32_t next_month = bucket_month_start(month + 1);
        bool is_whole = bucket_month_start(month) == day && next_month - 1 <= last;

        if (count < max)
            out[count] = is_whole ? month : day;
        count++;
        day = is_whole ? next_month : day + 1;
    }
    return count;
}

/* The hour bucket of a moment; before 1970, the first one. */
static int32_t hour_at(struct zone *zone, int64_t unix_s)
{
    int32_t hour = bucket_hour_of(unix_s, zone_offset_s(zone, unix_s));

    return hour < BUCKET_FIRST_HOUR ? BUCKET_FIRST_HOUR : hour;
}

size_t bucket_hours(struct zone *zone, int32_t first_day, int32_t last_day, int32_t *out,
                    size_t max)
{
    int64_t begins = zone_day_start_unix_s(zone, clamp_day(first_day));
    int64_t ends = zone_day_end_unix_s(zone, clamp_day(last_day));
    int32_t first;
    size_t count;

    if (last_day < first_day || ends <= begins)
        return 0;
    first = hour_at(zone, begins);
    count = (size_t)(hour_at(zone, ends - 1) - first) + 1;
    for (size_t i = 0; i < count && i < max; i++)
        out[i] = first + (int32_t)i;
    return count;
}

/* ---- texts ---------------------------------------------------------------------------------- */

static int format_date(char out[static BUCKET_MAX_TEXT], struct civil_date date)
{
    return snprintf(out, BUCKET_MAX_TEXT, "%04d-%02d-%02d", date.year, date.month, date.day);
}

static int format_month(char out[static BUCKET_MAX_TEXT], struct civil_date date)
{
    return snprintf(out, BUCKET_MAX_TEXT, "%04d-%02d", date.year, date.month);
}

static int format_time(char out[static BUCKET_MAX_TEXT], int64_t unix_s, int32_t offset_s)
{
    int64_t local_s = unix_s + offset_s;
    int32_t day = (int32_t)floor_divide(local_s, DAY_S);
    int32_t minutes = (int32_t)(local_s - day * DAY_S) / MINUTE_S;
    int32_t offset = (offset_s < 0 ? -offset_s : offset_s) / MINUTE_S;
    struct civil_date date = civil_date_of_day(day);

    return snprintf(out, BUCKET_MAX_TEXT, "%04d-%02d-%02dT%02d:%02d:00%c%02d:%02d", date.year,
                    date.month, date.day, minutes / 60, minutes % 60, offset_s < 0 ? '-' : '+',
                    offset / 60, offset % 60);
}

static int format_moment(char out[static BUCKET_MAX_TEXT], struct zone *zone, int64_t unix_s)
{
    return format_time(out, unix_s, zone_offset_s(zone, unix_s));
}

void bucket_format(struct zone *zone, int32_t bucket, struct strbuf *out)
{
    char text[BUCKET_MAX_TEXT];
    int len = 0;

    switch (bucket_kind(bucket)) {
    case BUCKET_DAY:
        len = format_date(text, civil_date_of_day(bucket));
        break;
    case BUCKET_MONTH:
        len = format_month(text, date_of_month(bucket));
        break;
    case BUCKET_HOUR:
    case BUCKET_MINUTE:
        len = format_moment(text, zone, bucket_start_unix_s(zone, bucket));
        break;
    }
    strbuf_append(out, slice_of(text, (size_t)len));
}

/* Digits only; false at anything else. */
static bool parse_digits(struct slice text, int32_t *out)
{
    int32_t number = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (text.ptr[i] - '0');
    }
    *out = number;
    return true;
}

bool bucket_parse_day(struct slice text, int32_t *out_day)
{
    struct civil_date date;
    struct civil_date real;
    int32_t day;

    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' ||
        !parse_digits(slice_of(text.ptr, 4), &date.year) ||
        !parse_digits(slice_of(text.ptr + 5, 2), &date.month) ||
        !parse_digits(slice_of(text.ptr + 8, 2), &date.day) || date.month < 1 || date.month > 12)
        return false;
    day = civil_date_to_day(date);
    real = civil_date_of_day(day);
    /* A 31st of a month of 30 days is another date; so is a day 0. */
    if (real.month != date.month || real.day != date.day || day < 0 || day > BUCKET_MAX_DAY)
        return false;
    *out_day = day;
    return true;
}
