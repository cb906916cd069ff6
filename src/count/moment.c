#include "count/moment.h"

#include "count/bucket.h"
#include "count/civil_date.h"
#include "count/zone_core.h"

/* A day off the ends of the days, since local days begin up to 26 hours from those of UTC. */
#define MIN_UNIX_S (2 * DAY_S)
#define MAX_UNIX_S ((BUCKET_MAX_DAY - 1) * DAY_S - 1)

static int64_t clamp(int64_t unix_s)
{
    if (unix_s < MIN_UNIX_S)
        return MIN_UNIX_S;
    return unix_s > MAX_UNIX_S ? MAX_UNIX_S : unix_s;
}

static struct moment work_out(struct zone *zone, int64_t unix_s, int32_t offset_s)
{
    int32_t day = (int32_t)floor_divide(unix_s + offset_s, DAY_S);

    return (struct moment){
        .hour = bucket_hour_of(unix_s, offset_s),
        .day = day,
        .month = bucket_month_of_day(day),
        .day_ends_unix_s = zone_day_end_unix_s(zone, day),
    };
}

/* Local hours and days begin together, so what holds in the hour holds in the part of it that is in
 * the span. */
static void refresh(struct zone *zone, int64_t unix_s)
{
    struct zone_span span = zone_span(zone, unix_s);
    int64_t into_hour_s = (unix_s + span.offset_s) % HOUR_S;
    int64_t from = unix_s - into_hour_s;
    int64_t until = from + HOUR_S;

    zone->hour.moment = work_out(zone, unix_s, span.offset_s);
    zone->hour.from_unix_s = from > span.begins_unix_s ? from : span.begins_unix_s;
    zone->hour.until_unix_s = until < span.ends_unix_s ? until : span.ends_unix_s;
}

void moment_of(struct zone *zone, int64_t unix_s, struct moment *out)
{
    unix_s = clamp(unix_s);
    if (!zone) {
        *out = work_out(zone, unix_s, 0);
    } else {
        if (unix_s < zone->hour.from_unix_s || unix_s >= zone->hour.until_unix_s)
            refresh(zone, unix_s);
        *out = zone->hour.moment;
    }
    out->minute = bucket_minute_of(unix_s);
}
