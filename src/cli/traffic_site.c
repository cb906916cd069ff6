#include "cli/traffic_site.h"

#include <math.h>
#include <string.h>

/* How fast pages get rarer from the busiest on: Zipf's law with the exponent that is found for
 * websites, a bit below 1. */
#define ZIPF_EXPONENT 0.85

/* An article that nobody talks about any more has so much left of its first days. */
#define ARTICLE_REST 0.04

/* So much of the articles is older than the traffic. */
#define ARTICLES_BEFORE 0.3

size_t traffic_page_count(const struct traffic_site *site, uint32_t hits_per_day)
{
    size_t tail = hits_per_day / TRAFFIC_TAIL_HITS;

    if (!site->tail_path)
        return site->page_count;
    return site->page_count + (tail < TRAFFIC_TAIL_MAX ? tail : TRAFFIC_TAIL_MAX);
}

void traffic_page_path(const struct traffic_site *site, size_t page, struct strbuf *out)
{
    if (page < site->page_count)
        strbuf_printf(out, "%s", site->pages[page].path);
    else
        strbuf_printf(out, "%s%zu", site->tail_path, page - site->page_count + 1);
}

void traffic_page_title(const struct traffic_site *site, size_t page, struct strbuf *out)
{
    if (page < site->page_count)
        strbuf_printf(out, "%s", site->pages[page].title);
    else
        strbuf_printf(out, "%s%zu", site->tail_title, page - site->page_count + 1);
    if (page > 0)
        strbuf_printf(out, "%s", site->title_end);
}

static double article_weight(const struct traffic_site *site, size_t page, int32_t day,
                             int32_t days)
{
    double part = (double)page / (double)site->page_count;
    double born = (part - ARTICLES_BEFORE) / (1 - ARTICLES_BEFORE) * days;
    double age = day - born;

    if (age < 0)
        return 0;
    return ARTICLE_REST + exp(-age / site->article_life);
}

double traffic_page_weight(const struct traffic_site *site, size_t page, int32_t day, int32_t days)
{
    if (site->article_life > 0 && page > 0)
        return article_weight(site, page, day, days);
    return 1.0 / pow((double)page + 1, ZIPF_EXPONENT);
}

const struct traffic_action *traffic_page_action(const struct traffic_site *site, size_t page)
{
    for (size_t i = 0; page < site->page_count && i < site->action_count; i++) {
        if (strcmp(site->actions[i].page, site->pages[page].path) == 0)
            return &site->actions[i];
    }
    return NULL;
}
