#include "base/ascii.h"

struct slice ascii_trim(struct slice text)
{
    while (text.len > 0 && ascii_is_blank(text.ptr[0]))
        text = slice_from(text, 1);
    while (text.len > 0 && ascii_is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

int ascii_compare(struct slice a, struct slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;

    for (size_t i = 0; i < shared; i++) {
        unsigned char x = (unsigned char)ascii_lower(a.ptr[i]);
        unsigned char y = (unsigned char)ascii_lower(b.ptr[i]);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.len > b.len) - (a.len < b.len);
}
