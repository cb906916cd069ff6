/**
 * The websites whose traffic is made up: a product that does not exist, its blog and its shop.
 */
#ifndef FOOTFALL_CLI_TRAFFIC_SITE_H
#define FOOTFALL_CLI_TRAFFIC_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

enum traffic_kind { TRAFFIC_PRODUCT, TRAFFIC_BLOG, TRAFFIC_SHOP, TRAFFIC_KIND_COUNT_ };

struct traffic_page {
    const char *path; /* from the root: "/pricing" */
    const char *title;
};

/** Something that is done on a page, an event. */
struct traffic_action {
    const char *page; /* where: its path */
    const char *name;
    double chance;              /* that it is done, by who views the page */
    const char *property;       /* of the event; NULL: none */
    const char *const *choices; /* of the property, the likeliest first, NULL at the end */
    int64_t least_cents;        /* of its value; 0: it has none */
    int64_t most_cents;
};

struct traffic_site {
    const char *name;
    const char *host;
    const char *title_end; /* of the page titles */
    double share;          /* of the hits that the product's site has */
    double go_on_chance;   /* for one more page, of who has seen two */
    double article_life;   /* days after which a page is looked at much less; 0: they stay */
    double weekday[7];     /* how busy a day is; Monday first */
    double hour[24];       /* how busy an hour is, by the visitors' clocks */
    const struct traffic_page *pages; /* the first is the home page; then the busiest first, or of
                                         articles the oldest first */
    size_t page_count;
    const char
        *tail_path; /* of further pages, a long tail of which each has a number; NULL: none */
    const char *tail_title;
    const struct traffic_action *actions;
    size_t action_count;
};

extern const struct traffic_site traffic_sites[TRAFFIC_KIND_COUNT_];

/** The tail has a page for so many hits a day, up to so many pages. */
#define TRAFFIC_TAIL_HITS 10
#define TRAFFIC_TAIL_MAX  20000

/** How many pages there are: those of the table, and then the tail. */
size_t traffic_page_count(const struct traffic_site *site, uint32_t hits_per_day);

/** Append its path, or its title. */
void traffic_page_path(const struct traffic_site *site, size_t page, struct strbuf *out);
void traffic_page_title(const struct traffic_site *site, size_t page, struct strbuf *out);

/**
 * How much a page is looked at on a day, next to the others of its site.
 *
 * @param days  of the whole traffic
 * @param day   0 … days - 1
 */
double traffic_page_weight(const struct traffic_site *site, size_t page, int32_t day, int32_t days);

/** The action of a page; NULL when it has none. */
const struct traffic_action *traffic_page_action(const struct traffic_site *site, size_t page);

#endif
