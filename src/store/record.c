#include "store/record.h"

struct slice record_owner(struct slice key)
{
    const char *slash = memchr(key.ptr, '/', key.len);
    struct slice rest = slash ? slice_from(key, (size_t)(slash + 1 - key.ptr)) : key;
    const char *end = memchr(rest.ptr, '/', rest.len);

    return end ? slice_of(rest.ptr, (size_t)(end - rest.ptr)) : rest;
}

/* What stores without an order of their own keep an index of. */
static const struct slice listed_kinds[] = {SLICE_INIT("site/")};

bool record_is_listed(struct slice key)
{
    for (size_t i = 0; i < sizeof(listed_kinds) / sizeof(listed_kinds[0]); i++) {
        if (slice_starts_with(key, listed_kinds[i]))
            return true;
    }
    return false;
}
