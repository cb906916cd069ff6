/* Cookies: what is found lies in the field and may stand in one, and is found again when it is set.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "http/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAME SLICE("id")

/* The value goes through Set-Cookie, a browser and Cookie. */
static void check_round_trip(struct slice value)
{
    const size_t start = sizeof("Set-Cookie: ") - 1;
    struct strbuf out;
    struct slice again;

    strbuf_init(&out, value.len + 256);
    cookie_append_set(&out, &(struct cookie){.name = NAME, .value = value, .http_only = true});
    assert(!out.failed && out.len > start + 2);
    assert(!memchr(out.ptr, '\r', out.len - 2) && !memchr(out.ptr, '\n', out.len - 2));
    assert(cookie_find(slice_of(out.ptr + start, out.len - start - 2), NAME, &again));
    assert(slice_eq(again, value));
    strbuf_fini(&out);
}

/* Two fields joined: the name is there twice. */
static void check_twice(struct slice field)
{
    struct strbuf joined;
    struct slice value;

    strbuf_init(&joined, 2 * field.len + 2);
    strbuf_append(&joined, field);
    strbuf_append(&joined, SLICE("; "));
    strbuf_append(&joined, field);
    assert(!joined.failed && !cookie_find(strbuf_slice(&joined), NAME, &value));
    strbuf_fini(&joined);
}

/* Bytes that are no cookie of ours may be set as one only if they can be read again. */
static void check_setting(struct slice value)
{
    struct strbuf out;

    strbuf_init(&out, value.len + 256);
    cookie_append_set(&out, &(struct cookie){.name = NAME, .value = value});
    if (!out.failed)
        check_round_trip(value);
    strbuf_fini(&out);
    strbuf_init(&out, value.len + 256);
    cookie_append_set(&out, &(struct cookie){.name = value, .value = SLICE("1"), .secure = true});
    assert(out.failed ||
           (!memchr(value.ptr, ';', value.len) && !memchr(value.ptr, '=', value.len)));
    strbuf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size); /* of its own, so that a read behind its end is seen */
    struct slice field = slice_of(copy, size);
    struct slice value;

    if (size > 0)
        memcpy(copy, data, size);
    if (cookie_find(field, NAME, &value)) {
        assert(value.ptr >= field.ptr && value.ptr + value.len <= field.ptr + field.len);
        check_round_trip(value);
        check_twice(field);
    }
    check_setting(field);
    free(copy);
    return 0;
}
