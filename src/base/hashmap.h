/**
 * A hash map from byte strings to pointers.
 *
 * Keys are visitors' text, so the hash is keyed (SipHash-2-4 of libsodium, with a key drawn once
 * per process): nobody outside can make keys collide on purpose. Keys and values are borrowed and
 * must outlive their entry. Iteration order means nothing.
 */
#ifndef FOOTFALL_BASE_HASHMAP_H
#define FOOTFALL_BASE_HASHMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct hashmap_entry {
    struct slice key; /* ptr NULL: the place is free */
    uint64_t hash;
    void *value;
};

struct hashmap {
    struct hashmap_entry *entries; /* open addressing, linear; NULL when empty from the start */
    size_t capacity;               /* a power of two, or 0 */
    size_t count;
};

void hashmap_init(struct hashmap *map);
void hashmap_fini(struct hashmap *map);

/** Forgets all entries, keeps the memory. */
void hashmap_clear(struct hashmap *map);

/** The value under `key`, or NULL. */
void *hashmap_get(const struct hashmap *map, struct slice key);

/**
 * The place for the value under `key`, made when there is none (its content is NULL then).
 *
 * @param key  borrowed: must live as long as the entry
 * @return     valid until the next change of the map; NULL when there was no memory
 */
void **hashmap_put(struct hashmap *map, struct slice key);

/** Makes room: the next `more` new keys need no memory. ERR_NO_MEMORY changes nothing. */
enum err hashmap_reserve(struct hashmap *map, size_t more) MUST_CHECK;

/** Removes `key`; fine when it is not there. */
void hashmap_remove(struct hashmap *map, struct slice key);

/** Walks over the entries: start with *position 0; NULL at the end. */
struct hashmap_entry *hashmap_next(const struct hashmap *map, size_t *position);

#endif
