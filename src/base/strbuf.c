#include "base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY 64

void strbuf_init(struct strbuf *buf, size_t max)
{
    *buf = (struct strbuf){.max = max};
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the buffer writes to it later */
void strbuf_init_fixed(struct strbuf *buf, char *storage, size_t size)
{
    *buf = (struct strbuf){.ptr = storage, .capacity = size, .max = size, .fixed = true};
}

void strbuf_fini(struct strbuf *buf)
{
    if (!buf->fixed)
        free(buf->ptr);
    strbuf_init(buf, buf->max);
}

void strbuf_clear(struct strbuf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

static bool grow(struct strbuf *buf, size_t needed)
{
    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    char *ptr;

    if (buf->fixed || needed > buf->max)
        return false;
    while (capacity < needed)
        capacity = capacity > buf->max / 2 ? buf->max : 2 * capacity;
    if (capacity > buf->max)
        capacity = buf->max;
    ptr = realloc(buf->ptr, capacity);
    if (!ptr)
        return false;
    buf->ptr = ptr;
    buf->capacity = capacity;
    return true;
}

bool strbuf_reserve(struct strbuf *buf, size_t more)
{
    if (buf->failed)
        return false;
    if (more <= buf->capacity - buf->len)
        return true;
    if (more > buf->max - buf->len || !grow(buf, buf->len + more))
        buf->failed = true;
    return !buf->failed;
}

void strbuf_append(struct strbuf *buf, struct slice bytes)
{
    if (bytes.len == 0 || !strbuf_reserve(buf, bytes.len))
        return;
    memcpy(buf->ptr + buf->len, bytes.ptr, bytes.len);
    buf->len += bytes.len;
}

void strbuf_append_char(struct strbuf *buf, char c)
{
    strbuf_append(buf, slice_of(&c, 1));
}

size_t format_int(char out[static 20], int64_t number)
{
    char reversed[20];
    size_t digits = 0;
    size_t len = 0;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do {
        reversed[digits++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        out[len++] = '-';
    while (digits > 0)
        out[len++] = reversed[--digits];
    return len;
}

void strbuf_append_int(struct strbuf *buf, int64_t number)
{
    char text[20];

    strbuf_append(buf, slice_of(text, format_int(text, number)));
}

/* Printed aside, since vsnprintf() would want a byte more than the text takes, for its NUL. */
void strbuf_printf(struct strbuf *buf, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int len;

    va_start(args, format);
    len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) {
        buf->failed = true;
        return;
    }
    strbuf_append(buf, slice_of(text, (size_t)len));
    free(text);
}
