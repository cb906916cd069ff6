#include "store/postgres_scan.h"

#include "store/scan_cursor.h"

#define RECORD_COLUMNS  3
#define COUNTER_COLUMNS 4
#define ROLLUP_COLUMNS  12

/* ---- the cursor ----------------------------------------------------------------------------- */

/* That of records and counters is scan_cursor.h's; that of rollups begins with this letter, and
 * goes on with the key of the last one told. */
static const char rollups_letter = 'k';

static bool is_at_rollups(struct slice cursor)
{
    return cursor.len > 0 && cursor.ptr[0] == rollups_letter;
}

/* Where the rollups begin: no site has an empty name. */
static const struct rollup before_all = {.site = {"", 0}};

static bool parse_rollup(struct slice cursor, struct rollup *out)
{
    *out = before_all;
    return cursor.len == 1 || rollup_parse_key(slice_from(cursor, 1), out);
}

bool postgres_scan_knows(struct slice cursor)
{
    struct scan_cursor ignored;
    struct rollup rollup;

    if (is_at_rollups(cursor))
        return parse_rollup(cursor, &rollup);
    return scan_cursor_parse(cursor, &ignored);
}

/* ---- what is asked -------------------------------------------------------------------------- */

static enum postgres_statement encode_rollups(struct postgres_params *params, struct slice cursor)
{
    struct rollup from;
    bool is_known = parse_rollup(cursor, &from);

    (void)is_known; /* the caller has looked */
    postgres_param_bytes(params, from.site);
    postgres_param_int8(params, from.bucket);
    postgres_param_int8(params, (int64_t)from.dimension);
    postgres_param_int8(params, (int64_t)from.page);
    postgres_param_int8(params, (int64_t)from.value);
    postgres_param_int8(params, STORE_SCAN_ITEMS);
    return POSTGRES_ROLLUPS_SCAN;
}

enum postgres_statement postgres_scan_encode(struct postgres_params *params, struct slice cursor)
{
    struct scan_cursor from;

    postgres_params_clear(params);
    if (is_at_rollups(cursor))
        return encode_rollups(params, cursor);
    if (!scan_cursor_parse(cursor, &from) || from.part == SCAN_RECORDS) {
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

/* ---- what is answered ----------------------------------------------------------------------- */

static enum err end_step(struct scan_step *step, enum scan_part part, struct slice key,
                         struct arena *arena)
{
    step->cursor = scan_cursor_make(arena, part, key);
    return step->cursor.ptr ? ERR_OK : ERR_NO_MEMORY;
}

/* -1 s to live: for ever. */
static bool decode_ttl(struct slice value, uint32_t *out)
{
    int64_t ttl_s;

    if (!postgres_int8(value, &ttl_s) || ttl_s < -1 || ttl_s == 0 ||
        ttl_s > (int64_t)RECORD_MAX_TTL_S)
        return false;
    *out = ttl_s == -1 ? RECORD_FOREVER : (uint32_t)ttl_s;
    return true;
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
        records[i].key = postgres_value(reply, (int)i, 0);
        records[i].value = postgres_value(reply, (int)i, 1);
        if (!records[i].key.ptr || !records[i].value.ptr ||
            !decode_ttl(postgres_value(reply, (int)i, 2), &records[i].ttl_s))
            return ERR_INVALID;
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
    if (count == STORE_SCAN_ITEMS)
        return end_step(step, SCAN_COUNTERS, counter_key(&counters[count - 1].counter, key), arena);
    step->cursor = arena_dup(arena, slice_of(&rollups_letter, 1));
    return step->cursor.ptr ? ERR_OK : ERR_NO_MEMORY;
}

static bool decode_rollup(struct scanned_rollup *out, const PGresult *reply, int row)
{
    struct rollup *rollup = &out->rollup;
    int64_t numbers[4]; /* bucket, dimension, page, value */

    for (int i = 0; i < 4; i++) {
        if (!postgres_int8(postgres_value(reply, row, 1 + i), &numbers[i]))
            return false;
    }
    rollup->site = postgres_value(reply, row, 0);
    rollup->bucket = (int32_t)numbers[0];
    rollup->dimension = (enum dimension)numbers[1];
    rollup->page = (uint64_t)numbers[2];
    rollup->value = (uint64_t)numbers[3];
    out->name.text = postgres_value(reply, row, 10);
    out->name.title = postgres_value(reply, row, 11);
    return rollup->site.ptr && rollup->site.len <= COUNTER_MAX_SITE && numbers[0] >= 0 &&
           numbers[0] <= INT32_MAX && numbers[1] >= 0 && numbers[1] < DIMENSION_COUNT_ &&
           out->name.text.len <= NAME_MAX_TEXT && out->name.title.len <= NAME_MAX_TITLE &&
           !out->name.text.ptr == !out->name.title.ptr &&
           postgres_metrics(&out->metrics, reply, row, 5);
}

static enum err end_at_rollup(struct scan_step *step, const struct rollup *last,
                              struct arena *arena)
{
    char text[1 + ROLLUP_KEY_MAX];
    struct slice key = rollup_key(last, text + 1);

    text[0] = rollups_letter;
    step->cursor = arena_dup(arena, slice_of(text, 1 + key.len));
    return step->cursor.ptr ? ERR_OK : ERR_NO_MEMORY;
}

static enum err decode_rollups(struct scan_step *step, const PGresult *reply, struct arena *arena)
{
    size_t count = (size_t)PQntuples(reply);
    struct scanned_rollup *rollups = arena_alloc(arena, (count + 1) * sizeof(*rollups));

    if (PQnfields(reply) != ROLLUP_COLUMNS)
        return ERR_INVALID;
    if (!rollups)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (!decode_rollup(&rollups[i], reply, (int)i))
            return ERR_INVALID;
    }
    step->rollups = rollups;
    step->rollup_count = count;
    if (count < STORE_SCAN_ITEMS)
        return ERR_OK;
    return end_at_rollup(step, &rollups[count - 1].rollup, arena);
}

enum err postgres_scan_decode(struct scan_step *step, struct slice cursor, const PGresult *reply,
                              struct arena *arena)
{
    struct scan_cursor from;

    *step = (struct scan_step){.cursor = SLICE("")};
    if (is_at_rollups(cursor))
        return decode_rollups(step, reply, arena);
    if (!scan_cursor_parse(cursor, &from))
        return ERR_INVALID;
    return from.part == SCAN_RECORDS ? decode_records(step, reply, arena)
                                     : decode_counters(step, reply, arena);
}
