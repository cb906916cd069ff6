/* A Redis that is cut off, killed, restarted, silent or full; and writers that come through. */
#include <stdio.h>
#include <stdlib.h>

#include "counting.h"
#include "redis_fixture.h"
#include "support/cmocka.h"

static const char *const with_log[] = {"--appendonly", "yes", "--appendfsync", "always", NULL};

static int set_up_with_log(void **state)
{
    struct redis_fixture *f = redis_fixture_create(with_log);

    *state = f;
    f->store = redis_fixture_open(f, NULL, 10000, NULL);
    redis_fixture_wait(f, f->store, true);
    return 0;
}

static void assert_counted(struct redis_fixture *f, const struct counting *c)
{
    redis_fixture_wait(f, f->store, true);
    assert_int_equal(redis_server_int(&f->server, "GET footfall:total:default"), c->done);
    assert_int_equal(redis_server_int(&f->server, "HGET footfall:page:default /"), c->done);
}

/* ---- the tests ------------------------------------------------------------------------------ */

static void test_connections_that_are_killed_lose_and_repeat_no_hit(void **state)
{
    struct redis_fixture *f = *state;
    struct counting c;
    struct store_stats stats;

    counting_start(&c, &f->loop, f->store, 10000);
    for (int i = 0; i < 60; i++) {
        counting_begin(&c);
        /* Killed before the commit was read, while its reply is on the way, or after. */
        for (int turn = 0; turn < i % 4; turn++)
            test_loop_turn(&f->loop);
        redis_server_do(&f->server, "CLIENT KILL TYPE normal SKIPME yes");
        assert_true(test_loop_wait(&f->loop, &c.is_told));
        redis_fixture_wait(f, f->store, true);
    }
    counting_hit(&c);
    assert_true(c.done > 0);
    assert_counted(f, &c);
    store_get_stats(f->store, &stats);
    assert_in_range(stats.reconnects, 20, 60);
    writer_destroy(c.writer);
}

static void test_a_server_killed_and_restarted_on_its_log_loses_and_repeats_no_hit(void **state)
{
    struct redis_fixture *f = *state;
    struct counting c;

    counting_start(&c, &f->loop, f->store, 10000);
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < 50; i++)
            counting_hit(&c);
        counting_begin(&c);
        for (int turn = 0; turn < round % 3; turn++)
            test_loop_turn(&f->loop);
        redis_server_kill(&f->server);
        redis_server_restart(&f->server, with_log);
        assert_true(test_loop_wait(&f->loop, &c.is_told));
        redis_fixture_wait(f, f->store, true);
    }
    assert_true(c.done >= 400);
    assert_counted(f, &c);
    writer_destroy(c.writer);
}

static void test_a_server_without_log_that_restarts_gets_back_what_it_lost(void **state)
{
    struct redis_fixture *f = *state;
    struct counting c;
    struct writer_stats stats;

    counting_start(&c, &f->loop, f->store, 10000);
    counting_hit(&c);
    redis_server_kill(&f->server);
    redis_server_restart(&f->server, NULL);
    redis_fixture_wait(f, f->store, false);
    redis_fixture_wait(f, f->store, true);
    counting_hit(&c);
    writer_get_stats(c.writer, &stats);
    assert_int_equal(stats.replaced, 1);
    assert_int_equal(stats.replayed, 1);
    assert_int_equal(redis_server_int(&f->server, "GET footfall:total:default"), 2);
    writer_destroy(c.writer);
}

static void test_while_the_server_is_down_commits_are_refused_at_once_with_the_reason(void **state)
{
    struct redis_fixture *f = *state;
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;
    struct store_health health;

    redis_server_kill(&f->server);
    redis_fixture_wait(f, f->store, false);
    redis_fixture_add(commit, "/", 1);
    for (int i = 0; i < 20; i++) {
        outcome = redis_fixture_send(f, commit);
        assert_int_equal(outcome.status, COMMIT_REFUSED);
        assert_true(strlen(outcome.detail) > 10);
        outcome_fini(&outcome);
    }
    health = call_check(&f->loop, f->store);
    assert_false(health.reachable);
    assert_false(health.sufficient);
    assert_non_null(strstr(health.reason, "Redis"));
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_UNAVAILABLE);
    commit_unref(commit);
}

static void test_a_server_that_is_started_later_is_found(void **state)
{
    struct redis_fixture *f = *state;
    struct counting c;

    redis_server_kill(&f->server);
    store_close(f->store);
    f->store = redis_fixture_open(f, NULL, 10000, NULL);
    counting_start(&c, &f->loop, f->store, 10000);
    counting_hit(&c);
    assert_int_equal(c.refused, 1);
    redis_server_restart(&f->server, NULL);
    redis_fixture_wait(f, f->store, true);
    counting_hit(&c);
    assert_counted(f, &c);
    writer_destroy(c.writer);
}

static void test_a_silent_server_times_out_and_the_commit_is_resolved_later(void **state)
{
    struct redis_fixture *f = *state;
    struct counting c;
    struct writer_stats stats;

    store_close(f->store);
    f->store = redis_fixture_open(f, NULL, 100, NULL);
    redis_fixture_wait(f, f->store, true);
    counting_start(&c, &f->loop, f->store, 100);
    counting_hit(&c);
    redis_server_pause(&f->server);
    counting_begin(&c);
    redis_fixture_wait(f, f->store, false);
    assert_false(c.is_told);
    writer_get_stats(c.writer, &stats);
    assert_true(stats.unresolved);
    redis_server_resume(&f->server);
    assert_true(test_loop_wait(&f->loop, &c.is_told));
    assert_int_equal(c.done, 2);
    assert_counted(f, &c);
    writer_destroy(c.writer);
}

static void test_a_silent_server_is_found_by_the_stores_own_check(void **state)
{
    struct redis_fixture *f = *state;

    store_close(f->store);
    f->store = redis_fixture_open(f, NULL, 100, NULL);
    redis_fixture_wait(f, f->store, true);
    redis_server_pause(&f->server);
    assert_false(call_check(&f->loop, f->store).reachable);
    redis_fixture_wait(f, f->store, false);
    redis_server_resume(&f->server);
    redis_fixture_wait(f, f->store, true);
}

static void test_a_full_server_refuses_and_applies_nothing(void **state)
{
    struct redis_fixture *f = *state;
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;

    redis_server_do(&f->server, "CONFIG SET maxmemory 1");
    redis_fixture_add(commit, "/", 1);
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_REFUSED);
    assert_non_null(strstr(outcome.detail, "OOM"));
    outcome_fini(&outcome);
    assert_int_equal(redis_server_int(&f->server, "EXISTS footfall:total:default"), 0);
    assert_false(call_check(&f->loop, f->store).sufficient);
    redis_server_do(&f->server, "CONFIG SET maxmemory 0");
    redis_fixture_wait(f, f->store, true);
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_DONE);
    outcome_fini(&outcome);
    commit_unref(commit);
}

static void test_a_replica_refuses_and_says_so(void **state)
{
    struct redis_fixture *f = *state;
    struct commit *commit = redis_fixture_commit(f);
    struct outcome outcome;
    struct store_health health;

    redis_server_do(&f->server, "REPLICAOF 127.0.0.1 1");
    redis_fixture_add(commit, "/", 1);
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_REFUSED);
    assert_non_null(strstr(outcome.detail, "READONLY"));
    outcome_fini(&outcome);
    health = call_check(&f->loop, f->store);
    assert_true(health.reachable);
    assert_false(health.sufficient);
    assert_non_null(strstr(health.reason, "replica"));
    commit_unref(commit);
}

static void test_a_server_busy_with_another_script_refuses(void **state)
{
    struct redis_fixture *f = *state;
    struct redis_server other = f->server; /* a second client: the first one's waits */
    struct counting c;
    int64_t before;

    counting_start(&c, &f->loop, f->store, 10000);
    redis_server_do(&f->server, "CONFIG SET busy-reply-threshold 1");
    redis_server_send(&f->server, "EVAL %s 0", "while true do end");
    while (c.refused == 0)
        counting_hit(&c); /* those that come before the script are counted */
    redis_server_connect(&other);
    redis_server_do(&other, "SCRIPT KILL");
    before = c.done;
    while (c.done == before)
        counting_hit(&c); /* it is killed soon after the answer that says so */
    assert_int_equal(redis_server_int(&other, "GET footfall:total:default"), c.done);
    redis_server_disconnect(&other);
    writer_destroy(c.writer);
}

/* ---- closing -------------------------------------------------------------------------------- */

static void never(void *ctx, const struct commit_result *result)
{
    (void)ctx;
    (void)result;
    fail_msg("told after the store was closed");
}

static void test_closing_in_any_state_tells_nobody_and_frees_all(void **state)
{
    struct redis_fixture *f = *state;

    for (int turns = 0; turns < 12; turns++) {
        struct commit *commit = redis_fixture_commit(f);
        char url[64];
        struct store *store;

        (void)snprintf(url, sizeof(url), "redis://localhost:%u", f->server.port);
        store = redis_fixture_open(f, turns % 2 ? url : NULL, 10000, NULL);
        for (int i = 0; i < turns; i++)
            test_loop_turn(&f->loop);
        redis_fixture_add(commit, "/", 1);
        assert_non_null(store_commit(store, commit, never, NULL));
        store_close(store);
        commit_unref(commit);
    }
}

static void test_a_host_that_is_not_there_is_told(void **state)
{
    struct redis_fixture *f = *state;
    struct store *store = redis_fixture_open(f, "redis://host.invalid", 10000, NULL);
    struct store_health health;

    do
        health = call_check(&f->loop, store);
    while (strstr(health.reason, "yet"));
    assert_false(health.reachable);
    assert_non_null(strstr(health.reason, "host of Redis is not known"));
    store_close(store);
}

#define ON_SERVER(test_)                                                                           \
    cmocka_unit_test_setup_teardown(test_, redis_fixture_set_up, redis_fixture_tear_down)
#define ON_LOG(test_)                                                                              \
    cmocka_unit_test_setup_teardown(test_, set_up_with_log, redis_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SERVER(test_connections_that_are_killed_lose_and_repeat_no_hit),
        ON_LOG(test_a_server_killed_and_restarted_on_its_log_loses_and_repeats_no_hit),
        ON_SERVER(test_a_server_without_log_that_restarts_gets_back_what_it_lost),
        ON_SERVER(test_while_the_server_is_down_commits_are_refused_at_once_with_the_reason),
        ON_SERVER(test_a_server_that_is_started_later_is_found),
        ON_SERVER(test_a_silent_server_times_out_and_the_commit_is_resolved_later),
        ON_SERVER(test_a_silent_server_is_found_by_the_stores_own_check),
        ON_SERVER(test_a_full_server_refuses_and_applies_nothing),
        ON_SERVER(test_a_replica_refuses_and_says_so),
        ON_SERVER(test_a_server_busy_with_another_script_refuses),
        ON_SERVER(test_closing_in_any_state_tells_nobody_and_frees_all),
        ON_SERVER(test_a_host_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
