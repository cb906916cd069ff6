#include "count/prune_cut.h"

#include "count/bucket.h"
#include "count/moment.h"
#include "count/site.h"

static void add_range(struct prune_cut *cut, int32_t first, int32_t last)
{
    if (last >= first)
        cut->ranges[cut->count++] = (struct prune_range){first, last};
}

/* The first of `days` days up to and with `today`. */
static int32_t first_kept(int32_t today, int64_t days)
{
    return days > today ? 0 : today - (int32_t)days;
}

static int32_t first_hour_of(struct zone *zone, int32_t day)
{
    struct moment moment;

    moment_of(zone, bucket_start_unix_s(zone, day), &moment);
    return moment.hour;
}

void prune_cut_make(const struct site *site, struct zone *zone, int64_t now_unix_s,
                    struct prune_cut *out)
{
    int64_t hours_days = PRUNE_HOURS_DAYS;
    struct moment now;

    *out = (struct prune_cut){.count = 0};
    moment_of(zone, now_unix_s, &now);
    if (site->retention_days > 0) {
        out->days_from = first_kept(now.day, site->retention_days);
        if (site->retention_days < hours_days)
            hours_days = site->retention_days;
    }
    out->hours_from = first_kept(now.day, hours_days);
    out->hour_from = first_hour_of(zone, out->hours_from);
    add_range(out, BUCKET_FIRST_MINUTE, now.minute - PRUNE_LIVE_MINUTES);
    add_range(out, BUCKET_FIRST_HOUR, out->hour_from - 1);
    add_range(out, 0, out->days_from - 1);
    if (out->days_from > 0)
        add_range(out, BUCKET_FIRST_MONTH, bucket_month_of_day(out->days_from) - 1);
}
