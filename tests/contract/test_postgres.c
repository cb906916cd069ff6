/* The contract on the PostgreSQL store, against a real server: over its unix socket and over TCP.
 */
#include "contract.h"
#include "support/cmocka.h"
#include "support/postgres_server.h"

static struct postgres_server server;

static void wait_connected(struct test_loop *loop, struct store *store)
{
    struct store_stats stats = {0};

    while (stats.connected == 0) {
        test_loop_turn(loop);
        store_get_stats(store, &stats);
    }
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
    postgres_server_clear(&server);
    return open_unix_second(loop);
}

static struct store *open_tcp_second(struct test_loop *loop)
{
    return open_url(loop, server.tcp_url);
}

static struct store *open_tcp(struct test_loop *loop)
{
    postgres_server_clear(&server);
    return open_tcp_second(loop);
}

int main(void)
{
    const struct subject subjects[] = {
        {.name = "postgres, unix socket",
         .open = open_unix,
         .open_second = open_unix_second,
         .has_real_clock = true},
        {.name = "postgres, TCP",
         .open = open_tcp,
         .open_second = open_tcp_second,
         .has_real_clock = true},
    };
    int failed = 0;

    postgres_server_start(&server, NULL);
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        failed += contract_run(&subjects[i]);
    postgres_server_remove(&server);
    return failed;
}
