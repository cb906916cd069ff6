/**
 * The body of a request: how its end is known (RFC 9112, section 6), and what has come of it.
 */
#ifndef FOOTFALL_HTTP_BODY_H
#define FOOTFALL_HTTP_BODY_H

#include "http/chunked.h"

enum body_kind { BODY_NONE, BODY_LENGTH, BODY_CHUNKED };

/** What the head says of the message; filled by parse.c and rules.c. */
struct framing {
    enum body_kind body;
    uint64_t content_length; /* for BODY_LENGTH, over 0 */
    unsigned minor_version;  /* of HTTP/1.x */
    bool keep_alive;         /* the client would send another request */
    bool expects_continue;   /* the client waits for 100 before it sends the body */
};

struct body {
    enum body_kind kind;
    uint64_t left;          /* for BODY_LENGTH: bytes to come */
    struct chunked chunked; /* for BODY_CHUNKED */
    struct strbuf bytes;    /* what has come, decoded */
    uint64_t received;      /* bytes on the wire, for the rate */
    int64_t started_ms;     /* when its head was whole */
};

enum body_result { BODY_MORE, BODY_WHOLE, BODY_MALFORMED, BODY_TOO_LONG };

/** @param max_bytes ceiling of the decoded body */
void body_init(struct body *body, const struct framing *framing, size_t max_bytes, int64_t now_ms);

void body_fini(struct body *body);

/**
 * Takes what arrived.
 *
 * @param used  how many of `bytes` belonged to the body
 */
enum body_result body_feed(struct body *body, struct slice bytes, size_t *used) MUST_CHECK;

#endif
