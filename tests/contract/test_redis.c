/* The contract on the Redis store, against a real server: over its unix socket and over TCP. */
#include <stdio.h>

#include "contract.h"
#include "support/cmocka.h"
#include "support/redis_server.h"

static struct redis_server server;
static bool is_ready;

static void on_checked(void *ctx, const struct store_health *health)
{
    (void)ctx;
    is_ready = true;
    assert_true(health->reachable);
}

static void wait_connected(struct test_loop *loop, struct store *store)
{
    struct store_stats stats = {0};

    while (stats.connected == 0) {
        test_loop_turn(loop);
        store_get_stats(store, &stats);
    }
    is_ready = false;
    assert_non_null(store_check(store, on_checked, NULL));
    assert_true(test_loop_wait(loop, &is_ready));
}

static struct store *open_url(struct test_loop *loop, const char *url)
{
    struct store_env env = {
        .loop = &loop->uv, .timers = &loop->timers, .clock = &loop->clock, .timeout_ms = 10000};
    struct store *store = NULL;

    assert_int_equal(store_open(url, &env, &store, NULL), ERR_OK);
    wait_connected(loop, store);
    return store;
}

static struct store *open_unix_second(struct test_loop *loop)
{
    return open_url(loop, server.url);
}

static struct store *open_unix(struct test_loop *loop)
{
    redis_server_do(&server, "FLUSHALL");
    return open_unix_second(loop);
}

static struct store *open_tcp_second(struct test_loop *loop)
{
    char url[64];

    (void)snprintf(url, sizeof(url), "redis://localhost:%u/3", server.port);
    return open_url(loop, url);
}

static struct store *open_tcp(struct test_loop *loop)
{
    redis_server_do(&server, "FLUSHALL");
    return open_tcp_second(loop);
}

static void clean(void)
{
    redis_server_do(&server, "SCRIPT FLUSH");
}

int main(void)
{
    const struct subject subjects[] = {
        {.name = "redis, unix socket",
         .open = open_unix,
         .open_second = open_unix_second,
         .clean = clean,
         .has_real_clock = true},
        {.name = "redis, TCP",
         .open = open_tcp,
         .open_second = open_tcp_second,
         .clean = clean,
         .has_real_clock = true},
    };
    int failed = 0;

    redis_server_start(&server, NULL);
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        failed += contract_run(&subjects[i]);
    redis_server_remove(&server);
    return failed;
}
