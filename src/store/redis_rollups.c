/* Queries of rollups, in steps none of which keeps Redis from others for long.
 *
 *     one row of each list    read it
 *     all rows                first how many each list has; then the small lists as a whole, several
 *                             in a step, and the large ones part by part
 *
 * In a cluster a slot on the move is in two places, and a list that is asked for in the wrong one
 * seems to be empty. A command on several keys is refused then (redis.io/docs/reference/cluster-spec,
 * "Multiple keys operations"), so one goes before those that look for lists. */
#include "base/hashmap.h"
#include "store/redis_command.h"
#include "store/redis_kind.h"
#include "store/redis_row.h"
#include "store/rollup_sums.h"

/* Lists that one step looks for. */
#define STEP_LISTS 500

/* Rows that one step reads, about: less than a millisecond for Redis, as for us. */
#define STEP_ROWS 2000

/* Rows that HSCAN is asked for at a time. */
#define SCAN_ROWS 1000

enum phase {
    PICKING,  /* one row of each list */
    COUNTING, /* the rows of each list */
    READING,  /* whole lists */
    SCANNING, /* a list, part by part */
};

struct query {
    enum phase phase;
    struct rollup list;     /* what all rows have in common */
    uint64_t *rows;         /* of each bucket's list; as counted */
    size_t first;           /* the step: from this bucket … */
    size_t end;             /* … up to this one */
    size_t at;              /* the bucket whose reply comes next */
    bool is_guarded;        /* a reply to the command on several keys comes first */
    char cursor[24];        /* SCANNING: that of HSCAN */
    struct hashmap seen;    /* SCANNING: the fields, since they may come twice */
    struct arena fields;    /* what `seen` points to */
    struct rollup_sums sums; /* of what was read so far */
};

/* A scan of a list of the most rows a commit may ever make there stays far below. */
#define FIELDS_CHUNK 65536
#define FIELDS_MAX   ((size_t)64 << 20)

static bool is_of_one_row(const struct rollup_query *query)
{
    bool has_page = query->scope == ROLLUP_OF_SITE || query->page != VALUE_NONE;

    return has_page && (query->value != VALUE_NONE || query->dimension == DIMENSION_TOTAL);
}

static enum err plan_rollups(struct redis_op *r)
{
    struct store_op *op = r->op;
    struct query *q = arena_alloc(&op->arena, sizeof(*q));

    r->state = q;
    if (!q)
        return ERR_NO_MEMORY;
    *q = (struct query){.list = {.site = op->query.site, .dimension = op->query.dimension}};
    q->rows = arena_alloc(&op->arena, op->query.bucket_count * sizeof(*q->rows));
    return q->rows ? ERR_OK : ERR_NO_MEMORY;
}

static void begin_rollups(struct redis_op *r)
{
    struct query *q = r->state;

    q->phase = is_of_one_row(&r->op->query) ? PICKING : COUNTING;
    q->first = 0;
    rollup_sums_init(&q->sums);
    hashmap_init(&q->seen);
    arena_init(&q->fields, FIELDS_CHUNK, FIELDS_MAX);
}

static void drop_rollups(struct redis_op *r)
{
    struct query *q = r->state;

    rollup_sums_fini(&q->sums);
    hashmap_fini(&q->seen);
    arena_fini(&q->fields);
}

/* ---- what is sent --------------------------------------------------------------------------- */

/* What rows of this bucket have in common. */
static struct rollup list_of(const struct redis_op *r, size_t bucket)
{
    const struct query *q = r->state;
    struct rollup list = q->list;

    list.bucket = r->op->query.buckets[bucket];
    list.page = r->op->query.scope == ROLLUP_WITHIN_PAGES ? VALUE_OTHER : VALUE_NONE;
    return list;
}

static void put_list(struct redis_op *r, struct strbuf *out, size_t bucket)
{
    const struct rollup list = list_of(r, bucket);
    char key[REDIS_LIST_KEY_BYTES];

    redis_arg(out, redis_list_key(&r->prefix, &list, key));
}

static size_t put_guard(struct redis_op *r, struct strbuf *out)
{
    struct query *q = r->state;

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
    struct rollup row = list_of(r, bucket);
    char field[REDIS_FIELD_BYTES];

    if (row.page != VALUE_NONE)
        row.page = r->op->query.page;
    row.value = r->op->query.value;
    redis_command(out, 3);
    redis_arg(out, SLICE("HMGET"));
    put_list(r, out, bucket);
    redis_arg(out, redis_field(&row, field));
}

/* Looks for the lists of the step. */
static size_t encode_search(struct redis_op *r, struct strbuf *out)
{
    struct query *q = r->state;
    size_t left = r->op->query.bucket_count - q->first;
    size_t commands;

    q->end = q->first + (left < STEP_LISTS ? left : STEP_LISTS);
    commands = put_guard(r, out) + q->end - q->first;
    for (size_t i = q->first; i < q->end; i++) {
        redis_op_put_asking(r, out);
        if (q->phase == PICKING) {
            put_pick(r, out, i);
            continue;
        }
        redis_command(out, 2);
        redis_arg(out, SLICE("HLEN"));
        put_list(r, out, i);
    }
    return commands;
}

/* The first bucket from `bucket` on whose list has rows. */
static size_t next_filled(const struct redis_op *r, size_t bucket)
{
    const struct query *q = r->state;

    while (bucket < r->op->query.bucket_count && q->rows[bucket] == 0)
        bucket++;
    return bucket;
}

/* Whole lists, as many as make up a step. */
static size_t encode_reading(struct redis_op *r, struct strbuf *out)
{
    struct query *q = r->state;
    uint64_t rows = q->rows[q->first];
    size_t commands = 0;

    q->end = q->first;
    do {
        redis_op_put_asking(r, out);
        redis_command(out, 2);
        redis_arg(out, SLICE("HGETALL"));
        put_list(r, out, q->end);
        commands++;
        q->end = next_filled(r, q->end + 1);
        rows += q->end < r->op->query.bucket_count ? q->rows[q->end] : 0;
    } while (q->end < r->op->query.bucket_count && rows <= STEP_ROWS && commands < STEP_LISTS);
    return commands;
}

static size_t encode_scanning(struct redis_op *r, struct strbuf *out)
{
    struct query *q = r->state;

    q->end = next_filled(r, q->first + 1);
    redis_op_put_asking(r, out);
    redis_command(out, 5);
    redis_arg(out, SLICE("HSCAN"));
    put_list(r, out, q->first);
    redis_arg(out, slice_str(q->cursor));
    redis_arg(out, SLICE("COUNT"));
    redis_arg_int(out, SCAN_ROWS);
    return 1;
}

static size_t encode_rollups(struct redis_op *r, struct strbuf *out)
{
    struct query *q = r->state;

    q->is_guarded = false;
    q->at = q->first;
    switch (q->phase) {
    case PICKING:
    case COUNTING:
        return encode_search(r, out);
    case READING:
        return encode_reading(r, out);
    case SCANNING:
        return encode_scanning(r, out);
    }
    return 0;
}

/* ---- what comes back ------------------------------------------------------------------------ */

static enum err no_row(struct redis_op *r, const struct rollup *list)
{
    char key[REDIS_LIST_KEY_BYTES];

    err_info_set(&r->detail, "Redis: %.*s holds what is no row",
                 SLICE_ARG(redis_list_key(&r->prefix, list, key)));
    return ERR_UNAVAILABLE;
}

static enum err take_row(struct redis_op *r, struct rollup *row, struct slice numbers)
{
    struct query *q = r->state;
    const struct rollup_query *query = &r->op->query;
    struct metrics metrics;

    if (!redis_metrics_parse(numbers, &metrics))
        return no_row(r, row);
    if (!rollup_is_asked_for(row, query))
        return ERR_OK;
    return rollup_sums_add(&q->sums, rollup_group_id(row, query->group), &metrics);
}

static enum err take_pick(struct redis_op *r, const struct redis_value *reply)
{
    const struct query *q = r->state;
    struct rollup row = list_of(r, q->at);

    if (reply->type != REDIS_ARRAY || reply->count != 1)
        return ERR_INVALID;
    if (reply->elements[0].type == REDIS_NIL)
        return ERR_OK;
    if (reply->elements[0].type != REDIS_STRING)
        return ERR_INVALID;
    if (row.page != VALUE_NONE)
        row.page = r->op->query.page;
    row.value = r->op->query.value;
    return take_row(r, &row, reply->elements[0].text);
}

static enum err take_count(struct redis_op *r, const struct redis_value *reply)
{
    struct query *q = r->state;

    if (reply->type != REDIS_INTEGER || reply->integer < 0)
        return ERR_INVALID;
    q->rows[q->at] = (uint64_t)reply->integer;
    return ERR_OK;
}

/* Whether the field came before in this list. ERR_NO_MEMORY. */
static enum err see(struct query *q, struct slice field, bool *was_seen)
{
    void **place;

    *was_seen = hashmap_get(&q->seen, field) != NULL;
    if (*was_seen)
        return ERR_OK;
    field = arena_dup(&q->fields, field);
    place = field.ptr ? hashmap_put(&q->seen, field) : NULL;
    if (!place)
        return ERR_NO_MEMORY;
    *place = q;
    return ERR_OK;
}

/* Fields and what they hold, one after the other. */
static enum err take_rows(struct redis_op *r, const struct redis_value *reply)
{
    struct query *q = r->state;
    struct rollup row = list_of(r, q->at);
    const struct redis_value *end = reply->elements + reply->count;
    enum err err = ERR_OK;

    if (reply->type != REDIS_ARRAY || reply->count % 2 != 0)
        return ERR_INVALID;
    for (const struct redis_value *at = reply->elements; at < end && err == ERR_OK; at += 2) {
        bool was_seen = false;

        if (at[0].type != REDIS_STRING || at[1].type != REDIS_STRING)
            return ERR_INVALID;
        if (!redis_field_parse(at[0].text, &row))
            return no_row(r, &row);
        if (q->phase == SCANNING)
            err = see(q, at[0].text, &was_seen);
        if (err == ERR_OK && !was_seen)
            err = take_row(r, &row, at[1].text);
    }
    return err;
}

/* The next cursor and a list as above. */
static enum err take_part(struct redis_op *r, const struct redis_value *reply)
{
    struct query *q = r->state;
    struct slice cursor;

    if (reply->type != REDIS_ARRAY || reply->count != 2 ||
        reply->elements[0].type != REDIS_STRING)
        return ERR_INVALID;
    cursor = reply->elements[0].text;
    if (cursor.len == 0 || cursor.len >= sizeof(q->cursor))
        return ERR_INVALID;
    memcpy(q->cursor, cursor.ptr, cursor.len);
    q->cursor[cursor.len] = '\0';
    return take_rows(r, &reply->elements[1]);
}

static enum err take_rollups(struct redis_op *r, const struct redis_value *reply)
{
    struct query *q = r->state;
    enum err err = ERR_OK;

    if (q->is_guarded) {
        q->is_guarded = false;
        return reply->type == REDIS_INTEGER ? ERR_OK : ERR_INVALID;
    }
    switch (q->phase) {
    case PICKING:
        err = take_pick(r, reply);
        break;
    case COUNTING:
        err = take_count(r, reply);
        break;
    case READING:
        err = take_rows(r, reply);
        break;
    case SCANNING:
        err = take_part(r, reply);
        break;
    }
    q->at = q->phase == READING ? next_filled(r, q->at + 1) : q->at + 1;
    return err;
}

/* ---- from step to step ---------------------------------------------------------------------- */

/* Goes on behind the lists of this step; false: there are no more. */
static bool go_on(struct redis_op *r)
{
    struct query *q = r->state;

    if (q->phase == SCANNING && strcmp(q->cursor, "0") != 0)
        return true;
    q->first = q->end;
    if (q->first == r->op->query.bucket_count && q->phase == COUNTING) {
        q->phase = READING;
        q->first = next_filled(r, 0);
    }
    if (q->phase == PICKING || q->phase == COUNTING)
        return q->first < r->op->query.bucket_count;
    if (q->first == r->op->query.bucket_count)
        return false;
    q->phase = q->rows[q->first] > STEP_ROWS ? SCANNING : READING;
    (void)memcpy(q->cursor, "0", 2);
    hashmap_clear(&q->seen);
    arena_reset(&q->fields);
    return true;
}

static void finish_rollups(struct redis_op *r, enum err err)
{
    struct query *q = r->state;
    struct rollup_sums sums;
    const struct rollup_sum *sorted;
    size_t count;

    if (err == ERR_OK && go_on(r)) {
        redis_op_next_step(r);
        return;
    }
    sums = q->sums;
    rollup_sums_init(&q->sums);
    drop_rollups(r);
    sorted = rollup_sums_sort(&sums, &count);
    op_finish_rollups(r->op, err, sorted, count);
    rollup_sums_fini(&sums);
}

const struct redis_kind redis_rollups_kind = {
    .plan = plan_rollups,
    .begin = begin_rollups,
    .encode = encode_rollups,
    .take = take_rollups,
    .finish = finish_rollups,
    .drop = drop_rollups,
};
