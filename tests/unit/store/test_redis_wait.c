/* wait=1: a commit is confirmed when a replica has it, and not before. */
#include <stdio.h>

#include "redis_fixture.h"
#include "store/redis_keys.h"
#include "support/cmocka.h"

#define TIMEOUT_MS 400

static struct redis_server replica;

/* A server with a replica in step, and a store that waits for it. */
static int set_up(void **state)
{
    static const char *const args[] = {"--repl-diskless-sync-delay", "0", NULL};
    char port[8];
    const char *replica_args[] = {"--replicaof", "127.0.0.1", port, NULL};
    struct redis_fixture *f = redis_fixture_create(args);
    char info[8192];
    char url[192];

    *state = f;
    (void)snprintf(port, sizeof(port), "%u", f->server.port);
    redis_server_start(&replica, replica_args);
    do
        redis_server_text(&replica, info, sizeof(info), "INFO replication");
    while (!strstr(info, "master_link_status:up"));
    (void)snprintf(url, sizeof(url), "%s?wait=1", f->server.url);
    f->store = redis_fixture_open(f, url, TIMEOUT_MS, NULL);
    redis_fixture_wait(f, f->store, true);
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    return 0;
}

static int tear_down(void **state)
{
    int status = redis_fixture_tear_down(state);

    redis_server_remove(&replica);
    return status;
}

static struct commit *make_commit(struct redis_fixture *f)
{
    struct commit *commit = redis_fixture_commit(f);

    redis_fixture_add(commit, "/", 1);
    return commit;
}

static enum commit_status submit(struct redis_fixture *f, struct commit *commit)
{
    struct outcome outcome = redis_fixture_send(f, commit);
    enum commit_status status = outcome.status;

    outcome_fini(&outcome);
    return status;
}

static int64_t replicated(void)
{
    return redis_server_int(&replica, "GET footfall:total:default");
}

static void test_what_is_confirmed_the_replica_has(void **state)
{
    struct redis_fixture *f = *state;

    for (int i = 1; i <= 200; i++) {
        struct commit *commit = make_commit(f);

        assert_int_equal(submit(f, commit), COMMIT_DONE);
        assert_int_equal(replicated(), i);
        commit_unref(commit);
    }
}

static void test_what_no_replica_confirms_is_unknown_and_counted_once(void **state)
{
    struct redis_fixture *f = *state;
    struct commit *commit = make_commit(f);

    redis_server_pause(&replica);
    for (int i = 0; i < 3; i++) {
        redis_fixture_wait(f, f->store, true);
        assert_int_equal(submit(f, commit), COMMIT_UNKNOWN);
    }
    redis_server_resume(&replica);
    redis_fixture_wait(f, f->store, true);
    assert_int_equal(submit(f, commit), COMMIT_DONE);
    assert_int_equal(replicated(), 1);
    commit_unref(commit);
}

/* On a new connection there is nothing before it that WAIT could wait for, but for what the
 * repeated commit writes itself: its writer, which lives for 7 days again. */
static void test_a_repeated_commit_waits_for_a_write_of_its_own(void **state)
{
    struct redis_fixture *f = *state;
    struct redis_prefix prefix = redis_prefix_alone();
    struct commit *commit = make_commit(f);
    char text[REDIS_WRITER_KEY_BYTES];
    struct slice key = redis_writer_key(&prefix, &f->writer, text);

    assert_int_equal(submit(f, commit), COMMIT_DONE);
    redis_server_do(&f->server, "EXPIRE %b 1000", key.ptr, key.len);
    redis_server_do(&f->server, "CLIENT KILL TYPE normal SKIPME yes");
    redis_fixture_wait(f, f->store, false);
    redis_fixture_wait(f, f->store, true);
    redis_server_pause(&replica);
    assert_int_equal(submit(f, commit), COMMIT_UNKNOWN);
    redis_server_resume(&replica);
    assert_true(redis_server_int(&f->server, "TTL %b", key.ptr, key.len) > 1000);
    redis_fixture_wait(f, f->store, true);
    assert_int_equal(submit(f, commit), COMMIT_DONE);
    assert_int_equal(replicated(), 1);
    commit_unref(commit);
}

static void test_a_conflict_is_told_when_a_replica_has_it(void **state)
{
    static const struct record_write taken = {SLICE_INIT("hit/default/1"), SLICE_INIT("a value"),
                                              RECORD_ABSENT, 3600};
    struct redis_fixture *f = *state;
    struct outcome outcome;

    for (int i = 0; i < 2; i++) {
        struct commit *commit = make_commit(f);

        assert_int_equal(commit_write(commit, &taken), ERR_OK);
        outcome = redis_fixture_send(f, commit);
        assert_int_equal(outcome.status, i == 0 ? COMMIT_DONE : COMMIT_CONFLICT);
        if (i == 1)
            assert_true(slice_eq(outcome.records[0].value, taken.value));
        outcome_fini(&outcome);
        commit_unref(commit);
    }
    assert_int_equal(replicated(), 1);
}

static void test_without_a_replica_commits_are_refused_with_the_reason(void **state)
{
    struct redis_fixture *f = *state;
    struct commit *commit = make_commit(f);
    struct store_health health;
    struct outcome outcome;

    redis_server_kill(&replica);
    do
        health = call_check(&f->loop, f->store);
    while (health.sufficient);
    assert_non_null(strstr(health.reason, "fewer replicas than wait="));
    outcome = redis_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_REFUSED);
    assert_non_null(strstr(outcome.detail, "fewer replicas than wait="));
    outcome_fini(&outcome);
    commit_unref(commit);
    assert_int_equal(redis_server_int(&f->server, "EXISTS footfall:total:default"), 0);
}

static void test_a_user_who_may_not_wait_is_refused(void **state)
{
    struct redis_fixture *f = *state;
    struct store_health health;
    char url[192];

    redis_server_words(
        &f->server,
        "ACL SETUSER ann on >secret ~footfall:* +select +eval +evalsha +mget +hmget "
        "+get +exists +hlen +zcard +incrby +hset +hincrby +set +expire +del +zadd +zrem "
        "+zremrangebyscore +info +config|get");
    (void)snprintf(url, sizeof(url), "%s?wait=1&user=ann&password=secret", f->server.url);
    store_close(f->store);
    f->store = redis_fixture_open(f, url, TIMEOUT_MS, NULL);
    do
        health = call_check(&f->loop, f->store);
    while (!health.reachable);
    assert_false(health.sufficient);
    assert_non_null(strstr(health.reason, "wait"));
    redis_server_words(&f->server, "ACL SETUSER ann +wait");
    redis_fixture_wait(f, f->store, true);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_what_is_confirmed_the_replica_has),
        CASE(test_what_no_replica_confirms_is_unknown_and_counted_once),
        CASE(test_a_repeated_commit_waits_for_a_write_of_its_own),
        CASE(test_a_conflict_is_told_when_a_replica_has_it),
        CASE(test_without_a_replica_commits_are_refused_with_the_reason),
        CASE(test_a_user_who_may_not_wait_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
