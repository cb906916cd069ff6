/**
 * The first line of a request (RFC 9112, section 3): method SP target SP version.
 *
 * Stricter than the RFC asks: exactly one space each, nothing before, nothing behind. llhttp reads
 * the same line again later, and both have to see the same target.
 */
#ifndef FOOTFALL_HTTP_REQUEST_LINE_H
#define FOOTFALL_HTTP_REQUEST_LINE_H

#include "base/err.h"
#include "http/refusal.h"
#include "http/request.h"

struct request_line {
    enum http_method method;
    unsigned minor_version; /* 0 or 1, of HTTP/1.x */
    struct slice target;    /* within the line; not empty, no space in it */
};

/**
 * @param line  without its CRLF
 * @param out   written on success; `method` also when only the rest is wrong
 * @return      400 for a malformed line, 501 for a method we do not have, 505 for another version
 */
struct refusal request_line_parse(struct slice line, struct request_line *out) MUST_CHECK;

/** True for the characters of a token (RFC 9110, section 5.6.2). */
bool is_token_char(char c);

#endif
