#include "http/chunked.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

static enum chunked_result expect(struct chunked *chunked, char c, char wanted,
                                  enum chunked_state next)
{
    if (c != wanted)
        return CHUNKED_MALFORMED;
    chunked->state = next;
    return CHUNKED_MORE;
}

static enum chunked_result take_size(struct chunked *chunked, char c)
{
    int value = hex_value(c);

    if (value >= 0) {
        if (++chunked->digits > CHUNKED_MAX_SIZE_DIGITS)
            return CHUNKED_MALFORMED;
        chunked->left = chunked->left * 16 + (uint64_t)value;
        return CHUNKED_MORE;
    }
    if (chunked->digits == 0)
        return CHUNKED_MALFORMED;
    chunked->extra_bytes = 0;
    if (c == ';')
        return expect(chunked, c, ';', CHUNKED_EXTENSION);
    return expect(chunked, c, '\r', CHUNKED_SIZE_LF);
}

/* Text behind a size and in trailers: bounded, no LF, no NUL, no CR but the line's own. */
static enum chunked_result take_text(struct chunked *chunked, char c, unsigned max_bytes,
                                     enum chunked_state at_cr)
{
    if (c == '\r') {
        chunked->state = at_cr;
        return CHUNKED_MORE;
    }
    if (c == '\n' || c == '\0' || ++chunked->extra_bytes > max_bytes)
        return CHUNKED_MALFORMED;
    return CHUNKED_MORE;
}

static enum chunked_result end_size_line(struct chunked *chunked, char c, const struct strbuf *out)
{
    chunked->extra_bytes = 0;
    chunked->digits = 0;
    if (chunked->left > out->max - out->len)
        return CHUNKED_TOO_LONG;
    return expect(chunked, c, '\n', chunked->left > 0 ? CHUNKED_DATA : CHUNKED_TRAILER);
}

static enum chunked_result take_trailer_start(struct chunked *chunked, char c)
{
    if (c == '\r')
        return expect(chunked, c, '\r', CHUNKED_LAST_LF);
    if (c == ' ' || c == '\t' || c == ':') /* folded, or without a name */
        return CHUNKED_MALFORMED;
    chunked->state = CHUNKED_TRAILER_LINE;
    return take_text(chunked, c, CHUNKED_MAX_TRAILER_BYTES, CHUNKED_TRAILER_LF);
}

/* One byte of framing, that is of anything but data. */
static enum chunked_result take_framing(struct chunked *chunked, char c, const struct strbuf *out)
{
    switch (chunked->state) {
    case CHUNKED_SIZE:
        return take_size(chunked, c);
    case CHUNKED_EXTENSION:
        return take_text(chunked, c, CHUNKED_MAX_EXTENSION_BYTES, CHUNKED_SIZE_LF);
    case CHUNKED_SIZE_LF:
        return end_size_line(chunked, c, out);
    case CHUNKED_DATA_CR:
        return expect(chunked, c, '\r', CHUNKED_DATA_LF);
    case CHUNKED_DATA_LF:
        return expect(chunked, c, '\n', CHUNKED_SIZE);
    case CHUNKED_TRAILER:
        return take_trailer_start(chunked, c);
    case CHUNKED_TRAILER_LINE:
        return take_text(chunked, c, CHUNKED_MAX_TRAILER_BYTES, CHUNKED_TRAILER_LF);
    case CHUNKED_TRAILER_LF:
        return expect(chunked, c, '\n', CHUNKED_TRAILER);
    case CHUNKED_LAST_LF:
        return expect(chunked, c, '\n', CHUNKED_DONE);
    case CHUNKED_DATA:
    case CHUNKED_DONE:
        break;
    }
    return CHUNKED_MALFORMED;
}

static enum chunked_result take_data(struct chunked *chunked, struct slice bytes,
                                     struct strbuf *out, size_t *taken)
{
    size_t len = chunked->left < bytes.len ? (size_t)chunked->left : bytes.len;

    strbuf_append(out, slice_of(bytes.ptr, len));
    chunked->left -= len;
    if (chunked->left == 0)
        chunked->state = CHUNKED_DATA_CR;
    *taken = len;
    return out->failed ? CHUNKED_TOO_LONG : CHUNKED_MORE;
}

enum chunked_result chunked_decode(struct chunked *chunked, struct slice bytes, struct strbuf *out,
                                   size_t *used)
{
    enum chunked_result result = CHUNKED_MORE;
    size_t at = 0;

    while (at < bytes.len && result == CHUNKED_MORE && chunked->state != CHUNKED_DONE) {
        size_t taken = 1;

        if (chunked->state == CHUNKED_DATA)
            result = take_data(chunked, slice_from(bytes, at), out, &taken);
        else
            result = take_framing(chunked, bytes.ptr[at], out);
        at += taken;
    }
    *used = at;
    return chunked->state == CHUNKED_DONE ? CHUNKED_WHOLE : result;
}
