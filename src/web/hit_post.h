/**
 * A request that brings hits: it is read, they are counted, and when all are over it is answered.
 */
#ifndef FOOTFALL_WEB_HIT_POST_H
#define FOOTFALL_WEB_HIT_POST_H

#include "web/hit_list.h"

/** How an address answers. Each function answers the request. */
struct hit_answers {
    /** The body as a whole is refused, or there was no memory. */
    void (*refuse)(struct request *req, enum err err, const struct err_info *info);

    /** All hits are over. */
    void (*tell)(struct request *req, const struct run_hit *hits, size_t count);
};

/**
 * Counts the hits in the body of `req`. Always leads to an answer.
 *
 * @param site  id of the site of hits that name none, in any bytes; may be empty
 */
void hit_post(struct request *req, const struct hit_dialect *dialect,
              const struct hit_answers *answers, struct slice site);

/** What became of some hits, for the status of an answer. */
struct hit_outcome {
    size_t counted;   /* views and events that are counted now */
    bool has_settled; /* of one hit at least it is known for good what became of it */
    bool has_unknown; /* one may have been counted */
};

struct hit_outcome hit_outcome_of(const struct run_hit *hits, size_t count);

/**
 * The status when hits have to be sent again: 504 when some are unknown and the others were not
 * counted, 503 when none was counted; 200 when there is something to tell.
 */
int hit_outcome_status(const struct hit_outcome *outcome);

#endif
