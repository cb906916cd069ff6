/**
 * Commands as Redis reads them: an array of bulk strings, appended to a buffer.
 *
 *     redis_command(buf, 2);          "*2\r\n"
 *     redis_arg(buf, SLICE("GET"));   "$3\r\nGET\r\n"
 *     redis_arg(buf, key);
 *
 * Exactly as many redis_arg… calls follow as were announced. RESP:
 * redis.io/docs/reference/protocol-spec
 */
#ifndef FOOTFALL_STORE_REDIS_COMMAND_H
#define FOOTFALL_STORE_REDIS_COMMAND_H

#include <stdint.h>

#include "base/slice.h"
#include "base/strbuf.h"

/** Begins a command of `arg_count` arguments, its name included. */
void redis_command(struct strbuf *buf, size_t arg_count);

void redis_arg(struct strbuf *buf, struct slice arg);

/** One argument out of two pieces. */
void redis_arg2(struct strbuf *buf, struct slice first, struct slice second);

/** One argument of `len` bytes, which the caller writes to where it says, before anything else is
 * appended; NULL: it does not fit. */
char *redis_arg_space(struct strbuf *buf, size_t len);

/** In decimal. */
void redis_arg_int(struct strbuf *buf, int64_t number);

/** A whole command out of `arg_count` C strings. */
void redis_command_of(struct strbuf *buf, const char *const *args, size_t arg_count);

#endif
