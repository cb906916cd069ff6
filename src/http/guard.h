/**
 * The line guard: looks at the raw bytes of a request head before the parser does.
 *
 * Smuggling lives on disagreement about where a line or a head ends. So: every line ends in CRLF,
 * there is no other CR or LF and no NUL, no line begins with a space, a tab or a colon, and the
 * head ends at the first empty line. What passes has one reading only, whatever parser comes next.
 * (RFC 9112, sections 2.2 and 5; it allows to take bare LF and obs-fold, and allows to refuse
 * them.)
 *
 * It works on whatever has arrived so far and remembers how far it came, so a head that drips in
 * byte by byte is looked at once.
 */
#ifndef FOOTFALL_HTTP_GUARD_H
#define FOOTFALL_HTTP_GUARD_H

#include <stdint.h>

#include "http/refusal.h"
#include "http/request_line.h"

struct guard_limits {
    size_t head_bytes;   /* over it 431 */
    size_t target_bytes; /* over it 414 */
    size_t field_count;  /* over it 431 */
};

/** Zero-initialised is the start of a head. Offsets are from the first byte given. */
struct guard {
    uint32_t line_start;   /* of the line being looked at */
    uint32_t scanned;      /* no LF before here within that line */
    uint32_t fields;       /* lines behind the request line */
    uint32_t target_start; /* offset */
    uint32_t target_len;
    uint16_t method; /* enum http_method; 0 when not known yet */
    uint8_t minor_version;
    bool has_request_line;
    bool may_have_nul; /* a byte that came with the last piece is NUL, maybe behind the head */
};

enum guard_result {
    GUARD_MORE,    /* sound so far, and not at its end */
    GUARD_WHOLE,   /* `head` is a whole, sound head */
    GUARD_REFUSED, /* `refusal` says why; where the message ends is not known any more */
};

/**
 * @param bytes    all that arrived of this head, from its first byte, and maybe what follows it
 * @param head     written for GUARD_WHOLE: the head with its empty last line; empty lines before
 *                 the request line are in it too
 * @param refusal  written for GUARD_REFUSED
 */
enum guard_result guard_scan(struct guard *guard, struct slice bytes,
                             const struct guard_limits *limits, struct slice *head,
                             struct refusal *refusal) MUST_CHECK;

/** The request line of a whole head; `bytes` as in the last guard_scan(). */
struct request_line guard_request_line(const struct guard *guard, struct slice bytes);

#endif
