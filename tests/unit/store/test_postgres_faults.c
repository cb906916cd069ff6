/* A PostgreSQL that is cut off, killed, restarted, silent or read-only; and writers that come
 * through. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "counting.h"
#include "postgres_fixture.h"
#include "store/postgres_schema.h"
#include "support/cmocka.h"

static void assert_counted(struct postgres_fixture *f, const struct counting *c)
{
    postgres_fixture_wait(f, f->store, true);
    assert_int_equal(postgres_server_int(f->server, "SELECT min(views) FROM footfall_counter"),
                     c->done);
    assert_int_equal(postgres_server_int(f->server, "SELECT max(views) FROM footfall_counter"),
                     c->done);
}

/* Until all connections are there again. One of them may be back before it is noticed that another
 * one is gone, so the server is asked, too. */
static void wait_for_all(struct postgres_fixture *f)
{
    do {
        test_loop_turn(&f->loop);
        postgres_fixture_wait(f, f->store, true);
    } while (postgres_server_int(f->server, "SELECT count(*) FROM pg_stat_activity"
                                            " WHERE application_name = 'footfall'") < 3);
}

/* ---- the tests ------------------------------------------------------------------------------ */

static void test_connections_that_are_terminated_lose_and_repeat_no_hit(void **state)
{
    struct postgres_fixture *f = *state;
    struct counting c;
    int64_t cut = 0;

    counting_start(&c, &f->loop, f->store, 10000);
    for (int i = 0; i < 60; i++) {
        counting_begin(&c);
        /* Terminated before the commit was read, while its answer is on the way, or after. */
        for (int turn = 0; turn < i % 4; turn++)
            test_loop_turn(&f->loop);
        cut += postgres_server_cut(f->server);
        assert_true(test_loop_wait(&f->loop, &c.is_told));
        wait_for_all(f);
    }
    counting_hit(&c);
    assert_true(cut >= 60);
    assert_true(c.done > 0);
    assert_counted(f, &c);
    writer_destroy(c.writer);
}

static void test_a_server_killed_and_restarted_loses_and_repeats_no_hit(void **state)
{
    struct postgres_fixture *f = *state;
    struct counting c;

    counting_start(&c, &f->loop, f->store, 10000);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 50; i++)
            counting_hit(&c);
        counting_begin(&c);
        for (int turn = 0; turn < round % 3; turn++)
            test_loop_turn(&f->loop);
        postgres_server_kill(f->server);
        postgres_server_restart(f->server, NULL);
        assert_true(test_loop_wait(&f->loop, &c.is_told));
        postgres_fixture_wait(f, f->store, true);
    }
    assert_true(c.done >= 200);
    assert_counted(f, &c);
    writer_destroy(c.writer);
}

static void test_while_the_server_is_down_commits_are_refused_at_once_with_the_reason(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    struct outcome outcome;
    struct store_health health;

    postgres_server_kill(f->server);
    postgres_fixture_wait(f, f->store, false);
    postgres_fixture_add(commit, "/", 1);
    /* The connection of the commits may be the last to find out. */
    do {
        outcome = postgres_fixture_send(f, commit);
        outcome_fini(&outcome);
    } while (outcome.status == COMMIT_UNKNOWN);
    for (int i = 0; i < 20; i++) {
        outcome = postgres_fixture_send(f, commit);
        assert_int_equal(outcome.status, COMMIT_REFUSED);
        assert_true(strlen(outcome.detail) > 10);
        outcome_fini(&outcome);
    }
    health = call_check(&f->loop, f->store);
    assert_false(health.reachable);
    assert_false(health.sufficient);
    assert_true(strlen(health.reason) > 10);
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_UNAVAILABLE);
    postgres_server_restart(f->server, NULL);
    postgres_fixture_wait(f, f->store, true);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
}

static void test_a_server_that_is_started_later_is_found(void **state)
{
    struct postgres_fixture *f = *state;
    struct counting c;

    postgres_server_kill(f->server);
    store_close(f->store);
    f->store = postgres_fixture_open(f, NULL, 10000);
    counting_start(&c, &f->loop, f->store, 10000);
    counting_hit(&c);
    assert_int_equal(c.refused, 1);
    postgres_server_restart(f->server, NULL);
    postgres_fixture_wait(f, f->store, true);
    counting_hit(&c);
    assert_counted(f, &c);
    writer_destroy(c.writer);
}

static void test_a_silent_server_times_out_and_the_commit_is_resolved_later(void **state)
{
    struct postgres_fixture *f = *state;
    struct counting c;
    struct writer_stats stats;

    store_close(f->store);
    f->store = postgres_fixture_open(f, NULL, 300);
    postgres_fixture_wait(f, f->store, true);
    counting_start(&c, &f->loop, f->store, 300);
    counting_hit(&c);
    postgres_server_pause(f->server);
    counting_begin(&c);
    postgres_fixture_wait(f, f->store, false);
    assert_false(c.is_told);
    writer_get_stats(c.writer, &stats);
    assert_true(stats.unresolved);
    postgres_server_resume(f->server);
    assert_true(test_loop_wait(&f->loop, &c.is_told));
    assert_int_equal(c.done, 2);
    assert_counted(f, &c);
    writer_destroy(c.writer);
}

/* For all sessions but that of the test. */
static void set_read_only(struct postgres_fixture *f, const char *value)
{
    postgres_server_do(f->server, "ALTER SYSTEM SET default_transaction_read_only = %s", value);
    postgres_server_do(f->server, "SELECT pg_reload_conf()");
}

/* Every session reads the setting by itself, when it is told that there is something new. */
static void wait_for_read_only(struct postgres_fixture *f)
{
    while (postgres_server_int(f->server, "SELECT (current_setting('default_transaction_read_only')"
                                          " = 'on')::int") == 0)
        test_loop_turn(&f->loop);
}

static void on_any(void *ctx, const struct commit_result *result)
{
    enum commit_status *status = ctx;

    *status = result->status;
}

/* As when a primary becomes a standby: the commit is kept back until there is one again. */
static void test_a_server_that_takes_no_writes_for_a_while_costs_time_only(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);
    enum commit_status status = COMMIT_UNKNOWN;
    struct store_stats stats;

    postgres_fixture_add(commit, "/", 1);
    set_read_only(f, "on");
    wait_for_read_only(f);
    assert_non_null(store_commit(f->store, commit, on_any, &status));
    postgres_fixture_wait(f, f->store, false);
    assert_int_equal(status, COMMIT_UNKNOWN); /* not told yet */
    assert_false(call_check(&f->loop, f->store).sufficient);
    postgres_server_do(f->server, "SET default_transaction_read_only = off");
    set_read_only(f, "off");
    postgres_server_do(f->server, "RESET default_transaction_read_only");
    while (status == COMMIT_UNKNOWN)
        test_loop_turn(&f->loop);
    assert_int_equal(status, COMMIT_DONE);
    store_get_stats(f->store, &stats);
    assert_int_equal(stats.timeouts, 0);
    commit_unref(commit);
}

static void test_one_that_takes_no_writes_for_long_refuses(void **state)
{
    struct postgres_fixture *f = *state;
    struct outcome outcome;
    struct commit *commit;

    store_close(f->store);
    f->store = postgres_fixture_open(f, NULL, 600);
    postgres_fixture_wait(f, f->store, true);
    set_read_only(f, "on");
    wait_for_read_only(f);
    commit = postgres_fixture_commit(f);
    postgres_fixture_add(commit, "/", 1);
    outcome = postgres_fixture_send(f, commit);
    assert_int_equal(outcome.status, COMMIT_REFUSED);
    assert_non_null(strstr(outcome.detail, "read-only"));
    outcome_fini(&outcome);
    postgres_server_do(f->server, "SET default_transaction_read_only = off");
    set_read_only(f, "off");
    postgres_server_do(f->server, "RESET default_transaction_read_only");
    postgres_fixture_wait(f, f->store, true);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_DONE);
}

static void test_tables_that_are_gone_are_made_anew_and_the_writer_is_not_known(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);

    postgres_fixture_add(commit, "/", 1);
    postgres_server_drop_all(f->server);
    assert_int_equal(postgres_fixture_submit(f, commit), COMMIT_NO_WRITER);
    assert_int_equal(postgres_server_int(f->server, "SELECT max(version) FROM footfall_schema"),
                     POSTGRES_SCHEMA_VERSION);
}

/* ---- hosts ---------------------------------------------------------------------------------- */

/* A socket that listens, and nobody who accepts. */
static int listen_silently(unsigned *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void test_of_several_hosts_the_one_that_answers_is_used(void **state)
{
    struct postgres_fixture *f = *state;
    unsigned silent_port;
    int fd = listen_silently(&silent_port);
    char urls[4][256];

    /* Nobody listens; the name is not known; silence; a folder without a socket. */
    (void)snprintf(urls[0], sizeof(urls[0]),
                   "postgres://footfall@127.0.0.1:1,localhost:%u/postgres", f->server->port);
    (void)snprintf(urls[1], sizeof(urls[1]),
                   "postgres://footfall@host.invalid,localhost:%u/postgres", f->server->port);
    (void)snprintf(urls[2], sizeof(urls[2]),
                   "postgres://footfall@127.0.0.1:%u,127.0.0.1:%u/postgres", silent_port,
                   f->server->port);
    (void)snprintf(urls[3], sizeof(urls[3]), "postgres://footfall@/postgres?host=/,%s&port=%u",
                   f->server->folder.path, f->server->port);
    for (size_t i = 0; i < 4; i++) {
        struct store *store = postgres_fixture_open(f, urls[i], 300);

        postgres_fixture_wait(f, store, true);
        store_close(store);
    }
    close(fd);
}

static void expect_reason(struct postgres_fixture *f, const char *url, const char *reason)
{
    struct store *store = postgres_fixture_open(f, url, 10000);
    struct store_health health;

    do
        health = call_check(&f->loop, store);
    while (strstr(health.reason, "yet"));
    assert_false(health.reachable);
    if (!strstr(health.reason, reason))
        fail_msg("%s", health.reason);
    store_close(store);
}

static void test_why_there_is_no_connection_is_told(void **state)
{
    struct postgres_fixture *f = *state;
    char url[256];

    expect_reason(f, "postgres://footfall@host.invalid/x",
                  "host.invalid of PostgreSQL is not known");
    expect_reason(f, "postgres://footfall@127.0.0.1:1/x", "Connection refused");
    (void)snprintf(url, sizeof(url), "postgres://footfall@127.0.0.1:%u/nothing", f->server->port);
    expect_reason(f, url, "\"nothing\" does not exist");
    (void)snprintf(url, sizeof(url), "postgres://nobody@127.0.0.1:%u/postgres", f->server->port);
    expect_reason(f, url, "\"nobody\" does not exist");
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
    struct postgres_fixture *f = *state;

    for (int turns = 0; turns < 40; turns++) {
        struct commit *commit = postgres_fixture_commit(f);
        struct store *store =
            postgres_fixture_open(f, turns % 2 ? f->server->tcp_url : NULL, 10000);

        for (int i = 0; i < turns / 2; i++)
            test_loop_turn(&f->loop);
        postgres_fixture_add(commit, "/", 1);
        assert_non_null(store_commit(store, commit, never, NULL));
        store_close(store);
        commit_unref(commit);
    }
}

static void test_closing_while_a_commit_waits_for_its_next_attempt(void **state)
{
    struct postgres_fixture *f = *state;
    struct commit *commit = postgres_fixture_commit(f);

    postgres_fixture_add(commit, "/", 1);
    postgres_server_do(f->server, "ALTER TABLE footfall_counter RENAME TO elsewhere");
    assert_non_null(store_commit(f->store, commit, never, NULL));
    postgres_fixture_wait(f, f->store, false);
    postgres_server_do(f->server, "ALTER TABLE elsewhere RENAME TO footfall_counter");
    commit_unref(commit);
}

#define ON_SERVER(test_)                                                                           \
    cmocka_unit_test_setup_teardown(test_, postgres_fixture_set_up, postgres_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SERVER(test_connections_that_are_terminated_lose_and_repeat_no_hit),
        ON_SERVER(test_a_server_killed_and_restarted_loses_and_repeats_no_hit),
        ON_SERVER(test_while_the_server_is_down_commits_are_refused_at_once_with_the_reason),
        ON_SERVER(test_a_server_that_is_started_later_is_found),
        ON_SERVER(test_a_silent_server_times_out_and_the_commit_is_resolved_later),
        ON_SERVER(test_a_server_that_takes_no_writes_for_a_while_costs_time_only),
        ON_SERVER(test_one_that_takes_no_writes_for_long_refuses),
        ON_SERVER(test_tables_that_are_gone_are_made_anew_and_the_writer_is_not_known),
        ON_SERVER(test_of_several_hosts_the_one_that_answers_is_used),
        ON_SERVER(test_why_there_is_no_connection_is_told),
        ON_SERVER(test_closing_in_any_state_tells_nobody_and_frees_all),
        ON_SERVER(test_closing_while_a_commit_waits_for_its_next_attempt),
    };

    return cmocka_run_group_tests(tests, postgres_fixture_start, postgres_fixture_end);
}
