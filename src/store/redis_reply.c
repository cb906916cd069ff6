#include "store/redis_reply.h"

#include <hiredis/read.h>

#include "store/store.h"

/* The largest text we ask for is the stored result of a commit: COMMIT_MAX_ADDITIONS totals of at
 * most 21 bytes. INFO has some kilobytes, a record 16 KiB. */
#define MAX_TEXT_BYTES ((size_t)1 << 20)

/* The largest read has one for each of STORE_MAX_READ keys, the largest step of a query two for
 * each of some thousand rows. But a hash that Redis keeps in one piece comes as a whole whatever is
 * asked for, and how large such a one may be is a setting. */
#define MAX_ELEMENTS 65536

/* A full read of the largest records, their keys aside. */
#define MAX_REPLY_BYTES ((size_t)STORE_MAX_READ * (RECORD_MAX_VALUE + 256))

#define CHUNK_BYTES     4096

_Static_assert(COMMIT_MAX_ADDITIONS * 21 + 1 < MAX_TEXT_BYTES, "a stored result fits");
_Static_assert(STORE_MAX_READ <= MAX_ELEMENTS, "the records of a read fit");
_Static_assert(COMMIT_MAX_WRITES <= MAX_ELEMENTS, "the records of a conflict fit");

/* hiredis hands the values over one by one, an array before its elements. NULL means no memory to
 * it; for us also "over the limit". */
static struct redis_value *value_place(const redisReadTask *task, enum redis_type type)
{
    struct redis_reader *reader = task->privdata;
    struct redis_value *value;

    if (task->parent)
        value = &((struct redis_value *)task->parent->obj)->elements[task->idx];
    else
        value = arena_alloc(&reader->arena, sizeof(*value));
    if (value)
        *value = (struct redis_value){.type = type};
    return value;
}

static void *on_text(const redisReadTask *task, char *bytes, size_t len)
{
    struct redis_reader *reader = task->privdata;
    struct redis_value *value = value_place(task, REDIS_STRING);

    if (!value || len > MAX_TEXT_BYTES)
        return NULL;
    if (task->type == REDIS_REPLY_STATUS)
        value->type = REDIS_STATUS;
    if (task->type == REDIS_REPLY_ERROR)
        value->type = REDIS_ERROR;
    value->text = arena_dup(&reader->arena, slice_of(bytes, len));
    return value->text.ptr ? value : NULL;
}

static void *on_array(const redisReadTask *task, int count)
{
    struct redis_reader *reader = task->privdata;
    struct redis_value *value;

    if (count < 0 || count > MAX_ELEMENTS)
        return NULL;
    value = value_place(task, REDIS_ARRAY);
    if (!value)
        return NULL;
    value->count = (size_t)count;
    value->elements = arena_alloc(&reader->arena, value->count * sizeof(*value->elements));
    return value->elements ? value : NULL;
}

static void *on_integer(const redisReadTask *task, long long integer)
{
    struct redis_value *value = value_place(task, REDIS_INTEGER);

    if (value)
        value->integer = integer;
    return value;
}

static void *on_nil(const redisReadTask *task)
{
    return value_place(task, REDIS_NIL);
}

/* The arena frees. */
static void on_free(void *value)
{
    (void)value;
}

enum err redis_reader_init(struct redis_reader *reader)
{
    static redisReplyObjectFunctions functions = {
        .createString = on_text,
        .createArray = on_array,
        .createInteger = on_integer,
        .createNil = on_nil,
        .freeObject = on_free,
    };

    *reader = (struct redis_reader){.parser = redisReaderCreateWithFunctions(&functions)};
    if (!reader->parser)
        return ERR_NO_MEMORY;
    reader->parser->privdata = reader;
    arena_init(&reader->arena, CHUNK_BYTES, MAX_REPLY_BYTES);
    return ERR_OK;
}

void redis_reader_fini(struct redis_reader *reader)
{
    if (reader->parser)
        redisReaderFree(reader->parser);
    arena_fini(&reader->arena);
    *reader = (struct redis_reader){0};
}

bool redis_reader_feed(struct redis_reader *reader, struct slice bytes)
{
    const redisReader *parser = reader->parser;

    /* What the parser holds back is one text that is not complete yet. */
    return parser->len - parser->pos <= MAX_TEXT_BYTES + bytes.len &&
           redisReaderFeed(reader->parser, bytes.ptr, bytes.len) == REDIS_OK;
}

enum redis_read redis_reader_next(struct redis_reader *reader, const struct redis_value **out)
{
    void *reply = NULL;

    /* The parser keeps the values of an incomplete reply between two calls. */
    if (reader->parser->ridx == -1)
        arena_reset(&reader->arena);
    if (redisReaderGetReply(reader->parser, &reply) != REDIS_OK)
        return REDIS_READ_BROKEN;
    if (!reply)
        return REDIS_READ_MORE;
    *out = reply;
    return REDIS_READ_REPLY;
}

static enum err dup_text(struct redis_value *out, const struct redis_value *value,
                         struct arena *arena)
{
    *out = *value;
    if (value->text.ptr)
        out->text = arena_dup(arena, value->text);
    return !value->text.ptr || out->text.ptr ? ERR_OK : ERR_NO_MEMORY;
}

enum err redis_value_dup(struct redis_value *out, const struct redis_value *value,
                         struct arena *arena)
{
    struct redis_value copy;
    enum err err = dup_text(&copy, value, arena);

    if (err == ERR_OK && value->type == REDIS_ARRAY) {
        copy.elements = arena_alloc(arena, (value->count + 1) * sizeof(*copy.elements));
        err = copy.elements ? ERR_OK : ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < value->count && err == ERR_OK; i++)
        err = dup_text(&copy.elements[i], &value->elements[i], arena);
    if (err == ERR_OK)
        *out = copy;
    return err;
}
