/* Files of time zones. What is taken has a span around every moment, and the spans follow each
 * other. */
#include <assert.h>
#include <stdint.h>

#include "count/tzif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SPANS  20
#define MAX_UNIX_S INT64_C(10000000000)
#define OFFSET_S   93600
#define CENTURY_S  INT64_C(3155760000)

static void check_spans(const struct tzif *tzif, int64_t from_unix_s)
{
    struct zone_span span = tzif_span(tzif, from_unix_s);

    assert(span.begins_unix_s <= from_unix_s && from_unix_s < span.ends_unix_s);
    for (size_t i = 0; i < MAX_SPANS && span.ends_unix_s < MAX_UNIX_S; i++) {
        struct zone_span next = tzif_span(tzif, span.ends_unix_s);

        assert(next.begins_unix_s == span.ends_unix_s && next.begins_unix_s < next.ends_unix_s);
        assert(next.offset_s > -OFFSET_S && next.offset_s < OFFSET_S);
        span = next;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tzif tzif;

    if (tzif_parse(slice_of(data, size), &tzif) != ERR_OK)
        return 0;
    for (int64_t century = -3; century <= 3; century++)
        check_spans(&tzif, century * CENTURY_S);
    tzif_fini(&tzif);
    return 0;
}
