/**
 * Counting a hit, or looking at its counters, for a handler that answers when the store has.
 *
 *     handler -> counting_hit(), counting_look() -> …the batch, the store… -> counted_fn -> answer
 *
 * The client may leave at any time: the hit is counted all the same, and counted_fn is not called.
 */
#ifndef FOOTFALL_WEB_COUNTING_H
#define FOOTFALL_WEB_COUNTING_H

#include "count/batch.h"
#include "http/request.h"

/**
 * Answers the request.
 *
 * @param site, path  as counted; live as long as the request
 * @param answer      its `err` is ERR_OK: other outcomes were answered already
 */
typedef void counted_fn(struct request *req, struct slice site, struct slice path,
                        const struct hit_answer *answer);

/** Counts `input`, which was checked. Always leads to an answer, by `done` or with an error. */
void counting_hit(struct request *req, const struct hit_input *input, counted_fn *done);

/** Reads the counters of `input` without counting; `id` is not looked at. */
void counting_look(struct request *req, const struct hit_input *input, counted_fn *done);

/** counting_hit() for those that count: GET and POST that are no prefetch; else counting_look(). */
void counting_hit_or_look(struct request *req, const struct hit_input *input, counted_fn *done);

#endif
