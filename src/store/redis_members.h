/**
 * The servers of a Redis Cluster that we are connected to: those that the url names at first, then
 * those that the cluster names, primaries and replicas.
 */
#ifndef FOOTFALL_STORE_REDIS_MEMBERS_H
#define FOOTFALL_STORE_REDIS_MEMBERS_H

#include "store/redis_map.h"
#include "store/redis_node.h"

struct redis_members;

struct redis_member {
    struct redis_node node; /* first: its events hand it back */
    struct redis_members *members;
    struct redis_address address;
    struct redis_prefix prefix; /* of a shard it has: commits are tried on that */
    bool is_in_map;             /* the newest map names it */
    bool is_primary;            /* by that map */
    unsigned shards;            /* how many it has, by the map or by redirections */
    int64_t kept_until_ms;      /* even when it is in no map and has no shard */
    bool is_closing;
    struct redis_member *next;
};

struct redis_members {
    struct redis_member *first; /* all that are not closed to the end */
    size_t count;               /* of those that are not closing */
    uv_loop_t *loop;
    struct redis_target target; /* of all of them, but for the address */
    struct redis_terms terms;
    struct redis_node_events events;
    void (*on_closed)(void *owner); /* set by redis_members_close() */
    void *owner;
};

/** @param events  of each node; on_closed is ours. Their owner is `owner`. */
void redis_members_init(struct redis_members *members, uv_loop_t *loop,
                        const struct redis_target *target, const struct redis_terms *terms,
                        const struct redis_node_events *events, void *owner);

/**
 * The member with this address; a new one begins to connect.
 *
 * @param kept_until_ms  it is not pruned before; 0: as soon as nothing speaks for it
 * @return  NULL: there are REDIS_MAP_MAX_NODES already, or no memory
 */
struct redis_member *redis_members_name(struct redis_members *members,
                                        const struct redis_address *address, int64_t kept_until_ms);

/** Closes those that are in no map, have no shard, are not kept, and have nothing under way. */
void redis_members_prune(struct redis_members *members, int64_t now_ms);

/** The first, or the one after `member`, that is not closing; NULL at the end. */
struct redis_member *redis_members_next(const struct redis_members *members,
                                        const struct redis_member *member);

/** Checks all that are connected, now. */
void redis_members_check(const struct redis_members *members);

/** Ends all; `on_closed` with the owner comes on the loop, or at once when there are none. */
void redis_members_close(struct redis_members *members, void (*on_closed)(void *owner));

#endif
