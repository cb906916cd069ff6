#include "store/scan_cursor.h"

#include <string.h>

bool scan_cursor_parse(struct slice cursor, struct scan_cursor *out)
{
    struct slice key = cursor.len > 0 ? slice_from(cursor, 1) : SLICE("");

    *out = (struct scan_cursor){
        .part = cursor.len > 0 ? (enum scan_part)cursor.ptr[0] : SCAN_RECORDS,
        .key = key,
        .counter = {SLICE(""), DIMENSION_TOTAL, SLICE("")},
    };
    if (out->part == SCAN_RECORDS)
        return true;
    return out->part == SCAN_COUNTERS && (key.len == 0 || counter_parse_key(key, &out->counter));
}

struct slice scan_cursor_make(struct arena *arena, enum scan_part part, struct slice key)
{
    char *text = arena_alloc(arena, 1 + key.len);

    if (!text)
        return slice_of(NULL, 0);
    text[0] = (char)part;
    if (key.len > 0)
        memcpy(text + 1, key.ptr, key.len);
    return slice_of(text, 1 + key.len);
}
