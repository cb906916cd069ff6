/* The cluster store on a real cluster: what it says about itself, slots that move under load, lost
 * connections, a cluster that is gone. */
#include "store/redis_cluster.h"

#include <stdio.h>
#include <stdlib.h>

#include "calls.h"
#include "cluster_fixture.h"
#include "support/cmocka.h"

/* ---- what it says about itself -------------------------------------------------------------- */

static bool has_finding(const struct store_health *health, const char *words)
{
    for (size_t i = 0; i < health->finding_count; i++) {
        if (strstr(health->findings[i].problem, words))
            return true;
    }
    return false;
}

static void test_the_weakest_node_counts(void **state)
{
    struct cluster_fixture *f = *state;
    struct redis_server *replica;
    struct store_health health = call_check(&f->loop, f->store);

    assert_true(health.reachable && health.sufficient);
    assert_int_equal(health.durability, DURABILITY_RELAXED); /* a fail-over may lose something */
    assert_true(has_finding(&health, "fail-over"));
    store_close(f->store);
    f->store = cluster_fixture_open(f, "?wait=1&require=strict");
    cluster_fixture_wait(f, 1);
    health = call_check(&f->loop, f->store);
    assert_int_equal(health.durability, DURABILITY_STRICT);
    assert_int_equal(health.finding_count, 0);
    replica =
        redis_cluster_replica_of(&the_cluster, redis_cluster_primary_of(&the_cluster, f->key));
    redis_server_do(replica, "CONFIG SET appendfsync no");
    health = call_check(&f->loop, f->store);
    assert_int_equal(health.durability, DURABILITY_LOSSY);
    assert_false(health.sufficient);
    assert_true(has_finding(&health, "appendfsync is no"));
    assert_non_null(strstr(health.reason, "replica"));
    cluster_fixture_wait(f, 0);
    redis_server_do(replica, "CONFIG SET appendfsync always");
    cluster_fixture_wait(f, 1);
}

static void test_a_total_of_another_program_must_be_in_the_slot_of_the_default_site(void **state)
{
    struct cluster_fixture *f = *state;
    struct store_env env = f->env;
    struct counter total = {SLICE("default"), DIMENSION_TOTAL, SLICE("")};
    struct store *store = NULL;
    struct err_info info;
    char key[64];
    unsigned shard = store_shard_of(f->store, SLICE("default"));

    env.redis_total_key = "visitorCounter";
    assert_int_equal(store_open(the_cluster.url, &env, &store, &info), ERR_CONFIG);
    (void)snprintf(key, sizeof(key), "{%02u}visitorCounter", shard);
    assert_non_null(strstr(info.text, key));
    env.redis_total_key = key;
    assert_int_equal(store_open(the_cluster.url, &env, &store, &info), ERR_OK);
    store_close(f->store);
    f->store = store;
    cluster_fixture_wait(f, 1);
    redis_server_do(redis_cluster_primary_of(&the_cluster, key), "SET %s 41", key);
    calls_use_shard(shard);
    assert_int_equal(call_total(&f->loop, store, &total), 41);
    for (unsigned i = 0; i < STORE_MAX_SHARDS; i++) {
        struct contents contents;

        calls_use_shard(i);
        contents_read(&contents, &f->loop, store);
        assert_int_equal(contents.items.count, i == shard ? 1 : 0);
        contents_fini(&contents);
    }
    calls_use_shard(0);
}

static void test_one_kind_of_url_for_the_other_is_found_out(void **state)
{
    struct cluster_fixture *f = *state;
    struct redis_server alone;
    struct store_health health;
    char url[64];

    store_close(f->store);
    (void)snprintf(url, sizeof(url), "redis://127.0.0.1:%u", the_cluster.nodes[0].port);
    assert_int_equal(store_open(url, &f->env, &f->store, NULL), ERR_OK);
    do
        health = call_check(&f->loop, f->store);
    while (!health.reachable);
    assert_false(health.sufficient);
    assert_true(has_finding(&health, "belongs to a cluster") || has_finding(&health, "replica"));
    store_close(f->store);

    redis_server_start(&alone, NULL);
    (void)snprintf(url, sizeof(url), "redis+cluster://127.0.0.1:%u", alone.port);
    assert_int_equal(store_open(url, &f->env, &f->store, NULL), ERR_OK);
    do
        health = call_check(&f->loop, f->store);
    while (!health.reachable);
    assert_false(health.sufficient);
    assert_true(has_finding(&health, "is no cluster"));
    redis_server_remove(&alone);
}

/* ---- slots on the move ---------------------------------------------------------------------- */

/* Moves the slot of the first site. While no key is missing anywhere hits go on: at first at the
 * old node, then, by ASK, at the new one. */
static void move_slot(struct cluster_fixture *f)
{
    struct redis_server *from = redis_cluster_primary_of(&the_cluster, f->key);
    struct redis_server *to = redis_cluster_other_primary(&the_cluster, f->key);
    uint64_t confirmed;

    store_load_run(&f->load, 5);
    redis_cluster_move_begin(&the_cluster, f->key, from, to);
    cluster_fixture_turn_for(f, 20);
    while (redis_cluster_move_key(&the_cluster, f->key, from, to))
        cluster_fixture_turn_for(f, 5);
    if (!f->load.has_ids) {
        confirmed = f->load.sites[0].confirmed;
        cluster_fixture_turn_for(f, 200);
        assert_true(f->load.sites[0].confirmed > confirmed);
    }
    redis_cluster_move_end(&the_cluster, f->key, from, to);
    store_load_run(&f->load, 5);
}

static void test_nobody_is_turned_away_while_a_slot_moves(void **state)
{
    struct cluster_fixture *f = *state;
    struct writer_stats stats;

    for (int round = 0; round < 4; round++) {
        f->load.has_ids = round % 2 == 1;
        move_slot(f);
    }
    store_load_check(&f->load);
    stats = store_load_stats(&f->load);
    assert_int_equal(store_load_refused(&f->load), 0);
    assert_int_equal(stats.retries, 0);
    assert_int_equal(stats.lost_commits, 0);
}

/* ---- everything gone ------------------------------------------------------------------------ */

static void test_losing_all_connections_again_and_again_loses_no_hit(void **state)
{
    struct cluster_fixture *f = *state;
    struct store_stats stats;

    for (int round = 0; round < 10; round++) {
        store_load_run(&f->load, 3);
        for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++)
            redis_server_do(&the_cluster.nodes[i], "CLIENT KILL TYPE normal");
    }
    store_load_check(&f->load);
    store_get_stats(f->store, &stats);
    assert_true(stats.reconnects >= REDIS_CLUSTER_NODES);
    assert_int_equal(store_load_stats(&f->load).lost_commits, 0);
}

static void test_a_cluster_that_was_gone_as_a_whole_is_found_again(void **state)
{
    struct cluster_fixture *f = *state;

    store_load_run(&f->load, 10);
    for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++)
        redis_server_kill(&the_cluster.nodes[i]);
    for (int i = 0; i < 100; i++)
        store_load_turn(&f->load);
    cluster_fixture_wait(f, 0);
    for (size_t i = 0; i < REDIS_CLUSTER_NODES; i++)
        cluster_fixture_restart(&the_cluster.nodes[i]);
    store_load_run(&f->load, 10);
    cluster_fixture_run_until(f, cluster_fixture_is_well, NULL);
    store_load_check(&f->load);
    assert_int_equal(store_load_stats(&f->load).lost_commits, 0);
}

static void test_slots_without_a_node_refuse_at_once_after_a_while(void **state)
{
    struct cluster_fixture *f = *state;
    struct redis_server *primary = redis_cluster_primary_of(&the_cluster, f->key);
    struct redis_server *replica = redis_cluster_replica_of(&the_cluster, primary);
    struct store_health health;
    uint64_t refused;

    redis_server_kill(replica);
    redis_server_kill(primary);
    cluster_fixture_wait(f, 0);
    cluster_fixture_turn_for(f, CLUSTER_TIMEOUT_MS + 100);
    health = call_check(&f->loop, f->store);
    assert_true(health.reachable);
    assert_false(health.sufficient);
    assert_non_null(strstr(health.reason, "parts of the counts"));
    refused = f->load.sites[0].refused;
    cluster_fixture_turn_for(f, 100);
    assert_true(f->load.sites[0].refused > refused + 1);
    cluster_fixture_restart(primary);
    cluster_fixture_restart(replica);
    store_load_run(&f->load, 5);
    cluster_fixture_run_until(f, cluster_fixture_is_well, NULL);
    store_load_check(&f->load);
}

#define CASE(test_)                                                                                \
    cmocka_unit_test_setup_teardown(test_, cluster_fixture_set_up, cluster_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_weakest_node_counts),
        CASE(test_a_total_of_another_program_must_be_in_the_slot_of_the_default_site),
        CASE(test_one_kind_of_url_for_the_other_is_found_out),
        CASE(test_nobody_is_turned_away_while_a_slot_moves),
        CASE(test_losing_all_connections_again_and_again_loses_no_hit),
        CASE(test_slots_without_a_node_refuse_at_once_after_a_while),
        CASE(test_a_cluster_that_was_gone_as_a_whole_is_found_again),
    };
    int failed;

    cluster_fixture_start();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_fixture_end();
    return failed;
}
