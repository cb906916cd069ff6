/**
 * Which node of a Redis Cluster has which shard: taken from the maps of the nodes and from
 * redirections, and whether commits can go there.
 */
#ifndef FOOTFALL_STORE_REDIS_TOPOLOGY_H
#define FOOTFALL_STORE_REDIS_TOPOLOGY_H

#include "store/redis_cluster_health.h"

struct redis_topology {
    struct redis_members members;
    struct redis_address seeds[REDIS_URL_MAX_NODES]; /* asked when no other node is left */
    size_t seed_count;
    struct redis_map map; /* being read */
    unsigned slots[STORE_MAX_SHARDS];
    struct redis_shard shards[STORE_MAX_SHARDS];
    unsigned first_shard;            /* with which the next map is taken */
    const struct redis_member *weak; /* a replica that keeps too little for commits to go on */
    uint64_t moves;                  /* of shards, from one node to another */
};

/** @param events  as in redis_members_init() */
void redis_topology_init(struct redis_topology *topology, uv_loop_t *loop,
                         const struct redis_url *url, const struct redis_terms *terms,
                         const struct redis_node_events *events, void *owner);

/** Makes the seeds members, unless another one is connected. */
void redis_topology_seed(struct redis_topology *topology);

bool redis_topology_is_any_ready(const struct redis_topology *topology);

/** Takes the reply to CLUSTER SLOTS of `node`, unless it is none or others know better. */
void redis_topology_take(struct redis_topology *topology, const struct redis_node *node,
                         const struct redis_value *slots, int64_t now_ms);

/**
 * Takes a redirection of something in `shard`.
 *
 * @return  the node it points to, which may not be connected; NULL: there are too many
 */
struct redis_member *redis_topology_follow(struct redis_topology *topology, unsigned shard,
                                           const struct redis_redirection *redirection,
                                           int64_t now_ms);

/** Looks at all shards, after anything that may have changed. True when commits can go to all. */
bool redis_topology_look(struct redis_topology *topology, int64_t now_ms);

/** Why an operation cannot be sent to its shard now; NULL: it can. */
const char *redis_topology_obstacle(const struct redis_topology *topology,
                                    const struct store_op *op);

#endif
