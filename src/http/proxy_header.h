/**
 * The PROXY protocol's header, versions 1 and 2 (HAProxy, doc/proxy-protocol.txt), as a pure
 * parser.
 *
 * Only for listeners that are told to expect it: it is never guessed.
 */
#ifndef FOOTFALL_HTTP_PROXY_HEADER_H
#define FOOTFALL_HTTP_PROXY_HEADER_H

#include "base/address.h"
#include "base/err.h"

/** A version 2 header is 16 bytes and its length; the specification asks for room for this much. */
#define PROXY_HEADER_MAX_BYTES 536

enum proxy_header_result {
    PROXY_HEADER_MORE,    /* right so far */
    PROXY_HEADER_ADDRESS, /* `source` is who connected to the proxy */
    PROXY_HEADER_LOCAL,   /* the proxy speaks for itself, or does not know: the peer counts */
    PROXY_HEADER_INVALID, /* close the connection */
};

/**
 * @param bytes  all that arrived on the connection
 * @param used   length of the header; written for ADDRESS and LOCAL
 */
enum proxy_header_result proxy_header_parse(struct slice bytes, struct address *source,
                                            size_t *used) MUST_CHECK;

#endif
