#include "store/redis_scan.h"

#include "store/redis_command.h"
#include "store/redis_commit.h"
#include "store/redis_script.h"

/* Keys, or pages of a site, that one step looks at: some milliseconds in which Redis does nothing
 * else. A reply has two texts for each, and hashes of a few fields are read as a whole. */
#define COUNT 500

_Static_assert(RECORD_MAX_TTL_S == 34560000, "as redis_scan.lua has it");

void redis_scan_encode(struct strbuf *out, struct slice prefix, struct slice cursor,
                       const char *total_key)
{
    redis_command(out, 8);
    redis_arg(out, SLICE("EVAL"));
    redis_arg(out, redis_scan_script());
    redis_arg_int(out, 1);
    redis_arg2(out, prefix, SLICE("scan"));
    redis_arg(out, prefix);
    redis_arg(out, cursor);
    redis_arg(out, total_key ? slice_str(total_key) : SLICE(""));
    redis_arg_int(out, COUNT);
}

/* ---- the reply ------------------------------------------------------------------------------ */

struct decoder {
    struct scanned_record *records;
    struct scanned_counter *counters;
    struct scan_step *step;
    struct err_info *detail;
};

/* The part of `text` before the first `end`, and what stands behind it. */
static bool split(struct slice text, char end, struct slice *first, struct slice *rest)
{
    const char *at = text.len > 0 ? memchr(text.ptr, end, text.len) : NULL;

    if (!at)
        return false;
    *first = slice_of(text.ptr, (size_t)(at - text.ptr));
    *rest = slice_from(text, first->len + 1);
    return true;
}

static enum err take_record(struct decoder *d, struct slice name, struct slice value)
{
    struct scanned_record *record = &d->records[d->step->record_count];
    struct slice seconds;
    int64_t ttl_s;

    if (!split(name, ' ', &seconds, &record->key) || !redis_parse_int(seconds, &ttl_s) || ttl_s < 1)
        return ERR_INVALID;
    record->ttl_s = ttl_s < (int64_t)RECORD_MAX_TTL_S ? (uint32_t)ttl_s : RECORD_MAX_TTL_S;
    record->value = value;
    d->step->record_count++;
    return ERR_OK;
}

static enum err take_counter(struct decoder *d, const struct counter *counter, struct slice number)
{
    struct scanned_counter *scanned = &d->counters[d->step->counter_count++];

    scanned->counter = *counter;
    if (redis_parse_int(number, &scanned->views))
        return ERR_OK;
    err_info_set(d->detail, "a counter of %.*s holds no integer", SLICE_ARG(counter->site));
    return ERR_UNAVAILABLE;
}

static enum err take_item(struct decoder *d, struct slice name, struct slice value)
{
    struct counter counter = {.dimension = DIMENSION_TOTAL, .value = SLICE("")};
    struct slice rest;

    if (name.len == 0)
        return ERR_INVALID;
    rest = slice_from(name, 1);
    switch (name.ptr[0]) {
    case 'r':
        return take_record(d, rest, value);
    case 't':
        counter.site = rest;
        return take_counter(d, &counter, value);
    case 'p':
        counter.dimension = DIMENSION_PAGE;
        if (!split(rest, '\n', &counter.site, &counter.value))
            return ERR_INVALID;
        return take_counter(d, &counter, value);
    default:
        return ERR_INVALID;
    }
}

static bool is_list_of_texts(const struct redis_value *reply)
{
    if (reply->type != REDIS_ARRAY || reply->count % 2 == 0)
        return false;
    for (size_t i = 0; i < reply->count; i++) {
        if (reply->elements[i].type != REDIS_STRING)
            return false;
    }
    return true;
}

enum err redis_scan_decode(struct scan_step *step, const struct redis_value *reply,
                           struct arena *arena, struct err_info *detail)
{
    struct decoder d = {.step = step, .detail = detail};
    size_t most;

    err_info_set(detail, "Redis gave an answer that does not fit");
    if (!is_list_of_texts(reply))
        return ERR_INVALID;
    *step = (struct scan_step){.cursor = reply->elements[0].text};
    if (slice_eq(step->cursor, SLICE("?"))) {
        err_info_set(detail, "%s", "");
        return ERR_INVALID;
    }
    most = reply->count / 2 + 1;
    d.records = arena_alloc(arena, most * sizeof(*d.records));
    d.counters = arena_alloc(arena, most * sizeof(*d.counters));
    if (!d.records || !d.counters)
        return ERR_NO_MEMORY;
    for (size_t i = 1; i < reply->count; i += 2) {
        enum err err = take_item(&d, reply->elements[i].text, reply->elements[i + 1].text);

        if (err != ERR_OK)
            return err;
    }
    step->records = d.records;
    step->counters = d.counters;
    return ERR_OK;
}
