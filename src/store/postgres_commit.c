#include "store/postgres_commit.h"

#include <stddef.h>
#include <stdlib.h>

/* ---- the order ------------------------------------------------------------------------------ */

/* What qsort_r() hands on. */
struct sorting {
    const struct commit *commit;
};

static int compare_additions(const void *a, const void *b, void *ctx)
{
    const struct commit *commit = ((const struct sorting *)ctx)->commit;
    const struct counter *one = &commit->additions[*(const uint32_t *)a].counter;
    const struct counter *two = &commit->additions[*(const uint32_t *)b].counter;
    int order = slice_compare(one->site, two->site);

    if (order == 0)
        order = (int)one->dimension - (int)two->dimension;
    return order != 0 ? order : slice_compare(one->value, two->value);
}

static int compare_writes(const void *a, const void *b, void *ctx)
{
    const struct commit *commit = ((const struct sorting *)ctx)->commit;

    return slice_compare(commit->writes[*(const uint32_t *)a].key,
                         commit->writes[*(const uint32_t *)b].key);
}

static uint32_t *make_order(const struct commit *commit, size_t count, struct arena *arena,
                            int (*compare)(const void *a, const void *b, void *ctx))
{
    uint32_t *order = arena_alloc(arena, (count + 1) * sizeof(*order));
    struct sorting sorting = {.commit = commit};

    if (!order)
        return NULL;
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, count, sizeof(*order), compare, &sorting);
    return order;
}

/* ---- the caps ------------------------------------------------------------------------------- */

/* A site with a cap. While none of its lists has more counters than `limit`, all additions of the
 * commit have room; below 0 they may not have it in an empty one. */
struct capped_site {
    struct slice id;
    int64_t limit;
};

/* Finds the next site with a cap, from `place` on, which moves behind it. The additions of a site
 * are next to each other. */
static bool next_capped(const struct commit *commit, const uint32_t *order, size_t *place,
                        struct capped_site *out)
{
    int64_t cap = 0;

    while (cap == 0 && *place < commit->addition_count) {
        size_t first = *place;

        out->id = commit->additions[order[first]].counter.site;
        while (*place < commit->addition_count &&
               slice_eq(out->id, commit->additions[order[*place]].counter.site)) {
            const struct addition *addition = &commit->additions[order[(*place)++]];

            if (addition->cap > 0 && (cap == 0 || addition->cap < cap))
                cap = addition->cap;
        }
        out->limit = cap - (int64_t)(*place - first);
    }
    return cap > 0;
}

static void plan_caps(struct postgres_plan *plan, const struct commit *commit)
{
    struct capped_site site;
    size_t place = 0;

    plan->has_caps = false;
    plan->is_capped = false;
    while (next_capped(commit, plan->additions, &place, &site)) {
        plan->has_caps = true;
        plan->is_capped = plan->is_capped || site.limit < 0;
    }
}

enum err postgres_commit_plan(struct postgres_plan *plan, const struct commit *commit,
                              struct arena *arena)
{
    plan->additions = make_order(commit, commit->addition_count, arena, compare_additions);
    plan->writes = make_order(commit, commit->write_count, arena, compare_writes);
    if (!plan->additions || !plan->writes)
        return ERR_NO_MEMORY;
    plan_caps(plan, commit);
    return ERR_OK;
}

/* ---- encoding ------------------------------------------------------------------------------- */

static void put_additions(struct postgres_params *params, const struct commit *commit,
                          const uint32_t *order)
{
    const struct addition *additions = commit->additions;
    size_t count = commit->addition_count;

    postgres_param_array(params, POSTGRES_TEXT, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_bytes(params, additions[order[i]].counter.site);
    postgres_param_array(params, POSTGRES_INT2, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int2(params, (uint16_t)additions[order[i]].counter.dimension);
    postgres_param_array(params, POSTGRES_TEXT, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_bytes(params, additions[order[i]].counter.value);
    postgres_param_array(params, POSTGRES_INT8, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int8(params, additions[order[i]].delta);
}

static void put_limits(struct postgres_params *params, const struct commit *commit,
                       const uint32_t *order)
{
    struct capped_site site;
    size_t count = 0;

    for (size_t place = 0; next_capped(commit, order, &place, &site);)
        count++;
    postgres_param_array(params, POSTGRES_TEXT, count);
    for (size_t place = 0; next_capped(commit, order, &place, &site);)
        postgres_element_bytes(params, site.id);
    postgres_param_array(params, POSTGRES_INT8, count);
    for (size_t place = 0; next_capped(commit, order, &place, &site);)
        postgres_element_int8(params, site.limit);
}

static void put_caps(struct postgres_params *params, const struct commit *commit,
                     const uint32_t *order)
{
    size_t count = commit->addition_count;

    postgres_param_array(params, POSTGRES_INT8, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int8(params, commit->additions[order[i]].cap);
    postgres_param_array(params, POSTGRES_INT4, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int4(params, order[i]);
}

static void put_writes(struct postgres_params *params, const struct commit *commit,
                       const uint32_t *order)
{
    const struct record_write *writes = commit->writes;
    size_t count = commit->write_count;

    postgres_param_array(params, POSTGRES_BYTEA, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_bytes(params, writes[order[i]].key);
    postgres_param_array(params, POSTGRES_INT8, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int8(params, (int64_t)writes[order[i]].expect_version);
    postgres_param_array(params, POSTGRES_BYTEA, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_bytes(params, writes[order[i]].value);
    postgres_param_array(params, POSTGRES_INT4, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int4(params, writes[order[i]].value.ptr ? writes[order[i]].ttl_s : 0);
}

static void put_rows(struct postgres_params *params, const struct rollup_addition *rollups,
                     size_t count)
{
    postgres_param_array(params, POSTGRES_TEXT, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_bytes(params, rollups[i].rollup.site);
    postgres_param_array(params, POSTGRES_INT4, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int4(params, (uint32_t)rollups[i].rollup.bucket);
    postgres_param_array(params, POSTGRES_INT2, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int2(params, (uint16_t)rollups[i].rollup.dimension);
    postgres_param_array(params, POSTGRES_INT8, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int8(params, (int64_t)rollups[i].rollup.page);
    postgres_param_array(params, POSTGRES_INT8, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int8(params, (int64_t)rollups[i].rollup.value);
}

/* The five numbers, in the order of the columns. */
static const size_t metric_offsets[] = {
    offsetof(struct metrics, views),    offsetof(struct metrics, visits),
    offsetof(struct metrics, visitors), offsetof(struct metrics, bounces),
    offsetof(struct metrics, seconds),
};

static void put_deltas(struct postgres_params *params, const struct rollup_addition *rollups,
                       size_t count)
{
    for (size_t m = 0; m < sizeof(metric_offsets) / sizeof(metric_offsets[0]); m++) {
        postgres_param_array(params, POSTGRES_INT8, count);
        for (size_t i = 0; i < count; i++) {
            const char *delta = (const char *)&rollups[i].delta + metric_offsets[m];

            postgres_element_int8(params, *(const int64_t *)(const void *)delta);
        }
    }
}

/* In the order of the commit, which the caps follow. */
static void put_rollups(struct postgres_params *params, const struct commit *commit)
{
    const struct rollup_addition *rollups = commit->rollups;
    size_t count = commit->rollup_count;

    put_rows(params, rollups, count);
    put_deltas(params, rollups, count);
    postgres_param_array(params, POSTGRES_INT8, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_int8(params, rollups[i].cap);
    postgres_param_array(params, POSTGRES_BYTEA, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_bytes(params, rollups[i].text);
    postgres_param_array(params, POSTGRES_BYTEA, count);
    for (size_t i = 0; i < count; i++)
        postgres_element_bytes(params, rollups[i].title);
}

_Static_assert(RECORD_ABSENT == 0 && (int64_t)RECORD_ANY == -1, "as postgres_commit_sql.c has it");
_Static_assert((int32_t)RECORD_FOREVER == -1, "as postgres_commit_sql.c has it");
_Static_assert(VALUE_NONE == 0 && VALUE_OTHER == 1, "as postgres_commit_sql.c has it");
_Static_assert(COUNTER_NOT_MADE == -1, "as postgres_commit_sql.c has it");

/* By what a commit holds, and by its form. */
static const enum postgres_statement statements[3][2] = {
    {POSTGRES_COUNT, POSTGRES_COUNT_CAPPED},
    {POSTGRES_COMMIT, POSTGRES_COMMIT_CAPPED},
    {POSTGRES_COMMIT_ROLLUPS, POSTGRES_COMMIT_ROLLUPS_CAPPED},
};

enum postgres_statement postgres_commit_encode(struct postgres_params *params,
                                               const struct commit *commit,
                                               const struct postgres_plan *plan)
{
    postgres_params_clear(params);
    postgres_param_bytes(params, slice_of(commit->writer.bytes, sizeof(commit->writer.bytes)));
    postgres_param_int8(params, (int64_t)commit->number);
    put_additions(params, commit, plan->additions);
    if (plan->is_capped)
        put_caps(params, commit, plan->additions);
    else
        put_limits(params, commit, plan->additions);
    if (commit->write_count == 0 && commit->rollup_count == 0)
        return statements[0][plan->is_capped];
    put_writes(params, commit, plan->writes);
    postgres_param_int8(params, (int64_t)commit->version);
    if (commit->rollup_count == 0)
        return statements[1][plan->is_capped];
    put_rollups(params, commit);
    return statements[2][plan->is_capped];
}

void postgres_commit_encode_keys(struct postgres_params *params, const struct commit *commit)
{
    postgres_params_clear(params);
    postgres_param_array(params, POSTGRES_BYTEA, commit->write_count);
    for (size_t i = 0; i < commit->write_count; i++)
        postgres_element_bytes(params, commit->writes[i].key);
}

/* ---- decoding ------------------------------------------------------------------------------- */

static enum err decode_totals(struct commit_result *result, const struct commit *commit,
                              const struct postgres_plan *plan, struct slice value,
                              struct arena *arena)
{
    int64_t *totals = arena_alloc(arena, (commit->addition_count + 1) * sizeof(*totals));
    struct postgres_array array;

    if (!totals)
        return ERR_NO_MEMORY;
    if (!postgres_array_begin(&array, value) || array.left != commit->addition_count)
        return ERR_INVALID;
    for (size_t i = 0; i < commit->addition_count; i++) {
        struct slice total;

        if (!postgres_array_next(&array, &total) ||
            !postgres_int8(total, &totals[plan->additions[i]]))
            return ERR_INVALID;
    }
    result->status = COMMIT_DONE;
    result->totals = totals;
    return ERR_OK;
}

static enum err decode_records(struct commit_result *result, const struct commit *commit,
                               const struct postgres_plan *plan, struct slice versions,
                               struct slice values, struct arena *arena)
{
    struct record *records = arena_alloc(arena, (commit->write_count + 1) * sizeof(*records));
    struct postgres_array version_array;
    struct postgres_array value_array;

    if (!records)
        return ERR_NO_MEMORY;
    if (!postgres_array_begin(&version_array, versions) ||
        !postgres_array_begin(&value_array, values) || version_array.left != commit->write_count)
        return ERR_INVALID;
    for (size_t i = 0; i < commit->write_count; i++) {
        struct record *record = &records[plan->writes[i]];
        struct slice version;
        int64_t number;

        if (!postgres_array_next(&version_array, &version) || !postgres_int8(version, &number) ||
            !postgres_array_next(&value_array, &record->value) || !record->value.ptr)
            return ERR_INVALID;
        record->version = (uint64_t)number;
        record->key = commit->writes[plan->writes[i]].key;
    }
    result->status = COMMIT_CONFLICT;
    result->records = records;
    return ERR_OK;
}

enum err postgres_commit_decode(struct commit_result *result, const struct commit *commit,
                                const struct postgres_plan *plan, const PGresult *reply,
                                struct arena *arena)
{
    int columns = commit->write_count > 0 || commit->rollup_count > 0 ? 3 : 1;

    *result = (struct commit_result){0};
    if (PQntuples(reply) != 1 || PQnfields(reply) != columns)
        return ERR_INVALID;
    if (!PQgetisnull(reply, 0, 0))
        return decode_totals(result, commit, plan, postgres_value(reply, 0, 0), arena);
    if (columns == 1)
        return ERR_INVALID;
    return decode_records(result, commit, plan, postgres_value(reply, 0, 1),
                          postgres_value(reply, 0, 2), arena);
}

enum err postgres_writer_decode(struct commit_result *result, const struct commit *commit,
                                const struct postgres_plan *plan, const PGresult *reply,
                                struct arena *arena)
{
    int64_t number;

    *result = (struct commit_result){.status = COMMIT_NO_WRITER};
    if (PQnfields(reply) != 2 || PQntuples(reply) > 1)
        return ERR_INVALID;
    if (PQntuples(reply) == 0)
        return ERR_OK;
    if (!postgres_int8(postgres_value(reply, 0, 0), &number))
        return ERR_INVALID;
    result->last_number = (uint64_t)number;
    result->status = result->last_number < commit->number ? COMMIT_BEHIND : COMMIT_AHEAD;
    if (result->last_number != commit->number)
        return ERR_OK;
    result->status = COMMIT_CONFLICT;
    if (PQgetisnull(reply, 0, 1))
        return ERR_OK; /* also of a number that is replayed empty */
    return decode_totals(result, commit, plan, postgres_value(reply, 0, 1), arena);
}
