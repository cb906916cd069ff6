#include "cli/traffic_visit.h"

#include <assert.h>

#include "cli/traffic_channel.h"
#include "count/civil_date.h"

/* A visit ends after so many pages, however long it could go on. */
#define MAX_PAGES 40

/* Seconds to look at a page: at least these, and so many more on average; never so long that the
 * visit would end. */
#define LOOK_LEAST_S 4
#define LOOK_MEAN_S  55
#define LOOK_MOST_S  1500

/* Seconds until something is done on a page. */
#define ACT_LEAST_S 5
#define ACT_MOST_S  40

/* Seconds until somebody comes back: a new visit. */
#define BACK_LEAST_S INT64_C(2400)
#define BACK_MOST_S  INT64_C(21600)

/* What is next is the home page again with this chance, whatever its weight is. */
#define HOME_CHANCE      0.06

#define ROBOT_MOST_PAGES 6

static size_t draw_page(struct traffic_visit *visit, const struct traffic_scene *scene)
{
    return draw_from(&visit->draw, scene->page_sums, scene->page_count);
}

static size_t draw_landing(struct traffic_visit *visit, const struct traffic_scene *scene)
{
    if (visit->is_robot)
        return draw_page(visit, scene);
    switch (traffic_channels[visit->channel].landing) {
    case LANDING_ANYWHERE:
        return draw_page(visit, scene);
    case LANDING_HOME:
        return 0;
    case LANDING_NEWEST:
        return scene->newest_page;
    }
    return 0;
}

static uint16_t draw_length(struct traffic_visit *visit, const struct traffic_scene *scene)
{
    double on = traffic_sites[scene->plan->kind].go_on_chance;
    uint16_t pages = 2;

    if (visit->is_robot)
        return (uint16_t)draw_between(&visit->draw, 1, ROBOT_MOST_PAGES);
    if (draw_chance(&visit->draw, traffic_channels[visit->channel].bounce))
        return 1;
    while (pages < MAX_PAGES && draw_chance(&visit->draw, on))
        pages++;
    return pages;
}

static void land(struct traffic_visit *visit, const struct traffic_scene *scene)
{
    visit->page = (uint16_t)draw_landing(visit, scene);
    visit->pages_left = draw_length(visit, scene);
    visit->is_first = true;
    visit->is_action = false;
}

static unsigned char draw_robot(struct draw *draw)
{
    uint64_t count = traffic_robot_count;
    uint64_t one = draw_below(draw, count);

    assert(count > 0);

    return (unsigned char)(one * draw_below(draw, count) / count); /* mostly one of the first */
}

void traffic_visit_begin(struct traffic_visit *visit, const struct traffic_scene *scene,
                         const struct traffic_start *start)
{
    const struct traffic_plan *plan = scene->plan;
    int32_t date = plan->first_day + scene->day;
    uint64_t day_seed = draw_seed(plan->seed, (uint64_t)scene->day);

    *visit = (struct traffic_visit){
        .next_unix_s = DAY_S * date + start->second,
        .draw = {draw_seed(day_seed, start->number)},
        .channel = start->channel,
        .is_robot = start->channel == traffic_channel_count,
    };
    traffic_person_draw(&visit->draw, start->country, (double)scene->day / plan->days, date,
                        &visit->person);
    if (visit->is_robot)
        visit->robot = draw_robot(&visit->draw);
    else
        visit->comes_back = draw_chance(&visit->draw, TRAFFIC_COMES_BACK);
    land(visit, scene);
}

/* ---- what comes next ------------------------------------------------------------------------ */

static bool acts(struct traffic_visit *visit, const struct traffic_scene *scene)
{
    const struct traffic_action *action =
        traffic_page_action(&traffic_sites[scene->plan->kind], visit->page);

    return !visit->is_robot && action && draw_chance(&visit->draw, action->chance);
}

static void look_on(struct traffic_visit *visit, const struct traffic_scene *scene)
{
    double look_s = LOOK_LEAST_S + draw_exponential(&visit->draw, LOOK_MEAN_S);

    visit->next_unix_s += look_s < LOOK_MOST_S ? (int64_t)look_s : LOOK_MOST_S;
    visit->page = draw_chance(&visit->draw, HOME_CHANCE) ? 0 : (uint16_t)draw_page(visit, scene);
    visit->is_action = false;
}

static void come_back(struct traffic_visit *visit, const struct traffic_scene *scene)
{
    visit->next_unix_s += draw_between(&visit->draw, BACK_LEAST_S, BACK_MOST_S);
    visit->comes_back = false;
    visit->channel = TRAFFIC_DIRECT;
    land(visit, scene);
}

bool traffic_visit_go_on(struct traffic_visit *visit, const struct traffic_scene *scene)
{
    if (!visit->is_action) {
        visit->is_first = false;
        visit->pages_left--;
        visit->is_action = acts(visit, scene);
        if (visit->is_action) {
            visit->next_unix_s += draw_between(&visit->draw, ACT_LEAST_S, ACT_MOST_S);
            return true;
        }
    }
    if (visit->pages_left > 0)
        look_on(visit, scene);
    else if (visit->comes_back)
        come_back(visit, scene);
    else
        return false;
    return true;
}
