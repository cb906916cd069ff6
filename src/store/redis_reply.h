/**
 * Replies of Redis (RESP2) as values: pure parsing on hiredis' reader, no I/O.
 *
 *     bytes, in pieces -> redis_reader_feed() -> redis_reader_next() … until REDIS_READ_MORE
 *
 * What the server may send is bounded: depth, elements, bytes of one text and of one reply. A
 * reply beyond is as bad as one that is malformed.
 */
#ifndef FOOTFALL_STORE_REDIS_REPLY_H
#define FOOTFALL_STORE_REDIS_REPLY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

struct redisReader;

enum redis_type { REDIS_STRING, REDIS_STATUS, REDIS_ERROR, REDIS_INTEGER, REDIS_NIL, REDIS_ARRAY };

struct redis_value {
    enum redis_type type;
    struct slice text;            /* of a string, status or error */
    int64_t integer;              /* of an integer */
    struct redis_value *elements; /* of an array */
    size_t count;
};

struct redis_reader {
    struct redisReader *parser;
    struct arena arena; /* the values of the reply being read */
};

/** ERR_NO_MEMORY. */
enum err redis_reader_init(struct redis_reader *reader) MUST_CHECK;

/** Fine on a zeroed one. */
void redis_reader_fini(struct redis_reader *reader);

/** Takes what came; copied. False: out of memory, or one text is over the limit. */
bool redis_reader_feed(struct redis_reader *reader, struct slice bytes) MUST_CHECK;

enum redis_read {
    REDIS_READ_REPLY, /* here is one */
    REDIS_READ_MORE,  /* none is complete yet */
    REDIS_READ_BROKEN /* this is not RESP2 within the limits; the reader is of no use any more */
};

/** @param out  valid until the next call of redis_reader_next() */
enum redis_read redis_reader_next(struct redis_reader *reader, const struct redis_value **out);

/** Copies a value into `arena`; arrays of plain values only. ERR_NO_MEMORY. */
enum err redis_value_dup(struct redis_value *out, const struct redis_value *value,
                         struct arena *arena) MUST_CHECK;

#endif
