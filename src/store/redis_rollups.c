/* Queries of rollups, in steps none of which keeps Redis from others for long.
 *
 *     one row of each list    it is read
 *     all rows                first it is asked how many each list has; then small ones are read
 *                             as a whole, several in a step, and large ones part by part
 */
#include "store/redis_kind.h"
#include "store/redis_query.h"
#include "store/redis_row.h"

/* For the fields of one list: four million of them. */
#define FIELDS_CHUNK 65536
#define FIELDS_MAX   ((size_t)64 << 20)

static enum err plan_rollups(struct redis_op *r)
{
    struct store_op *op = r->op;
    struct redis_query *q = arena_alloc(&op->arena, sizeof(*q));

    r->state = q;
    if (!q)
        return ERR_NO_MEMORY;
    *q = (struct redis_query){0};
    q->rows = arena_alloc(&op->arena, op->query.bucket_count * sizeof(*q->rows));
    return q->rows ? ERR_OK : ERR_NO_MEMORY;
}

static void begin_rollups(struct redis_op *r)
{
    struct redis_query *q = r->state;

    q->phase = redis_query_is_of_one_row(&r->op->query) ? REDIS_QUERY_PICKS : REDIS_QUERY_COUNTS;
    q->first = 0;
    rollup_sums_init(&q->sums);
    hashmap_init(&q->seen);
    arena_init(&q->fields, FIELDS_CHUNK, FIELDS_MAX);
}

static void drop_rollups(struct redis_op *r)
{
    struct redis_query *q = r->state;

    rollup_sums_fini(&q->sums);
    hashmap_fini(&q->seen);
    arena_fini(&q->fields);
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
    struct redis_query *q = r->state;
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
    const struct redis_query *q = r->state;
    struct rollup row = redis_query_row(r, q->at);

    if (reply->type != REDIS_ARRAY || reply->count != 1)
        return ERR_INVALID;
    if (reply->elements[0].type == REDIS_NIL)
        return ERR_OK;
    if (reply->elements[0].type != REDIS_STRING)
        return ERR_INVALID;
    return take_row(r, &row, reply->elements[0].text);
}

static enum err take_count(struct redis_op *r, const struct redis_value *reply)
{
    struct redis_query *q = r->state;

    if (reply->type != REDIS_INTEGER || reply->integer < 0)
        return ERR_INVALID;
    q->rows[q->at] = (uint64_t)reply->integer;
    return ERR_OK;
}

/* Whether the field came before in this list. ERR_NO_MEMORY. */
static enum err see(struct redis_query *q, struct slice field, bool *was_seen)
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
    struct redis_query *q = r->state;
    struct rollup row = redis_query_row(r, q->at);
    enum err err = ERR_OK;

    if (reply->type != REDIS_ARRAY || reply->count % 2 != 0)
        return ERR_INVALID;
    for (size_t i = 0; i < reply->count && err == ERR_OK; i += 2) {
        const struct redis_value *at = &reply->elements[i];
        bool was_seen = false;

        if (at[0].type != REDIS_STRING || at[1].type != REDIS_STRING)
            return ERR_INVALID;
        if (!redis_field_parse(at[0].text, &row))
            return no_row(r, &row);
        if (q->phase == REDIS_QUERY_SCANS)
            err = see(q, at[0].text, &was_seen);
        if (err == ERR_OK && !was_seen)
            err = take_row(r, &row, at[1].text);
    }
    return err;
}

/* The next cursor and a list as above. */
static enum err take_part(struct redis_op *r, const struct redis_value *reply)
{
    struct redis_query *q = r->state;
    struct slice cursor;

    if (reply->type != REDIS_ARRAY || reply->count != 2 || reply->elements[0].type != REDIS_STRING)
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
    struct redis_query *q = r->state;
    enum err err = ERR_OK;

    if (q->is_guarded) {
        q->is_guarded = false;
        return reply->type == REDIS_INTEGER ? ERR_OK : ERR_INVALID;
    }
    switch (q->phase) {
    case REDIS_QUERY_PICKS:
        err = take_pick(r, reply);
        break;
    case REDIS_QUERY_COUNTS:
        err = take_count(r, reply);
        break;
    case REDIS_QUERY_READS:
        err = take_rows(r, reply);
        break;
    case REDIS_QUERY_SCANS:
        err = take_part(r, reply);
        break;
    }
    q->at = q->phase == REDIS_QUERY_READS ? redis_query_next_filled(r, q->at + 1) : q->at + 1;
    return err;
}

/* ---- from step to step ---------------------------------------------------------------------- */

/* Goes on behind the lists of this step; false: there are no more. */
static bool go_on(struct redis_op *r)
{
    struct redis_query *q = r->state;

    if (q->phase == REDIS_QUERY_SCANS && strcmp(q->cursor, "0") != 0)
        return true;
    q->first = q->end;
    if (q->first == r->op->query.bucket_count && q->phase == REDIS_QUERY_COUNTS) {
        q->phase = REDIS_QUERY_READS;
        q->first = redis_query_next_filled(r, 0);
    }
    if (q->phase == REDIS_QUERY_PICKS || q->phase == REDIS_QUERY_COUNTS)
        return q->first < r->op->query.bucket_count;
    if (q->first == r->op->query.bucket_count)
        return false;
    q->phase = q->rows[q->first] > REDIS_QUERY_ROWS ? REDIS_QUERY_SCANS : REDIS_QUERY_READS;
    (void)memcpy(q->cursor, "0", 2);
    hashmap_clear(&q->seen);
    arena_reset(&q->fields);
    return true;
}

static void finish_rollups(struct redis_op *r, enum err err)
{
    struct redis_query *q = r->state;
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
    .encode = redis_query_encode,
    .take = take_rollups,
    .finish = finish_rollups,
    .drop = drop_rollups,
};
