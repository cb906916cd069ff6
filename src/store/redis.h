/**
 * The Redis store: one server, over TCP, TLS or a unix socket. Redis Cluster is redis_cluster.h.
 *
 * A commit is one call of a Lua script that checks everything before its first write; see
 * redis_commit.lua, and redis_keys.h for what is kept where. Durability is the server's: it is
 * asked for its settings after each connect and each minute, and with `require=` in the url commits
 * are refused while they are not good enough. The process has to ignore SIGPIPE.
 *
 * A Redis user (ACL SETUSER) needs no more rights than these, and ~TOTAL-KEY when
 * FOOTFALL_REDIS_TOTAL_KEY names one. Whether it has them is tried after each connect, before the
 * first commit: a right that is missing in the midst of the script would leave half a commit.
 *
 *     ~footfall:* +select +eval +evalsha +mget +hmget +get +exists +hlen +zcard +incrby +hset
 *     +hincrby +set +expire +del +zadd +zrem +zremrangebyscore +info +config|get
 *
 * and +wait with `wait=` in the url. Lists of sites and statistics are read with +zrange +hgetall
 * +hscan, and dropped with +unlink. Whoever reads everything out (footfall db copy) needs +scan,
 * +hscan and +pttl besides.
 */
#ifndef FOOTFALL_STORE_REDIS_H
#define FOOTFALL_STORE_REDIS_H

#include "store/driver.h"

/** redis://, rediss:// and unix:, see redis_url.h; redis_url_check() is there too. */
store_open_fn redis_open;

#endif
