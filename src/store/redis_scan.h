/**
 * A step of a scan as one call of redis_scan.lua, and its reply as a result. No I/O.
 */
#ifndef FOOTFALL_STORE_REDIS_SCAN_H
#define FOOTFALL_STORE_REDIS_SCAN_H

#include "base/strbuf.h"
#include "store/redis_reply.h"
#include "store/store.h"

/**
 * Appends the command.
 *
 * @param prefix     how all keys of the shard begin
 * @param cursor     of the step; empty: the first
 * @param total_key  the key of the default site's total; NULL or empty: the usual one
 */
void redis_scan_encode(struct strbuf *out, struct slice prefix, struct slice cursor,
                       const char *total_key);

/**
 * @param step    its arrays are in `arena`, its texts point into `reply`
 * @param detail  of ERR_UNAVAILABLE: the counter that holds no number
 * @return        ERR_INVALID with detail->text empty: the cursor is none; else: no reply of the
 *                script; ERR_UNAVAILABLE; ERR_NO_MEMORY
 */
enum err redis_scan_decode(struct scan_step *step, const struct redis_value *reply,
                           struct arena *arena, struct err_info *detail) MUST_CHECK;

#endif
