/*
 * What a user agent costs.
 *
 * Prints one line of JSON: microseconds for an ordinary agent and one of 512 bytes that are parsed,
 * for the worst of some hostile ones, and for both again from the memo; milliseconds for the first
 * one of a process, which compiles patterns; and by how many KiB the process grew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "count/agent_memo.h"

#define ROUNDS 20000

static const struct slice ordinary =
    SLICE_INIT("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
               "Chrome/120.0.0.0 Safari/537.36");

/* A browser within a large application, the longest agents there are. */
static const struct slice of_application = SLICE_INIT(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 "
    "[FBAN/FBIOS;FBAV/442.0.0.40.104;FBBV/541303344;FBDV/iPhone15,3;FBMD/iPhone;FBSN/iOS;"
    "FBSV/17.1.2;FBSS/3;FBID/phone;FBLC/en_US;FBOP/5;FBRV/0] ");

/* What is repeated until there are 512 bytes. */
static const struct slice hostile[] = {
    SLICE_INIT("a"),
    SLICE_INIT("Mozilla/5.0 ("),
    SLICE_INIT("CFNetwork/"),
    SLICE_INIT(" CFNetwork/1 Darwin/9"),
    SLICE_INIT("iPhone Version/1.1"),
    SLICE_INIT("Mobile Chrome/1.1.1."),
    SLICE_INIT("AppleWebKit/1.1+ "),
    SLICE_INIT("Windows NT Android Linux Mac OS X "),
    SLICE_INIT("1.1.1.1."),
    SLICE_INIT("bot Bot BOT crawler spider Spider "),
    SLICE_INIT("Version/1.1 Chrome/ Safari/ Mobile iPad "),
    SLICE_INIT("jbota"), /* the worst of 46,000 made of marks and fillings */
    SLICE_INIT("iPadVersion/1.1"),
};

static double now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static struct slice repeated(struct slice unit, char out[static AGENT_MAX_BYTES])
{
    for (size_t i = 0; i < AGENT_MAX_BYTES; i++)
        out[i] = unit.ptr[i % unit.len];
    return slice_of(out, AGENT_MAX_BYTES);
}

static double parse_us(struct agent_parser *parser, struct slice user_agent, int rounds)
{
    struct agent agent;
    double started = now_us();

    for (int i = 0; i < rounds; i++) {
        if (agent_parse(parser, &agent, user_agent) != ERR_OK)
            abort();
    }
    return (now_us() - started) / rounds;
}

static double find_us(struct agent_memo *memo, struct slice user_agent)
{
    double started = now_us();

    for (int i = 0; i < ROUNDS; i++) {
        if (!agent_memo_find(memo, user_agent))
            abort();
    }
    return (now_us() - started) / ROUNDS;
}

static double worst_us(struct agent_parser *parser)
{
    double worst = 0;

    for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
        char bytes[AGENT_MAX_BYTES];
        struct slice agent = repeated(hostile[i], bytes);
        double us;

        (void)parse_us(parser, agent, 1); /* compiles */
        us = parse_us(parser, agent, 100);
        worst = us > worst ? us : worst;
    }
    return worst;
}

static long peak_kib(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

int main(void)
{
    long kib = peak_kib();
    struct agent_parser *parser = agent_parser_create();
    struct agent_memo *memo = agent_memo_create();
    char bytes[AGENT_MAX_BYTES];
    struct slice long_agent = repeated(of_application, bytes);
    double first_us;

    if (!parser || !memo)
        return 1;
    first_us = parse_us(parser, ordinary, 1);
    (void)parse_us(parser, long_agent, 1);
    (void)printf("{\"first_ms\":%.3f,", first_us / 1000);
    (void)printf("\"parsed_us\":%.3f,", parse_us(parser, ordinary, ROUNDS));
    (void)printf("\"parsed_512_us\":%.3f,", parse_us(parser, long_agent, ROUNDS));
    (void)printf("\"worst_us\":%.3f,", worst_us(parser));
    (void)printf("\"cached_us\":%.3f,", find_us(memo, ordinary));
    (void)printf("\"cached_512_us\":%.3f,", find_us(memo, long_agent));
    (void)printf("\"grown_kib\":%ld}\n", peak_kib() - kib);
    agent_parser_destroy(parser);
    agent_memo_destroy(memo);
    return 0;
}
