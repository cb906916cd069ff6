/**
 * The Redis Cluster store: redis+cluster:// and, over TLS, rediss+cluster://.
 *
 * It has STORE_MAX_SHARDS shards. All keys of one carry the same hash tag, so they are in one slot,
 * on one primary, where a commit is the same script as on a single server (redis.h).
 *
 * Who has which slot is asked from every node after each connect, each minute, whenever a node
 * sends us elsewhere (MOVED), and in short steps while a shard has no primary that is fit for
 * commits. What was certainly not carried out (a redirection, a slot on the move, a fail-over in
 * progress) is tried again until three quarters of its deadline are over, and then refused; so
 * nobody is turned away because slots move. What may have been carried out is unknown, as always,
 * and the writer sends it again: to the new primary after a fail-over.
 *
 * Redis replicates asynchronously: a fail-over can lose what was confirmed last. With wait=N the
 * answer waits for N replicas (redis_op.h).
 *
 * A Redis user needs the rights listed in redis.h, and
 *
 *     +cluster|info +cluster|slots +asking
 */
#ifndef FOOTFALL_STORE_REDIS_CLUSTER_H
#define FOOTFALL_STORE_REDIS_CLUSTER_H

#include "store/driver.h"

/** See redis_url.h; redis_url_check() is there too. */
store_open_fn redis_cluster_open;

#endif
