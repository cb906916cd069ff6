#include "store/commit.h"

#include <assert.h>
#include <stdlib.h>

/* A batch of 64 hits on short paths fits into one chunk. */
#define CHUNK_BYTES 16384

/* 8,192 writes, 16,384 additions and the names of a batch, all of the longest texts, stay below. */
#define MAX_BYTES ((size_t)96 << 20)

static const char *const status_names[] = {
    [COMMIT_DONE] = "done",           [COMMIT_CONFLICT] = "conflict", [COMMIT_BEHIND] = "behind",
    [COMMIT_NO_WRITER] = "no_writer", [COMMIT_AHEAD] = "ahead",       [COMMIT_REFUSED] = "refused",
    [COMMIT_UNKNOWN] = "unknown",
};

const char *commit_status_name(enum commit_status status)
{
    return status_names[status];
}

struct commit *commit_create(void)
{
    struct commit *commit = calloc(1, sizeof(*commit));

    if (!commit)
        return NULL;
    arena_init(&commit->arena, CHUNK_BYTES, MAX_BYTES);
    atomic_init(&commit->refs, 1);
    return commit;
}

struct commit *commit_ref(struct commit *commit)
{
    atomic_fetch_add_explicit(&commit->refs, 1, memory_order_relaxed);
    return commit;
}

void commit_unref(struct commit *commit)
{
    if (!commit || atomic_fetch_sub_explicit(&commit->refs, 1, memory_order_acq_rel) > 1)
        return;
    arena_fini(&commit->arena);
    free(commit->writes);
    free(commit->additions);
    free(commit->rollups);
    free(commit);
}

void commit_clear(struct commit *commit)
{
    assert(atomic_load(&commit->refs) == 1);
    arena_reset(&commit->arena);
    commit->write_count = 0;
    commit->addition_count = 0;
    commit->totals_wanted = 0;
    commit->rollup_count = 0;
    commit->number = 0;
    commit->shard = 0;
}

/* Room for one more element; *items stays as it is without memory. */
static enum err reserve(void **items, size_t *capacity, size_t count, size_t item_bytes)
{
    size_t larger = *capacity ? 2 * *capacity : 64;
    void *grown;

    if (count < *capacity)
        return ERR_OK;
    grown = reallocarray(*items, larger, item_bytes);
    if (!grown)
        return ERR_NO_MEMORY;
    *items = grown;
    *capacity = larger;
    return ERR_OK;
}

static bool is_sound_write(const struct record_write *write)
{
    return write->key.len > 0 && write->key.len <= RECORD_MAX_KEY &&
           write->value.len <= RECORD_MAX_VALUE &&
           (!write->value.ptr || record_ttl_is_sound(write->ttl_s));
}

enum err commit_write(struct commit *commit, const struct record_write *write)
{
    struct record_write copy = *write;
    void *items = commit->writes;

    if (commit->write_count == COMMIT_MAX_WRITES || !is_sound_write(write))
        return ERR_INVALID;
    if (reserve(&items, &commit->write_capacity, commit->write_count, sizeof(copy)) != ERR_OK)
        return ERR_NO_MEMORY;
    commit->writes = items;
    copy.key = arena_dup(&commit->arena, write->key);
    if (write->value.ptr)
        copy.value = arena_dup(&commit->arena, write->value);
    if (!copy.key.ptr || (write->value.ptr && !copy.value.ptr))
        return ERR_NO_MEMORY;
    commit->writes[commit->write_count++] = copy;
    return ERR_OK;
}

static bool is_sound_counter(const struct counter *counter)
{
    return counter->site.len > 0 && counter->site.len <= COUNTER_MAX_SITE &&
           counter->value.len <= COUNTER_MAX_VALUE &&
           (unsigned)counter->dimension < COUNTER_DIMENSIONS;
}

enum err commit_add(struct commit *commit, const struct addition *addition)
{
    struct addition copy = *addition;
    void *items = commit->additions;

    if (commit->addition_count == COMMIT_MAX_ADDITIONS || !is_sound_counter(&addition->counter))
        return ERR_INVALID;
    if (reserve(&items, &commit->addition_capacity, commit->addition_count, sizeof(copy)) != ERR_OK)
        return ERR_NO_MEMORY;
    commit->additions = items;
    copy.counter.site = arena_dup(&commit->arena, addition->counter.site);
    copy.counter.value = arena_dup(&commit->arena, addition->counter.value);
    if (!copy.counter.site.ptr || !copy.counter.value.ptr)
        return ERR_NO_MEMORY;
    commit->additions[commit->addition_count++] = copy;
    return ERR_OK;
}

static bool is_sound_rollup(const struct rollup_addition *addition)
{
    const struct rollup *rollup = &addition->rollup;

    return rollup->site.len > 0 && rollup->site.len <= COUNTER_MAX_SITE && rollup->bucket >= 0 &&
           (unsigned)rollup->dimension < DIMENSION_COUNT_ && addition->text.len <= NAME_MAX_TEXT &&
           addition->title.len <= NAME_MAX_TITLE;
}

/* The site of the last rollup is mostly that of this one. */
static struct slice dup_rollup_site(struct commit *commit, struct slice site)
{
    if (commit->rollup_count > 0) {
        struct slice last = commit->rollups[commit->rollup_count - 1].rollup.site;

        if (slice_eq(last, site))
            return last;
    }
    return arena_dup(&commit->arena, site);
}

enum err commit_roll_up(struct commit *commit, const struct rollup_addition *addition)
{
    struct rollup_addition copy = *addition;
    void *items = commit->rollups;

    if (commit->rollup_count == COMMIT_MAX_ROLLUPS || !is_sound_rollup(addition))
        return ERR_INVALID;
    if (reserve(&items, &commit->rollup_capacity, commit->rollup_count, sizeof(copy)) != ERR_OK)
        return ERR_NO_MEMORY;
    commit->rollups = items;
    copy.rollup.site = dup_rollup_site(commit, addition->rollup.site);
    copy.text = addition->text.len > 0 ? arena_dup(&commit->arena, addition->text) : SLICE("");
    copy.title = addition->title.len > 0 ? arena_dup(&commit->arena, addition->title) : SLICE("");
    if (!copy.rollup.site.ptr || !copy.text.ptr || !copy.title.ptr)
        return ERR_NO_MEMORY;
    commit->rollups[commit->rollup_count++] = copy;
    return ERR_OK;
}

struct commit *commit_dup(const struct commit *commit)
{
    struct commit *copy = commit_create();
    enum err err = copy ? ERR_OK : ERR_NO_MEMORY;

    for (size_t i = 0; err == ERR_OK && i < commit->write_count; i++)
        err = commit_write(copy, &commit->writes[i]);
    for (size_t i = 0; err == ERR_OK && i < commit->addition_count; i++)
        err = commit_add(copy, &commit->additions[i]);
    for (size_t i = 0; err == ERR_OK && i < commit->rollup_count; i++)
        err = commit_roll_up(copy, &commit->rollups[i]);
    if (err != ERR_OK) {
        commit_unref(copy);
        return NULL;
    }
    copy->totals_wanted = commit->totals_wanted;
    copy->shard = commit->shard;
    return copy;
}
