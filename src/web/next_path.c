#include "web/next_path.h"

#include "base/percent.h"
#include "base/utf8.h"

static bool is_of_uri_bytes(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7f)
            return false;
    }
    return true;
}

static bool is_odd_segment(struct slice segment, bool is_last)
{
    return slice_eq(segment, SLICE(".")) || slice_eq(segment, SLICE("..")) ||
           (segment.len == 0 && !is_last);
}

/* @param path  begins with '/', has no query and no fragment */
static bool has_odd_segment(struct slice path)
{
    while (path.len > 0) {
        struct slice rest = slice_from(path, 1); /* behind a '/' */
        const char *end = memchr(rest.ptr, '/', rest.len);
        size_t len = end ? (size_t)(end - rest.ptr) : rest.len;

        if (is_odd_segment(slice_of(rest.ptr, len), !end))
            return true;
        path = slice_from(rest, len);
    }
    return false;
}

static struct slice path_of(struct slice text)
{
    size_t len = 0;

    while (len < text.len && text.ptr[len] != '?' && text.ptr[len] != '#')
        len++;
    return slice_of(text.ptr, len);
}

static bool is_path(struct slice text)
{
    return text.len > 0 && text.ptr[0] == '/' && !memchr(text.ptr, '\\', text.len) &&
           utf8_is_clean(text) && !has_odd_segment(path_of(text));
}

bool next_path_is_safe(struct slice text)
{
    char storage[NEXT_PATH_MAX_BYTES];
    struct slice decoded;

    if (text.len > sizeof(storage) || !is_path(text) || !is_of_uri_bytes(text))
        return false;
    decoded = percent_decode(text, PERCENT_PATH, storage);
    return decoded.ptr && is_path(decoded);
}
