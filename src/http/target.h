/**
 * The request target (RFC 9112, section 3.2) and the host it is for.
 */
#ifndef FOOTFALL_HTTP_TARGET_H
#define FOOTFALL_HTTP_TARGET_H

#include "base/err.h"
#include "http/refusal.h"
#include "http/request.h"

struct target {
    struct slice path;  /* decoded; begins with '/', or is "*" */
    struct slice query; /* raw; empty when there is none */
    struct slice host; /* of an absolute-form target, with its port; ptr NULL for the other forms */
};

/**
 * Takes a target apart: origin-form, absolute-form (http and https), and `*` for OPTIONS. What
 * follows a '#' is cut off.
 *
 * @param raw      the path is decoded in place in it
 * @return         400 for another form, a bad host, a broken % or a %00
 */
struct refusal target_parse(char *raw, size_t len, enum http_method method,
                            struct target *out) MUST_CHECK;

/** True for "name", "name:port", "192.0.2.1:80", "[2001:db8::1]:80"; stricter than RFC 3986. */
bool host_is_valid(struct slice host);

#endif
