#include "cluster_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "store/redis_keys.h"
#include "support/cmocka.h"

#define SITES 12

/* So often a cluster is asked how it is while a load runs. */
#define TURNS_BETWEEN_LOOKS 20

struct redis_cluster the_cluster;

void cluster_fixture_start(void)
{
    static const char *const persistent[] = {"--appendonly", "yes", "--appendfsync", "always",
                                             NULL};

    random_init();
    (void)signal(SIGPIPE, SIG_IGN);
    redis_cluster_start(&the_cluster, persistent);
}

void cluster_fixture_end(void)
{
    redis_cluster_remove(&the_cluster);
}

void cluster_fixture_restart(struct redis_server *node)
{
    redis_cluster_restart(&the_cluster, node);
}

struct store *cluster_fixture_open(struct cluster_fixture *f, const char *query)
{
    struct store *store = NULL;
    char url[256];

    (void)snprintf(url, sizeof(url), "%s%s", the_cluster.url, query);
    assert_int_equal(store_open(url, &f->env, &store, NULL), ERR_OK);
    return store;
}

void cluster_fixture_wait(struct cluster_fixture *f, size_t connected)
{
    int64_t until_ms = clock_mono_ms(&f->loop.clock) + 30000;
    struct store_stats stats;

    do {
        assert_true(clock_mono_ms(&f->loop.clock) < until_ms);
        test_loop_turn(&f->loop);
        store_get_stats(f->store, &stats);
    } while (stats.connected != connected);
}

static struct cluster_fixture *create(const char *query)
{
    struct cluster_fixture *f = calloc(1, sizeof(*f));
    struct redis_prefix prefix;

    assert_non_null(f);
    redis_cluster_wait_well(&the_cluster);
    redis_cluster_flush(&the_cluster);
    test_loop_init(&f->loop);
    f->env = (struct store_env){.loop = &f->loop.uv,
                                .timers = &f->loop.timers,
                                .clock = &f->loop.clock,
                                .timeout_ms = CLUSTER_TIMEOUT_MS};
    f->store = cluster_fixture_open(f, query);
    cluster_fixture_wait(f, 1);
    store_load_start(&f->load, &f->loop, f->store, &f->env, SITES);
    prefix = redis_prefix_of_shard(f->load.sites[0].shard);
    (void)snprintf(f->key, sizeof(f->key), "%.*s", (int)prefix.len, prefix.text);
    return f;
}

int cluster_fixture_set_up(void **state)
{
    *state = create("");
    return 0;
}

int cluster_fixture_set_up_waiting(void **state)
{
    *state = create("?wait=1");
    return 0;
}

int cluster_fixture_tear_down(void **state)
{
    struct cluster_fixture *f = *state;

    store_load_end(&f->load);
    store_close(f->store);
    test_loop_fini(&f->loop);
    free(f);
    return 0;
}

/* Lets the load run until the cluster has become what `is_so` says. */
void cluster_fixture_run_until(struct cluster_fixture *f,
                               bool (*is_so)(struct cluster_fixture *f, const void *what),
                               const void *what)
{
    int64_t until_ms = clock_mono_ms(&f->loop.clock) + 60000;

    do {
        assert_true(clock_mono_ms(&f->loop.clock) < until_ms);
        for (int i = 0; i < TURNS_BETWEEN_LOOKS; i++)
            store_load_turn(&f->load);
    } while (!is_so(f, what));
}

bool cluster_fixture_is_well(struct cluster_fixture *f, const void *nothing)
{
    (void)f;
    (void)nothing;
    return redis_cluster_is_well(&the_cluster);
}

void cluster_fixture_turn_for(struct cluster_fixture *f, int64_t ms)
{
    int64_t until_ms = clock_mono_ms(&f->loop.clock) + ms;

    while (clock_mono_ms(&f->loop.clock) < until_ms)
        store_load_turn(&f->load);
}
