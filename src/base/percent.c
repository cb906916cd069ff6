#include "base/percent.h"

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
