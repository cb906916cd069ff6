/**
 * A hit: one request to be counted. What is checked here may go into the store.
 */
#ifndef FOOTFALL_COUNT_HIT_H
#define FOOTFALL_COUNT_HIT_H

#include "base/err.h"
#include "base/slice.h"

#define HIT_MAX_PATH 2048
#define HIT_MAX_ID   128

/** A hit's own id counts once per site within this time. */
#define HIT_ID_TTL_S (24 * 3600)

/** The id of the site that is always there. */
#define SITE_DEFAULT "default"

struct hit_input {
    struct slice site; /* site id */
    struct slice path; /* of the page, decoded */
    struct slice id;   /* drawn by the client, so that it can ask again; empty: none */
};

/**
 * Checks what came from outside.
 *
 * @param info  what is wrong, naming the query key; may be NULL
 * @return      ERR_OK; ERR_INVALID: an empty path, one over HIT_MAX_PATH bytes, text that is not
 *              UTF-8 or has control characters, an id that is not 1 to HIT_MAX_ID visible ASCII
 *              characters; ERR_NOT_FOUND: there is no such site
 */
enum err hit_check(const struct hit_input *input, struct err_info *info) MUST_CHECK;

/** The first two checks alone, for those who only look at a counter. */
enum err hit_check_page(struct slice site, struct slice path, struct err_info *info) MUST_CHECK;

#endif
