#include "store/postgres_scan.h"

#include "store/scan_cursor.h"

#define RECORD_COLUMNS  3
#define COUNTER_COLUMNS 4

bool postgres_scan_knows(struct slice cursor)
{
    struct scan_cursor ignored;

    return scan_cursor_parse(cursor, &ignored);
}

enum postgres_statement postgres_scan_encode(struct postgres_params *params, struct slice cursor)
{
    struct scan_cursor from;
    bool is_known = scan_cursor_parse(cursor, &from);

    (void)is_known; /* the caller has looked */
    postgres_params_clear(params);
    if (from.part == SCAN_RECORDS) {
        postgres_param_bytes(params, from.key);
        postgres_param_int8(params, STORE_SCAN_ITEMS);
        return POSTGRES_RECORDS_SCAN;
    }
    postgres_param_bytes(params, from.counter.site);
    postgres_param_int8(params, (int64_t)from.counter.dimension);
    postgres_param_bytes(params, from.counter.value);
    postgres_param_int8(params, STORE_SCAN_ITEMS);
    return POSTGRES_COUNTERS_SCAN;
}

static enum err end_step(struct scan_step *step, enum scan_part part, struct slice key,
                         struct arena *arena)
{
    step->cursor = scan_cursor_make(arena, part, key);
    return step->cursor.ptr ? ERR_OK : ERR_NO_MEMORY;
}

static enum err decode_records(struct scan_step *step, const PGresult *reply, struct arena *arena)
{
    size_t count = (size_t)PQntuples(reply);
    struct scanned_record *records = arena_alloc(arena, (count + 1) * sizeof(*records));

    if (PQnfields(reply) != RECORD_COLUMNS)
        return ERR_INVALID;
    if (!records)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        int64_t ttl_s;

        records[i].key = postgres_value(reply, (int)i, 0);
        records[i].value = postgres_value(reply, (int)i, 1);
        if (!records[i].key.ptr || !records[i].value.ptr ||
            !postgres_int8(postgres_value(reply, (int)i, 2), &ttl_s) || ttl_s < 1 ||
            ttl_s > (int64_t)RECORD_MAX_TTL_S)
            return ERR_INVALID;
        records[i].ttl_s = (uint32_t)ttl_s;
    }
    step->records = records;
    step->record_count = count;
    if (count < STORE_SCAN_ITEMS)
        return end_step(step, SCAN_COUNTERS, SLICE(""), arena);
    return end_step(step, SCAN_RECORDS, records[count - 1].key, arena);
}

static enum err decode_counters(struct scan_step *step, const PGresult *reply, struct arena *arena)
{
    size_t count = (size_t)PQntuples(reply);
    struct scanned_counter *counters = arena_alloc(arena, (count + 1) * sizeof(*counters));
    char key[COUNTER_KEY_MAX];

    if (PQnfields(reply) != COUNTER_COLUMNS)
        return ERR_INVALID;
    if (!counters)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        struct counter *counter = &counters[i].counter;
        int64_t dimension;

        counter->site = postgres_value(reply, (int)i, 0);
        counter->value = postgres_value(reply, (int)i, 2);
        if (!counter->site.ptr || counter->site.len > COUNTER_MAX_SITE || !counter->value.ptr ||
            counter->value.len > COUNTER_MAX_VALUE ||
            !postgres_int8(postgres_value(reply, (int)i, 1), &dimension) || dimension < 0 ||
            dimension >= DIMENSION_COUNT_ ||
            !postgres_int8(postgres_value(reply, (int)i, 3), &counters[i].views))
            return ERR_INVALID;
        counter->dimension = (enum dimension)dimension;
    }
    step->counters = counters;
    step->counter_count = count;
    if (count < STORE_SCAN_ITEMS)
        return ERR_OK;
    return end_step(step, SCAN_COUNTERS, counter_key(&counters[count - 1].counter, key), arena);
}

enum err postgres_scan_decode(struct scan_step *step, struct slice cursor, const PGresult *reply,
                              struct arena *arena)
{
    struct scan_cursor from;

    *step = (struct scan_step){.cursor = SLICE("")};
    if (!scan_cursor_parse(cursor, &from))
        return ERR_INVALID;
    return from.part == SCAN_RECORDS ? decode_records(step, reply, arena)
                                     : decode_counters(step, reply, arena);
}
