/**
 * Counting a hit, or looking at its counters, for a handler that answers when the store has.
 *
 *     handler -> counting_hit(), counting_look() -> hit_run.h -> the store -> counted_fn
 *
 * The client may leave at any time: the hit is counted all the same, and counted_fn is not called.
 */
#ifndef FOOTFALL_WEB_COUNTING_H
#define FOOTFALL_WEB_COUNTING_H

#include "http/request.h"
#include "web/hit_run.h"

/**
 * Answers the request.
 *
 * @param answer  its `err` is ERR_OK: other outcomes were answered already
 */
typedef void counted_fn(struct request *req, const struct counted *counted,
                        const struct hit_answer *answer);

/** Answers a request of which nothing was counted or read. @param why  one sentence */
typedef void counting_failed_fn(struct request *req, int status, const char *why);

/** Counts `hit`, which is copied. Always leads to an answer, by `done` or with an error. */
void counting_hit(struct request *req, const struct hit_request *hit, counted_fn *done);

/** Reads the counters of `hit` without counting. */
void counting_look(struct request *req, const struct hit_request *hit, counted_fn *done);

/** counting_hit() for those that count: GET and POST that are no prefetch; else counting_look(). */
void counting_hit_or_look(struct request *req, const struct hit_request *hit, counted_fn *done);

/**
 * The same for those that answer failures, too.
 *
 * @param counts  what is asked for; else nothing is counted
 */
void counting_show(struct request *req, const struct hit_request *hit, bool counts,
                   counted_fn *done, counting_failed_fn *failed);

/** What the fields of the request tell of who asks: agent, languages, privacy, address. */
void counting_claim_fields(const struct request *req, struct hit_claim *claim);

/**
 * The host of the page that the request came from: browsers say so in Referer, and scripts in
 * Origin. For a hit whose page does not tell.
 *
 * @param out  in lower case, without "www.", in `arena` or the request's; empty: it does not tell
 * @return     ERR_OK, ERR_NO_MEMORY
 */
enum err counting_host(const struct request *req, struct arena *arena,
                       struct slice *out) MUST_CHECK;

/** Appends ,"count":N or of the whole site ,"site_count":N, when everybody may see it: anybody may
 *  ask for it. */
void counting_append_number(struct strbuf *out, const struct counted *counted, bool is_page,
                            int64_t number);

#endif
