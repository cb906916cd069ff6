/* The contract on a real Redis Cluster: on two of its shards, and with a replica to confirm. */
#include "support/redis_cluster.h"

#include <stdio.h>

#include "contract.h"
#include "support/cmocka.h"

static struct redis_cluster cluster;

static struct store *open_url(struct test_loop *loop, const char *url)
{
    struct store_env env = {
        .loop = &loop->uv, .timers = &loop->timers, .clock = &loop->clock, .timeout_ms = 10000};
    struct store *store = NULL;
    struct store_stats stats = {0};

    assert_int_equal(store_open(url, &env, &store, NULL), ERR_OK);
    while (stats.connected == 0) {
        test_loop_turn(loop);
        store_get_stats(store, &stats);
    }
    return store;
}

static struct store *open_second(struct test_loop *loop)
{
    return open_url(loop, cluster.url);
}

static struct store *open_first(struct test_loop *loop)
{
    redis_cluster_flush(&cluster);
    return open_second(loop);
}

static struct store *open_waiting_second(struct test_loop *loop)
{
    char url[160];

    (void)snprintf(url, sizeof(url), "%s?wait=1", cluster.url);
    return open_url(loop, url);
}

static struct store *open_waiting(struct test_loop *loop)
{
    redis_cluster_flush(&cluster);
    return open_waiting_second(loop);
}

int main(void)
{
    const struct subject subjects[] = {
        {.name = "redis cluster, shard 0",
         .open = open_first,
         .open_second = open_second,
         .has_real_clock = true},
        {.name = "redis cluster, shard 41, wait=1",
         .open = open_waiting,
         .open_second = open_waiting_second,
         .shard = 41,
         .has_real_clock = true},
    };
    int failed = 0;

    redis_cluster_start(&cluster, NULL);
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        failed += contract_run(&subjects[i]);
    redis_cluster_remove(&cluster);
    return failed;
}
