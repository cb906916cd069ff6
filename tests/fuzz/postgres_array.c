/* Arrays as PostgreSQL answers them, element by element. */
#include <assert.h>
#include <stdint.h>

#include "store/postgres_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice whole = slice_of(data, size);
    struct postgres_array array;
    struct slice element;
    size_t seen = 0;
    size_t count;
    int64_t number;

    if (!postgres_array_begin(&array, whole))
        return 0;
    count = array.left;
    while (postgres_array_next(&array, &element)) {
        assert(count-- > 0);
        assert(!element.ptr || (element.ptr >= whole.ptr && element.len <= size));
        assert(!postgres_int8(element, &number) || element.len == sizeof(number));
        seen += element.len;
    }
    assert(seen <= size);
    return 0;
}
