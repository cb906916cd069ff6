/**
 * A byte buffer that grows up to a ceiling given when it is made.
 *
 *     0 .......... len .......... capacity .......... max
 *       the content    free         may grow to here
 *
 * Appending past the ceiling, or running out of memory, sets `failed` for good and drops that and
 * every later append. So: append freely, ask once at the end.
 */
#ifndef FOOTFALL_BASE_STRBUF_H
#define FOOTFALL_BASE_STRBUF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct strbuf {
    char *ptr; /* not NUL-terminated; NULL when nothing was appended yet */
    size_t len;
    size_t capacity;
    size_t max;
    bool failed;
    bool fixed; /* `ptr` is the caller's storage: never grown, never freed */
};

/** An empty buffer that will never hold more than `max` bytes. Frees nothing, allocates nothing. */
void strbuf_init(struct strbuf *buf, size_t max);

/** A buffer on the caller's `storage` of `size` bytes, which outlives it. */
void strbuf_init_fixed(struct strbuf *buf, char *storage, size_t size);

/** Frees the memory; the buffer is empty then and may be used again. */
void strbuf_fini(struct strbuf *buf);

/** Empties the buffer, clears `failed`, keeps the memory. */
void strbuf_clear(struct strbuf *buf);

/** Makes room for `more` bytes; false (and failed) when that is over the ceiling. */
bool strbuf_reserve(struct strbuf *buf, size_t more);

void strbuf_append(struct strbuf *buf, struct slice bytes);
void strbuf_append_char(struct strbuf *buf, char c);

/** In decimal. */
void strbuf_append_int(struct strbuf *buf, int64_t number);

/** Like printf; for what is not on the hot path. */
void strbuf_printf(struct strbuf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The content; valid until the next append. */
static inline struct slice strbuf_slice(const struct strbuf *buf)
{
    return (struct slice){buf->ptr, buf->len};
}

/** Writes `number` in decimal to `out` (20 bytes are enough for all) and returns its length. */
size_t format_int(char out[static 20], int64_t number);

#endif
