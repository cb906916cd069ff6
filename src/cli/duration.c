#include "cli/duration.h"

#define MAX_MS INT64_C(3600000000)

static const struct {
    struct slice name;
    int64_t ms;
} units[] = {
    {SLICE_INIT("ms"), 1},
    {SLICE_INIT("s"), 1000},
    {SLICE_INIT("m"), 60000},
    {SLICE_INIT("h"), 3600000},
};

bool number_parse(struct slice text, int64_t *out)
{
    int64_t number = 0;

    if (text.len == 0 || text.len > 9)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (text.ptr[i] - '0');
    }
    *out = number;
    return true;
}

bool duration_parse(struct slice text, int64_t *out_ms)
{
    size_t digits = 0;
    int64_t number;

    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    if (!number_parse(slice_of(text.ptr, digits), &number))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (!slice_eq(slice_from(text, digits), units[i].name))
            continue;
        if (number > MAX_MS / units[i].ms)
            return false;
        *out_ms = number * units[i].ms;
        return true;
    }
    return false;
}
