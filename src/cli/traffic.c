#include "cli/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "cli/traffic_channel.h"
#include "cli/traffic_visit.h"
#include "count/civil_date.h"

#define FIRST_VISITS 256

/* The texts of one hit. */
#define MAX_TEXT 512

struct traffic {
    struct traffic_plan plan;
    const struct traffic_site *site;
    double scale;
    struct traffic_scene scene;
    struct traffic_day today; /* its visits that have not begun yet: from `next_start` on */
    size_t next_start;
    struct traffic_visit *visits; /* under way: a heap, the next one first */
    size_t visit_count;
    size_t visit_capacity;
    uint64_t next_order;
    char address_text[MAX_TEXT];
    char title_text[MAX_TEXT];
    char referrer_text[MAX_TEXT];
    char agent_text[TRAFFIC_MAX_AGENT];
    struct event_property property;
};

/* ---- the visits under way: a heap ----------------------------------------------------------- */

static bool is_before(const struct traffic_visit *a, const struct traffic_visit *b)
{
    return a->next_unix_s != b->next_unix_s ? a->next_unix_s < b->next_unix_s : a->order < b->order;
}

static void swap(struct traffic_visit *a, struct traffic_visit *b)
{
    struct traffic_visit kept = *a;

    *a = *b;
    *b = kept;
}

static void sift_up(struct traffic_visit *visits, size_t at)
{
    while (at > 0 && is_before(&visits[at], &visits[(at - 1) / 2])) {
        swap(&visits[at], &visits[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct traffic_visit *visits, size_t count)
{
    size_t at = 0;

    for (;;) {
        size_t first = at;

        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
            if (is_before(&visits[child], &visits[first]))
                first = child;
        }
        if (first == at)
            return;
        swap(&visits[at], &visits[first]);
        at = first;
    }
}

static enum err reserve_visit(struct traffic *t)
{
    size_t capacity = t->visit_capacity ? 2 * t->visit_capacity : FIRST_VISITS;
    struct traffic_visit *visits;

    if (t->visit_count < t->visit_capacity)
        return ERR_OK;
    visits = realloc(t->visits, capacity * sizeof(*visits));
    if (!visits)
        return ERR_NO_MEMORY;
    t->visits = visits;
    t->visit_capacity = capacity;
    return ERR_OK;
}

/* The visit that comes first begins. */
static enum err begin_visit(struct traffic *t)
{
    enum err err = reserve_visit(t);

    if (err != ERR_OK)
        return err;
    traffic_visit_begin(&t->visits[t->visit_count], &t->scene, &t->today.starts[t->next_start++]);
    t->visits[t->visit_count].order = t->next_order++;
    sift_up(t->visits, t->visit_count++);
    return ERR_OK;
}

/* The visit that was told has its next hit, or is over. */
static void go_on(struct traffic *t)
{
    if (!traffic_visit_go_on(&t->visits[0], &t->scene))
        t->visits[0] = t->visits[--t->visit_count];
    else
        t->visits[0].order = t->next_order++;
    sift_down(t->visits, t->visit_count);
}

/* ---- days ----------------------------------------------------------------------------------- */

static void weigh_pages(struct traffic *t)
{
    struct traffic_scene *scene = &t->scene;
    double sum = 0;

    scene->newest_page = 0;
    for (size_t page = 0; page < scene->page_count; page++) {
        double weight = traffic_page_weight(t->site, page, scene->day, t->plan.days);

        scene->page_sums[page] = sum += weight;
        if (t->site->article_life > 0 && weight > 0)
            scene->newest_page = page;
    }
}

static enum err begin_day(struct traffic *t, int32_t day)
{
    t->scene.day = day;
    t->next_start = 0;
    weigh_pages(t);
    return traffic_day_draw(&t->plan, day, t->scale, &t->today);
}

static int64_t unix_s_of(const struct traffic *t, const struct traffic_start *start)
{
    return DAY_S * (t->plan.first_day + t->scene.day) + start->second;
}

/* All visits that begin before the next hit of those under way are under way then. A day begins
 * when all visits of the one before have begun. */
static enum err catch_up(struct traffic *t)
{
    enum err err = ERR_OK;

    while (err == ERR_OK) {
        int64_t next_unix_s = t->visit_count > 0 ? t->visits[0].next_unix_s : INT64_MAX;

        if (t->next_start < t->today.count) {
            if (unix_s_of(t, &t->today.starts[t->next_start]) > next_unix_s)
                return ERR_OK;
            err = begin_visit(t);
        } else {
            if (t->scene.day + 1 >= t->plan.days ||
                next_unix_s < DAY_S * (t->plan.first_day + t->scene.day + 1))
                return ERR_OK;
            err = begin_day(t, t->scene.day + 1);
        }
    }
    return err;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void append_query(struct strbuf *out, const char *query, int64_t unix_s)
{
    struct civil_date date = civil_date_of_day((int32_t)floor_divide(unix_s, DAY_S));

    strbuf_append_char(out, '?');
    for (const char *c = query; *c != '\0'; c++) {
        if (*c == '#')
            strbuf_printf(out, "%d-%02d", date.year, date.month);
        else
            strbuf_append_char(out, *c);
    }
}

static struct slice tell_address(struct traffic *t, const struct traffic_visit *visit)
{
    const char *query = visit->is_robot ? "" : traffic_channels[visit->channel].query;
    struct strbuf out;

    strbuf_init_fixed(&out, t->address_text, sizeof(t->address_text));
    strbuf_printf(&out, "https://%s", t->site->host);
    traffic_page_path(t->site, visit->page, &out);
    if (visit->is_first && query[0] != '\0')
        append_query(&out, query, visit->next_unix_s);
    return strbuf_slice(&out);
}

static struct slice tell_title(struct traffic *t, const struct traffic_visit *visit)
{
    struct strbuf out;

    strbuf_init_fixed(&out, t->title_text, sizeof(t->title_text));
    traffic_page_title(t->site, visit->page, &out);
    return strbuf_slice(&out);
}

/* Within a visit it is a page of the site itself. */
static struct slice tell_referrer(struct traffic *t, const struct traffic_visit *visit)
{
    struct strbuf out;

    if (visit->is_robot)
        return SLICE("");
    if (visit->is_first)
        return slice_str(traffic_channels[visit->channel].referrer);
    strbuf_init_fixed(&out, t->referrer_text, sizeof(t->referrer_text));
    strbuf_printf(&out, "https://%s/", t->site->host);
    return strbuf_slice(&out);
}

static struct slice tell_agent(struct traffic *t, const struct traffic_visit *visit)
{
    struct strbuf out;

    if (visit->is_robot)
        return slice_str(traffic_robots[visit->robot]);
    strbuf_init_fixed(&out, t->agent_text, sizeof(t->agent_text));
    traffic_person_agent(&visit->person, &out);
    return strbuf_slice(&out);
}

/* The first choice is the likeliest: each next one half as likely. */
static const char *draw_choice(struct draw *draw, const char *const *choices)
{
    while (choices[1] && draw_chance(draw, 0.5))
        choices++;
    return *choices;
}

static struct event tell_event(struct traffic *t, struct traffic_visit *visit)
{
    const struct traffic_action *action = traffic_page_action(t->site, visit->page);
    struct event event = {.name = slice_str(action->name)};

    if (action->property) {
        t->property.name = slice_str(action->property);
        t->property.value = slice_str(draw_choice(&visit->draw, action->choices));
        event.properties = &t->property;
        event.property_count = 1;
    }
    event.has_value = action->most_cents > 0;
    if (event.has_value)
        event.value =
            (double)draw_between(&visit->draw, action->least_cents, action->most_cents) / 100;
    return event;
}

static void tell(struct traffic *t, struct traffic_visit *visit, struct traffic_hit *out)
{
    *out = (struct traffic_hit){
        .unix_s = visit->next_unix_s,
        .address = tell_address(t, visit),
        .title = tell_title(t, visit),
        .referrer = tell_referrer(t, visit),
        .screen = visit->is_robot ? SLICE("") : slice_str(visit->person.screen),
        .user_agent = tell_agent(t, visit),
        .languages = visit->is_robot ? SLICE("") : slice_str(visit->person.country->languages),
        .country = slice_str(visit->person.country->code),
        .client = visit->person.address,
        .event = {.name = SLICE("")},
        .is_robot = visit->is_robot,
    };
    if (visit->is_action)
        out->event = tell_event(t, visit);
}

enum err traffic_next(struct traffic *t, struct traffic_hit *out, bool *is_end)
{
    enum err err = catch_up(t);

    if (err != ERR_OK)
        return err;
    *is_end = t->visit_count == 0 || t->visits[0].next_unix_s >= t->plan.until_unix_s;
    if (*is_end)
        return ERR_OK;
    tell(t, &t->visits[0], out);
    go_on(t);
    return ERR_OK;
}

/* ---- the traffic ---------------------------------------------------------------------------- */

uint64_t traffic_expected_views(const struct traffic *t)
{
    int64_t seconds = t->plan.until_unix_s - DAY_S * t->plan.first_day;
    double days = (double)seconds / (double)DAY_S;

    return (uint64_t)(t->plan.hits_per_day * (days < t->plan.days ? days : t->plan.days));
}

struct traffic *traffic_create(const struct traffic_plan *plan)
{
    const struct traffic_site *site = &traffic_sites[plan->kind];
    struct traffic *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->plan = *plan;
    t->plan.seed = draw_seed(plan->seed, (uint64_t)plan->kind);
    t->site = site;
    t->scale = traffic_scale(plan);
    t->scene.plan = &t->plan;
    t->scene.page_count = traffic_page_count(site, plan->hits_per_day);
    t->scene.page_sums = calloc(t->scene.page_count, sizeof(double));
    if (!t->scene.page_sums || begin_day(t, 0) != ERR_OK) {
        traffic_destroy(t);
        return NULL;
    }
    return t;
}

void traffic_destroy(struct traffic *t)
{
    if (!t)
        return;
    free(t->scene.page_sums);
    free(t->today.starts);
    free(t->visits);
    free(t);
}
