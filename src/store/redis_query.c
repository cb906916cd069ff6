#include "store/redis_query.h"

#include "store/redis_command.h"
#include "store/redis_kind.h"
#include "store/redis_row.h"

/* Lists that one step looks for. */
#define STEP_LISTS 500

/* Rows that HSCAN is asked to look at at a time: it takes longer for each than HGETALL. */
#define SCAN_ROWS 1000

bool redis_query_is_of_one_row(const struct rollup_query *query)
{
    bool has_page = query->scope == ROLLUP_OF_SITE || query->page != VALUE_NONE;

    return has_page && (query->value != VALUE_NONE || query->dimension == DIMENSION_TOTAL);
}

struct rollup redis_query_row(const struct redis_op *r, size_t bucket)
{
    const struct rollup_query *query = &r->op->query;
    uint64_t page = query->page != VALUE_NONE ? query->page : VALUE_OTHER;

    return (struct rollup){
        .site = query->site,
        .bucket = query->buckets[bucket],
        .dimension = query->dimension,
        .page = query->scope == ROLLUP_WITHIN_PAGES ? page : VALUE_NONE,
        .value = query->value,
    };
}

static void put_list(struct redis_op *r, struct strbuf *out, size_t bucket)
{
    const struct rollup row = redis_query_row(r, bucket);
    char key[REDIS_LIST_KEY_BYTES];

    redis_arg(out, redis_list_key(&r->prefix, &row, key));
}

static size_t put_guard(struct redis_op *r, struct strbuf *out)
{
    struct redis_query *q = r->state;

    q->is_guarded = store_shard_count(r->op->store) > 1;
    if (!q->is_guarded)
        return 0;
    redis_op_put_asking(r, out);
    redis_command(out, 1 + q->end - q->first);
    redis_arg(out, SLICE("EXISTS"));
    for (size_t i = q->first; i < q->end; i++)
        put_list(r, out, i);
    return 1;
}

static void put_pick(struct redis_op *r, struct strbuf *out, size_t bucket)
{
    const struct rollup row = redis_query_row(r, bucket);
    char field[REDIS_FIELD_BYTES];

    redis_command(out, 3);
    redis_arg(out, SLICE("HMGET"));
    put_list(r, out, bucket);
    redis_arg(out, redis_field(&row, field));
}

/* Looks for the lists of the step. */
static size_t encode_search(struct redis_op *r, struct strbuf *out)
{
    struct redis_query *q = r->state;
    size_t left = r->op->query.bucket_count - q->first;
    size_t commands;

    q->end = q->first + (left < STEP_LISTS ? left : STEP_LISTS);
    commands = put_guard(r, out) + q->end - q->first;
    for (size_t i = q->first; i < q->end; i++) {
        redis_op_put_asking(r, out);
        if (q->phase == REDIS_QUERY_PICKS) {
            put_pick(r, out, i);
            continue;
        }
        redis_command(out, 2);
        redis_arg(out, SLICE("HLEN"));
        put_list(r, out, i);
    }
    return commands;
}

size_t redis_query_next_filled(const struct redis_op *r, size_t bucket)
{
    const struct redis_query *q = r->state;

    while (bucket < r->op->query.bucket_count && q->rows[bucket] == 0)
        bucket++;
    return bucket;
}

/* Whole lists, as many as make up a step. */
static size_t encode_reading(struct redis_op *r, struct strbuf *out)
{
    struct redis_query *q = r->state;
    uint64_t rows = q->rows[q->first];
    size_t commands = 0;

    q->end = q->first;
    do {
        redis_op_put_asking(r, out);
        redis_command(out, 2);
        redis_arg(out, SLICE("HGETALL"));
        put_list(r, out, q->end);
        commands++;
        q->end = redis_query_next_filled(r, q->end + 1);
        rows += q->end < r->op->query.bucket_count ? q->rows[q->end] : 0;
    } while (q->end < r->op->query.bucket_count && rows <= REDIS_QUERY_ROWS &&
             commands < STEP_LISTS);
    return commands;
}

/* Only fields that begin with the page asked for, or end with the value. In a pattern a backslash
 * takes any meaning from the byte behind it. */
static void put_pattern(const struct redis_op *r, struct strbuf *out)
{
    const struct rollup_query *query = &r->op->query;
    bool has_page = query->page != VALUE_NONE;
    char id[REDIS_ID_BYTES];
    char pattern[2 * REDIS_ID_BYTES + 1];
    char *at = pattern;

    (void)redis_id_put(id, has_page ? query->page : query->value);
    if (!has_page)
        *at++ = '*';
    for (size_t i = 0; i < sizeof(id); i++) {
        *at++ = '\\';
        *at++ = id[i];
    }
    if (has_page)
        *at++ = '*';
    redis_arg(out, SLICE("MATCH"));
    redis_arg(out, slice_of(pattern, sizeof(pattern)));
}

static size_t encode_scanning(struct redis_op *r, struct strbuf *out)
{
    struct redis_query *q = r->state;
    const struct rollup_query *query = &r->op->query;
    bool is_filtered = query->scope == ROLLUP_WITHIN_PAGES &&
                       (query->page != VALUE_NONE || query->value != VALUE_NONE);

    q->end = redis_query_next_filled(r, q->first + 1);
    redis_op_put_asking(r, out);
    redis_command(out, is_filtered ? 7 : 5);
    redis_arg(out, SLICE("HSCAN"));
    put_list(r, out, q->first);
    redis_arg(out, slice_str(q->cursor));
    redis_arg(out, SLICE("COUNT"));
    redis_arg_int(out, SCAN_ROWS);
    if (is_filtered)
        put_pattern(r, out);
    return 1;
}

size_t redis_query_encode(struct redis_op *r, struct strbuf *out)
{
    struct redis_query *q = r->state;

    q->is_guarded = false;
    q->at = q->first;
    switch (q->phase) {
    case REDIS_QUERY_PICKS:
    case REDIS_QUERY_COUNTS:
        return encode_search(r, out);
    case REDIS_QUERY_READS:
        return encode_reading(r, out);
    case REDIS_QUERY_SCANS:
        return encode_scanning(r, out);
    }
    return 0;
}
