#include "store/memory_db.h"

#include <assert.h>
#include <stdlib.h>

struct memory_db *memory_db_create(void)
{
    return calloc(1, sizeof(struct memory_db));
}

static void writer_free(struct memory_writer *writer)
{
    free(writer->totals);
    free(writer);
}

void memory_db_clear(struct memory_db *db)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&db->records, &i));)
        free(entry->value);
    for (size_t i = 0; (entry = hashmap_next(&db->counters, &i));)
        free(entry->value);
    for (size_t i = 0; (entry = hashmap_next(&db->writers, &i));)
        writer_free(entry->value);
    hashmap_clear(&db->records);
    hashmap_clear(&db->counters);
    hashmap_clear(&db->writers);
    memory_rollups_clear(db);
}

static void *dup_bytes(const void *bytes, size_t size)
{
    void *copy = malloc(size + 1);

    if (!copy)
        abort();
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

static void put_copy(struct hashmap *map, struct slice key, void *value)
{
    void **place = hashmap_put(map, key);

    if (!place)
        abort();
    *place = value;
}

static void copy_record(struct memory_db *db, const struct memory_record *record)
{
    struct memory_record *copy =
        dup_bytes(record, sizeof(*record) + record->key.len + record->value.len);

    copy->key = slice_of(copy + 1, record->key.len);
    copy->value = slice_of(copy->key.ptr + copy->key.len, record->value.len);
    put_copy(&db->records, copy->key, copy);
}

static void copy_writer(struct memory_db *db, const struct memory_writer *writer)
{
    struct memory_writer *copy = dup_bytes(writer, sizeof(*writer));

    copy->totals = dup_bytes(writer->totals, writer->total_count * sizeof(*writer->totals));
    put_copy(&db->writers, slice_of(copy->id.bytes, sizeof(copy->id.bytes)), copy);
}

static void copy_counter(struct memory_db *db, const struct hashmap_entry *entry)
{
    struct addition addition = {.delta = 0};
    struct memory_counter *copy;

    if (!counter_parse_key(entry->key, &addition.counter) ||
        memory_counter_make(db, &addition, &copy) != ERR_OK)
        abort();
    copy->views = ((const struct memory_counter *)entry->value)->views;
}

void memory_db_restore(struct memory_db *db, const struct memory_db *from)
{
    struct hashmap_entry *entry;

    memory_db_clear(db);
    for (size_t i = 0; (entry = hashmap_next(&from->records, &i));)
        copy_record(db, entry->value);
    for (size_t i = 0; (entry = hashmap_next(&from->writers, &i));)
        copy_writer(db, entry->value);
    for (size_t i = 0; (entry = hashmap_next(&from->counters, &i));)
        copy_counter(db, entry);
    memory_rollups_copy(db, from);
}

void memory_db_destroy(struct memory_db *db)
{
    if (!db)
        return;
    memory_db_clear(db);
    hashmap_fini(&db->records);
    hashmap_fini(&db->counters);
    hashmap_fini(&db->writers);
    hashmap_fini(&db->rollups);
    hashmap_fini(&db->lists);
    hashmap_fini(&db->names);
    free(db);
}

void memory_db_ignore_numbers(struct memory_db *db)
{
    db->ignores_numbers = true;
}

static struct slice writer_key(const struct writer_id *id)
{
    return slice_of(id->bytes, sizeof(id->bytes));
}

struct memory_writer *memory_writer_find(const struct memory_db *db, const struct writer_id *id)
{
    return hashmap_get(&db->writers, writer_key(id));
}

struct memory_writer *memory_writer_make(struct memory_db *db, const struct writer_id *id,
                                         int64_t now_unix_ms)
{
    struct memory_writer *writer = memory_writer_find(db, id);
    void **place;

    if (writer)
        return writer;
    writer = calloc(1, sizeof(*writer));
    if (!writer)
        return NULL;
    writer->id = *id;
    writer->seen_unix_ms = now_unix_ms;
    place = hashmap_put(&db->writers, writer_key(&writer->id));
    if (!place) {
        free(writer);
        return NULL;
    }
    *place = writer;
    return writer;
}

int64_t memory_counter_views(const struct memory_db *db, const struct counter *counter)
{
    char key[COUNTER_KEY_MAX];
    const struct memory_counter *found = hashmap_get(&db->counters, counter_key(counter, key));

    return found ? found->views : 0;
}

enum err memory_counter_make(struct memory_db *db, const struct addition *addition,
                             struct memory_counter **out)
{
    char text[COUNTER_KEY_MAX];
    struct slice key = counter_key(&addition->counter, text);
    struct memory_counter *made = hashmap_get(&db->counters, key);
    uint64_t *list;
    void **place;

    *out = made;
    if (made)
        return ERR_OK;
    list = memory_counter_list(db, &addition->counter);
    if (list && addition->cap > 0 && *list >= addition->cap)
        return ERR_OK;
    made = list ? calloc(1, sizeof(*made) + key.len) : NULL;
    if (!made)
        return ERR_NO_MEMORY;
    memcpy(made->key, key.ptr, key.len);
    place = hashmap_put(&db->counters, slice_of(made->key, key.len));
    if (!place) {
        free(made);
        return ERR_NO_MEMORY;
    }
    *place = made;
    *out = made;
    ++*list;
    return ERR_OK;
}

/* The record as a reader sees it now. */
struct record memory_record_look(const struct memory_db *db, struct slice key, int64_t now_unix_ms)
{
    const struct memory_record *found = hashmap_get(&db->records, key);

    if (!found || found->expires_unix_ms <= now_unix_ms)
        return (struct record){.key = key, .value = SLICE(""), .version = RECORD_ABSENT};
    return (struct record){.key = key, .value = found->value, .version = found->version};
}

void memory_record_remove(struct memory_db *db, struct slice key)
{
    struct memory_record *found = hashmap_get(&db->records, key);

    hashmap_remove(&db->records, key);
    free(found);
}

/* A record ready to be put in; NULL without memory. */
struct memory_record *memory_record_create(const struct record_write *write, uint64_t version,
                                           int64_t now_unix_ms)
{
    struct memory_record *made = malloc(sizeof(*made) + write->key.len + write->value.len);
    char *bytes;

    if (!made)
        return NULL;
    bytes = (char *)(made + 1);
    memcpy(bytes, write->key.ptr, write->key.len);
    if (write->value.len > 0)
        memcpy(bytes + write->key.len, write->value.ptr, write->value.len);
    *made = (struct memory_record){
        .key = slice_of(bytes, write->key.len),
        .value = slice_of(bytes + write->key.len, write->value.len),
        .version = version,
        .expires_unix_ms =
            write->ttl_s == RECORD_FOREVER ? INT64_MAX : now_unix_ms + (int64_t)write->ttl_s * 1000,
    };
    return made;
}

void memory_record_put(struct memory_db *db, struct memory_record *record)
{
    void **place;

    memory_record_remove(db, record->key);
    place = hashmap_put(&db->records, record->key);
    assert(place); /* the caller made room */
    *place = record;
}

static uint32_t ttl_s(const struct memory_record *record, int64_t now_unix_ms)
{
    if (record->expires_unix_ms == INT64_MAX)
        return RECORD_FOREVER;
    return (uint32_t)((record->expires_unix_ms - now_unix_ms + 999) / 1000);
}

enum err memory_db_scan(const struct memory_db *db, struct arena *arena, int64_t now_unix_ms,
                        struct scan_step *out)
{
    struct scanned_record *records = arena_alloc(arena, (db->records.count + 1) * sizeof(*records));
    struct scanned_counter *counters =
        arena_alloc(arena, (db->counters.count + 1) * sizeof(*counters));
    struct hashmap_entry *entry;

    if (!records || !counters)
        return ERR_NO_MEMORY;
    for (size_t i = 0; (entry = hashmap_next(&db->records, &i));) {
        const struct memory_record *record = entry->value;

        if (record->expires_unix_ms > now_unix_ms)
            records[out->record_count++] =
                (struct scanned_record){record->key, record->value, ttl_s(record, now_unix_ms)};
    }
    for (size_t i = 0; (entry = hashmap_next(&db->counters, &i));) {
        const struct memory_counter *counter = entry->value;

        if (counter_parse_key(entry->key, &counters[out->counter_count].counter))
            counters[out->counter_count++].views = counter->views;
    }
    out->records = records;
    out->counters = counters;
    return memory_rollups_scan(db, arena, out);
}

static int compare_keys(const void *a, const void *b)
{
    return slice_compare(((const struct record *)a)->key, ((const struct record *)b)->key);
}

enum err memory_db_list(const struct memory_db *db, const struct store_op *op, struct arena *arena,
                        int64_t now_unix_ms, struct record **out, size_t *count)
{
    struct record *records = arena_alloc(arena, (db->records.count + 1) * sizeof(*records));
    struct hashmap_entry *entry;
    size_t found = 0;

    if (!records)
        return ERR_NO_MEMORY;
    for (size_t i = 0; (entry = hashmap_next(&db->records, &i));) {
        if (!slice_starts_with(entry->key, op->prefix) || slice_compare(entry->key, op->after) <= 0)
            continue;
        records[found] = memory_record_look(db, entry->key, now_unix_ms);
        found += records[found].version != RECORD_ABSENT ? 1 : 0;
    }
    qsort(records, found, sizeof(*records), compare_keys);
    *out = records;
    *count = found < op->count ? found : op->count;
    return ERR_OK;
}

void memory_db_sweep(struct memory_db *db, int64_t now_unix_ms)
{
    struct hashmap_entry *entry;

    /* Removing moves other entries, at worst into a place passed already: the next sweep has them.
     */
    for (size_t i = 0; (entry = hashmap_next(&db->records, &i));) {
        struct memory_record *record = entry->value;

        if (record->expires_unix_ms <= now_unix_ms)
            memory_record_remove(db, record->key);
    }
    for (size_t i = 0; (entry = hashmap_next(&db->writers, &i));) {
        struct memory_writer *writer = entry->value;

        if (writer->seen_unix_ms + STORE_WRITER_TTL_S * 1000 <= now_unix_ms) {
            hashmap_remove(&db->writers, writer_key(&writer->id));
            writer_free(writer);
        }
    }
}
