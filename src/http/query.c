#include "http/query.h"

struct query_reader query_reader_init(struct slice query)
{
    return (struct query_reader){query};
}

static struct query_pair split(struct slice pair)
{
    const char *equals = memchr(pair.ptr, '=', pair.len);
    size_t name_len = equals ? (size_t)(equals - pair.ptr) : pair.len;

    return (struct query_pair){
        .name = slice_of(pair.ptr, name_len),
        .value = slice_from(pair, equals ? name_len + 1 : name_len),
    };
}

bool query_next(struct query_reader *reader, struct query_pair *out)
{
    while (reader->rest.len > 0) {
        struct slice rest = reader->rest;
        const char *end = memchr(rest.ptr, '&', rest.len);
        size_t len = end ? (size_t)(end - rest.ptr) : rest.len;

        reader->rest = slice_from(rest, end ? len + 1 : len);
        if (len > 0) {
            *out = split(slice_of(rest.ptr, len));
            return true;
        }
    }
    return false;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that %XX at `text` stands for; -1 when it is none. */
static int decode_one(struct slice text)
{
    int high = text.len >= 3 ? hex_digit(text.ptr[1]) : -1;
    int low = text.len >= 3 ? hex_digit(text.ptr[2]) : -1;

    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

struct slice percent_decode(struct slice raw, enum percent_mode mode, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];

        if (c == '%') {
            int byte = decode_one(slice_from(raw, i));

            if (byte < 0)
                return slice_of(NULL, 0);
            c = (char)byte;
            i += 2;
        } else if (c == '+' && mode == PERCENT_FORM) {
            c = ' ';
        }
        out[len++] = c;
    }
    return slice_of(out, len);
}
