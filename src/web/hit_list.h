/**
 * The hits in the body of one request, in the dialect of the address it was sent to.
 *
 *     body -> json_body.h -> dialect.find() -> each: hit_fields.h -> dialect.adapt() -> hit_maker.h
 */
#ifndef FOOTFALL_WEB_HIT_LIST_H
#define FOOTFALL_WEB_HIT_LIST_H

#include "web/hit_maker.h"

/** More in one request are refused as a whole. */
#define HIT_LIST_MAX 500

/** All hits of one body, with the longest texts, fit: they are no longer than the body. */
#define HIT_LIST_MAX_BYTES ((size_t)4 << 20)

/** What a body says of all its hits. */
struct hit_terms {
    json_t *hits;       /* a list, or the one hit; borrowed from the body */
    bool may_be_nobody; /* a hit need not tell whose it is */
    bool has_no_filter; /* addresses that the site ignores are counted too */
};

/** How hits are written. */
struct hit_dialect {
    const struct hit_field *fields;
    size_t field_count;

    /** Finds the hits. ERR_INVALID: there are none to be found. */
    enum err (*find)(json_t *root, struct hit_terms *out, struct err_info *info);

    /** Changes fields where the dialect means something else, or sets parts of `hit` before it is
     *  made. ERR_INVALID: it is refused. NULL: nothing is to be done. */
    enum err (*adapt)(const struct hit_terms *terms, struct hit_fields *fields,
                      struct hit_request *hit, struct err_info *info);
};

struct hit_list {
    struct run_hit *hits;
    size_t count; /* 1 to HIT_LIST_MAX */
};

/**
 * Reads a body.
 *
 * @param arena   all of `out` is in it; of HIT_LIST_MAX_BYTES
 * @param out     hits that are HIT_TO_BEGIN or HIT_REFUSED; nothing is borrowed from `body`
 * @param info    why the body as a whole is refused
 * @return        ERR_OK; ERR_INVALID: no JSON, no hits, too many; ERR_NO_MEMORY
 */
enum err hit_list_read(const struct hit_dialect *dialect, struct slice body,
                       const struct hit_sender *sender, struct arena *arena, struct hit_list *out,
                       struct err_info *info) MUST_CHECK;

/** The dialects. */
extern const struct hit_dialect hit_dialect_own;         /* hits.c */
extern const struct hit_dialect hit_dialect_goatcounter; /* goatcounter_hits.c */

#endif
