#include "count/tzif.h"

#include <stdlib.h>

#define HEADER_BYTES 44

/* Magic, version, and 15 bytes for later. */
#define COUNTS_AT 20

/* A byte is not enough for more types. */
#define MAX_TYPES   256
#define MAX_CHANGES 4096

/* RFC 8536, section 3.2: local time is less than 25 hours behind UTC, less than 26 ahead. */
#define MIN_OFFSET_S (-89999)
#define MAX_OFFSET_S 93599

/* The counts of a data block, in the order of the header. */
struct counts {
    uint32_t utc_indicators;
    uint32_t standard_indicators;
    uint32_t leap_seconds;
    uint32_t changes;
    uint32_t types;
    uint32_t name_bytes;
};

static uint32_t read_u32(const char *bytes)
{
    uint32_t number = 0;

    for (size_t i = 0; i < 4; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return number;
}

static int64_t read_i64(const char *bytes)
{
    return (int64_t)((uint64_t)read_u32(bytes) << 32 | read_u32(bytes + 4));
}

/* Takes the header off `rest`; false when it is none, or the counts are more than a file has. */
static bool take_header(struct slice *rest, struct counts *out)
{
    uint32_t counts[6];

    if (rest->len < HEADER_BYTES || !slice_starts_with(*rest, SLICE("TZif")) || rest->ptr[4] < '2')
        return false;
    for (size_t i = 0; i < 6; i++) {
        counts[i] = read_u32(rest->ptr + COUNTS_AT + 4 * i);
        if (counts[i] > TZIF_MAX_BYTES)
            return false;
    }
    *out = (struct counts){counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
    *rest = slice_from(*rest, HEADER_BYTES);
    return true;
}

/* How long a data block is whose times have `time_bytes`: RFC 8536, section 3.2. */
static size_t block_bytes(const struct counts *counts, size_t time_bytes)
{
    return counts->changes * (time_bytes + 1) + counts->types * (size_t)6 + counts->name_bytes +
           counts->leap_seconds * (time_bytes + 4) + counts->standard_indicators +
           counts->utc_indicators;
}

static bool read_offsets(struct slice types, uint32_t count, int32_t *out)
{
    for (uint32_t i = 0; i < count; i++) {
        out[i] = (int32_t)read_u32(types.ptr + (size_t)6 * i);
        if (out[i] < MIN_OFFSET_S || out[i] > MAX_OFFSET_S)
            return false;
    }
    return true;
}

static bool read_changes(struct tzif *tzif, struct slice block, const struct counts *counts,
                         const int32_t *offsets)
{
    const char *times = block.ptr;
    const char *types = times + (size_t)8 * counts->changes;

    for (uint32_t i = 0; i < counts->changes; i++) {
        unsigned char type = (unsigned char)types[i];
        int64_t unix_s = read_i64(times + (size_t)8 * i);

        if (type >= counts->types || (i > 0 && unix_s <= tzif->changes[i - 1].unix_s))
            return false;
        tzif->changes[i] = (struct tzif_change){unix_s, offsets[type]};
    }
    tzif->change_count = counts->changes;
    return true;
}

static enum err read_block(struct tzif *tzif, struct slice block, const struct counts *counts)
{
    int32_t offsets[MAX_TYPES];

    if (counts->types == 0 || counts->types > MAX_TYPES || counts->changes > MAX_CHANGES ||
        !read_offsets(slice_from(block, (size_t)9 * counts->changes), counts->types, offsets))
        return ERR_INVALID;
    tzif->first_offset_s = offsets[0];
    if (counts->changes == 0)
        return ERR_OK;
    tzif->changes = calloc(counts->changes, sizeof(*tzif->changes));
    if (!tzif->changes)
        return ERR_NO_MEMORY;
    return read_changes(tzif, block, counts, offsets) ? ERR_OK : ERR_INVALID;
}

/* The rule stands between two line ends; an empty one says nothing of the future. */
static bool read_footer(struct tzif *tzif, struct slice rest)
{
    struct slice text;
    const char *end;

    if (rest.len < 2 || rest.ptr[0] != '\n')
        return false;
    text = slice_from(rest, 1);
    end = memchr(text.ptr, '\n', text.len);
    if (!end)
        return false;
    text.len = (size_t)(end - text.ptr);
    tzif->has_rule = text.len > 0;
    return text.len == 0 || zone_rule_parse(text, &tzif->rule);
}

static enum err parse(struct slice rest, struct tzif *out)
{
    struct counts counts;
    size_t len;
    enum err err;

    /* The first block, whose times have 32 bits, is for old readers. */
    if (!take_header(&rest, &counts) || block_bytes(&counts, 4) > rest.len)
        return ERR_INVALID;
    rest = slice_from(rest, block_bytes(&counts, 4));
    if (!take_header(&rest, &counts))
        return ERR_INVALID;
    len = block_bytes(&counts, 8);
    if (len > rest.len || counts.leap_seconds > 0)
        return ERR_INVALID;
    err = read_block(out, slice_of(rest.ptr, len), &counts);
    if (err != ERR_OK)
        return err;
    return read_footer(out, slice_from(rest, len)) ? ERR_OK : ERR_INVALID;
}

enum err tzif_parse(struct slice bytes, struct tzif *out)
{
    struct tzif tzif = {.changes = NULL};
    enum err err = bytes.len > TZIF_MAX_BYTES ? ERR_INVALID : parse(bytes, &tzif);

    if (err == ERR_OK)
        *out = tzif;
    else
        tzif_fini(&tzif);
    return err;
}

void tzif_fini(struct tzif *tzif)
{
    free(tzif->changes);
    *tzif = (struct tzif){.changes = NULL};
}

/* How many changes have happened by `unix_s`. */
static size_t changes_by(const struct tzif *tzif, int64_t unix_s)
{
    size_t low = 0;
    size_t high = tzif->change_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (tzif->changes[middle].unix_s <= unix_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct zone_span tzif_span(const struct tzif *tzif, int64_t unix_s)
{
    size_t by = changes_by(tzif, unix_s);
    struct zone_span span = {INT64_MIN, INT64_MAX, tzif->first_offset_s};
    struct zone_span by_rule;

    if (by > 0) {
        span.begins_unix_s = tzif->changes[by - 1].unix_s;
        span.offset_s = tzif->changes[by - 1].offset_s;
    }
    if (by < tzif->change_count) {
        span.ends_unix_s = tzif->changes[by].unix_s;
        return span;
    }
    if (!tzif->has_rule)
        return span;
    by_rule = zone_rule_span(&tzif->rule, unix_s);
    if (by_rule.begins_unix_s < span.begins_unix_s)
        by_rule.begins_unix_s = span.begins_unix_s;
    return by_rule;
}
