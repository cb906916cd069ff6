/**
 * Whether a request that changes something was sent by a page of ours: the guard against forged
 * requests (CSRF), which ride on a cookie that the browser sends by itself.
 *
 * Browsers tell where a request comes from, and no script can make them tell otherwise. Looked at,
 * in this order, is the first that is there:
 *
 *     Sec-Fetch-Site   has to be "same-origin". "none" (typed, a bookmark) sends no forms
 *     Origin           has to be our origin: scheme, host and port. "null" is nobody's
 *     Referer          its origin has to be ours
 *
 * Our origin is that of the configured URL. Without one it is what the request itself says: the
 * host of its field Host, since that is how the site is reached and a foreign page cannot choose
 * it, and the scheme by which it came. A name that somebody else points at us is then an origin of
 * ours too, but no cookie of ours goes there: browsers keep cookies by host.
 */
#ifndef FOOTFALL_WEB_SAME_ORIGIN_H
#define FOOTFALL_WEB_SAME_ORIGIN_H

#include "http/request.h"

/** What a request says. A slice with ptr NULL: the field is absent. */
struct origin_claim {
    enum http_method method;
    struct slice sec_fetch_site;
    struct slice origin;
    struct slice referer;
    struct slice host;
    struct slice url; /* configured, http or https, perhaps with a path; empty: there is none */
    bool is_secure;   /* came by https; looked at only without `url` */
};

enum origin_verdict {
    ORIGIN_HARMLESS, /* GET, HEAD, OPTIONS: changes nothing, may come from anywhere */
    ORIGIN_SAME,     /* a page of ours sent it */
    ORIGIN_OTHER,    /* to be refused: it comes from elsewhere */
    ORIGIN_UNKNOWN,  /* to be refused: nothing tells where it comes from */
};

enum origin_verdict same_origin_check(const struct origin_claim *claim);

/** True for the verdicts that let a request pass. */
static inline bool same_origin_passes(enum origin_verdict verdict)
{
    return verdict == ORIGIN_HARMLESS || verdict == ORIGIN_SAME;
}

#endif
