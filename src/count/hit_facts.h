/**
 * What is known of a hit for the statistics. Made when it arrives, from the request and the
 * settings of its site.
 */
#ifndef FOOTFALL_COUNT_HIT_FACTS_H
#define FOOTFALL_COUNT_HIT_FACTS_H

#include "count/event.h"
#include "count/visitor.h"

#define VISITOR_KEY_BYTES 16

/** How a hit is recognised as a visitor's. */
struct visitor_keys {
    bool is_known;   /* false: nobody is to be recognised; nothing else is valid */
    bool has_before; /* a visit may have gone on since the day before */
    unsigned char today[VISITOR_KEY_BYTES];
    unsigned char before[VISITOR_KEY_BYTES];
    uint32_t ttl_s; /* of the record */
};

struct hit_facts {
    struct moment moment;
    int64_t unix_s;
    uint64_t page; /* value_id() of the path; VALUE_NONE: an event of which the page is not known */
    struct slice title; /* of the page; may be empty */
    struct profile profile;
    struct slice texts[PROFILE_MAX_VALUES]; /* of the profile's values */
    struct event event;                     /* its name is empty: a page view */
    struct slice bot; /* why it is not a person's; empty: it is. Then only that is counted */
    struct visitor_keys visitor;
    uint32_t page_cap;         /* pages a day, of the site */
    uint32_t value_cap;        /* other values a day and dimension */
    uint64_t settings_version; /* of the site, as these facts were made under: settings_key.h */
};

#endif
