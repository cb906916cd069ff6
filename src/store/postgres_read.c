#include "store/postgres_read.h"

#include "store/postgres_scan.h"
#include "store/rollup_sums.h"

bool postgres_read_is_empty(const struct store_op *op)
{
    switch (op->kind) {
    case OP_READ:
    case OP_TOTALS:
    case OP_NAMES:
        return op->count == 0;
    case OP_ROLLUPS:
        return op->query.bucket_count == 0 ||
               (op->query.scope == ROLLUP_OF_SITE && op->query.page != VALUE_NONE);
    case OP_SCAN:
        return !postgres_scan_knows(op->cursor);
    case OP_REGISTER:
    case OP_COMMIT:
    case OP_LIST:
    case OP_PURGE:
    case OP_SWEEP:
    case OP_CHECK:
        break;
    }
    return false;
}

/* A place that the server counts from 1. */
static bool decode_place(const PGresult *reply, int row, size_t count, size_t *out)
{
    int64_t place;

    if (!postgres_int8(postgres_value(reply, row, 0), &place) || place < 1 ||
        place > (int64_t)count)
        return false;
    *out = (size_t)place - 1;
    return true;
}

/* ---- records -------------------------------------------------------------------------------- */

static enum postgres_statement encode_read(struct postgres_params *params,
                                           const struct store_op *op)
{
    postgres_param_array(params, POSTGRES_BYTEA, op->count);
    for (size_t i = 0; i < op->count; i++)
        postgres_element_bytes(params, op->keys[i]);
    return POSTGRES_RECORDS_GET;
}

bool postgres_records_decode(struct record *records, size_t count, const PGresult *reply)
{
    if (PQnfields(reply) != 3)
        return false;
    for (int row = 0; row < PQntuples(reply); row++) {
        struct slice value = postgres_value(reply, row, 2);
        int64_t version;
        size_t place;

        if (!decode_place(reply, row, count, &place) ||
            !postgres_int8(postgres_value(reply, row, 1), &version) || !value.ptr)
            return false;
        records[place].version = (uint64_t)version;
        records[place].value = value;
    }
    return true;
}

static bool finish_read(struct store_op *op, const PGresult *reply)
{
    struct record *records = arena_alloc(&op->arena, op->count * sizeof(*records));

    for (size_t i = 0; records && i < op->count; i++)
        records[i] =
            (struct record){.key = op->keys[i], .value = SLICE(""), .version = RECORD_ABSENT};
    if (records && !postgres_records_decode(records, op->count, reply))
        return false;
    op_finish_records(op, records ? ERR_OK : ERR_NO_MEMORY, records);
    return true;
}

_Static_assert(RECORD_MAX_KEY < 257, "as postgres_statement.c has it");

static enum postgres_statement encode_list(struct postgres_params *params,
                                           const struct store_op *op)
{
    postgres_param_bytes(params, op->prefix);
    postgres_param_bytes(params, op->after);
    postgres_param_int8(params, (int64_t)op->count);
    return POSTGRES_RECORDS_LIST;
}

static bool finish_list(struct store_op *op, const PGresult *reply)
{
    size_t count = (size_t)PQntuples(reply);
    struct record *records = arena_alloc(&op->arena, (count + 1) * sizeof(*records));

    if (PQnfields(reply) != 3 || count > op->count)
        return false;
    for (size_t i = 0; records && i < count; i++) {
        int64_t version;

        records[i].key = postgres_value(reply, (int)i, 0);
        records[i].value = postgres_value(reply, (int)i, 2);
        if (!records[i].key.ptr || !records[i].value.ptr ||
            !postgres_int8(postgres_value(reply, (int)i, 1), &version))
            return false;
        records[i].version = (uint64_t)version;
    }
    op_finish_list(op, records ? ERR_OK : ERR_NO_MEMORY, records, count);
    return true;
}

/* ---- counters ------------------------------------------------------------------------------- */

static enum postgres_statement encode_totals(struct postgres_params *params,
                                             const struct store_op *op)
{
    postgres_param_array(params, POSTGRES_TEXT, op->count);
    for (size_t i = 0; i < op->count; i++)
        postgres_element_bytes(params, op->counters[i].site);
    postgres_param_array(params, POSTGRES_INT2, op->count);
    for (size_t i = 0; i < op->count; i++)
        postgres_element_int2(params, (uint16_t)op->counters[i].dimension);
    postgres_param_array(params, POSTGRES_TEXT, op->count);
    for (size_t i = 0; i < op->count; i++)
        postgres_element_bytes(params, op->counters[i].value);
    return POSTGRES_COUNTERS_GET;
}

static bool decode_totals(int64_t *totals, size_t count, const PGresult *reply)
{
    if (PQnfields(reply) != 2)
        return false;
    for (int row = 0; row < PQntuples(reply); row++) {
        size_t place;

        if (!decode_place(reply, row, count, &place) ||
            !postgres_int8(postgres_value(reply, row, 1), &totals[place]))
            return false;
    }
    return true;
}

static bool finish_totals(struct store_op *op, const PGresult *reply)
{
    int64_t *totals = arena_alloc(&op->arena, op->count * sizeof(*totals));

    if (totals)
        memset(totals, 0, op->count * sizeof(*totals));
    if (totals && !decode_totals(totals, op->count, reply))
        return false;
    op_finish_totals(op, totals ? ERR_OK : ERR_NO_MEMORY, totals);
    return true;
}

/* ---- rollups and names ---------------------------------------------------------------------- */

_Static_assert(ROLLUP_BY_BUCKET == 0 && ROLLUP_BY_VALUE == 1, "as postgres_statement.c has it");

static enum postgres_statement encode_rollups(struct postgres_params *params,
                                              const struct store_op *op)
{
    const struct rollup_query *query = &op->query;

    postgres_param_bytes(params, query->site);
    postgres_param_array(params, POSTGRES_INT4, query->bucket_count);
    for (size_t i = 0; i < query->bucket_count; i++)
        postgres_element_int4(params, (uint32_t)query->buckets[i]);
    postgres_param_int8(params, (int64_t)query->dimension);
    postgres_param_int8(params, (int64_t)query->page);
    postgres_param_int8(params, (int64_t)query->value);
    postgres_param_int8(params, (int64_t)query->group);
    postgres_param_int8(params, ROLLUP_MAX_GROUPS + 1);
    if (query->scope == ROLLUP_WITHIN_PAGES && query->page == VALUE_NONE)
        return POSTGRES_SUM_PAGES;
    return query->value == VALUE_NONE ? POSTGRES_SUM_PAGE : POSTGRES_SUM_ROW;
}

static bool finish_rollups(struct store_op *op, const PGresult *reply)
{
    size_t count = (size_t)PQntuples(reply);
    struct rollup_sum *sums = NULL;

    if (PQnfields(reply) != 6)
        return false;
    if (count <= ROLLUP_MAX_GROUPS)
        sums = arena_alloc(&op->arena, (count + 1) * sizeof(*sums));
    for (size_t i = 0; sums && i < count; i++) {
        int64_t id;

        if (!postgres_int8(postgres_value(reply, (int)i, 0), &id) ||
            !postgres_metrics(&sums[i].metrics, reply, (int)i, 1))
            return false;
        sums[i].id = (uint64_t)id;
    }
    if (sums)
        rollup_sums_order(sums, count);
    op_finish_rollups(op, sums ? ERR_OK : ERR_NO_MEMORY, sums, count);
    return true;
}

static enum postgres_statement encode_names(struct postgres_params *params,
                                            const struct store_op *op)
{
    postgres_param_bytes(params, op->site);
    postgres_param_array(params, POSTGRES_INT8, op->count);
    for (size_t i = 0; i < op->count; i++)
        postgres_element_int8(params, (int64_t)op->ids[i]);
    return POSTGRES_NAMES_GET;
}

static bool decode_names(struct name *names, size_t count, const PGresult *reply)
{
    if (PQnfields(reply) != 3)
        return false;
    for (int row = 0; row < PQntuples(reply); row++) {
        struct name name = {postgres_value(reply, row, 1), postgres_value(reply, row, 2)};
        size_t place;

        if (!decode_place(reply, row, count, &place) || !name.text.ptr || !name.title.ptr)
            return false;
        names[place] = name;
    }
    return true;
}

static bool finish_names(struct store_op *op, const PGresult *reply)
{
    struct name *names = arena_alloc(&op->arena, op->count * sizeof(*names));

    for (size_t i = 0; names && i < op->count; i++)
        names[i] = (struct name){.text = {NULL, 0}};
    if (names && !decode_names(names, op->count, reply))
        return false;
    op_finish_names(op, names ? ERR_OK : ERR_NO_MEMORY, names);
    return true;
}

/* ---- scans ---------------------------------------------------------------------------------- */

static enum postgres_statement encode_scan(struct postgres_params *params,
                                           const struct store_op *op)
{
    return postgres_scan_encode(params, op->cursor);
}

static bool finish_scan(struct store_op *op, const PGresult *reply)
{
    struct scan_step step;
    enum err err = postgres_scan_decode(&step, op->cursor, reply, &op->arena);

    if (err == ERR_INVALID)
        return false;
    op_finish_scan(op, err, &step);
    return true;
}

/* ---- the kinds ------------------------------------------------------------------------------ */

static const struct {
    enum postgres_statement (*encode)(struct postgres_params *params, const struct store_op *op);
    bool (*finish)(struct store_op *op, const PGresult *reply);
} kinds[] = {
    [OP_READ] = {encode_read, finish_read},    [OP_TOTALS] = {encode_totals, finish_totals},
    [OP_LIST] = {encode_list, finish_list},    [OP_ROLLUPS] = {encode_rollups, finish_rollups},
    [OP_NAMES] = {encode_names, finish_names}, [OP_SCAN] = {encode_scan, finish_scan},
};

enum postgres_statement postgres_read_encode(struct postgres_params *params,
                                             const struct store_op *op)
{
    postgres_params_clear(params);
    return kinds[op->kind].encode(params, op);
}

bool postgres_read_finish(struct store_op *op, const PGresult *reply)
{
    return kinds[op->kind].finish(op, reply);
}
