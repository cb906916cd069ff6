#include "count/bot.h"

#include <assert.h>

static const char *const names[BOT_REASON_COUNT_] = {
    [BOT_NONE] = "none",         [BOT_CRAWLER] = "crawler",
    [BOT_HEADLESS] = "headless", [BOT_DATA_CENTRE_AGENT] = "data centre agent",
    [BOT_NO_AGENT] = "no agent", [BOT_REFERRER_SPAM] = "referrer spam",
    [BOT_PREFETCH] = "prefetch",
};

const char *bot_reason_name(enum bot_reason reason)
{
    assert(reason < BOT_REASON_COUNT_);
    return names[reason];
}

/* GoatCounter's numbers up to `last`, the names of its isbot beside them. */
static const struct hint_range {
    int64_t last;
    enum bot_reason reason;
} hint_ranges[] = {
    {1, BOT_NONE},               /* NoBotKnown, NoBotNoMatch */
    {2, BOT_PREFETCH},           /* Prefetch */
    {3, BOT_CRAWLER},            /* Link: the agent has an address in it */
    {4, BOT_DATA_CENTRE_AGENT},  /* ClientLibrary */
    {7, BOT_CRAWLER},            /* KnownBot, Boty, Short */
    {17, BOT_DATA_CENTRE_AGENT}, /* Range…: the address belongs to a data centre */
    {INT64_MAX, BOT_HEADLESS},   /* 150 to 153: JSPhantom, JSNightmare, JSSelenium, JSWebDriver */
};

enum bot_reason bot_reason_of_hint(int64_t hint)
{
    const struct hint_range *range = hint_ranges;

    while (hint > range->last)
        range++;
    return range->reason;
}

/* Programs whose agents begin so, as far as crawler-user-agents lacks them. */
static const struct slice programs[] = {
    SLICE_INIT("Apache-Http"), SLICE_INIT("ApacheBench/"),
    SLICE_INIT("Bun/"),        SLICE_INIT("Dalvik/"),
    SLICE_INIT("Dart/"),       SLICE_INIT("Deno/"),
    SLICE_INIT("Faraday"),     SLICE_INIT("GuzzleHttp"),
    SLICE_INIT("Java"),        SLICE_INIT("Lavf/"),
    SLICE_INIT("PHP"),         SLICE_INIT("PostmanRuntime/"),
    SLICE_INIT("Python"),      SLICE_INIT("RestSharp/"),
    SLICE_INIT("Ruby"),        SLICE_INIT("fasthttp"),
    SLICE_INIT("hackney/"),    SLICE_INIT("insomnia/"),
    SLICE_INIT("k6/"),         SLICE_INIT("libcurl"),
    SLICE_INIT("libwww"),      SLICE_INIT("lua-resty-http/"),
    SLICE_INIT("node"),        SLICE_INIT("python"),
    SLICE_INIT("reqwest/"),    SLICE_INIT("undici"),
};

/* Words anywhere in an agent, as far as it lacks them. */
static const struct bot_word {
    struct slice word;
    enum bot_reason reason;
} bot_words[] = {
    {SLICE_INIT("jsdom/"), BOT_HEADLESS},
    {SLICE_INIT("SlimerJS/"), BOT_HEADLESS},
    {SLICE_INIT("Cypress/"), BOT_HEADLESS},
    {SLICE_INIT("WindowsPowerShell/"), BOT_DATA_CENTRE_AGENT},
    {SLICE_INIT("urllib"), BOT_DATA_CENTRE_AGENT},
    {SLICE_INIT("+http"), BOT_CRAWLER}, /* where to read about it */
    {SLICE_INIT("Bot/"), BOT_CRAWLER},
    {SLICE_INIT("bot/"), BOT_CRAWLER}, /* but not CUBOT, which makes phones */
    {SLICE_INIT("Crawler"), BOT_CRAWLER},
    {SLICE_INIT("crawler"), BOT_CRAWLER},
    {SLICE_INIT("Spider"), BOT_CRAWLER},
    {SLICE_INIT("spider"), BOT_CRAWLER},
};

static bool is_program(struct slice agent)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
        if (slice_starts_with(agent, programs[i]))
            return true;
    }
    return false;
}

/* Some clients send a hyphen, as it stands in logs, or spaces. */
static bool is_missing(struct slice agent)
{
    for (size_t i = 0; i < agent.len; i++) {
        if (agent.ptr[i] != ' ' && agent.ptr[i] != '-')
            return false;
    }
    return true;
}

enum bot_reason bot_reason_of_agent(struct slice agent)
{
    if (is_missing(agent))
        return BOT_NO_AGENT;
    if (is_program(agent))
        return BOT_DATA_CENTRE_AGENT;
    for (size_t i = 0; i < sizeof(bot_words) / sizeof(*bot_words); i++) {
        const struct bot_word *word = &bot_words[i];

        if (memmem(agent.ptr, agent.len, word->word.ptr, word->word.len))
            return word->reason;
    }
    return BOT_NONE;
}
