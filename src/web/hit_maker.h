/**
 * Makes hits out of what clients said in JSON, as far as they may say it.
 *
 *     struct hit_fields, struct hit_sender  ->  struct run_hit, ready to begin or refused
 *
 * Whoever showed an API token is an application that tells of its visitors: what it says holds, and
 * what it leaves out is not known. Anybody else tells of himself, and just now: his address and his
 * browser are those of the request.
 */
#ifndef FOOTFALL_WEB_HIT_MAKER_H
#define FOOTFALL_WEB_HIT_MAKER_H

#include "http/request.h"
#include "web/hit_fields.h"
#include "web/hit_run.h"

/** Older hits need a token. */
#define HIT_RECENT_S 300

/** A clock that goes wrong by less is forgiven: such a hit counts as of now. */
#define HIT_AHEAD_S 60

/** Ten years, with their leap days. Nothing older is counted. */
#define HIT_MAX_AGE_S (INT64_C(86400) * 3653)

/** Who sends hits. Its texts outlive the hits. */
struct hit_sender {
    bool has_token;
    struct slice only_site; /* the token counts for no other; empty: for all. Also where hits go
                               that name neither a site nor a host */
    struct hit_claim claim; /* of the request; for who has no token */
    struct slice host;      /* of the page it came from, likewise; may be empty */
    struct slice site;      /* id, for hits that name none; may be empty */
    int64_t now_unix_s;
};

/** Fills in `out` from a request, which outlives the hits. Texts of its fields are copied to
 * `arena`. ERR_NO_MEMORY */
enum err hit_sender_of(const struct request *req, struct arena *arena,
                       struct hit_sender *out) MUST_CHECK;

/**
 * Makes a hit.
 *
 * @param fields  with texts that outlive the hit
 * @param arena   for what has to be put together; outlives the hit
 * @param out     0 but for what was set of `request`, which is kept where the fields say nothing;
 *                afterwards HIT_TO_BEGIN or HIT_REFUSED
 * @return        ERR_OK, also for one that is refused; ERR_NO_MEMORY
 */
enum err hit_make(const struct hit_fields *fields, const struct hit_sender *sender,
                  struct arena *arena, struct run_hit *out) MUST_CHECK;

/** Refuses a hit with 400. ERR_NO_MEMORY */
enum err hit_refuse(struct run_hit *hit, const struct err_info *info,
                    struct arena *arena) MUST_CHECK;

#endif
