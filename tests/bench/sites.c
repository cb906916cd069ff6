/*
 * What a hit costs the counting part of Footfall, without HTTP, on one site or on many:
 *
 *     bench_sites STORE-URL SITES PAGES HITS
 *
 * 64 visitors, each of whom sends its next hit when it was told the number of the one before, to
 * one of so many sites and one of so many pages by chance. Prints one line of JSON: hits, batches,
 * and the CPU microseconds of this process for each hit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/random.h"
#include "count/batch.h"
#include "process/loop.h"

#define VISITORS    64
#define TIMEOUT_MS  5000
#define WARM_UP_PER 10 /* one hit of so many is not measured */

struct bench {
    struct loop loop;
    uv_timer_t heartbeat; /* keeps the loop running on a store without handles of its own */
    struct store *store;
    struct batcher *batcher;
    unsigned sites;
    unsigned pages;
    uint64_t random;
    uint64_t wanted; /* hits, in all */
    uint64_t sent;
    uint64_t done;
    uint64_t failed;
    uint64_t began_us; /* CPU time when the warm-up was over */
    bool has_begun;
};

static uint64_t cpu_us(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static unsigned draw(struct bench *bench, unsigned below)
{
    bench->random = bench->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((bench->random >> 33) % below);
}

static void send_hit(struct bench *bench);

static void on_told(void *ctx, const struct hit_answer *answer)
{
    struct bench *bench = ctx;

    bench->done++;
    bench->failed += answer->err != ERR_OK;
    if (bench->done == bench->wanted / WARM_UP_PER)
        bench->began_us = cpu_us();
    if (bench->sent < bench->wanted)
        send_hit(bench);
    else if (bench->done == bench->wanted)
        loop_stop(&bench->loop);
}

static void send_hit(struct bench *bench)
{
    char site[32];
    char path[32];
    struct hit_input input = {.id = SLICE("")};

    (void)snprintf(site, sizeof(site), "site-%u", draw(bench, bench->sites));
    (void)snprintf(path, sizeof(path), "/page/%u", draw(bench, bench->pages));
    input.site = slice_str(site);
    input.path = slice_str(path);
    bench->sent++;
    if (!batcher_add(bench->batcher, &input, NULL, on_told, bench))
        abort();
}

/* The first turn in which the store is there sends all visitors off. */
static void on_turn(void *ctx)
{
    struct bench *bench = ctx;
    struct store_stats stats;

    store_get_stats(bench->store, &stats);
    if (!bench->has_begun && stats.connected > 0) {
        bench->has_begun = true;
        for (unsigned i = 0; i < VISITORS; i++)
            send_hit(bench);
    }
    batcher_turn(bench->batcher);
}

static void on_checked(void *ctx, const struct store_health *health)
{
    (void)ctx;
    (void)health;
}

static void on_heartbeat(uv_timer_t *timer)
{
    (void)timer;
}

static bool open_store(struct bench *bench, const char *url)
{
    struct err_info info = {.text = "out of memory"};
    const struct store_env env = {.loop = &bench->loop.uv,
                                  .timers = &bench->loop.timers,
                                  .clock = bench->loop.clock,
                                  .timeout_ms = TIMEOUT_MS};

    if (store_open(url, &env, &bench->store, &info) != ERR_OK) {
        (void)fprintf(stderr, "%s: %s\n", url, info.text);
        return false;
    }
    (void)uv_timer_init(&bench->loop.uv, &bench->heartbeat);
    (void)uv_timer_start(&bench->heartbeat, on_heartbeat, 1000, 1000);
    bench->batcher = batcher_create(bench->store, &env, TIMEOUT_MS);
    return bench->batcher && store_check(bench->store, on_checked, bench);
}

static unsigned number(const char *text)
{
    unsigned long value = strtoul(text, NULL, 10);

    return value > 0 && value <= 100000000 ? (unsigned)value : 1;
}

int main(int argc, char **argv)
{
    static struct bench bench = {.random = 1};
    struct batcher_stats stats;
    uint64_t measured;

    if (argc != 5) {
        (void)fprintf(stderr, "usage: bench_sites STORE-URL SITES PAGES HITS\n");
        return 2;
    }
    bench.sites = number(argv[2]);
    bench.pages = number(argv[3]);
    bench.wanted = number(argv[4]);
    random_init();
    log_setup(LOG_LOGFMT, LOG_WARN);
    if (loop_init(&bench.loop, on_turn, &bench) != ERR_OK || !open_store(&bench, argv[1]))
        return 1;
    loop_run(&bench.loop);
    measured = bench.done - bench.wanted / WARM_UP_PER;
    batcher_get_stats(bench.batcher, &stats);
    (void)printf("{\"hits\":%llu,\"failed\":%llu,\"batches\":%llu,\"cpu_us\":%.3f}\n",
                 (unsigned long long)bench.done, (unsigned long long)bench.failed,
                 (unsigned long long)stats.batches,
                 (double)(cpu_us() - bench.began_us) / (double)measured);
    uv_close((uv_handle_t *)&bench.heartbeat, NULL);
    batcher_destroy(bench.batcher);
    store_close(bench.store);
    loop_fini(&bench.loop);
    return bench.failed > 0;
}
