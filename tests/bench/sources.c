/*
 * What it costs to tell the page, the source and the campaign of a hit:
 *
 *     bench_sources [ROUNDS]
 *
 * Prints one line of JSON for each kind of hit: the CPU nanoseconds of each of the three parts.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "count/campaign.h"
#include "count/page.h"
#include "count/source.h"

#define DEFAULT_ROUNDS 1000000
#define MAX_ROUNDS     1000000000

struct kind {
    const char *name;
    struct slice page;
    struct slice referrer;
};

static const struct kind kinds[] = {
    {"within the site", SLICE_INIT("/blog/2024/05/a-post"),
     SLICE_INIT("https://www.example.com/blog/2024/05/")},
    {"search", SLICE_INIT("/blog/2024/05/a-post"), SLICE_INIT("https://www.google.co.uk/")},
    {"other site", SLICE_INIT("https://www.example.com/blog/?p=2&page=3"),
     SLICE_INIT("https://blog.other.example/links.html?a=b")},
    {"campaign",
     SLICE_INIT("/?utm_source=newsletter&utm_medium=email&utm_campaign=May+sale&p=2&fbclid=abcdef"),
     SLICE_INIT("https://l.facebook.com/l.php?u=x")},
    {"nothing known", SLICE_INIT("/about"), SLICE_INIT("")},
};

struct costs {
    uint64_t page_ns;
    uint64_t source_ns;
    uint64_t campaign_ns;
    size_t bytes; /* so that no compiler leaves the work out */
};

static uint64_t cpu_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static void fail(void)
{
    (void)fprintf(stderr, "bench_sources: out of memory\n");
    exit(1);
}

static void measure(const struct kind *kind, unsigned rounds, struct arena *arena,
                    struct costs *costs)
{
    static const struct slice hosts[] = {SLICE_INIT("example.com"), SLICE_INIT("example.org")};
    static const struct source_own own = {hosts, 2};
    uint64_t start = cpu_ns();
    struct page page = {.path = SLICE("")};
    struct source source;
    struct campaign campaign;

    for (unsigned i = 0; i < rounds; i++, arena_reset(arena)) {
        if (page_normalize(kind->page, arena, &page, NULL) != ERR_OK)
            fail();
        costs->bytes += page.path.len;
    }
    costs->page_ns = cpu_ns() - start;
    start = cpu_ns();
    for (unsigned i = 0; i < rounds; i++, arena_reset(arena)) {
        if (source_of_referrer(kind->referrer, &own, arena, &source) != ERR_OK)
            fail();
        costs->bytes += source.name.len;
    }
    costs->source_ns = cpu_ns() - start;
    start = cpu_ns();
    for (unsigned i = 0; i < rounds; i++, arena_reset(arena)) {
        if (campaign_read(page.query, arena, &campaign) != ERR_OK)
            fail();
        costs->bytes += campaign.name.len;
    }
    costs->campaign_ns = cpu_ns() - start;
}

int main(int argc, char **argv)
{
    unsigned long wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : DEFAULT_ROUNDS;
    unsigned rounds = wanted > 0 && wanted <= MAX_ROUNDS ? (unsigned)wanted : DEFAULT_ROUNDS;
    struct arena arena;

    arena_init(&arena, 4096, SIZE_MAX);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct costs costs = {.bytes = 0};

        measure(&kinds[i], rounds, &arena, &costs);
        (void)printf("{\"hit\":\"%s\",\"page_ns\":%.1f,\"source_ns\":%.1f,\"campaign_ns\":%.1f}\n",
                     kinds[i].name, (double)costs.page_ns / rounds,
                     (double)costs.source_ns / rounds, (double)costs.campaign_ns / rounds);
        if (costs.bytes == 0)
            return 1;
    }
    arena_fini(&arena);
    return 0;
}
