#include "store/redis_scan.h"

#include "store/redis_command.h"
#include "store/redis_commit.h"
#include "store/redis_row.h"
#include "store/redis_script.h"

/* Keys, or fields of hashes, that one step looks at: some milliseconds in which Redis does nothing
 * else. A reply has two texts for each, and hashes of a few fields are read as a whole. */
#define COUNT 500

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
    struct scanned_rollup *rollups;
    struct rollup list; /* of the rows that come now; without a site: none came yet */
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

    if (!split(name, ' ', &seconds, &record->key) || !redis_parse_int(seconds, &ttl_s) ||
        ttl_s < -1 || ttl_s == 0)
        return ERR_INVALID;
    record->ttl_s = ttl_s < (int64_t)RECORD_MAX_TTL_S ? (uint32_t)ttl_s : RECORD_MAX_TTL_S;
    if (ttl_s == -1)
        record->ttl_s = RECORD_FOREVER;
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

static enum err take_list(struct decoder *d, struct slice key)
{
    if (redis_list_parse(key, &d->list))
        return ERR_OK;
    err_info_set(d->detail, "%.*s is no list of rollups", key.len > 100 ? 100 : (int)key.len,
                 key.ptr);
    return ERR_UNAVAILABLE;
}

static enum err take_row(struct decoder *d, struct slice field, struct slice numbers)
{
    struct scanned_rollup *scanned = &d->rollups[d->step->rollup_count];

    if (d->list.site.len == 0)
        return ERR_INVALID;
    *scanned = (struct scanned_rollup){.rollup = d->list};
    if (!redis_field_parse(field, &scanned->rollup) ||
        !redis_metrics_parse(numbers, &scanned->metrics)) {
        err_info_set(d->detail, "a rollup of %.*s is none", SLICE_ARG(d->list.site));
        return ERR_UNAVAILABLE;
    }
    d->step->rollup_count++;
    return ERR_OK;
}

static enum err take_name(struct decoder *d, struct slice text, struct slice title)
{
    if (d->step->rollup_count == 0)
        return ERR_INVALID;
    d->rollups[d->step->rollup_count - 1].name = (struct name){text, title};
    return ERR_OK;
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
    case 'l':
        return take_list(d, rest);
    case 'v':
        return take_row(d, rest, value);
    case 'n':
        return take_name(d, rest, value);
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

static enum err take_items(struct decoder *d, const struct redis_value *reply)
{
    enum err err = ERR_OK;

    for (size_t i = 1; i < reply->count && err == ERR_OK; i += 2)
        err = take_item(d, reply->elements[i].text, reply->elements[i + 1].text);
    return err;
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
    d.rollups = arena_alloc(arena, most * sizeof(*d.rollups));
    if (!d.records || !d.counters || !d.rollups)
        return ERR_NO_MEMORY;
    step->records = d.records;
    step->counters = d.counters;
    step->rollups = d.rollups;
    return take_items(&d, reply);
}
