/**
 * Traffic that is made up: the hits of a website in the order of their time, as believable as is
 * needed to look at statistics. The same plan gives the same hits, on whichever machine of a kind.
 *
 *     traffic_create -> traffic_next … -> traffic_destroy
 *
 * Visits of one to some pages, with times to think in between; busy and quiet hours and weekdays,
 * by the visitors' clocks; slow growth, a launch, letters and campaigns; events; robots.
 */
#ifndef FOOTFALL_CLI_TRAFFIC_H
#define FOOTFALL_CLI_TRAFFIC_H

#include "base/address.h"
#include "base/err.h"
#include "cli/traffic_site.h"
#include "count/event.h"

struct traffic;

#define TRAFFIC_MAX_DAYS 3660

struct traffic_plan {
    uint64_t seed;
    enum traffic_kind kind;
    int32_t first_day;     /* since 1970-01-01, UTC */
    int32_t days;          /* 1 … TRAFFIC_MAX_DAYS */
    int64_t until_unix_s;  /* the traffic breaks off there, perhaps within its last day */
    uint32_t hits_per_day; /* views on an average day: 1 or more */
};

/** Its texts live until the next call of traffic_next(), or as long as the program. */
struct traffic_hit {
    int64_t unix_s;
    struct slice address; /* of the page, whole */
    struct slice title;
    struct slice referrer;
    struct slice screen;     /* empty: of a robot */
    struct slice user_agent; /* empty: a robot that sends none */
    struct slice languages;
    struct slice country; /* ISO 3166-1 */
    struct address client;
    struct event event; /* its name is empty: a view */
    bool is_robot;
};

/** NULL without memory. */
struct traffic *traffic_create(const struct traffic_plan *plan);

/** NULL is fine. */
void traffic_destroy(struct traffic *traffic);

/** How many views there will be, up to some in a hundred. */
uint64_t traffic_expected_views(const struct traffic *traffic);

/** @param is_end  set: there are no more, and `out` is not written. ERR_NO_MEMORY */
enum err traffic_next(struct traffic *traffic, struct traffic_hit *out, bool *is_end) MUST_CHECK;

#endif
