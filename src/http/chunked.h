/**
 * The chunked transfer coding (RFC 9112, section 7.1), one byte's worth of state at a time.
 *
 * Ours and not llhttp's, because version 8.1 takes what must be refused (extensions without bound,
 * sizes of any length, LF alone) and a guard in front of it would have to be this decoder anyway.
 * A size is 1 to 16 hex digits, an extension at most 256 bytes, every line ends in CRLF; trailers
 * are checked for their line ends, bounded and dropped.
 */
#ifndef FOOTFALL_HTTP_CHUNKED_H
#define FOOTFALL_HTTP_CHUNKED_H

#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

#define CHUNKED_MAX_SIZE_DIGITS     16
#define CHUNKED_MAX_EXTENSION_BYTES 256
#define CHUNKED_MAX_TRAILER_BYTES   8192

enum chunked_state {
    CHUNKED_SIZE,      /* in the hex digits */
    CHUNKED_EXTENSION, /* behind them, before CR */
    CHUNKED_SIZE_LF,   /* expects the LF of the size line */
    CHUNKED_DATA,
    CHUNKED_DATA_CR, /* behind the data */
    CHUNKED_DATA_LF,
    CHUNKED_TRAILER,      /* at the beginning of a trailer line */
    CHUNKED_TRAILER_LINE, /* within it */
    CHUNKED_TRAILER_LF,   /* expects the LF of a trailer line */
    CHUNKED_LAST_LF,      /* expects the last LF of the message */
    CHUNKED_DONE,
};

/** Zero-initialised is the start of a body. */
struct chunked {
    enum chunked_state state;
    unsigned digits;      /* of the size, so far */
    unsigned extra_bytes; /* of the extension, or of all trailers */
    uint64_t left;        /* of the chunk's data */
};

enum chunked_result { CHUNKED_MORE, CHUNKED_WHOLE, CHUNKED_MALFORMED, CHUNKED_TOO_LONG };

/**
 * Decodes what arrived, appends the data to `out`.
 *
 * @param used  how many bytes belonged to the body; behind a whole one the rest is not touched
 * @return      CHUNKED_TOO_LONG when `out` takes no more, or a chunk says it will not fit
 */
enum chunked_result chunked_decode(struct chunked *chunked, struct slice bytes, struct strbuf *out,
                                   size_t *used) MUST_CHECK;

#endif
