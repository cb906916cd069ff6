/**
 * A real Redis Cluster for tests: three primaries, each with a replica, on free ports of loopback.
 * What fails in here fails the test.
 */
#ifndef FOOTFALL_TESTS_REDIS_CLUSTER_H
#define FOOTFALL_TESTS_REDIS_CLUSTER_H

#include "support/redis_server.h"

#define REDIS_CLUSTER_PRIMARIES 3
#define REDIS_CLUSTER_NODES     6

struct redis_cluster {
    struct redis_server nodes[REDIS_CLUSTER_NODES]; /* the first three begin as primaries */
    const char *args[16];                           /* of each server */
    char url[128];                                  /* redis+cluster://… */
};

/**
 * Starts the servers, makes them a cluster, and waits until each of them says that it is well and
 * that the replicas are in step.
 *
 * @param args  further arguments of each server, NULL-terminated; NULL: none
 */
void redis_cluster_start(struct redis_cluster *cluster, const char *const *args);

/** kill -9 all, and their folders go too. */
void redis_cluster_remove(struct redis_cluster *cluster);

/** Empties all primaries, their caches of scripts, and their replicas. */
void redis_cluster_flush(struct redis_cluster *cluster);

/** The running node that all that run call the primary of the slot of `key`; NULL: not yet. */
struct redis_server *redis_cluster_agreed_primary(struct redis_cluster *cluster, const char *key);

/** The same; waits until they agree. */
struct redis_server *redis_cluster_primary_of(struct redis_cluster *cluster, const char *key);

/** A primary, not the one of the slot of `key`. */
struct redis_server *redis_cluster_other_primary(struct redis_cluster *cluster, const char *key);

/** The replica of a primary. */
struct redis_server *redis_cluster_replica_of(struct redis_cluster *cluster,
                                              struct redis_server *primary);

/**
 * From now on the replica of `primary` gets nothing any more from it, but can take over. Waits
 * until the primary has noticed.
 */
void redis_cluster_cut_off(struct redis_cluster *cluster, struct redis_server *primary);

/** Lets it follow again, whoever is primary now. */
void redis_cluster_let_follow(struct redis_server *replica);

/** Starts a killed node again on what it has kept. */
void redis_cluster_restart(struct redis_cluster *cluster, struct redis_server *node);

/** True when all nodes that run say that all is well, each primary with a replica in step. */
bool redis_cluster_is_well(struct redis_cluster *cluster);

/** Waits for that. */
void redis_cluster_wait_well(struct redis_cluster *cluster);

/** An integer asked of the primary that has the key: GET, EXISTS, STRLEN … */
int64_t redis_cluster_int(struct redis_cluster *cluster, const char *command, const char *key);

/** Moving the slot of `key`: announce it to both; move all of its keys; tell all that it is done.
 */
void redis_cluster_move_begin(struct redis_cluster *cluster, const char *key,
                              struct redis_server *from, struct redis_server *to);
bool redis_cluster_move_key(struct redis_cluster *cluster, const char *key,
                            struct redis_server *from, struct redis_server *to);
void redis_cluster_move_end(struct redis_cluster *cluster, const char *key,
                            struct redis_server *from, struct redis_server *to);

#endif
