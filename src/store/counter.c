#include "store/counter.h"

#include <assert.h>

struct slice counter_key(const struct counter *counter, char out[static COUNTER_KEY_MAX])
{
    size_t len = counter->site.len;

    assert(len + 2 + counter->value.len <= COUNTER_KEY_MAX);
    memcpy(out, counter->site.ptr, len);
    out[len++] = '\0'; /* no site id has one */
    out[len++] = (char)counter->dimension;
    memcpy(out + len, counter->value.ptr, counter->value.len);
    return slice_of(out, len + counter->value.len);
}

bool counter_parse_key(struct slice key, struct counter *out)
{
    const char *end = key.len > 0 ? memchr(key.ptr, '\0', key.len) : NULL;
    size_t len = end ? (size_t)(end - key.ptr) : 0;

    if (len == 0 || key.len < len + 2)
        return false;
    out->site = slice_of(key.ptr, len);
    out->dimension = (enum dimension)(unsigned char)key.ptr[len + 1];
    out->value = slice_from(key, len + 2);
    return true;
}
