#include "calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/cmocka.h"

struct wait {
    volatile bool is_done;
    const struct commit *commit;
    struct outcome outcome;
    enum err err;
    int64_t total;
    uint64_t version;
    char *value;
    size_t size;
    size_t len;
    struct store_health health;
};

static unsigned the_shard;

void calls_use_shard(unsigned shard)
{
    the_shard = shard;
}

unsigned calls_shard_in(const struct store *store)
{
    return store_shard_count(store) > 1 ? the_shard : 0;
}

void outcome_fini(struct outcome *outcome)
{
    for (size_t i = 0; outcome->values && i < outcome->count; i++)
        free(outcome->values[i]);
    free(outcome->values);
    free(outcome->records);
    free(outcome->totals);
    *outcome = (struct outcome){0};
}

bool outcome_eq(const struct outcome *a, const struct outcome *b)
{
    if (a->status != b->status || a->last_number != b->last_number || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->totals && a->totals[i] != b->totals[i])
            return false;
        if (a->records && (a->records[i].version != b->records[i].version ||
                           !slice_eq(a->records[i].value, b->records[i].value)))
            return false;
    }
    return true;
}

static char *copy_bytes(struct slice bytes)
{
    char *copy = malloc(bytes.len + 1);

    assert_non_null(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    return copy;
}

static void copy_totals(struct outcome *out, const struct commit_result *result, size_t count)
{
    out->count = count;
    out->totals = calloc(count + 1, sizeof(*out->totals));
    assert_non_null(out->totals);
    for (size_t i = 0; i < count; i++)
        out->totals[i] = result->totals[i];
}

static void copy_records(struct outcome *out, const struct commit_result *result, size_t count)
{
    out->count = count;
    out->records = calloc(count + 1, sizeof(*out->records));
    out->values = calloc(count + 1, sizeof(char *));
    assert_non_null(out->records);
    assert_non_null(out->values);
    for (size_t i = 0; i < count; i++) {
        struct slice value = result->records[i].value;

        out->values[i] = copy_bytes(value);
        out->records[i].version = result->records[i].version;
        out->records[i].value = slice_of(out->values[i], value.len);
    }
}

static void on_commit(void *ctx, const struct commit_result *result)
{
    struct wait *wait = ctx;
    struct outcome *out = &wait->outcome;

    assert_false(wait->is_done);
    wait->is_done = true;
    out->status = result->status;
    if (result->status == COMMIT_BEHIND || result->status == COMMIT_AHEAD)
        out->last_number = result->last_number;
    if (result->status == COMMIT_DONE)
        copy_totals(out, result, wait->commit->totals_wanted);
    if (result->status == COMMIT_CONFLICT)
        copy_records(out, result, wait->commit->write_count);
    if (result->detail)
        (void)snprintf(out->detail, sizeof(out->detail), "%s", result->detail);
}

struct outcome call_commit(struct test_loop *loop, struct store *store, struct commit *commit)
{
    struct wait wait = {.commit = commit};

    assert_non_null(store_commit(store, commit, on_commit, &wait));
    assert_false(wait.is_done);
    assert_true(test_loop_wait(loop, &wait.is_done));
    return wait.outcome;
}

static void on_done(void *ctx, enum err err)
{
    struct wait *wait = ctx;

    assert_false(wait->is_done);
    wait->is_done = true;
    wait->err = err;
}

enum err call_register(struct test_loop *loop, struct store *store, const struct writer_id *id,
                       uint64_t number)
{
    struct wait wait = {0};

    assert_non_null(store_register(store, calls_shard_in(store), id, number, on_done, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    return wait.err;
}

enum err call_sweep(struct test_loop *loop, struct store *store)
{
    struct wait wait = {0};

    assert_non_null(store_sweep(store, on_done, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    return wait.err;
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct wait *wait = ctx;

    assert_false(wait->is_done);
    wait->is_done = true;
    assert_int_equal(err, ERR_OK);
    assert_int_equal(count, 1);
    wait->total = totals[0];
}

int64_t call_total(struct test_loop *loop, struct store *store, const struct counter *counter)
{
    struct wait wait = {0};

    assert_non_null(store_totals(store, calls_shard_in(store), counter, 1, on_totals, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    return wait.total;
}

static void on_read(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct wait *wait = ctx;

    assert_false(wait->is_done);
    wait->is_done = true;
    assert_int_equal(err, ERR_OK);
    assert_int_equal(count, 1);
    wait->version = records[0].version;
    wait->len = records[0].value.len;
    assert_true(wait->len <= wait->size);
    if (wait->len > 0)
        memcpy(wait->value, records[0].value.ptr, wait->len);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): on_read() writes to `value` */
uint64_t call_read(struct test_loop *loop, struct store *store, struct slice key, char *value,
                   size_t size, size_t *len)
{
    struct wait wait = {.value = value, .size = size};

    assert_non_null(store_read(store, calls_shard_in(store), &key, 1, on_read, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    *len = wait.len;
    return wait.version;
}

/* ---- scans ---------------------------------------------------------------------------------- */

struct scan {
    struct contents *contents; /* NULL: nobody wants them */
    volatile bool is_done;
    enum err err;
    char cursor[COUNTER_KEY_MAX + 100000];
    size_t cursor_len;
};

static void add_item(struct contents *contents, const char *text, size_t len)
{
    struct slice item = arena_dup(&contents->arena, slice_of(text, len));
    void **place = item.ptr ? hashmap_put(&contents->items, item) : NULL;

    if (!place)
        fail_msg("out of memory");
    else
        *place = contents;
}

static void add_counter(struct contents *contents, const struct scanned_counter *scanned)
{
    static char text[COUNTER_KEY_MAX + 32];
    char key[COUNTER_KEY_MAX];
    struct slice bytes = counter_key(&scanned->counter, key);
    size_t len = 1 + bytes.len;

    text[0] = 'c';
    memcpy(text + 1, bytes.ptr, bytes.len);
    len += (size_t)snprintf(text + len, sizeof(text) - len, "=%" PRId64, scanned->views);
    if (scanned->views != 0)
        add_item(contents, text, len);
}

static void add_record(struct contents *contents, const struct scanned_record *record)
{
    static char text[RECORD_MAX_KEY + RECORD_MAX_VALUE + 2];
    size_t len = 1 + record->key.len;

    text[0] = 'r';
    memcpy(text + 1, record->key.ptr, record->key.len);
    text[len++] = '=';
    memcpy(text + len, record->value.ptr, record->value.len);
    add_item(contents, text, len + record->value.len);
    if (record->ttl_s < contents->min_ttl_s)
        contents->min_ttl_s = record->ttl_s;
    if (record->ttl_s > contents->max_ttl_s)
        contents->max_ttl_s = record->ttl_s;
}

static void add_rollup(struct contents *contents, const struct scanned_rollup *scanned)
{
    static char text[ROLLUP_KEY_MAX + NAME_MAX_TEXT + NAME_MAX_TITLE + 200];
    const struct metrics *m = &scanned->metrics;
    char key[ROLLUP_KEY_MAX];
    struct slice bytes = rollup_key(&scanned->rollup, key);
    size_t len = 1 + bytes.len;
    bool has_name = scanned->name.text.ptr != NULL;

    if (metrics_are_zero(m))
        return;
    text[0] = 'u';
    memcpy(text + 1, bytes.ptr, bytes.len);
    len += (size_t)snprintf(text + len, sizeof(text) - len,
                            "=%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, m->views,
                            m->visits, m->visitors, m->bounces, m->seconds);
    if (has_name)
        len += (size_t)snprintf(text + len, sizeof(text) - len, " %.*s|%.*s",
                                SLICE_ARG(scanned->name.text), SLICE_ARG(scanned->name.title));
    contents->named += has_name ? 1 : 0;
    add_item(contents, text, len);
}

static void on_scan(void *ctx, enum err err, const struct scan_step *step)
{
    struct scan *scan = ctx;

    assert_false(scan->is_done);
    scan->is_done = true;
    scan->err = err;
    assert_true((err == ERR_OK) == (step != NULL));
    if (!step || !scan->contents)
        return;
    for (size_t i = 0; i < step->counter_count; i++)
        add_counter(scan->contents, &step->counters[i]);
    for (size_t i = 0; i < step->record_count; i++)
        add_record(scan->contents, &step->records[i]);
    for (size_t i = 0; i < step->rollup_count; i++)
        add_rollup(scan->contents, &step->rollups[i]);
    assert_true(step->cursor.len < sizeof(scan->cursor));
    memcpy(scan->cursor, step->cursor.ptr, step->cursor.len);
    scan->cursor_len = step->cursor.len;
}

static enum err scan_step(struct test_loop *loop, struct store *store, struct scan *scan,
                          struct slice cursor)
{
    scan->is_done = false;
    assert_non_null(store_scan(store, calls_shard_in(store), cursor, on_scan, scan));
    assert_true(test_loop_wait(loop, &scan->is_done));
    return scan->err;
}

void contents_read(struct contents *contents, struct test_loop *loop, struct store *store)
{
    static struct scan scan;

    *contents = (struct contents){.min_ttl_s = INT64_MAX};
    hashmap_init(&contents->items);
    arena_init(&contents->arena, 4096, (size_t)1 << 30);
    scan = (struct scan){.contents = contents};
    do {
        assert_int_equal(scan_step(loop, store, &scan, slice_of(scan.cursor, scan.cursor_len)),
                         ERR_OK);
        contents->steps++;
    } while (scan.cursor_len > 0);
}

void contents_fini(struct contents *contents)
{
    hashmap_fini(&contents->items);
    arena_fini(&contents->arena);
}

bool contents_eq(const struct contents *a, const struct contents *b)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&a->items, &i));) {
        if (!hashmap_get(&b->items, entry->key))
            return false;
    }
    return a->items.count == b->items.count;
}

enum err call_scan(struct test_loop *loop, struct store *store, struct slice cursor)
{
    static struct scan scan;

    scan = (struct scan){.contents = NULL};
    return scan_step(loop, store, &scan, cursor);
}

static void on_check(void *ctx, const struct store_health *health)
{
    struct wait *wait = ctx;

    wait->is_done = true;
    wait->health = *health;
}

struct store_health call_check(struct test_loop *loop, struct store *store)
{
    struct wait wait = {0};

    assert_non_null(store_check(store, on_check, &wait));
    assert_true(test_loop_wait(loop, &wait.is_done));
    return wait.health;
}
