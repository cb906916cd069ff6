#include "count/value_memo.h"

/* FNV-1a: only the place hangs on it, and who finds texts for one place makes them no dearer than
 * new ones are. */
static size_t place_of(struct slice text)
{
    uint32_t hash = UINT32_C(2166136261);

    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * UINT32_C(16777619);
    return (hash ^ hash >> 16) % VALUE_MEMO_PLACES;
}

uint64_t value_memo_id(struct value_memo *memo, struct slice text)
{
    size_t at;

    if (text.len > VALUE_MEMO_TEXT)
        return value_id(text);
    at = place_of(text);
    if (memo->places[at].len != text.len ||
        memcmp(memo->places[at].text, text.ptr, text.len) != 0) {
        memo->places[at].id = value_id(text);
        memo->places[at].len = (unsigned char)text.len;
        memcpy(memo->places[at].text, text.ptr, text.len);
    }
    return memo->places[at].id;
}
