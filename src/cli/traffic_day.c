#include "cli/traffic_day.h"

#include <stdlib.h>

#include "cli/traffic_channel.h"
#include "cli/traffic_person.h"
#include "cli/traffic_visit.h"
#include "count/civil_date.h"

#define FIRST_CAPACITY 1024

/* From so much of the average at the beginning to so much at the end. */
#define GROWTH_FIRST 0.78
#define GROWTH_LAST  1.22

/* A day is busier or quieter by so much at most, for no reason. */
#define WHIM 0.09

/* Visits of robots for each one of a person. */
#define ROBOTS 0.11

/* ---- how many ------------------------------------------------------------------------------- */

double traffic_views_per_visit(const struct traffic_site *site, size_t channel)
{
    double bounce = traffic_channels[channel].bounce;
    double on = site->go_on_chance;

    return (1 + (1 - bounce) * (1 + on / (1 - on))) * (1 + TRAFFIC_COMES_BACK);
}

/* Visits of a channel, before the scale. */
static double channel_weight(const struct traffic_plan *plan, size_t channel, int32_t day)
{
    const struct traffic_site *site = &traffic_sites[plan->kind];
    const struct traffic_channel *c = &traffic_channels[channel];
    int32_t date = plan->first_day + day;
    double growth = GROWTH_FIRST + (GROWTH_LAST - GROWTH_FIRST) * day / plan->days;

    return c->weight[plan->kind] * growth * site->weekday[civil_weekday(date)] *
           traffic_rhythm(c->rhythm, day, plan->days, civil_date_of_day(date).day);
}

double traffic_scale(const struct traffic_plan *plan)
{
    const struct traffic_site *site = &traffic_sites[plan->kind];
    double views = 0;

    for (int32_t day = 0; day < plan->days; day++) {
        for (size_t channel = 0; channel < traffic_channel_count; channel++)
            views += channel_weight(plan, channel, day) * traffic_views_per_visit(site, channel);
    }
    return (double)plan->hits_per_day * plan->days / views;
}

/* ---- when ----------------------------------------------------------------------------------- */

static void sum_countries(double *sums)
{
    double sum = 0;

    for (size_t i = 0; i < traffic_country_count; i++)
        sums[i] = sum += traffic_countries[i].weight;
}

static void sum_hours(const struct traffic_site *site, double *sums)
{
    double sum = 0;

    for (size_t i = 0; i < 24; i++)
        sums[i] = sum += site->hour[i];
}

/* Who lives far away visits at the other end of the same day. */
static int32_t draw_second(struct draw *draw, const double *hours, size_t country)
{
    int hour = (int)draw_from(draw, hours, 24) - traffic_countries[country].offset_h;
    int64_t within_s = draw_between(draw, 0, (int64_t)HOUR_S - 1);

    return (hour + 24) % 24 * HOUR_S + (int32_t)within_s;
}

/* ---- a day ---------------------------------------------------------------------------------- */

#define MAX_COUNTRIES 64

struct drawing {
    struct draw draw;
    double countries[MAX_COUNTRIES]; /* sums of weights */
    double hours[24];
    struct traffic_day *day;
};

static enum err reserve(struct traffic_day *day, size_t more)
{
    size_t capacity = day->capacity ? day->capacity : FIRST_CAPACITY;
    struct traffic_start *starts;

    if (day->count + more <= day->capacity)
        return ERR_OK;
    while (capacity < day->count + more)
        capacity *= 2;
    starts = realloc(day->starts, capacity * sizeof(*starts));
    if (!starts)
        return ERR_NO_MEMORY;
    day->starts = starts;
    day->capacity = capacity;
    return ERR_OK;
}

static enum err draw_starts(struct drawing *d, size_t channel, int64_t count)
{
    enum err err = reserve(d->day, (size_t)count);

    for (int64_t i = 0; i < count && err == ERR_OK; i++) {
        size_t country = draw_from(&d->draw, d->countries, traffic_country_count);

        d->day->starts[d->day->count] = (struct traffic_start){
            .second = draw_second(&d->draw, d->hours, country),
            .number = (uint32_t)d->day->count,
            .channel = (uint16_t)channel,
            .country = (uint16_t)country,
        };
        d->day->count++;
    }
    return err;
}

static int compare_starts(const void *one, const void *two)
{
    const struct traffic_start *a = one;
    const struct traffic_start *b = two;

    if (a->second != b->second)
        return a->second < b->second ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

enum err traffic_day_draw(const struct traffic_plan *plan, int32_t day, double scale,
                          struct traffic_day *out)
{
    struct drawing d = {.draw = {draw_seed(plan->seed, (uint64_t)day)}, .day = out};
    double whim = 1 + WHIM * (2 * draw_unit(&d.draw) - 1);
    int64_t people = 0;
    enum err err = ERR_OK;

    sum_countries(d.countries);
    sum_hours(&traffic_sites[plan->kind], d.hours);
    out->count = 0;
    for (size_t channel = 0; channel < traffic_channel_count && err == ERR_OK; channel++) {
        double mean = channel_weight(plan, channel, day) * scale * whim;
        int64_t count = draw_rounded(&d.draw, mean);

        people += count;
        err = draw_starts(&d, channel, count);
    }
    if (err == ERR_OK)
        err =
            draw_starts(&d, traffic_channel_count, draw_rounded(&d.draw, (double)people * ROBOTS));
    if (err == ERR_OK && out->count > 1)
        qsort(out->starts, out->count, sizeof(*out->starts), compare_starts);
    return err;
}
