/**
 * The cluster store on a real cluster, with load on some of its shards.
 */
#ifndef FOOTFALL_TESTS_CLUSTER_FIXTURE_H
#define FOOTFALL_TESTS_CLUSTER_FIXTURE_H

#include "support/redis_cluster.h"
#include "support/store_load.h"

#define CLUSTER_TIMEOUT_MS 2000

struct cluster_fixture {
    struct test_loop loop;
    struct store_env env;
    struct store *store;
    struct store_load load;
    char key[32]; /* in the shard of the load's first site */
};

/** One for all tests of a program: each finds it well and empty, and has to leave it well. */
extern struct redis_cluster the_cluster;

/** Starts it, with files that are synced on each commit. */
void cluster_fixture_start(void);
void cluster_fixture_end(void);

/** For cmocka: a connected store, and one with `wait=1`. */
int cluster_fixture_set_up(void **state);
int cluster_fixture_set_up_waiting(void **state);
int cluster_fixture_tear_down(void **state);

/** Opens a store on the cluster; `query` stands behind its url. The fixture's own is left alone. */
struct store *cluster_fixture_open(struct cluster_fixture *f, const char *query);

/** Waits until the store is connected (1) or not (0). */
void cluster_fixture_wait(struct cluster_fixture *f, size_t connected);

/** Lets the load run for a while. */
void cluster_fixture_turn_for(struct cluster_fixture *f, int64_t ms);

/** Lets the load run until is_so(f, what). */
void cluster_fixture_run_until(struct cluster_fixture *f,
                               bool (*is_so)(struct cluster_fixture *f, const void *what),
                               const void *what);

/** For that: the cluster is well, whatever `nothing` is. */
bool cluster_fixture_is_well(struct cluster_fixture *f, const void *nothing);

/** Starts a killed node again. */
void cluster_fixture_restart(struct redis_server *node);

#endif
