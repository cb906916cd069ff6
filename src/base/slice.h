/**
 * A slice: some bytes that belong to somebody else.
 *
 * All text that came from outside is a slice: it has a length, no terminating NUL, and may hold any
 * byte. A slice never owns; who does is said where it is handed over.
 */
#ifndef FOOTFALL_BASE_SLICE_H
#define FOOTFALL_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *ptr; /* NULL only when there is nothing at all (as opposed to an empty text) */
    size_t len;
};

/** A slice of a string literal, its length known when compiling. */
#define SLICE(literal_) ((struct slice){("" literal_), sizeof(literal_) - 1})

/** The same as a static initialiser. */
/* clang-format off */
#define SLICE_INIT(literal_) {("" literal_), sizeof(literal_) - 1}
/* clang-format on */

/** printf arguments for "%.*s". */
#define SLICE_ARG(slice_) ((int)(slice_).len), (slice_).ptr

static inline struct slice slice_of(const void *ptr, size_t len)
{
    return (struct slice){ptr, len};
}

/** The slice of a C string of ours; NULL gives the slice that is nothing. */
static inline struct slice slice_str(const char *str)
{
    return (struct slice){str, str ? strlen(str) : 0};
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/** As memcmp(): by bytes, a text before those it is the beginning of. */
static inline int slice_compare(struct slice a, struct slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

/** `start` up to the end; `start` at most the length. Not of the slice that is nothing. */
static inline struct slice slice_from(struct slice s, size_t start)
{
    return (struct slice){s.ptr + start, s.len - start};
}

static inline bool slice_starts_with(struct slice s, struct slice prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

#endif
