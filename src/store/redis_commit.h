/**
 * A commit as one call of redis_commit.lua, and its reply as a result. No I/O.
 */
#ifndef FOOTFALL_STORE_REDIS_COMMIT_H
#define FOOTFALL_STORE_REDIS_COMMIT_H

#include "base/strbuf.h"
#include "store/commit.h"
#include "store/redis_keys.h"
#include "store/redis_reply.h"
#include "store/redis_row_plan.h"

/** How the script is named in the command. */
enum redis_script_form {
    REDIS_BY_SHA,  /* EVALSHA: some bytes; Redis answers NOSCRIPT when it does not know it */
    REDIS_BY_TEXT, /* EVAL: the whole text, which Redis then keeps */
};

/** In which order the command names what a commit adds to. */
struct redis_commit_plan {
    struct redis_plan counters;
    struct redis_row_plan rows;
};

/** Plans the additions of `commit`; otherwise as redis_plan_make(). ERR_NO_MEMORY. */
enum err redis_commit_plan(struct redis_commit_plan *plan, const struct commit *commit,
                           const struct redis_prefix *prefix, const char *total_key,
                           struct arena *arena) MUST_CHECK;

/** Appends the command that makes a writer known with `number`, or raises its number to that; it
 * answers OK, or nil when there was nothing to do. */
void redis_register_encode(struct strbuf *out, struct slice writer_key, uint64_t number);

/** What a commit that was here before leaves behind. */
enum redis_repeat {
    REDIS_REPEAT_READS,  /* nothing */
    REDIS_REPEAT_WRITES, /* a write of what was there, so that a WAIT behind it waits for that */
};

/** Appends the command; that it did not fit says `out`. */
void redis_commit_encode(struct strbuf *out, const struct commit *commit,
                         const struct redis_commit_plan *plan, enum redis_script_form form,
                         enum redis_repeat repeat);

/**
 * Reads the reply to a commit, which is no error reply.
 *
 * @param result  its totals and records are in `arena`, and point into `reply`
 * @param detail  room for the detail of a refusal
 * @return        ERR_INVALID: no reply of our script to this commit; ERR_NO_MEMORY
 */
enum err redis_commit_decode(struct commit_result *result, const struct commit *commit,
                             const struct redis_commit_plan *plan, const struct redis_value *reply,
                             struct arena *arena, struct err_info *detail) MUST_CHECK;

/** Reads a record out of the value of its key; `reply` is a string or nil. */
struct record redis_record_decode(struct slice key, const struct redis_value *reply);

/** Reads an integer that takes up all of `text`. */
bool redis_parse_int(struct slice text, int64_t *out) MUST_CHECK;

#endif
