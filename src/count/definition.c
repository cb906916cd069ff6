#include "count/definition.h"

#define ONLY_VIEWS  METRIC_BIT(METRIC_VIEWS)
#define ONLY_VISITS METRIC_BIT(METRIC_VISITS)
#define OF_EVENTS                                                                                  \
    (METRIC_BIT(METRIC_VIEWS) | METRIC_BIT(METRIC_VISITS) | METRIC_BIT(METRIC_VISITORS) |          \
     METRIC_BIT(METRIC_SUM))

static const struct metric_definition metrics[METRIC_COUNT_] = {
    [METRIC_VIEWS] = {"count", "How often pages were viewed; of an event, how often it happened."},
    [METRIC_VISITS] = {"count",
                       "Hits of one visitor with less than 30 minutes between them are one "
                       "visit; it counts on the day it began."},
    [METRIC_VISITORS] = {"count", "Different people of a day, told apart by address and browser; "
                                  "over several days, the sum of the days."},
    [METRIC_BOUNCES] = {"count", "Visits of a single page view and nothing else."},
    [METRIC_SECONDS] = {"seconds", "Time between the first and the last hit of visits, summed up; "
                                   "of a page, the time until the next hit."},
    [METRIC_SUM] = {"count", "The values that came with the events, summed up."},
    [METRIC_BOUNCE_RATE] = {"ratio", "Bounces divided by visits."},
    [METRIC_VISIT_DURATION] = {"seconds", "Seconds divided by visits."},
    [METRIC_VIEWS_PER_VISIT] = {"ratio", "Views divided by visits."},
};

static const struct dimension_definition dimensions[DIMENSION_COUNT_] = {
    [DIMENSION_TOTAL] = {"The whole site.", METRICS_OF_VISITS, false, false},
    [DIMENSION_PAGE] = {"Pages by their path, without parameters that only track.",
                        METRICS_OF_VISITS, false, true},
    [DIMENSION_ENTRY] = {"The pages that visits began with.", ONLY_VISITS, false, true},
    [DIMENSION_EXIT] = {"The pages that visits ended with, so far.", ONLY_VISITS, false, true},
    [DIMENSION_SOURCE] = {"Where visits came from: the site that linked here, by its name or host.",
                          METRICS_OF_VISITS, true, false},
    [DIMENSION_MEDIUM] = {"The kind of a campaign's channel: utm_medium.", METRICS_OF_VISITS, true,
                          false},
    [DIMENSION_CAMPAIGN] = {"The name of a campaign: utm_campaign.", METRICS_OF_VISITS, true,
                            false},
    [DIMENSION_TERM] = {"The search words of a campaign: utm_term.", METRICS_OF_VISITS, true,
                        false},
    [DIMENSION_CONTENT] = {"Which of a campaign's links was followed: utm_content.",
                           METRICS_OF_VISITS, true, false},
    [DIMENSION_COUNTRY] = {"Countries of visitors' addresses, as codes of ISO 3166-1.",
                           METRICS_OF_VISITS, true, false},
    [DIMENSION_LANGUAGE] = {"The language a browser asks for first.", METRICS_OF_VISITS, true,
                            false},
    [DIMENSION_BROWSER] = {"Browsers by name.", METRICS_OF_VISITS, true, false},
    [DIMENSION_BROWSER_VERSION] = {"Browsers by name and main version.", METRICS_OF_VISITS, false,
                                   false},
    [DIMENSION_SYSTEM] = {"Operating systems by name.", METRICS_OF_VISITS, true, false},
    [DIMENSION_SYSTEM_VERSION] = {"Operating systems by name and main version.", METRICS_OF_VISITS,
                                  false, false},
    [DIMENSION_DEVICE] = {"Kinds of devices: desktop, phone, tablet, television, other.",
                          METRICS_OF_VISITS, true, false},
    [DIMENSION_SIZE] = {"Widths of screens, in classes.", METRICS_OF_VISITS, false, false},
    [DIMENSION_EVENT] = {"Events by name.", OF_EVENTS, true, false},
    [DIMENSION_PROPERTY] = {"Properties of events, as NAME=VALUE.", ONLY_VIEWS, false, false},
    [DIMENSION_BOT] = {"Hits of programs, which are in no other number, by how they were known.",
                       ONLY_VIEWS, false, false},
};

const struct metric_definition *metric_definition(enum metric metric)
{
    return &metrics[metric];
}

const struct dimension_definition *dimension_definition(enum dimension dimension)
{
    return &dimensions[dimension];
}

enum metric dimension_first_metric(enum dimension dimension)
{
    bool has_views = (dimensions[dimension].metrics & ONLY_VIEWS) != 0;

    return has_views ? METRIC_VIEWS : METRIC_VISITS;
}
