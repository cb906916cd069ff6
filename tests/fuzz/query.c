/* Queries, percent-encoding and Accept: all that a visitor writes into small texts. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/percent.h"
#include "base/query.h"
#include "http/media_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool lies_within(struct slice part, struct slice whole)
{
    return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

static void check_decoding(struct slice raw, enum percent_mode mode)
{
    char *copy = malloc(raw.len + 1);
    struct slice decoded;

    if (raw.len > 0)
        memcpy(copy, raw.ptr, raw.len);
    decoded = percent_decode(slice_of(copy, raw.len), mode, copy);
    assert(!decoded.ptr || (decoded.ptr == copy && decoded.len <= raw.len));
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct slice types[] = {{"text/html", 9}, {"application/json", 16}};
    struct slice query = slice_of(data, size);
    struct query_reader reader = query_reader_init(query);
    struct query_pair pair;
    size_t seen = 0;

    while (query_next(&reader, &pair)) {
        assert(lies_within(pair.name, query) && lies_within(pair.value, query));
        assert(!memchr(pair.name.ptr, '=', pair.name.len));
        check_decoding(pair.name, PERCENT_FORM);
        check_decoding(pair.value, PERCENT_FORM);
        seen += pair.name.len + pair.value.len;
    }
    assert(seen <= size);
    check_decoding(query, PERCENT_PATH);
    assert(media_type_choose(query, types, 2) < 2);
    (void)media_type_is_named(query, types[0]);
    return 0;
}
