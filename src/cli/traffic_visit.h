/**
 * A visit under way: what comes next, and when.
 */
#ifndef FOOTFALL_CLI_TRAFFIC_VISIT_H
#define FOOTFALL_CLI_TRAFFIC_VISIT_H

#include "cli/traffic_day.h"
#include "cli/traffic_person.h"

/** So many of the visitors come back later on the same day. */
#define TRAFFIC_COMES_BACK 0.08

/** What all visits of a day have in common. */
struct traffic_scene {
    const struct traffic_plan *plan;
    int32_t day;       /* 0 … plan->days - 1 */
    double *page_sums; /* of the weights of the site's pages, on this day */
    size_t page_count;
    size_t newest_page; /* the article of the day, or the home page */
};

struct traffic_visit {
    int64_t next_unix_s;
    uint64_t order; /* among those of the same second */
    struct draw draw;
    struct traffic_person person;
    uint16_t channel; /* as in struct traffic_start */
    uint16_t page;    /* the one that is viewed next, or on which the action is done */
    uint16_t pages_left;
    bool is_robot;
    bool is_first;  /* nothing was viewed in this visit yet */
    bool is_action; /* what comes next is the page's action */
    bool comes_back;
    unsigned char robot; /* index of traffic_robots */
};

/** @param start  of the scene's day */
void traffic_visit_begin(struct traffic_visit *visit, const struct traffic_scene *scene,
                         const struct traffic_start *start);

/** What comes after what came at `next_unix_s`; false: it was the last one. */
bool traffic_visit_go_on(struct traffic_visit *visit, const struct traffic_scene *scene);

#endif
