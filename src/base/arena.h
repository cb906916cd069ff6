/**
 * An arena: memory for things that end together (a request, a batch).
 *
 * Allocation moves a pointer; nothing is freed alone. The arena hands out memory from chunks and
 * keeps the first one when it is reset, so a steady load allocates nothing. Under AddressSanitizer
 * all memory not handed out is poisoned, and a byte between two allocations too.
 */
#ifndef FOOTFALL_BASE_ARENA_H
#define FOOTFALL_BASE_ARENA_H

#include <stddef.h>

#include "base/slice.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* the newest first; NULL when nothing was allocated yet */
    size_t chunk_bytes;         /* size of a new chunk */
    size_t used_bytes;          /* of all chunks, together */
    size_t max_bytes;           /* ceiling of used_bytes */
};

/** An empty arena; allocates nothing yet. */
void arena_init(struct arena *arena, size_t chunk_bytes, size_t max_bytes);

/** Frees everything. The arena may be used again. */
void arena_fini(struct arena *arena);

/** Gives back everything that was handed out, keeps one chunk. */
void arena_reset(struct arena *arena);

/** `size` bytes, not cleared, aligned for any type; NULL over the ceiling or without memory. */
void *arena_alloc(struct arena *arena, size_t size);

/** A copy of `bytes`; its ptr is NULL when there was no memory, and never otherwise. */
struct slice arena_dup(struct arena *arena, struct slice bytes);

#endif
