#include "store/redis_command.h"

/* "$", 20 digits, two line ends. */
#define FRAME_BYTES 25

/* Appends without looking: the caller has reserved. */
static void put(struct strbuf *buf, const char *bytes, size_t len)
{
    memcpy(buf->ptr + buf->len, bytes, len);
    buf->len += len;
}

static void put_length(struct strbuf *buf, char type, size_t length)
{
    char digits[20];

    buf->ptr[buf->len++] = type;
    put(buf, digits, format_int(digits, (int64_t)length));
    put(buf, "\r\n", 2);
}

void redis_command(struct strbuf *buf, size_t arg_count)
{
    if (strbuf_reserve(buf, FRAME_BYTES))
        put_length(buf, '*', arg_count);
}

char *redis_arg_space(struct strbuf *buf, size_t len)
{
    char *space;

    if (!strbuf_reserve(buf, len + FRAME_BYTES))
        return NULL;
    put_length(buf, '$', len);
    space = buf->ptr + buf->len;
    buf->len += len;
    put(buf, "\r\n", 2);
    return space;
}

void redis_arg2(struct strbuf *buf, struct slice first, struct slice second)
{
    char *space = redis_arg_space(buf, first.len + second.len);

    if (space && first.len > 0)
        memcpy(space, first.ptr, first.len);
    if (space && second.len > 0)
        memcpy(space + first.len, second.ptr, second.len);
}

void redis_arg(struct strbuf *buf, struct slice arg)
{
    redis_arg2(buf, arg, SLICE(""));
}

void redis_arg_int(struct strbuf *buf, int64_t number)
{
    char digits[20];

    redis_arg(buf, slice_of(digits, format_int(digits, number)));
}

void redis_command_of(struct strbuf *buf, const char *const *args, size_t arg_count)
{
    redis_command(buf, arg_count);
    for (size_t i = 0; i < arg_count; i++)
        redis_arg(buf, slice_str(args[i]));
}
