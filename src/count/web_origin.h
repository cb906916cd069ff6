/**
 * Hosts and origins as people write them, brought into the one form that browsers send.
 */
#ifndef FOOTFALL_COUNT_WEB_ORIGIN_H
#define FOOTFALL_COUNT_WEB_ORIGIN_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

/** RFC 1035, section 2.3.4, without the dot at the end. */
#define WEB_HOST_MAX 253

/** "https://", a host, ":65535". */
#define WEB_ORIGIN_MAX 267

/**
 * A host by its name or IPv4 address, in lower case; names in other scripts as they are in the DNS,
 * xn--….
 *
 * @param out  NUL-terminated; written only when `text` is a host, all of it
 */
bool web_host_parse(struct slice text, char out[static WEB_HOST_MAX + 1]) MUST_CHECK;

/**
 * The host without the "www." it begins with, as long as the name of a host is left: sites are
 * found by that.
 *
 * @param host  in lower case
 */
struct slice web_host_bare(struct slice host);

/**
 * An origin, http or https, as in the field Origin (RFC 6454, section 6.1): in lower case, without
 * the port that the scheme has anyway.
 *
 * @param out  NUL-terminated; written only when `text` is an origin, all of it
 */
bool web_origin_parse(struct slice text, char out[static WEB_ORIGIN_MAX + 1]) MUST_CHECK;

#endif
