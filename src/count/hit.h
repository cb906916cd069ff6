/**
 * A hit: one request to be counted. What is checked here, and by page_normalize(), may go
 * into the store.
 */
#ifndef FOOTFALL_COUNT_HIT_H
#define FOOTFALL_COUNT_HIT_H

#include "base/err.h"
#include "base/slice.h"
#include "count/page.h"

#define HIT_MAX_PATH PAGE_MAX_PATH
#define HIT_MAX_ID   128

/** A hit's own id counts once per site within this time. */
#define HIT_ID_TTL_S (24 * 3600)

struct hit_input {
    struct slice site; /* site id */
    struct slice path; /* of the page, decoded */
    struct slice id;   /* drawn by the client, so that it can ask again; empty: none */
};

/** ERR_INVALID: no text that could be a site's id. @param info  what is wrong; may be NULL */
enum err hit_check_site(struct slice site, struct err_info *info) MUST_CHECK;

/** ERR_INVALID: not 0 to HIT_MAX_ID visible ASCII characters. @param info  as above */
enum err hit_check_id(struct slice id, struct err_info *info) MUST_CHECK;

#endif
