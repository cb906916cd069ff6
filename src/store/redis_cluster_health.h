/**
 * What a Redis Cluster as a whole is good for, out of what is known about its nodes. No I/O.
 */
#ifndef FOOTFALL_STORE_REDIS_CLUSTER_HEALTH_H
#define FOOTFALL_STORE_REDIS_CLUSTER_HEALTH_H

#include "store/redis_members.h"

/** Where a shard is. */
struct redis_shard {
    struct redis_member *member; /* its primary; NULL: nobody says who that is */
    int64_t unfit_since_ms;      /* TIMER_NEVER while commits can go there */
};

/** Why an operation of this kind cannot be sent to the shard now, in a sentence; NULL: it can. */
const char *redis_shard_obstacle(const struct redis_shard *shard, enum store_op_kind kind);

/** A replica that keeps less than `require` asks for: who loses its primary goes on there. */
const struct redis_member *redis_cluster_weak_replica(const struct redis_members *members);

/** True when every member has been looked at, or cannot be. */
bool redis_cluster_is_settled(const struct redis_members *members);

/** @param shards  STORE_MAX_SHARDS of them */
void redis_cluster_judge(const struct redis_members *members, const struct redis_shard *shards,
                         struct store_health *out);

#endif
