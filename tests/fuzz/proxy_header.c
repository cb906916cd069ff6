/* The PROXY header, and the fields in which proxies name the client. */
#include <assert.h>
#include <stdint.h>

#include "http/client_address.h"
#include "http/proxy_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A header that is judged stays judged the same, whatever comes behind it. */
static void check_prefixes(struct slice bytes, enum proxy_header_result whole, size_t used)
{
    for (size_t len = 0; len < bytes.len; len++) {
        struct address source;
        size_t part_used = 0;
        enum proxy_header_result part =
            proxy_header_parse(slice_of(bytes.ptr, len), &source, &part_used);

        if (part == PROXY_HEADER_MORE)
            continue;
        assert(part == whole);
        assert(part == PROXY_HEADER_INVALID || part_used == used);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct address proxy = {.is_unix = true};
    static const struct address_set trusted = {.has_unix = true};
    struct slice bytes = slice_of(data, size);
    struct slice none = slice_of(NULL, 0);
    struct address source = {0};
    size_t used = 0;
    enum proxy_header_result result = proxy_header_parse(bytes, &source, &used);

    assert(result != PROXY_HEADER_MORE || size < PROXY_HEADER_MAX_BYTES);
    assert(used <= size && used <= PROXY_HEADER_MAX_BYTES);
    check_prefixes(bytes, result, used);
    (void)client_address(&proxy, bytes, none, &trusted);
    (void)client_address(&proxy, none, bytes, &trusted);
    (void)client_address(&proxy, bytes, bytes, &trusted);
    return 0;
}
