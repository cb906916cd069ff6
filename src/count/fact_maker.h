/**
 * Makes the facts of a hit for the statistics, out of what the client said and what its site
 * collects.
 */
#ifndef FOOTFALL_COUNT_FACT_MAKER_H
#define FOOTFALL_COUNT_FACT_MAKER_H

#include "count/directory.h"
#include "count/hit_facts.h"
#include "count/page.h"

struct countries;
struct fact_maker;
struct spam_list;

/** What a client said of a hit: any bytes, at most some kilobytes each; ptr NULL or empty: nothing.
 */
struct hit_claim {
    struct slice title;
    struct slice referrer; /* of the page: where the visitor came from */
    struct slice query;  /* of the page, raw, when it is not part of the address; see campaign.h */
    struct slice screen; /* see screen.h */
    struct slice user_agent;
    struct slice languages; /* the field Accept-Language */
    struct slice country;   /* as ISO 3166-1 has it, in place of that of the address */
    struct slice session;   /* who it was, by what the application calls them: in place of address
                               and agent */
    struct event event;     /* checked; its name is empty: a page view */
    int64_t bot_hint;       /* see bot_reason_of_hint() */
    bool has_gpc;           /* asks for privacy: Sec-GPC: 1 */
    bool has_dnt;           /* DNT: 1 */
    bool has_page;          /* false: an event of which the page is not known */
    bool is_told;           /* told by an application, not by the visitor's browser: a missing agent
                               makes it no bot, and without address nobody is recognised */
    bool is_late;           /* it happened on an earlier day: nobody is recognised; so the site has
                               no salt then */
    bool counts_bots;       /* a bot is as welcome as a person */
    bool is_wanted;         /* also from an address that the site ignores */
    const struct address *address; /* of the visitor; NULL: not known */
};

/**
 * @param countries, spam  borrowed, outlive it; NULL: none
 * @return                 NULL without memory
 */
struct fact_maker *fact_maker_create(const struct countries *countries,
                                     const struct spam_list *spam);

/** NULL is fine. */
void fact_maker_destroy(struct fact_maker *maker);

/**
 * Makes the facts.
 *
 * @param page        of page_normalize()
 * @param site        where, and when
 * @param out         its texts live until the next call, or are those of the arguments
 * @param is_ignored  set: the site wants nothing to be counted of this hit
 * @return            ERR_OK, ERR_NO_MEMORY
 */
enum err fact_maker_make(struct fact_maker *maker, const struct hit_claim *claim,
                         const struct page *page, const struct site_now *site, int64_t unix_s,
                         struct hit_facts *out, bool *is_ignored) MUST_CHECK;

/** What a user agent says: agent_memo_find(). */
const struct agent *fact_maker_agent(struct fact_maker *maker, struct slice user_agent);

/** The country of an address: countries_find(). */
bool fact_maker_country(const struct fact_maker *maker, const struct address *address,
                        char out[static 2]);

#endif
