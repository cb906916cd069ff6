/**
 * Where things are in Redis. All keys begin with `footfall:`, but for the total of the default site
 * when struct store_env names another one.
 *
 *     footfall:writer:ID       string: number of its last commit (16 hex digits), then the result
 *     footfall:record:KEY      string: version (8 bytes), then the value; expires by itself
 *     footfall:listed          sorted set: the keys of the records that record_is_listed(), in the
 *                              order of their bytes; some of records that expired
 *     footfall:total:SITE      string: a number in decimal, as INCR has it
 *     footfall:page:SITE       hash: path -> number in decimal
 *     footfall:rollup:SITE:…   hashes of rollups, one a list (redis_row.h)
 *     footfall:within:SITE:…   likewise, of those within pages
 *     footfall:lists:SITE      sorted set: the keys of the site's lists by their bucket; some of
 *                              lists of minutes that ended
 *     footfall:name:SITE       hash: number of a value (8 bytes) -> its text; "t" and that number
 *                              -> its title
 *
 * In a cluster they begin with `footfall:{NN}:`, NN being the shard in two digits: the hash tag
 * puts all keys of a shard into one slot (redis_slot.h).
 *
 * Which counters are strings and which are fields of a hash is said by one table, by dimension.
 */
#ifndef FOOTFALL_STORE_REDIS_KEYS_H
#define FOOTFALL_STORE_REDIS_KEYS_H

#include "base/arena.h"
#include "base/err.h"
#include "store/commit.h"

/** How all keys of a shard begin: "footfall:", or "footfall:{07}:". */
struct redis_prefix {
    char text[16];
    size_t len;
};

/** Of a server that is alone. */
struct redis_prefix redis_prefix_alone(void);

/** Of a shard, below STORE_MAX_SHARDS, of a cluster. */
struct redis_prefix redis_prefix_of_shard(unsigned shard);

/** The longest key of a writer: prefix, "writer:" and 32 hex digits. */
#define REDIS_WRITER_KEY_BYTES (16 + 7 + 32)

/** Writes the key of `writer`. */
struct slice redis_writer_key(const struct redis_prefix *prefix, const struct writer_id *writer,
                              char out[static REDIS_WRITER_KEY_BYTES]);

#define REDIS_RECORD_PREFIX_BYTES (16 + 7)

/** Writes what stands before the keys of records. */
struct slice redis_record_prefix(const struct redis_prefix *prefix,
                                 char out[static REDIS_RECORD_PREFIX_BYTES]);

/** Writes the key of the index of listed records. */
struct slice redis_listed_key(const struct redis_prefix *prefix,
                              char out[static REDIS_RECORD_PREFIX_BYTES]);

/** The key on which rights are tried (redis_probe.lua); as long as a prefix of records. */
struct slice redis_probe_key(const struct redis_prefix *prefix,
                             char out[static REDIS_RECORD_PREFIX_BYTES]);

/** The longest key of what a site has one of: prefix, a name of at most 6 bytes, site. */
#define REDIS_SITE_KEY_BYTES (16 + 6 + COUNTER_MAX_SITE)

/**
 * The key of a site's total.
 *
 * @param total_key  that of the default site; NULL or empty: the usual one
 * @param out        room for the usual one
 */
struct slice redis_total_key(const struct redis_prefix *prefix, struct slice site,
                             const char *total_key, char out[static REDIS_SITE_KEY_BYTES]);

/** Writes the key of the pages of a site. */
struct slice redis_pages_key(const struct redis_prefix *prefix, struct slice site,
                             char out[static REDIS_SITE_KEY_BYTES]);

/** Writes the key of the names of a site. */
struct slice redis_names_key(const struct redis_prefix *prefix, struct slice site,
                             char out[static REDIS_SITE_KEY_BYTES]);

/** Writes the key of a site's index of lists. */
struct slice redis_lists_key(const struct redis_prefix *prefix, struct slice site,
                             char out[static REDIS_SITE_KEY_BYTES]);

/** Fields of one hash that are read and written by one command. All have the same cap. */
struct redis_group {
    struct slice key;
    uint32_t cap;
    size_t first; /* place in struct redis_plan's order */
    size_t count; /* at most REDIS_GROUP_MAX */
};

/** A group's HSET takes two arguments a field, and Lua passes no more than 8,000. */
#define REDIS_GROUP_MAX 3000

/**
 * Counters in the order in which commands name them: those that are strings first, then group by
 * group. Within the strings and within a hash they keep the order they had, on which it hangs what
 * a cap keeps out.
 */
struct redis_plan {
    struct redis_prefix prefix;
    size_t *order; /* of all counters: their indices */
    size_t count;
    struct slice *string_keys; /* of the first string_count in `order` */
    size_t string_count;
    struct redis_group *groups;
    size_t group_count;
};

/** The i-th counter of what is planned, and the cap of its addition; 0: none, or no addition.
 * Strings need none: there is one a site. */
typedef const struct counter *redis_counter_fn(const void *counters, size_t i, uint32_t *cap);

/**
 * Plans `count` counters.
 *
 * @param counters   read through `at` during the call; their texts are borrowed by the plan
 * @param prefix     of their shard
 * @param total_key  the key of the default site's total; NULL or empty: the usual one; borrowed
 * @param arena      holds the plan
 * @return           ERR_NO_MEMORY
 */
enum err redis_plan_make(struct redis_plan *plan, const void *counters, redis_counter_fn *at,
                         size_t count, const struct redis_prefix *prefix, const char *total_key,
                         struct arena *arena) MUST_CHECK;

#endif
