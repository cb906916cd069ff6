#include "count/series.h"

#include "count/bucket.h"
#include "count/civil_date.h"

_Static_assert(SERIES_MAX_DAYS_BY_HOUR * 25 <= BUCKET_MAX_HOURS, "hours fit");
_Static_assert(SERIES_MAX_DAYS_BY_DAY <= ROLLUP_MAX_BUCKETS, "days fit");
_Static_assert(DATE_RANGE_MAX_BUCKETS <= ROLLUP_MAX_BUCKETS, "months fit");

static const char *const unit_names[SERIES_UNIT_COUNT_] = {
    [SERIES_HOUR] = "hour",   [SERIES_DAY] = "day",   [SERIES_WEEK] = "week",
    [SERIES_MONTH] = "month", [SERIES_YEAR] = "year",
};

const char *series_unit_name(enum series_unit unit)
{
    return unit_names[unit];
}

bool series_unit_parse(struct slice name, enum series_unit *out, struct err_info *info)
{
    for (enum series_unit unit = 0; unit < SERIES_UNIT_COUNT_; unit++) {
        if (slice_eq(slice_str(unit_names[unit]), name)) {
            *out = unit;
            return true;
        }
    }
    err_info_set(info, "a series is by hour, day, week, month or year");
    return false;
}

enum series_unit series_unit_of(struct date_range range, bool has_hours)
{
    int32_t days = date_range_days(range);

    if (days <= 2 && has_hours)
        return SERIES_HOUR;
    if (days <= 120)
        return SERIES_DAY;
    return days <= SERIES_MAX_DAYS_BY_DAY ? SERIES_MONTH : SERIES_YEAR;
}

/* ---- planning ------------------------------------------------------------------------------- */

static enum err check_length(enum series_unit unit, struct date_range range, struct err_info *info)
{
    int32_t max = INT32_MAX;

    if (unit == SERIES_HOUR)
        max = SERIES_MAX_DAYS_BY_HOUR;
    else if (unit == SERIES_DAY || unit == SERIES_WEEK)
        max = SERIES_MAX_DAYS_BY_DAY;
    if (date_range_days(range) <= max)
        return ERR_OK;
    err_info_set(info,
                 "a series by %s has at most %d days, and this range has %d; ask for a "
                 "larger unit, or for less",
                 unit_names[unit], max, date_range_days(range));
    return ERR_INVALID;
}

/* The last day of the point that `day` is in. */
static int32_t point_end(enum series_unit unit, int32_t day)
{
    int32_t month = bucket_month_of_day(day);

    switch (unit) {
    case SERIES_WEEK:
        return bucket_week_start(day) + 6;
    case SERIES_MONTH:
        return bucket_month_start(month + 1) - 1;
    case SERIES_YEAR:
        return bucket_month_start(bucket_year_start(month) + 12) - 1;
    case SERIES_HOUR:
    case SERIES_DAY:
    case SERIES_UNIT_COUNT_:
        break;
    }
    return day;
}

static size_t cut_days(enum series_unit unit, struct date_range range, struct series_point *points)
{
    size_t count = 0;
    int32_t end;

    for (int32_t day = range.first_day; day <= range.last_day; day = end + 1) {
        end = point_end(unit, day);
        if (end > range.last_day)
            end = range.last_day;
        if (points)
            points[count] = (struct series_point){.days = {day, end}};
        count++;
    }
    return count;
}

static enum err plan_hours(struct series *series, struct zone *zone, struct arena *arena)
{
    struct date_range range = series->range;
    int32_t first = 0;

    series->count = bucket_hours(zone, range.first_day, range.last_day, &first, 1);
    series->points = arena_alloc(arena, (series->count + 1) * sizeof(*series->points));
    if (!series->points)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < series->count; i++)
        series->points[i] = (struct series_point){.days = range, .hour = first + (int32_t)i};
    return ERR_OK;
}

enum err series_plan(struct series *out, enum series_unit unit, struct date_range range,
                     struct zone *zone, struct arena *arena, struct err_info *info)
{
    struct series series = {.unit = unit, .range = range};
    enum err err = check_length(unit, range, info);

    if (err == ERR_OK && unit == SERIES_HOUR) {
        err = plan_hours(&series, zone, arena);
    } else if (err == ERR_OK) {
        series.count = cut_days(unit, range, NULL);
        series.points = arena_alloc(arena, series.count * sizeof(*series.points));
        if (!series.points)
            return ERR_NO_MEMORY;
        (void)cut_days(unit, range, series.points);
    }
    if (err == ERR_OK)
        *out = series;
    return err;
}

/* ---- buckets -------------------------------------------------------------------------------- */

enum err series_buckets(const struct series *series, struct arena *arena, const int32_t **out,
                        size_t *count)
{
    bool is_by_months = series->unit == SERIES_MONTH || series->unit == SERIES_YEAR;
    int32_t first = series->unit == SERIES_HOUR && series->count > 0 ? series->points[0].hour
                                                                     : series->range.first_day;
    size_t max =
        series->unit == SERIES_HOUR ? series->count : (size_t)date_range_days(series->range);
    int32_t *buckets;

    if (is_by_months)
        max = DATE_RANGE_MAX_BUCKETS;
    buckets = arena_alloc(arena, (max + 1) * sizeof(*buckets));
    if (!buckets)
        return ERR_NO_MEMORY;
    *out = buckets;
    *count = is_by_months ? date_range_cover(series->range, buckets) : max;
    for (size_t i = 0; !is_by_months && i < max; i++)
        buckets[i] = first + (int32_t)i;
    return ERR_OK;
}

/* The point that a day is in: the last one that does not begin behind it. */
static struct series_point *find_day(const struct series *series, int32_t day)
{
    size_t low = 0;
    size_t high = series->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (series->points[middle].days.first_day <= day)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && day <= series->points[low - 1].days.last_day ? &series->points[low - 1]
                                                                   : NULL;
}

static struct series_point *find_hour(const struct series *series, int32_t hour)
{
    size_t index;

    if (series->count == 0 || hour < series->points[0].hour)
        return NULL;
    index = (size_t)(hour - series->points[0].hour);
    return index < series->count ? &series->points[index] : NULL;
}

void series_add(struct series *series, int32_t bucket, const struct metrics *metrics)
{
    struct series_point *point;

    if (series->unit == SERIES_HOUR)
        point = find_hour(series, bucket);
    else if (bucket_kind(bucket) == BUCKET_MONTH)
        point = find_day(series, bucket_month_start(bucket));
    else
        point = find_day(series, bucket);
    if (!point)
        return;
    metrics_add(&point->metrics, metrics);
    metrics_add(&series->totals, metrics);
}

/* ---- points --------------------------------------------------------------------------------- */

int64_t series_point_unix_s(const struct series_point *point, struct zone *zone)
{
    return bucket_start_unix_s(zone, point->hour ? point->hour : point->days.first_day);
}

/* A week belongs to the year that has its Thursday (ISO 8601). */
static void format_week(int32_t day, struct strbuf *out)
{
    int32_t thursday = bucket_week_start(day) + 3;
    struct civil_date date = civil_date_of_day(thursday);
    int32_t new_year = civil_date_to_day((struct civil_date){date.year, 1, 1});

    strbuf_printf(out, "%04d-W%02d", date.year, (thursday - new_year) / 7 + 1);
}

void series_format_label(const struct series *series, const struct series_point *point,
                         struct zone *zone, struct strbuf *out)
{
    int32_t day = point->days.first_day;

    switch (series->unit) {
    case SERIES_HOUR:
        bucket_format(zone, point->hour, out);
        break;
    case SERIES_DAY:
        bucket_format(zone, day, out);
        break;
    case SERIES_WEEK:
        format_week(day, out);
        break;
    case SERIES_MONTH:
        bucket_format(zone, bucket_month_of_day(day), out);
        break;
    case SERIES_YEAR:
        strbuf_printf(out, "%04d", civil_date_of_day(day).year);
        break;
    case SERIES_UNIT_COUNT_:
        break;
    }
}
