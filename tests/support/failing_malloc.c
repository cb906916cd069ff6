#include "support/failing_malloc.h"

#include <stdlib.h>

/* The linker's --wrap leads every call of malloc() here, and __real_malloc() to malloc(). Its names
 * are reserved ones, and nobody else declares them. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__real_reallocarray(void *ptr, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
void *__wrap_reallocarray(void *ptr, size_t count, size_t size);

static size_t countdown; /* 0: none fails */
static bool fails_on;    /* all after the first, too */
static bool has_failed;

void failing_malloc_at(size_t k)
{
    countdown = k;
    fails_on = false;
    has_failed = false;
}

void failing_malloc_from(size_t k)
{
    failing_malloc_at(k);
    fails_on = true;
}

bool failing_malloc_stop(void)
{
    countdown = 0;
    fails_on = false;
    return has_failed;
}

static bool is_to_fail(void)
{
    if (countdown == 0)
        return has_failed && fails_on;
    if (--countdown > 0)
        return false;
    has_failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return is_to_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_to_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return is_to_fail() ? NULL : __real_realloc(ptr, size);
}

void *__wrap_reallocarray(void *ptr, size_t count, size_t size)
{
    return is_to_fail() ? NULL : __real_reallocarray(ptr, count, size);
}

/* NOLINTEND(bugprone-reserved-identifier) */
