#include "session/password_common.h"

#include "base/ascii.h"

static struct slice text_at(size_t i)
{
    uint32_t start = common_password_starts[i];

    return slice_of(common_password_texts + start, common_password_starts[i + 1] - start);
}

bool password_is_common(struct slice password)
{
    size_t low = 0;
    size_t high = common_password_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = ascii_compare(password, text_at(middle));

        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
