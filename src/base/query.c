#include "base/query.h"

struct query_reader query_reader_init(struct slice query)
{
    return (struct query_reader){query};
}

static struct query_pair split(struct slice pair)
{
    const char *equals = memchr(pair.ptr, '=', pair.len);
    size_t name_len = equals ? (size_t)(equals - pair.ptr) : pair.len;

    return (struct query_pair){
        .name = slice_of(pair.ptr, name_len),
        .value = slice_from(pair, equals ? name_len + 1 : name_len),
    };
}

bool query_next(struct query_reader *reader, struct query_pair *out)
{
    while (reader->rest.len > 0) {
        struct slice rest = reader->rest;
        const char *end = memchr(rest.ptr, '&', rest.len);
        size_t len = end ? (size_t)(end - rest.ptr) : rest.len;

        reader->rest = slice_from(rest, end ? len + 1 : len);
        if (len > 0) {
            *out = split(slice_of(rest.ptr, len));
            return true;
        }
    }
    return false;
}
