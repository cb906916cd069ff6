#include "store/rollup.h"

#include <sodium.h>

uint64_t value_id(struct slice text)
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    uint64_t id;

    crypto_generichash(hash, sizeof(hash), (const unsigned char *)text.ptr, text.len, NULL, 0);
    memcpy(&id, hash, sizeof(id));
    return id > VALUE_OTHER ? id : id + 2;
}

void metrics_add(struct metrics *sum, const struct metrics *more)
{
    sum->views += more->views;
    sum->visits += more->visits;
    sum->visitors += more->visitors;
    sum->bounces += more->bounces;
    sum->seconds += more->seconds;
}

bool metrics_add_checked(struct metrics *sum, const struct metrics *more)
{
    struct metrics result;

    if (__builtin_add_overflow(sum->views, more->views, &result.views) ||
        __builtin_add_overflow(sum->visits, more->visits, &result.visits) ||
        __builtin_add_overflow(sum->visitors, more->visitors, &result.visitors) ||
        __builtin_add_overflow(sum->bounces, more->bounces, &result.bounces) ||
        __builtin_add_overflow(sum->seconds, more->seconds, &result.seconds))
        return false;
    *sum = result;
    return true;
}

bool metrics_are_zero(const struct metrics *metrics)
{
    return (metrics->views | metrics->visits | metrics->visitors | metrics->bounces |
            metrics->seconds) == 0;
}

/* The highest byte first, so that byte strings are ordered as the numbers are. */
static char *put_number(char *out, uint64_t number, size_t bytes)
{
    for (size_t i = bytes; i > 0; i--) {
        out[i - 1] = (char)(unsigned char)number;
        number >>= 8;
    }
    return out + bytes;
}

static uint64_t get_number(const char *in, size_t bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | (unsigned char)in[i];
    return number;
}

static char *put_list(char *out, const struct rollup *rollup)
{
    memcpy(out, rollup->site.ptr, rollup->site.len);
    out += rollup->site.len;
    *out++ = '\0'; /* no site id has one */
    out = put_number(out, (uint32_t)rollup->bucket, 4);
    return put_number(out, (uint64_t)rollup->dimension, 1);
}

struct slice rollup_key(const struct rollup *rollup, char out[static ROLLUP_KEY_MAX])
{
    char *end = put_list(out, rollup);

    end = put_number(end, rollup->page, 8);
    end = put_number(end, rollup->value, 8);
    return slice_of(out, (size_t)(end - out));
}

struct slice rollup_list_key(const struct rollup *rollup, char out[static ROLLUP_KEY_MAX])
{
    char *end = put_list(out, rollup);

    *end++ = rollup->page == VALUE_NONE ? 's' : 'p';
    return slice_of(out, (size_t)(end - out));
}

bool rollup_parse_key(struct slice key, struct rollup *out)
{
    const char *end = key.len > 0 ? memchr(key.ptr, '\0', key.len) : NULL;
    uint64_t bucket;

    if (!end || end == key.ptr || key.len != (size_t)(end - key.ptr) + 1 + 21)
        return false;
    out->site = slice_of(key.ptr, (size_t)(end - key.ptr));
    bucket = get_number(end + 1, 4);
    out->dimension = (enum dimension)get_number(end + 5, 1);
    out->page = get_number(end + 6, 8);
    out->value = get_number(end + 14, 8);
    if (bucket > INT32_MAX || out->dimension >= DIMENSION_COUNT_)
        return false;
    out->bucket = (int32_t)bucket;
    return true;
}

struct rollup rollup_other(const struct rollup *rollup)
{
    struct rollup other = *rollup;

    other.value = VALUE_OTHER;
    if (other.page != VALUE_NONE)
        other.page = VALUE_OTHER;
    return other;
}

bool rollup_is_asked_for(const struct rollup *rollup, const struct rollup_query *query)
{
    bool is_within = rollup->page != VALUE_NONE;

    return rollup->dimension == query->dimension &&
           is_within == (query->scope == ROLLUP_WITHIN_PAGES) &&
           (query->page == VALUE_NONE || rollup->page == query->page) &&
           (query->value == VALUE_NONE || rollup->value == query->value) &&
           slice_eq(rollup->site, query->site);
}

uint64_t rollup_group_id(const struct rollup *rollup, enum rollup_group group)
{
    switch (group) {
    case ROLLUP_BY_BUCKET:
        return (uint64_t)rollup->bucket;
    case ROLLUP_BY_VALUE:
        return rollup->value;
    case ROLLUP_BY_PAGE:
        return rollup->page;
    }
    return VALUE_NONE;
}
