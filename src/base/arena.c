#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif

#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
/* At least one byte stays poisoned between two allocations. */
#define RED_ZONE 1
#else
#define ASAN_POISON_MEMORY_REGION(ptr_, len_)   ((void)(ptr_), (void)(len_))
#define ASAN_UNPOISON_MEMORY_REGION(ptr_, len_) ((void)(ptr_), (void)(len_))
#define RED_ZONE                                0
#endif

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* of `bytes` */
    size_t used;
    alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *arena, size_t chunk_bytes, size_t max_bytes)
{
    *arena = (struct arena){.chunk_bytes = chunk_bytes, .max_bytes = max_bytes};
}

static void chunk_free(struct arena_chunk *chunk)
{
    ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->size);
    free(chunk);
}

void arena_fini(struct arena *arena)
{
    while (arena->chunks) {
        struct arena_chunk *chunk = arena->chunks;

        arena->chunks = chunk->next;
        chunk_free(chunk);
    }
    arena->used_bytes = 0;
}

void arena_reset(struct arena *arena)
{
    struct arena_chunk *kept = arena->chunks;

    while (kept && kept->next) {
        struct arena_chunk *chunk = kept;

        kept = chunk->next;
        chunk_free(chunk);
    }
    if (kept) {
        kept->used = 0;
        ASAN_POISON_MEMORY_REGION(kept->bytes, kept->size);
    }
    arena->chunks = kept;
    arena->used_bytes = 0;
}

static struct arena_chunk *chunk_create(struct arena *arena, size_t size)
{
    size_t bytes = size > arena->chunk_bytes ? size : arena->chunk_bytes;
    struct arena_chunk *chunk = malloc(sizeof(*chunk) + bytes);

    if (!chunk)
        return NULL;
    chunk->next = arena->chunks;
    chunk->size = bytes;
    chunk->used = 0;
    ASAN_POISON_MEMORY_REGION(chunk->bytes, bytes);
    arena->chunks = chunk;
    return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    struct arena_chunk *chunk = arena->chunks;
    size_t rounded;
    void *ptr;

    if (size > arena->max_bytes - arena->used_bytes)
        return NULL;
    rounded = (size + RED_ZONE + align - 1) & ~(align - 1);
    if (!chunk || rounded > chunk->size - chunk->used)
        chunk = chunk_create(arena, rounded);
    if (!chunk)
        return NULL;
    ptr = chunk->bytes + chunk->used;
    chunk->used += rounded;
    arena->used_bytes += size;
    ASAN_UNPOISON_MEMORY_REGION(ptr, size);
    return ptr;
}

struct slice arena_dup(struct arena *arena, struct slice bytes)
{
    char *copy = arena_alloc(arena, bytes.len);

    if (copy && bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    return slice_of(copy, copy ? bytes.len : 0);
}
