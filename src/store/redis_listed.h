/**
 * The index of the records that record_is_listed(): kept by commits, read in steps. No I/O.
 *
 * It is a sorted set of their keys, all with the score 0, so that it is in the order of their bytes
 * (redis.io/docs/latest/commands/zrange, "Lexicographical ranges").
 */
#ifndef FOOTFALL_STORE_REDIS_LISTED_H
#define FOOTFALL_STORE_REDIS_LISTED_H

#include "base/strbuf.h"
#include "store/commit.h"
#include "store/redis_keys.h"

/** How many listed records are among those that a commit writes. */
struct redis_listed {
    size_t added; /* or written anew */
    size_t removed;
};

struct redis_listed redis_listed_count(const struct commit *commit);

/** Appends the keys of those that are added, then of those that are removed, as arguments. */
void redis_listed_put(struct strbuf *out, const struct commit *commit);

/**
 * Appends the command that reads the keys of a range.
 *
 * @param prefix  what they begin with; at least one byte
 * @param after   only those behind this one
 */
void redis_listed_encode(struct strbuf *out, const struct redis_prefix *shard, struct slice prefix,
                         struct slice after, size_t limit);

#endif
