/* The contract on the Redis store, against a real server: over its unix socket, TCP and TLS. */
#include <stdio.h>

#include "contract.h"
#include "support/cmocka.h"
#include "support/redis_server.h"
#include "support/tls_files.h"

static struct redis_server server;
static struct tls_files tls;
static unsigned tls_port;
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

static struct store *open_tls_second(struct test_loop *loop)
{
    char url[256];

    (void)snprintf(url, sizeof(url), "rediss://127.0.0.1:%u/4?ca=%s&cert=%s&key=%s", tls_port,
                   tls_files_path(&tls, "ca.pem"), tls_files_path(&tls, "client.pem"),
                   tls_files_path(&tls, "client.key"));
    return open_url(loop, url);
}

static struct store *open_tls(struct test_loop *loop)
{
    redis_server_do(&server, "FLUSHALL");
    return open_tls_second(loop);
}

static void start_server(void)
{
    char port[8];
    const char *args[] = {
        "--tls-port", port, "--tls-cert-file", NULL, "--tls-key-file", NULL, "--tls-ca-cert-file",
        NULL,         NULL};

    tls_files_make(&tls);
    tls_port = redis_server_free_port();
    (void)snprintf(port, sizeof(port), "%u", tls_port);
    args[3] = tls_files_path(&tls, "server.pem");
    args[5] = tls_files_path(&tls, "server.key");
    args[7] = tls_files_path(&tls, "ca.pem");
    redis_server_start(&server, args);
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
        {.name = "redis, TLS",
         .open = open_tls,
         .open_second = open_tls_second,
         .clean = clean,
         .has_real_clock = true},
    };
    int failed = 0;

    start_server();
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        failed += contract_run(&subjects[i]);
    redis_server_remove(&server);
    tls_files_remove(&tls);
    return failed;
}
