#include "store/redis_row.h"

#include "base/strbuf.h"
#include "store/redis_commit.h"

#define OF_SITE      SLICE("rollup:")
#define WITHIN_PAGES SLICE("within:")

_Static_assert(DIMENSION_COUNT_ <= 1000, "a dimension has at most three digits");

/* ---- keys ----------------------------------------------------------------------------------- */

static char *put(char *out, struct slice text)
{
    memcpy(out, text.ptr, text.len);
    return out + text.len;
}

static char *put_number(char *out, int64_t number)
{
    char digits[20];

    return put(out, slice_of(digits, format_int(digits, number)));
}

struct slice redis_list_key(const struct redis_prefix *prefix, const struct rollup *rollup,
                            char out[static REDIS_LIST_KEY_BYTES])
{
    char *end = put(out, slice_of(prefix->text, prefix->len));

    end = put(end, rollup->page == VALUE_NONE ? OF_SITE : WITHIN_PAGES);
    end = put(end, rollup->site);
    *end++ = ':';
    end = put_number(end, rollup->bucket);
    *end++ = ':';
    end = put_number(end, (int64_t)rollup->dimension);
    return slice_of(out, (size_t)(end - out));
}

/* Takes the part before the first colon off the front of `text`; all of it when there is none. */
static struct slice take_part(struct slice *text)
{
    const char *colon = text->len > 0 ? memchr(text->ptr, ':', text->len) : NULL;
    struct slice part = colon ? slice_of(text->ptr, (size_t)(colon - text->ptr)) : *text;

    *text = slice_from(*text, colon ? part.len + 1 : part.len);
    return part;
}

bool redis_list_parse(struct slice key, struct rollup *out)
{
    bool is_within = slice_starts_with(key, WITHIN_PAGES);
    int64_t bucket;
    int64_t dimension;

    if (!is_within && !slice_starts_with(key, OF_SITE))
        return false;
    key = slice_from(key, OF_SITE.len);
    *out = (struct rollup){.site = take_part(&key), .page = is_within ? VALUE_OTHER : VALUE_NONE};
    if (out->site.len == 0 || out->site.len > COUNTER_MAX_SITE ||
        !redis_parse_int(take_part(&key), &bucket) || !redis_parse_int(key, &dimension))
        return false;
    out->bucket = (int32_t)bucket;
    out->dimension = (enum dimension)dimension;
    return bucket >= 0 && bucket <= INT32_MAX && dimension >= 0 && dimension < DIMENSION_COUNT_;
}

/* ---- fields --------------------------------------------------------------------------------- */

char *redis_id_put(char *out, uint64_t id)
{
    for (size_t i = REDIS_ID_BYTES; i > 0; i--) {
        out[i - 1] = (char)(unsigned char)id;
        id >>= 8;
    }
    return out + REDIS_ID_BYTES;
}

static uint64_t get_id(const char *in)
{
    uint64_t id = 0;

    for (size_t i = 0; i < REDIS_ID_BYTES; i++)
        id = id << 8 | (unsigned char)in[i];
    return id;
}

struct slice redis_field(const struct rollup *rollup, char out[static REDIS_FIELD_BYTES])
{
    char *end = out;

    if (rollup->page != VALUE_NONE)
        end = redis_id_put(end, rollup->page);
    end = redis_id_put(end, rollup->value);
    return slice_of(out, (size_t)(end - out));
}

bool redis_field_parse(struct slice field, struct rollup *rollup)
{
    bool is_within = rollup->page != VALUE_NONE;

    if (field.len != (is_within ? REDIS_FIELD_BYTES : REDIS_ID_BYTES))
        return false;
    if (is_within)
        rollup->page = get_id(field.ptr);
    rollup->value = get_id(field.ptr + field.len - REDIS_ID_BYTES);
    return !is_within || rollup->page != VALUE_NONE;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static size_t width_of(int64_t number)
{
    if (number >= INT8_MIN && number <= INT8_MAX)
        return 1;
    if (number >= INT16_MIN && number <= INT16_MAX)
        return 2;
    return number >= INT32_MIN && number <= INT32_MAX ? 4 : 8;
}

size_t redis_metrics_width(const struct metrics *metrics)
{
    /* Whatever the sign, a number of more bytes has more bits set in here. */
    size_t width = width_of(metrics->views) | width_of(metrics->visits) |
                   width_of(metrics->visitors) | width_of(metrics->bounces) |
                   width_of(metrics->seconds);

    return width >= 8 ? 8 : width >= 4 ? 4 : width >= 2 ? 2 : 1;
}

static char *put_metric(char *out, int64_t metric, size_t width)
{
    uint64_t bits = (uint64_t)metric;

    for (size_t i = 0; i < width; i++) {
        out[i] = (char)(unsigned char)bits;
        bits >>= 8;
    }
    return out + width;
}

char *redis_metrics_put(char *out, const struct metrics *metrics, size_t width)
{
    out = put_metric(out, metrics->views, width);
    out = put_metric(out, metrics->visits, width);
    out = put_metric(out, metrics->visitors, width);
    out = put_metric(out, metrics->bounces, width);
    return put_metric(out, metrics->seconds, width);
}

/* The highest byte carries the sign. */
static int64_t get_metric(const char *in, size_t width)
{
    uint64_t bits = (signed char)in[width - 1] < 0 ? UINT64_MAX : 0;

    for (size_t i = width; i > 0; i--)
        bits = bits << 8 | (unsigned char)in[i - 1];
    return (int64_t)bits;
}

bool redis_metrics_parse(struct slice bytes, struct metrics *out)
{
    size_t width = bytes.len / REDIS_METRICS;

    if (bytes.len % REDIS_METRICS != 0 || (width != 1 && width != 2 && width != 4 && width != 8))
        return false;
    out->views = get_metric(bytes.ptr, width);
    out->visits = get_metric(bytes.ptr + width, width);
    out->visitors = get_metric(bytes.ptr + 2 * width, width);
    out->bounces = get_metric(bytes.ptr + 3 * width, width);
    out->seconds = get_metric(bytes.ptr + 4 * width, width);
    return true;
}
