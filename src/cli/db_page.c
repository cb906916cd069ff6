#include "cli/db_page.h"

#include "count/bucket.h"

/* A step of the largest records has some 16 MiB. */
#define CHUNK_BYTES 65536
#define MAX_BYTES   ((size_t)256 << 20)

void db_page_init(struct db_page *page)
{
    *page = (struct db_page){.cursor = SLICE("")};
    arena_init(&page->arena, CHUNK_BYTES, MAX_BYTES);
    hashmap_init(&page->seen);
}

void db_page_fini(struct db_page *page)
{
    arena_fini(&page->arena);
    hashmap_fini(&page->seen);
}

/* Whether `key`, of a kind, is on the page for the first time. */
static enum err note(struct db_page *page, char kind, struct slice key, bool *is_first)
{
    char text[COUNTER_KEY_MAX + 1];
    struct slice item;
    void **place;

    text[0] = kind;
    memcpy(text + 1, key.ptr, key.len);
    item = arena_dup(&page->arena, slice_of(text, 1 + key.len));
    place = item.ptr ? hashmap_put(&page->seen, item) : NULL;
    if (!place)
        return ERR_NO_MEMORY;
    *is_first = !*place;
    *place = page;
    return ERR_OK;
}

static enum err copy_record(struct db_page *page, const struct scanned_record *record)
{
    struct scanned_record *copy = &page->records[page->record_count];
    bool is_first;

    if (record->key.len > RECORD_MAX_KEY)
        return ERR_OK; /* none of Footfall's */
    if (note(page, 'r', record->key, &is_first) != ERR_OK)
        return ERR_NO_MEMORY;
    if (!is_first)
        return ERR_OK;
    copy->key = arena_dup(&page->arena, record->key);
    copy->value = arena_dup(&page->arena, record->value);
    copy->ttl_s = record->ttl_s;
    page->record_count++;
    return copy->key.ptr && copy->value.ptr ? ERR_OK : ERR_NO_MEMORY;
}

static bool is_sound_counter(const struct counter *counter)
{
    return counter->site.len > 0 && counter->site.len <= COUNTER_MAX_SITE &&
           counter->value.len <= COUNTER_MAX_VALUE &&
           (unsigned)counter->dimension < COUNTER_DIMENSIONS;
}

static enum err copy_counter(struct db_page *page, const struct scanned_counter *scanned)
{
    struct scanned_counter *copy = &page->counters[page->counter_count];
    char key[COUNTER_KEY_MAX];
    bool is_first;

    if (!is_sound_counter(&scanned->counter))
        return ERR_OK;
    if (note(page, 'c', counter_key(&scanned->counter, key), &is_first) != ERR_OK)
        return ERR_NO_MEMORY;
    if (!is_first)
        return ERR_OK;
    *copy = *scanned;
    copy->counter.site = arena_dup(&page->arena, scanned->counter.site);
    copy->counter.value = arena_dup(&page->arena, scanned->counter.value);
    page->counter_count++;
    return copy->counter.site.ptr && copy->counter.value.ptr ? ERR_OK : ERR_NO_MEMORY;
}

static bool is_sound_rollup(const struct scanned_rollup *scanned)
{
    const struct rollup *rollup = &scanned->rollup;

    return rollup->site.len > 0 && rollup->site.len <= COUNTER_MAX_SITE && rollup->bucket >= 0 &&
           (unsigned)rollup->dimension < DIMENSION_COUNT_ &&
           scanned->name.text.len <= NAME_MAX_TEXT && scanned->name.title.len <= NAME_MAX_TITLE;
}

static enum err copy_rollup(struct db_page *page, const struct scanned_rollup *scanned)
{
    struct scanned_rollup *copy = &page->rollups[page->rollup_count];
    char key[ROLLUP_KEY_MAX];
    bool is_first;

    if (!is_sound_rollup(scanned) || scanned->rollup.bucket >= BUCKET_FIRST_MINUTE)
        return ERR_OK;
    if (note(page, 'u', rollup_key(&scanned->rollup, key), &is_first) != ERR_OK)
        return ERR_NO_MEMORY;
    if (!is_first)
        return ERR_OK;
    *copy = *scanned;
    copy->rollup.site = arena_dup(&page->arena, scanned->rollup.site);
    copy->name.text = arena_dup(&page->arena, scanned->name.text);
    copy->name.title = arena_dup(&page->arena, scanned->name.title);
    page->rollup_count++;
    return copy->rollup.site.ptr && copy->name.text.ptr && copy->name.title.ptr ? ERR_OK
                                                                                : ERR_NO_MEMORY;
}

static void page_clear(struct db_page *page)
{
    arena_reset(&page->arena);
    hashmap_clear(&page->seen);
    page->record_count = 0;
    page->counter_count = 0;
    page->rollup_count = 0;
}

enum err db_page_take(struct db_page *page, const struct scan_step *step)
{
    enum err err = ERR_OK;

    page_clear(page);
    page->records = arena_alloc(&page->arena, (step->record_count + 1) * sizeof(*page->records));
    page->counters = arena_alloc(&page->arena, (step->counter_count + 1) * sizeof(*page->counters));
    page->rollups = arena_alloc(&page->arena, (step->rollup_count + 1) * sizeof(*page->rollups));
    page->cursor = arena_dup(&page->arena, step->cursor);
    if (!page->records || !page->counters || !page->rollups || !page->cursor.ptr)
        return ERR_NO_MEMORY;
    for (size_t i = 0; err == ERR_OK && i < step->record_count; i++)
        err = copy_record(page, &step->records[i]);
    for (size_t i = 0; err == ERR_OK && i < step->counter_count; i++)
        err = copy_counter(page, &step->counters[i]);
    for (size_t i = 0; err == ERR_OK && i < step->rollup_count; i++)
        err = copy_rollup(page, &step->rollups[i]);
    return err;
}
