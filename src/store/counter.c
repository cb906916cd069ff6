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
