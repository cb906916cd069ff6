/**
 * Reads of records and counters as commands, and their replies as results. No I/O.
 */
#ifndef FOOTFALL_STORE_REDIS_READ_H
#define FOOTFALL_STORE_REDIS_READ_H

#include "base/strbuf.h"
#include "store/redis_keys.h"
#include "store/redis_reply.h"

/** Appends the one command that reads `count` > 0 records of the shard with `prefix`. */
void redis_read_encode(struct strbuf *out, const struct redis_prefix *prefix,
                       const struct slice *keys, size_t count);

/**
 * @param records  room for `count`; they point into `reply` and to `keys`
 * @return         ERR_INVALID: no reply to that command
 */
enum err redis_read_decode(struct record *records, const struct slice *keys, size_t count,
                           const struct redis_value *reply) MUST_CHECK;

/** Appended before each command: nothing, or ASKING (see redis_op.h), which is a command too. */
enum redis_asking { REDIS_NOT_ASKING, REDIS_ASKING };

/** Appends the commands that read the planned counters; returns how many they are, without ASKING.
 */
size_t redis_totals_encode(struct strbuf *out, const struct counter *counters,
                           const struct redis_plan *plan, enum redis_asking asking);

/**
 * Reads the reply to the command number `step`, from 0.
 *
 * @param totals  those of the counters that this command read are filled in
 * @param detail  of ERR_UNAVAILABLE: the key that holds no number
 * @return        ERR_INVALID: no reply to that command; ERR_UNAVAILABLE
 */
enum err redis_totals_decode(int64_t *totals, const struct redis_plan *plan, size_t step,
                             const struct redis_value *reply, struct err_info *detail) MUST_CHECK;

#endif
