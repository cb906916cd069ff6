#include "base/utf8.h"

#include <stdint.h>

/* Length of the sequence that `first` begins and the least code point of that length (RFC 3629,
 * section 4); length 0: no sequence begins so. */
static size_t sequence(unsigned char first, uint32_t *bits, uint32_t *least)
{
    if (first >= 0xc2 && first <= 0xdf) {
        *bits = first & 0x1fU;
        *least = 0x80;
        return 2;
    }
    if ((first & 0xf0U) == 0xe0) {
        *bits = first & 0x0fU;
        *least = 0x800;
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        *bits = first & 0x07U;
        *least = 0x10000;
        return 4;
    }
    return 0;
}

/* Bytes of the clean multi-byte character that `text` begins with; 0 when there is none. */
static size_t multibyte(struct slice text)
{
    uint32_t code;
    uint32_t least;
    size_t len = sequence((unsigned char)text.ptr[0], &code, &least);

    if (len == 0 || len > text.len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if ((c & 0xc0U) != 0x80)
            return 0;
        code = code << 6 | (c & 0x3fU);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || code < 0xa0)
        return 0;
    return len;
}

bool utf8_is_clean(struct slice text)
{
    size_t i = 0;

    while (i < text.len) {
        unsigned char c = (unsigned char)text.ptr[i];
        size_t len = 1;

        if (c >= 0x80)
            len = multibyte(slice_from(text, i));
        else if (c < 0x20 || c == 0x7f)
            return false;
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}
