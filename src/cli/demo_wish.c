#include "cli/demo.h"
#include "cli/duration.h"
#include "count/bucket.h"
#include "count/civil_date.h"
#include "process/system_clock.h"

#define DEFAULT_SEED         1
#define DEFAULT_DAYS         365
#define DEFAULT_HITS_PER_DAY 1000
#define MAX_HITS_PER_DAY     10000000

/* A number between `least` and `most`; `fallback` when the flag was not given. */
static enum err read_number(const char *flag, const char *text, int64_t fallback, int64_t least,
                            int64_t most, int64_t *out, struct err_info *info)
{
    if (!text) {
        *out = fallback;
        return ERR_OK;
    }
    if (number_parse(slice_str(text), out) && *out >= least && *out <= most)
        return ERR_OK;
    err_info_set(info, "--%s=%.40s is not right: a number from %lld to %lld is wanted", flag, text,
                 (long long)least, (long long)most);
    return ERR_INVALID;
}

/* Up to the end of that day; without one, up to now. */
static enum err read_until(const char *text, struct demo_wish *out, int32_t *last_day,
                           struct err_info *info)
{
    out->until_unix_s = clock_unix_ms(&system_clock) / 1000;
    *last_day = (int32_t)(out->until_unix_s / DAY_S);
    if (!text)
        return ERR_OK;
    if (!bucket_parse_day(slice_str(text), last_day)) {
        err_info_set(info, "--until=%.40s is not right: a date is wanted, for example 2026-11-25",
                     text);
        return ERR_INVALID;
    }
    out->until_unix_s = DAY_S * (*last_day + 1);
    return ERR_OK;
}

static enum err check_together(const struct invocation *invocation, const struct demo_wish *wish,
                               struct err_info *info)
{
    if (wish->first_day < 0) {
        err_info_set(info, "the traffic would begin before 1970: fewer --days, or a later --until");
        return ERR_INVALID;
    }
    if (invocation->force && !invocation->into) {
        err_info_set(info, "--force goes with --into=SITE only");
        return ERR_INVALID;
    }
    return ERR_OK;
}

enum err demo_wish_read(const struct invocation *invocation, struct demo_wish *out,
                        struct err_info *info)
{
    int64_t seed;
    int64_t days;
    int64_t hits;
    int32_t last_day;
    enum err err = read_number("seed", invocation->seed, DEFAULT_SEED, 0, 999999999, &seed, info);

    if (err == ERR_OK)
        err = read_number("days", invocation->days, DEFAULT_DAYS, 1, TRAFFIC_MAX_DAYS, &days, info);
    if (err == ERR_OK)
        err = read_number("hits-per-day", invocation->hits_per_day, DEFAULT_HITS_PER_DAY, 1,
                          MAX_HITS_PER_DAY, &hits, info);
    if (err == ERR_OK)
        err = read_until(invocation->until, out, &last_day, info);
    if (err != ERR_OK)
        return err;
    out->seed = (uint64_t)seed;
    out->days = (int32_t)days;
    out->first_day = last_day - out->days + 1;
    out->hits_per_day = (uint32_t)hits;
    out->into = invocation->into;
    out->is_forced = invocation->force;
    return check_together(invocation, out, info);
}

struct traffic_plan demo_plan(const struct demo_wish *wish, enum traffic_kind kind)
{
    double hits = wish->hits_per_day * traffic_sites[kind].share;

    return (struct traffic_plan){
        .seed = wish->seed,
        .kind = kind,
        .first_day = wish->first_day,
        .days = wish->days,
        .until_unix_s = wish->until_unix_s,
        .hits_per_day = hits < 1 ? 1 : (uint32_t)hits,
    };
}
