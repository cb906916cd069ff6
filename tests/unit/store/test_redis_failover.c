/* The cluster store on a real cluster under load, while nodes die: each hit is counted once, and
 * none that was confirmed is missing. */

#include "cluster_fixture.h"
#include "support/cmocka.h"

static bool has_other_primary(struct cluster_fixture *f, const void *old)
{
    const struct redis_server *primary = redis_cluster_agreed_primary(&the_cluster, f->key);

    return primary && primary != old;
}

static void kill_and_go_on(struct cluster_fixture *f, struct redis_server *victim,
                           struct redis_server *replica)
{
    redis_server_kill(victim);
    cluster_fixture_run_until(f, has_other_primary, victim);
    redis_cluster_let_follow(replica);
    cluster_fixture_restart(victim);
    store_load_run(&f->load, 30);
    cluster_fixture_run_until(f, cluster_fixture_is_well, NULL);
}

static void kill_a_primary(struct cluster_fixture *f)
{
    struct redis_server *victim = redis_cluster_primary_of(&the_cluster, f->key);

    store_load_run(&f->load, 30);
    kill_and_go_on(f, victim, redis_cluster_replica_of(&the_cluster, victim));
}

/* What the primary takes now its replica never gets. */
static void kill_a_primary_whose_replica_lags(struct cluster_fixture *f)
{
    struct redis_server *victim = redis_cluster_primary_of(&the_cluster, f->key);
    struct redis_server *replica = redis_cluster_replica_of(&the_cluster, victim);

    store_load_run(&f->load, 5);
    store_load_settle(&f->load); /* what is under way might have reached it */
    redis_cluster_cut_off(&the_cluster, victim);
    /* Longer than a WAIT lasts: whoever believed its end would confirm something here. */
    cluster_fixture_turn_for(f, CLUSTER_TIMEOUT_MS);
    kill_and_go_on(f, victim, replica);
}

static void test_a_killed_primary_is_replaced_and_each_hit_counted_once(void **state)
{
    struct cluster_fixture *f = *state;

    kill_a_primary(f);
    store_load_check(&f->load);
}

/* No hit comes after the last that is lost: it is found missing all the same, and replayed. */
static void test_what_a_lagging_replica_lacks_is_noticed_and_replayed(void **state)
{
    struct cluster_fixture *f = *state;
    struct redis_server *victim = redis_cluster_primary_of(&the_cluster, f->key);
    struct redis_server *replica = redis_cluster_replica_of(&the_cluster, victim);
    int64_t until_ms;

    store_load_run(&f->load, 5);
    redis_cluster_cut_off(&the_cluster, victim);
    store_load_run(&f->load, 20);
    store_load_settle(&f->load);
    redis_server_kill(victim);
    until_ms = clock_mono_ms(&f->loop.clock) + 30000;
    while (store_load_stats(&f->load).replayed < 20) {
        assert_true(clock_mono_ms(&f->loop.clock) < until_ms);
        test_loop_turn(&f->loop);
    }
    redis_cluster_let_follow(replica);
    cluster_fixture_restart(victim);
    store_load_run(&f->load, 5);
    cluster_fixture_run_until(f, cluster_fixture_is_well, NULL);
    store_load_check(&f->load);
    assert_true(store_load_stats(&f->load).went_back > 0);
    assert_int_equal(store_load_stats(&f->load).lost_commits, 0);
}

static void test_what_a_replica_confirmed_is_not_lost_with_its_primary(void **state)
{
    struct cluster_fixture *f = *state;
    struct writer_stats stats;

    kill_a_primary_whose_replica_lags(f);
    store_load_check(&f->load);
    stats = store_load_stats(&f->load);
    assert_int_equal(stats.went_back, 0);
    assert_int_equal(stats.lost_commits, 0);
    assert_int_equal(stats.replaced, 0);
}

static void test_a_silent_primary_is_replaced(void **state)
{
    struct cluster_fixture *f = *state;
    struct redis_server *silent = redis_cluster_primary_of(&the_cluster, f->key);
    int64_t until_ms = clock_mono_ms(&f->loop.clock) + 30000;
    struct store_stats stats;

    store_load_run(&f->load, 10);
    redis_server_pause(silent);
    do {
        assert_true(clock_mono_ms(&f->loop.clock) < until_ms);
        store_load_turn(&f->load);
        store_get_stats(f->store, &stats);
    } while (stats.timeouts == 0);
    store_load_run(&f->load, 10);
    redis_server_resume(silent);
    cluster_fixture_run_until(f, cluster_fixture_is_well, NULL);
    store_load_check(&f->load);
}

#define CASE(test_)                                                                                \
    cmocka_unit_test_setup_teardown(test_, cluster_fixture_set_up, cluster_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_killed_primary_is_replaced_and_each_hit_counted_once),
        CASE(test_what_a_lagging_replica_lacks_is_noticed_and_replayed),
        cmocka_unit_test_setup_teardown(test_what_a_replica_confirmed_is_not_lost_with_its_primary,
                                        cluster_fixture_set_up_waiting, cluster_fixture_tear_down),
        CASE(test_a_silent_primary_is_replaced),
    };
    int failed;

    cluster_fixture_start();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_fixture_end();
    return failed;
}
