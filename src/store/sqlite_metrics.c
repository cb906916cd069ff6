#include "store/sqlite_metrics.h"

#define NUMBERS    5
#define GROUP_BITS 3
#define GROUP_MASK 7U
#define MORE       8U

/* Where the next group is written or read, and how many there are, or may be. */
struct groups {
    size_t count;
    size_t at;
};

/* ---- writing -------------------------------------------------------------------------------- */

static void put_group(char *out, struct groups *groups, unsigned group)
{
    unsigned char *byte = (unsigned char *)out + groups->at / 2;

    *byte = (unsigned char)(groups->at % 2 == 0 ? group : *byte | group << 4);
    groups->at++;
    if (group != 0)
        groups->count = groups->at;
}

static void put_number(char *out, struct groups *groups, int64_t number)
{
    uint64_t rest = (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0);

    while (rest > GROUP_MASK) {
        put_group(out, groups, MORE | (unsigned)(rest & GROUP_MASK));
        rest >>= GROUP_BITS;
    }
    put_group(out, groups, (unsigned)rest);
}

struct slice sqlite_metrics_pack(const struct metrics *metrics, char out[static SQLITE_METRICS_MAX])
{
    struct groups groups = {.count = 0};

    put_number(out, &groups, metrics->views);
    put_number(out, &groups, metrics->visits);
    put_number(out, &groups, metrics->visitors);
    put_number(out, &groups, metrics->bounces);
    put_number(out, &groups, metrics->seconds);
    return slice_of(out, (groups.count + 1) / 2);
}

/* ---- reading -------------------------------------------------------------------------------- */

static unsigned get_group(struct slice packed, struct groups *groups)
{
    size_t at = groups->at++;
    unsigned byte = at < groups->count ? (unsigned char)packed.ptr[at / 2] : 0;

    return at % 2 == 0 ? byte & 0xfU : byte >> 4;
}

static int64_t get_number(struct slice packed, struct groups *groups)
{
    uint64_t number = 0;
    unsigned bits = 0;
    unsigned group;

    do {
        group = get_group(packed, groups);
        if (bits < 64)
            number |= (uint64_t)(group & GROUP_MASK) << bits;
        bits += GROUP_BITS;
    } while (group & MORE);
    return (int64_t)(number >> 1 ^ (number & 1 ? UINT64_MAX : 0));
}

/* Behind the end all groups are 0, so each number ends. */
bool sqlite_metrics_unpack(struct slice packed, struct metrics *out)
{
    struct groups groups = {.count = 2 * packed.len};

    if (packed.len > SQLITE_METRICS_MAX)
        return false;
    out->views = get_number(packed, &groups);
    out->visits = get_number(packed, &groups);
    out->visitors = get_number(packed, &groups);
    out->bounces = get_number(packed, &groups);
    out->seconds = get_number(packed, &groups);
    return true;
}
