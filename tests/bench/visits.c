/*
 * How many hits of how many visitors the counting part of Footfall takes, without HTTP:
 *
 *     bench_visits STORE-URL HITS VISITORS PAGES AHEAD whole|bare
 *
 * Each hit is of a visitor and for a page drawn by chance, and AHEAD hits wait for the store at any
 * time. "whole": a visitor has an address of his own, and one of some agents, languages, screens,
 * referrers and campaigns, which become facts as those of a request do. "bare": a hit has no facts,
 * and moves the counters of its site and its page only.
 *
 * Prints one line of JSON: hits, batches, and of nine in ten hits, those after the warm-up, the
 * seconds by the clock and the CPU microseconds of this process for each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/random.h"
#include "cli/db_session.h"
#include "count/batch.h"
#include "count/country.h"
#include "count/fact_maker.h"
#include "process/system_clock.h"

#define TIMEOUT_MS  10000
#define WARM_UP_PER 10 /* one hit of so many is not measured */
#define MAX_NUMBER  100000000
#define SENT_A_TURN 64 /* hits, of the loop: as those of so many connections */
#define ARENA_CHUNK 4096
#define ARENA_MAX   65536

/* Seven is prime to the lengths of the other lists: all of them are met together. */
static const char *const agents[7] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
    "Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.6 Mobile/15E148 Safari/604.1",
};
static const char *const languages[5] = {"en-US,en;q=0.9", "de-DE,de;q=0.9,en;q=0.8",
                                         "fr-FR,fr;q=0.9", "es-ES,es;q=0.9,en;q=0.8",
                                         "ja,en;q=0.5"};
static const char *const screens[3] = {"1920,1080,1", "390,844,3", "1440,900,2"};
static const char *const referrers[4] = {"https://www.google.com/", "", "https://t.co/a1b2c3",
                                         "https://news.ycombinator.com/item?id=1"};
static const char *const campaigns[4] = {
    "", "", "utm_source=newsletter&utm_medium=email&utm_campaign=november", ""};

struct bench {
    struct config config;
    struct db_session session;
    struct store *store;
    struct batcher *batcher;
    struct fact_maker *facts;
    struct countries *countries;
    struct site *site;
    unsigned char salt[SALT_BYTES];
    struct arena arena; /* for one hit */
    bool is_whole;
    unsigned visitors;
    unsigned pages;
    uint64_t random;
    uint64_t wanted; /* hits, in all */
    size_t ahead;
    uint64_t sent;
    size_t pending; /* hits that were not told yet */
    uint64_t done;
    uint64_t failed;
    uint64_t began_cpu_us; /* when the warm-up was over */
    int64_t began_us;
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

/* ---- one hit -------------------------------------------------------------------------------- */

static void on_told(void *ctx, const struct hit_answer *answer)
{
    struct bench *bench = ctx;

    bench->done++;
    bench->failed += answer->err != ERR_OK;
    if (bench->done == bench->wanted / WARM_UP_PER) {
        bench->began_cpu_us = cpu_us();
        bench->began_us = clock_mono_us(&system_clock);
    }
    db_told(&bench->session, &bench->pending);
}

/* Another one for each visitor, all over IPv4: an odd factor mixes the numbers and merges none. */
static struct address address_of(unsigned visitor)
{
    struct address address = {.bytes = {[10] = 0xff, [11] = 0xff}};
    uint32_t bits = visitor * UINT32_C(2654435761);

    memcpy(address.bytes + 12, &bits, sizeof(bits));
    return address;
}

static void make_facts(struct bench *bench, unsigned visitor, const struct page *page,
                       struct hit_facts *facts)
{
    struct address address = address_of(visitor);
    int64_t unix_s = clock_unix_ms(&system_clock) / 1000;
    struct site_now now = {.settings = bench->site, .version = RECORD_ABSENT, .salt = bench->salt};
    struct hit_claim claim = {
        .title = SLICE("The title of a page that visitors look at"),
        .referrer = slice_str(referrers[visitor % 4]),
        .query = slice_str(campaigns[visitor % 4]),
        .screen = slice_str(screens[visitor % 3]),
        .user_agent = slice_str(agents[visitor % 7]),
        .languages = slice_str(languages[visitor % 5]),
        .event.name = SLICE(""),
        .has_page = true,
        .address = &address,
    };
    bool is_ignored;

    moment_of(NULL, unix_s, &now.moment);
    if (fact_maker_make(bench->facts, &claim, page, &now, unix_s, facts, &is_ignored) != ERR_OK ||
        is_ignored)
        abort();
}

static void send_hit(struct bench *bench)
{
    struct hit_input input = {.site = SLICE(SITE_DEFAULT), .id = SLICE("")};
    struct hit_facts facts = {.visitor.is_known = false};
    struct page page;
    char sent[64];

    arena_reset(&bench->arena);
    (void)snprintf(sent, sizeof(sent), "/page/%u", draw(bench, bench->pages));
    if (page_normalize(slice_str(sent), &bench->arena, &page, NULL) != ERR_OK)
        abort();
    input.path = page.path;
    if (bench->is_whole)
        make_facts(bench, draw(bench, bench->visitors), &page, &facts);
    bench->sent++;
    bench->pending++;
    if (!batcher_add(bench->batcher, &input, bench->is_whole ? &facts : NULL, on_told, bench))
        abort();
}

/* ---- all of them ---------------------------------------------------------------------------- */

/* False: as many wait as should. */
static bool send_some(struct bench *bench)
{
    size_t sent = 0;

    while (sent < SENT_A_TURN && bench->pending < bench->ahead && bench->sent < bench->wanted) {
        send_hit(bench);
        sent++;
    }
    return sent > 0;
}

/* Hits arrive while the store is busy with others, as those of a server do. */
static void run(struct bench *bench)
{
    while (bench->done < bench->wanted) {
        bool has_sent = send_some(bench);

        batcher_turn(bench->batcher);
        if (has_sent)
            (void)uv_run(&bench->session.loop.uv, UV_RUN_NOWAIT);
        else
            loop_run(&bench->session.loop);
    }
}

static void report(const struct bench *bench)
{
    uint64_t warm_up = bench->wanted / WARM_UP_PER;
    double measured = (double)(bench->done - warm_up);
    double seconds = (double)(clock_mono_us(&system_clock) - bench->began_us) / 1e6;
    struct batcher_stats stats;

    batcher_get_stats(bench->batcher, &stats);
    (void)printf("{\"hits\":%llu,\"failed\":%llu,\"batches\":%llu,\"seconds\":%.3f,"
                 "\"hits_per_s\":%.0f,\"cpu_us\":%.3f}\n",
                 (unsigned long long)bench->done, (unsigned long long)bench->failed,
                 (unsigned long long)stats.batches, seconds, measured / seconds,
                 (double)(cpu_us() - bench->began_cpu_us) / measured);
}

static bool start(struct bench *bench)
{
    struct err_info info = {.text = "out of memory"};
    struct store_env env;

    arena_init(&bench->arena, ARENA_CHUNK, ARENA_MAX);
    if (db_session_open(&bench->session, &bench->config) != ERR_OK ||
        db_session_store(&bench->session, bench->config.store, true, &bench->store, &info) !=
            ERR_OK ||
        countries_open(NULL, &bench->countries, &info) != ERR_OK) {
        (void)fprintf(stderr, "%s: %s\n", bench->config.store, info.text);
        return false;
    }
    env = db_session_env(&bench->session);
    bench->batcher = batcher_create(bench->store, &env, TIMEOUT_MS);
    bench->facts = fact_maker_create(bench->countries, NULL);
    bench->site = site_default();
    return bench->batcher && bench->facts && bench->site;
}

static void stop(struct bench *bench)
{
    site_destroy(bench->site);
    fact_maker_destroy(bench->facts);
    countries_close(bench->countries);
    batcher_destroy(bench->batcher);
    store_close(bench->store);
    db_session_close(&bench->session);
    arena_fini(&bench->arena);
}

static unsigned number(const char *text)
{
    unsigned long value = strtoul(text, NULL, 10);

    return value > 0 && value <= MAX_NUMBER ? (unsigned)value : 1;
}

int main(int argc, char **argv)
{
    static struct bench bench = {.random = 1};

    if (argc != 7) {
        (void)fprintf(stderr,
                      "usage: bench_visits STORE-URL HITS VISITORS PAGES AHEAD whole|bare\n");
        return 2;
    }
    bench.config = (struct config){.store = argv[1], .store_timeout_ms = TIMEOUT_MS};
    bench.wanted = number(argv[2]);
    bench.visitors = number(argv[3]);
    bench.pages = number(argv[4]);
    bench.ahead = number(argv[5]);
    bench.is_whole = strcmp(argv[6], "whole") == 0;
    random_init();
    random_bytes(bench.salt, sizeof(bench.salt));
    log_setup(LOG_LOGFMT, LOG_WARN);
    if (!start(&bench))
        return 1;
    run(&bench);
    report(&bench);
    stop(&bench);
    return bench.failed > 0;
}
