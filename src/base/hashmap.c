#include "base/hashmap.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#define FIRST_CAPACITY 16

static unsigned char process_key[crypto_shorthash_KEYBYTES];
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void draw_key(void)
{
    randombytes_buf(process_key, sizeof(process_key));
}

static uint64_t hash_of(struct slice key)
{
    uint64_t hash;

    pthread_once(&key_once, draw_key);
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)key.ptr, key.len, process_key);
    return hash;
}

void hashmap_init(struct hashmap *map)
{
    *map = (struct hashmap){0};
}

void hashmap_fini(struct hashmap *map)
{
    free(map->entries);
    hashmap_init(map);
}

void hashmap_clear(struct hashmap *map)
{
    if (map->count > 0)
        memset(map->entries, 0, map->capacity * sizeof(*map->entries));
    map->count = 0;
}

/* The entry of `key`, or the free place where it belongs. The map is never full. */
static struct hashmap_entry *find(const struct hashmap *map, struct slice key, uint64_t hash)
{
    size_t i = hash & (map->capacity - 1);

    while (map->entries[i].key.ptr &&
           (map->entries[i].hash != hash || !slice_eq(map->entries[i].key, key)))
        i = (i + 1) & (map->capacity - 1);
    return &map->entries[i];
}

void *hashmap_get(const struct hashmap *map, struct slice key)
{
    struct hashmap_entry *entry;

    if (map->count == 0)
        return NULL;
    entry = find(map, key, hash_of(key));
    return entry->key.ptr ? entry->value : NULL;
}

static enum err grow(struct hashmap *map, size_t capacity)
{
    struct hashmap larger = {.capacity = capacity, .count = map->count};

    larger.entries = calloc(larger.capacity, sizeof(*larger.entries));
    if (!larger.entries)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->entries[i].key.ptr)
            *find(&larger, map->entries[i].key, map->entries[i].hash) = map->entries[i];
    }
    free(map->entries);
    *map = larger;
    return ERR_OK;
}

enum err hashmap_reserve(struct hashmap *map, size_t more)
{
    size_t capacity = map->capacity ? map->capacity : FIRST_CAPACITY;

    if (more > SIZE_MAX / 8 - map->count)
        return ERR_NO_MEMORY;
    /* At most three quarters full, so that runs stay short. */
    while (4 * (map->count + more) > 3 * capacity)
        capacity *= 2;
    return capacity > map->capacity ? grow(map, capacity) : ERR_OK;
}

void **hashmap_put(struct hashmap *map, struct slice key)
{
    uint64_t hash = hash_of(key);
    struct hashmap_entry *entry = map->capacity > 0 ? find(map, key, hash) : NULL;

    if (entry && entry->key.ptr)
        return &entry->value;
    if (hashmap_reserve(map, 1) != ERR_OK)
        return NULL;
    entry = find(map, key, hash);
    *entry = (struct hashmap_entry){.key = key.ptr ? key : SLICE(""), .hash = hash};
    map->count++;
    return &entry->value;
}

void hashmap_remove(struct hashmap *map, struct slice key)
{
    struct hashmap_entry *hole;
    size_t i;

    if (map->count == 0)
        return;
    hole = find(map, key, hash_of(key));
    if (!hole->key.ptr)
        return;
    map->count--;
    /* Close the gap: move back every later entry of the run that may stand in the hole. */
    i = (size_t)(hole - map->entries);
    for (;;) {
        size_t home;

        i = (i + 1) & (map->capacity - 1);
        if (!map->entries[i].key.ptr)
            break;
        home = map->entries[i].hash & (map->capacity - 1);
        if (((i - home) & (map->capacity - 1)) >=
            ((i - (size_t)(hole - map->entries)) & (map->capacity - 1))) {
            *hole = map->entries[i];
            hole = &map->entries[i];
        }
    }
    *hole = (struct hashmap_entry){0};
}

struct hashmap_entry *hashmap_next(const struct hashmap *map, size_t *position)
{
    while (*position < map->capacity) {
        struct hashmap_entry *entry = &map->entries[(*position)++];

        if (entry->key.ptr)
            return entry;
    }
    return NULL;
}
