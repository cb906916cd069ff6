/**
 * The ways on which visitors come: searches, links, posts, letters, advertisements. Each has its
 * own rhythm over the days.
 */
#ifndef FOOTFALL_CLI_TRAFFIC_CHANNEL_H
#define FOOTFALL_CLI_TRAFFIC_CHANNEL_H

#include "cli/traffic_site.h"

enum traffic_landing {
    LANDING_ANYWHERE, /* as a search does */
    LANDING_HOME,
    LANDING_NEWEST, /* the article of the day; of a site without articles the home page */
};

enum traffic_rhythm {
    RHYTHM_STEADY,
    RHYTHM_RISING,   /* hardly there at the beginning, four times the average at the end */
    RHYTHM_LAUNCH,   /* one day, and a long tail */
    RHYTHM_LETTER,   /* on the first day of a month, and a bit on the next ones */
    RHYTHM_CAMPAIGN, /* six weeks in spring, and six weeks in autumn, of a year of traffic */
};

struct traffic_channel {
    const char *referrer; /* "": none is sent */
    const char *query;    /* of the page's address, '#' stands for the month; "": none */
    enum traffic_rhythm rhythm;
    enum traffic_landing landing;
    double bounce;                      /* part of the visitors who see one page */
    double weight[TRAFFIC_KIND_COUNT_]; /* visits of some thousand, when the rhythm is at 1 */
};

extern const struct traffic_channel traffic_channels[];
extern const size_t traffic_channel_count;

/** The one of who comes back on the same day. */
#define TRAFFIC_DIRECT 0

/** How busy it is on a day: 1 is the ordinary. */
double traffic_rhythm(enum traffic_rhythm rhythm, int32_t day, int32_t days, int32_t day_of_month);

#endif
