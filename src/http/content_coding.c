#include "http/content_coding.h"

#include <string.h>

#include "base/ascii.h"

/* "0", "0.", "0.000": not wanted. */
static bool is_zero(struct slice weight)
{
    bool is_zero = weight.len > 0;

    for (size_t i = 0; i < weight.len && is_zero; i++)
        is_zero = weight.ptr[i] == '0' || (i == 1 && weight.ptr[i] == '.');
    return is_zero;
}

/* Whether a member, as "gzip;q=0.5", is of this coding and wanted. */
static bool is_of(struct slice member, struct slice coding)
{
    const char *semicolon = memchr(member.ptr, ';', member.len);
    size_t len = semicolon ? (size_t)(semicolon - member.ptr) : member.len;
    struct slice weight;

    if (ascii_compare(ascii_trim(slice_of(member.ptr, len)), coding) != 0)
        return false;
    if (!semicolon)
        return true;
    weight = ascii_trim(slice_from(member, len + 1));
    return !(weight.len > 2 && ascii_compare(slice_of(weight.ptr, 2), SLICE("q=")) == 0 &&
             is_zero(slice_from(weight, 2)));
}

bool content_coding_is_welcome(struct slice accept, struct slice coding)
{
    while (accept.ptr && accept.len > 0) {
        const char *comma = memchr(accept.ptr, ',', accept.len);
        size_t len = comma ? (size_t)(comma - accept.ptr) : accept.len;

        if (is_of(slice_of(accept.ptr, len), coding))
            return true;
        accept = slice_from(accept, comma ? len + 1 : len);
    }
    return false;
}
