/* The rollups of a memory store, their lists and their names. */
#include <stdlib.h>

#include "store/memory_db.h"

/* Site, NUL and the number. */
#define NAME_KEY_MAX (COUNTER_MAX_SITE + 1 + sizeof(uint64_t))

struct memory_rollup {
    struct metrics metrics;
    char key[];
};

/* How many rows a list has. */
struct memory_list {
    uint64_t rows;
    char key[];
};

struct memory_name {
    struct slice text;  /* behind the struct, in the same allocation */
    struct slice title; /* likewise */
    char *key;          /* likewise */
};

/* ---- entries -------------------------------------------------------------------------------- */

/* Puts a new entry of `size` bytes, cleared, with its key behind them, into the map; NULL without
 * memory. */
static void *put_new(struct hashmap *map, struct slice key, size_t size)
{
    char *made = calloc(1, size + key.len);
    void **place;

    if (!made)
        return NULL;
    memcpy(made + size, key.ptr, key.len);
    place = hashmap_put(map, slice_of(made + size, key.len));
    if (!place) {
        free(made);
        return NULL;
    }
    *place = made;
    return made;
}

static void remove_entry(struct hashmap *map, struct slice key)
{
    void *entry = hashmap_get(map, key);

    hashmap_remove(map, key);
    free(entry);
}

static void free_entries(struct hashmap *map)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(map, &i));)
        free(entry->value);
    hashmap_clear(map);
}

void memory_rollups_clear(struct memory_db *db)
{
    free_entries(&db->rollups);
    free_entries(&db->lists);
    free_entries(&db->names);
}

/* ---- names ---------------------------------------------------------------------------------- */

static struct slice name_key(struct slice site, uint64_t id, char out[static NAME_KEY_MAX])
{
    memcpy(out, site.ptr, site.len);
    out[site.len] = '\0';
    memcpy(out + site.len + 1, &id, sizeof(id));
    return slice_of(out, site.len + 1 + sizeof(id));
}

static struct memory_name *create_name(struct slice key, struct slice text, struct slice title)
{
    struct memory_name *made = malloc(sizeof(*made) + key.len + text.len + title.len);
    char *bytes;

    if (!made)
        return NULL;
    bytes = (char *)(made + 1);
    made->key = memcpy(bytes, key.ptr, key.len);
    made->text = slice_of(memcpy(bytes + key.len, text.ptr, text.len), text.len);
    bytes += key.len + text.len;
    made->title = slice_of(memcpy(bytes, title.ptr, title.len), title.len);
    return made;
}

static bool put_name(struct memory_db *db, struct slice site,
                     const struct rollup_addition *addition)
{
    char text[NAME_KEY_MAX];
    struct slice key = name_key(site, addition->rollup.value, text);
    const struct memory_name *held = hashmap_get(&db->names, key);
    struct slice title = addition->title.len > 0 || !held ? addition->title : held->title;
    struct memory_name *made = create_name(key, addition->text, title);
    void **place;

    if (!made)
        return false;
    remove_entry(&db->names, key);
    place = hashmap_put(&db->names, slice_of(made->key, key.len));
    if (!place) {
        free(made);
        return false;
    }
    *place = made;
    return true;
}

struct name memory_name_look(const struct memory_db *db, struct slice site, uint64_t id)
{
    char text[NAME_KEY_MAX];
    const struct memory_name *held = hashmap_get(&db->names, name_key(site, id, text));

    return held ? (struct name){held->text, held->title} : (struct name){.text = {NULL, 0}};
}

/* ---- rows ----------------------------------------------------------------------------------- */

static struct memory_rollup *find_row(const struct memory_db *db, const struct rollup *rollup)
{
    char text[ROLLUP_KEY_MAX];

    return hashmap_get(&db->rollups, rollup_key(rollup, text));
}

static struct memory_list *list_of(struct memory_db *db, const struct rollup *rollup)
{
    char text[ROLLUP_KEY_MAX];
    struct slice key = rollup_list_key(rollup, text);
    struct memory_list *held = hashmap_get(&db->lists, key);

    return held ? held : put_new(&db->lists, key, sizeof(struct memory_list));
}

/* Counters are of no bucket. */
uint64_t *memory_counter_list(struct memory_db *db, const struct counter *counter)
{
    const struct rollup of_all = {
        .site = counter->site, .bucket = -1, .dimension = counter->dimension};
    struct memory_list *list = list_of(db, &of_all);

    return list ? &list->rows : NULL;
}

static struct memory_rollup *make_row(struct memory_db *db, struct memory_list *list,
                                      const struct rollup *rollup)
{
    char text[ROLLUP_KEY_MAX];
    struct memory_rollup *made =
        put_new(&db->rollups, rollup_key(rollup, text), sizeof(struct memory_rollup));

    if (made)
        list->rows++;
    return made;
}

struct metrics *memory_rollup_make(struct memory_db *db, const struct rollup_addition *addition)
{
    struct rollup rollup = addition->rollup;
    struct memory_rollup *row = find_row(db, &rollup);
    struct memory_list *list;

    if (row)
        return &row->metrics;
    list = list_of(db, &rollup);
    if (!list)
        return NULL;
    if (addition->cap > 0 && list->rows >= addition->cap) {
        rollup = rollup_other(&rollup);
        row = find_row(db, &rollup);
    } else if (addition->text.len > 0 && !put_name(db, rollup.site, addition)) {
        return NULL;
    }
    if (!row)
        row = make_row(db, list, &rollup);
    return row ? &row->metrics : NULL;
}

static void remove_row(struct memory_db *db, const struct rollup *rollup)
{
    char text[ROLLUP_KEY_MAX];
    struct slice list_key = rollup_list_key(rollup, text);
    struct memory_list *list = hashmap_get(&db->lists, list_key);
    char row_text[ROLLUP_KEY_MAX];

    if (list && --list->rows == 0)
        remove_entry(&db->lists, list_key);
    remove_entry(&db->rollups, rollup_key(rollup, row_text));
}

/* ---- queries -------------------------------------------------------------------------------- */

static bool has_bucket(const struct rollup_query *query, int32_t bucket)
{
    size_t low = 0;
    size_t high = query->bucket_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (query->buckets[middle] == bucket)
            return true;
        if (query->buckets[middle] < bucket)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

enum err memory_rollups_sum(const struct memory_db *db, const struct rollup_query *query,
                            struct rollup_sums *sums)
{
    struct hashmap_entry *entry;
    enum err err = ERR_OK;

    for (size_t i = 0; err == ERR_OK && (entry = hashmap_next(&db->rollups, &i));) {
        const struct memory_rollup *row = entry->value;
        struct rollup rollup;

        if (rollup_parse_key(entry->key, &rollup) && rollup_is_asked_for(&rollup, query) &&
            has_bucket(query, rollup.bucket))
            err = rollup_sums_add(sums, rollup_group_id(&rollup, query->group), &row->metrics);
    }
    return err;
}

/* ---- purging -------------------------------------------------------------------------------- */

static bool is_of_site(struct slice key, struct slice site)
{
    return key.len > site.len && slice_starts_with(key, site) && key.ptr[site.len] == '\0';
}

/* Removing an entry may move another one into its place, so one that is removed is looked at
 * again from the start. */
static void remove_of_site(struct hashmap *map, struct slice site)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(map, &i));) {
        if (!is_of_site(entry->key, site))
            continue;
        remove_entry(map, entry->key);
        i = 0;
    }
}

void memory_rollups_purge(struct memory_db *db, struct slice site, int32_t first, int32_t last)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&db->rollups, &i));) {
        struct rollup rollup;

        if (!rollup_parse_key(entry->key, &rollup) || !slice_eq(rollup.site, site) ||
            rollup.bucket < first || rollup.bucket > last)
            continue;
        remove_row(db, &rollup);
        i = 0;
    }
    if (first > 0 || last < INT32_MAX)
        return;
    remove_of_site(&db->names, site);
    remove_of_site(&db->lists, site);
    remove_of_site(&db->counters, site);
}

/* ---- reading out, and copying --------------------------------------------------------------- */

enum err memory_rollups_scan(const struct memory_db *db, struct arena *arena, struct scan_step *out)
{
    struct scanned_rollup *rollups = arena_alloc(arena, (db->rollups.count + 1) * sizeof(*rollups));
    struct hashmap_entry *entry;

    if (!rollups)
        return ERR_NO_MEMORY;
    for (size_t i = 0; (entry = hashmap_next(&db->rollups, &i));) {
        struct scanned_rollup *scanned = &rollups[out->rollup_count];
        const struct memory_rollup *row = entry->value;

        if (!rollup_parse_key(entry->key, &scanned->rollup))
            continue;
        scanned->metrics = row->metrics;
        scanned->name = (struct name){.text = {NULL, 0}};
        if (scanned->rollup.page == VALUE_NONE)
            scanned->name = memory_name_look(db, scanned->rollup.site, scanned->rollup.value);
        out->rollup_count++;
    }
    out->rollups = rollups;
    return ERR_OK;
}

/* For tests: ends the process without memory. */
static void copy_row(struct memory_db *db, const struct rollup *rollup,
                     const struct metrics *metrics)
{
    struct rollup_addition addition = {.rollup = *rollup};
    struct metrics *row = memory_rollup_make(db, &addition);

    if (!row)
        abort();
    *row = *metrics;
}

static void copy_name(struct memory_db *db, struct slice key, const struct memory_name *name)
{
    struct rollup_addition addition = {.text = name->text, .title = name->title};
    struct slice site = slice_of(key.ptr, key.len - 1 - sizeof(uint64_t));

    memcpy(&addition.rollup.value, key.ptr + site.len + 1, sizeof(uint64_t));
    if (!put_name(db, site, &addition))
        abort();
}

void memory_rollups_copy(struct memory_db *db, const struct memory_db *from)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&from->rollups, &i));) {
        const struct memory_rollup *row = entry->value;
        struct rollup rollup;

        if (rollup_parse_key(entry->key, &rollup))
            copy_row(db, &rollup, &row->metrics);
    }
    for (size_t i = 0; (entry = hashmap_next(&from->names, &i));)
        copy_name(db, entry->key, entry->value);
}
