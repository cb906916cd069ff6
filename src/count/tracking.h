/**
 * The parameters that campaigns, advertisers and mail programs put into the address of a page. They
 * tell where a visit came from, and are no part of the page: count/page.h leaves them out,
 * count/campaign.h reads what they say.
 */
#ifndef FOOTFALL_COUNT_TRACKING_H
#define FOOTFALL_COUNT_TRACKING_H

#include "base/slice.h"

/** What the value of a parameter is. */
enum tracking_part {
    TRACKING_NOISE, /* of no interest: it names a person, a click or a mail */
    TRACKING_SOURCE,
    TRACKING_MEDIUM,
    TRACKING_NAME,
    TRACKING_TERM,
    TRACKING_CONTENT,
    TRACKING_CLICK, /* a click id; who gave it is what counts */
    TRACKING_PART_COUNT_
};

struct tracking {
    struct slice name; /* of the parameter, in lower case */
    enum tracking_part part;
    unsigned rank;       /* of several for one part the lowest holds: utm_source before ref */
    struct slice source; /* of a click id: who gave it; else empty */
    struct slice medium; /* of a click id that only paid links have: "cpc" and the like */
};

/**
 * What the parameter `name` is for.
 *
 * @param name  as it stands in a query; upper and lower case are the same
 * @return      lives for ever; NULL: it belongs to the page
 */
const struct tracking *tracking_find(struct slice name);

/** All that are known by name, sorted by it: for tests, and whoever writes them down. */
const struct tracking *tracking_all(size_t *count);

#endif
