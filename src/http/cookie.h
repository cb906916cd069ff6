/**
 * Cookies: the field Cookie as clients send it, and Set-Cookie as we write it (RFC 6265).
 *
 *     Cookie: theme=dark; __Host-footfall=V3r…  ->  cookie_find(field, SLICE("__Host-footfall"))
 */
#ifndef FOOTFALL_HTTP_COOKIE_H
#define FOOTFALL_HTTP_COOKIE_H

#include "base/strbuf.h"

/**
 * The value of the cookie called `name`, in that case. Spaces around names and values are passed
 * over. Quotes belong to the value. What other cookies look like does not matter: they may be of
 * another application on the same host.
 *
 * @param field  its lines joined with "; "; ptr NULL when absent
 * @param value  part of `field`; written only when found
 * @return       false: it is not there, or its value has bytes that no cookie may have, or there
 *               are two of that name: which of them is ours cannot be told
 */
bool cookie_find(struct slice field, struct slice name, struct slice *value);

#define COOKIE_UNTIL_BROWSER_ENDS (-1)

/** There is no None: no page of another site has to send our cookies. */
enum cookie_same_site {
    COOKIE_LAX,    /* also sent when a link of another site leads to us */
    COOKIE_STRICT, /* only with requests of our own pages */
};

/** A cookie for all of this host ("/") and no other. */
struct cookie {
    struct slice name;
    struct slice value;
    int64_t max_age_s; /* 0: the browser forgets it now. COOKIE_UNTIL_BROWSER_ENDS */
    bool http_only;    /* scripts do not see it */
    bool secure;       /* goes over https only */
    enum cookie_same_site same_site;
};

/**
 * Appends the line "Set-Cookie: …\r\n". Nothing is appended and `out` has failed when name or value
 * has bytes that it may not have, or a name with __Host- or __Secure- is not `secure`, which
 * browsers would drop.
 */
void cookie_append_set(struct strbuf *out, const struct cookie *c);

#endif
