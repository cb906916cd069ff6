/**
 * Counting a hit, or looking at its counters, for a handler that answers when the store has.
 *
 *     handler -> counting_hit(), counting_look() -> the site -> the batch, the store -> counted_fn
 *                                                    ^                    |
 *                                                    +---- settings have changed meanwhile
 *
 * The client may leave at any time: the hit is counted all the same, and counted_fn is not called.
 */
#ifndef FOOTFALL_WEB_COUNTING_H
#define FOOTFALL_WEB_COUNTING_H

#include "count/batch.h"
#include "count/fact_maker.h"
#include "http/request.h"

/** What is to be counted, or looked at. Checked by who makes it, but for the site. */
struct hit_request {
    struct slice site;      /* id; empty: by the host */
    struct slice host;      /* of the page, in lower case; may be empty */
    struct page page;       /* of page_normalize() */
    struct slice id;        /* of the hit */
    struct hit_claim claim; /* not looked at when nothing is counted */
    enum err no_site;       /* what it is when there is no such site: ERR_INVALID, ERR_NOT_FOUND */
};

/** What was counted. Lives as long as the request. */
struct counted {
    struct slice site;
    struct slice path;
    struct slice event; /* empty: a page view */
    struct slice bot;   /* why it was counted apart; empty: it was not */
    bool is_ignored;    /* the site wants nothing to be counted of it */
};

/**
 * Answers the request.
 *
 * @param answer  its `err` is ERR_OK: other outcomes were answered already
 */
typedef void counted_fn(struct request *req, const struct counted *counted,
                        const struct hit_answer *answer);

/** Counts `hit`, which is copied. Always leads to an answer, by `done` or with an error. */
void counting_hit(struct request *req, const struct hit_request *hit, counted_fn *done);

/** Reads the counters of `hit` without counting. */
void counting_look(struct request *req, const struct hit_request *hit, counted_fn *done);

/** counting_hit() for those that count: GET and POST that are no prefetch; else counting_look(). */
void counting_hit_or_look(struct request *req, const struct hit_request *hit, counted_fn *done);

/** What the fields of the request tell of who asks: agent, languages, privacy, address. */
void counting_claim_fields(const struct request *req, struct hit_claim *claim);

#endif
