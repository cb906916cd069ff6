/**
 * What a Redis Cluster says about who has which slot, as far as it concerns our shards. No I/O.
 *
 * CLUSTER SLOTS: redis.io/commands/cluster-slots. Redirections: redis.io/docs/reference/
 * cluster-spec, "Redirection and resharding".
 */
#ifndef FOOTFALL_STORE_REDIS_MAP_H
#define FOOTFALL_STORE_REDIS_MAP_H

#include "store/redis_reply.h"
#include "store/redis_url.h"

/** Clusters may be larger, but then we know only so many of their nodes. */
#define REDIS_MAP_MAX_NODES 128

struct redis_map_node {
    struct redis_address address;
    bool is_primary; /* of at least one slot; else a replica */
};

#define REDIS_MAP_NOBODY SIZE_MAX

struct redis_map {
    struct redis_map_node nodes[REDIS_MAP_MAX_NODES];
    size_t node_count;
    size_t owners[STORE_MAX_SHARDS]; /* of each shard: an index of `nodes`, or REDIS_MAP_NOBODY */
};

/**
 * Reads the reply to CLUSTER SLOTS.
 *
 * @param host   where it came from, for a node that does not know its own name
 * @param slots  of each shard
 * @return       ERR_INVALID: it is no such reply, or names nobody; `out` is of no use then
 */
enum err redis_map_read(struct redis_map *out, const struct redis_value *reply, const char *host,
                        const unsigned slots[static STORE_MAX_SHARDS]) MUST_CHECK;

enum redis_redirection_kind {
    REDIS_MOVED, /* the slot belongs to that node now */
    REDIS_ASK,   /* this once that node must be asked, with ASKING before */
};

struct redis_redirection {
    enum redis_redirection_kind kind;
    struct redis_address address;
};

/**
 * Reads "MOVED 3999 127.0.0.1:6381" or "ASK 3999 127.0.0.1:6381".
 *
 * @param host  where it came from: no host means the same one
 * @return      false: `error` is none of both
 */
bool redis_redirection_read(struct redis_redirection *out, struct slice error,
                            const char *host) MUST_CHECK;

#endif
