#include "store/record.h"

struct slice record_owner(struct slice key)
{
    const char *slash = memchr(key.ptr, '/', key.len);
    struct slice rest = slash ? slice_from(key, (size_t)(slash + 1 - key.ptr)) : key;
    const char *end = memchr(rest.ptr, '/', rest.len);

    return end ? slice_of(rest.ptr, (size_t)(end - rest.ptr)) : rest;
}
