#include "cli/traffic_channel.h"

#include <math.h>

/* Weights are for the product, the blog, the shop. */
const struct traffic_channel traffic_channels[] = {
    [TRAFFIC_DIRECT] = {"", "", RHYTHM_STEADY, LANDING_HOME, 0.42, {210, 150, 260}},
    {"https://www.google.com/", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.46, {270, 190, 230}},
    {"https://www.google.de/", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.45, {32, 20, 28}},
    {"https://www.bing.com/", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.44, {34, 18, 30}},
    {"https://duckduckgo.com/", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.41, {42, 36, 18}},
    {"https://www.ecosia.org/", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.43, {9, 6, 7}},
    {"https://search.brave.com/", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.42, {8, 8, 3}},
    {"https://www.startpage.com/", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.42, {5, 4, 2}},
    {"https://chatgpt.com/", "", RHYTHM_RISING, LANDING_ANYWHERE, 0.5, {16, 9, 4}},
    {"https://www.perplexity.ai/", "", RHYTHM_RISING, LANDING_ANYWHERE, 0.5, {5, 3, 1}},
    {"https://github.com/", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.35, {44, 18, 0}},
    {"https://stackoverflow.com/", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.55, {12, 3, 0}},
    {"https://en.wikipedia.org/", "", RHYTHM_STEADY, LANDING_HOME, 0.5, {7, 3, 0}},
    {"https://www.youtube.com/", "", RHYTHM_STEADY, LANDING_HOME, 0.58, {14, 4, 8}},
    {"https://www.reddit.com/", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.6, {17, 24, 3}},
    {"https://mastodon.social/", "", RHYTHM_STEADY, LANDING_NEWEST, 0.6, {8, 28, 1}},
    {"https://bsky.app/", "", RHYTHM_RISING, LANDING_NEWEST, 0.6, {5, 14, 2}},
    {"https://www.linkedin.com/", "", RHYTHM_STEADY, LANDING_NEWEST, 0.62, {8, 10, 2}},
    {"https://www.facebook.com/", "", RHYTHM_STEADY, LANDING_HOME, 0.66, {9, 5, 38}},
    {"https://www.instagram.com/", "", RHYTHM_STEADY, LANDING_HOME, 0.64, {4, 2, 52}},
    {"https://t.co/", "", RHYTHM_STEADY, LANDING_NEWEST, 0.68, {10, 15, 4}},
    {"https://news.ycombinator.com/", "", RHYTHM_STEADY, LANDING_NEWEST, 0.66, {5, 26, 0}},
    {"https://birders.example/forum", "", RHYTHM_STEADY, LANDING_ANYWHERE, 0.38, {11, 6, 14}},
    {"https://fieldwork-weekly.example/", "", RHYTHM_STEADY, LANDING_NEWEST, 0.4, {8, 12, 3}},
    {"https://university.example/tools", "", RHYTHM_STEADY, LANDING_HOME, 0.3, {6, 1, 0}},
    {"https://news.ycombinator.com/", "", RHYTHM_LAUNCH, LANDING_HOME, 0.6, {2600, 900, 60}},
    {"https://www.reddit.com/", "", RHYTHM_LAUNCH, LANDING_HOME, 0.62, {620, 220, 40}},
    {"https://lobste.rs/", "", RHYTHM_LAUNCH, LANDING_HOME, 0.55, {180, 160, 5}},
    {"https://mastodon.social/", "", RHYTHM_LAUNCH, LANDING_HOME, 0.58, {240, 130, 10}},
    {"https://t.co/", "", RHYTHM_LAUNCH, LANDING_HOME, 0.66, {300, 90, 20}},
    {"",
     "utm_source=newsletter&utm_medium=email&utm_campaign=letter-#",
     RHYTHM_LETTER,
     LANDING_NEWEST,
     0.3,
     {240, 330, 210}},
    {"",
     "utm_source=newsletter&utm_medium=email&utm_campaign=letter-#&utm_content=footer",
     RHYTHM_LETTER,
     LANDING_HOME,
     0.36,
     {60, 20, 50}},
    {"https://www.google.com/",
     "utm_source=google&utm_medium=cpc&utm_campaign=field-app&utm_term=field+notes+app",
     RHYTHM_CAMPAIGN,
     LANDING_HOME,
     0.52,
     {85, 0, 0}},
    {"https://www.google.com/",
     "utm_source=google&utm_medium=cpc&utm_campaign=field-app&utm_term=offline+maps",
     RHYTHM_CAMPAIGN,
     LANDING_HOME,
     0.56,
     {45, 0, 0}},
    {"https://www.instagram.com/",
     "utm_source=instagram&utm_medium=social&utm_campaign=gifts&utm_content=picture",
     RHYTHM_CAMPAIGN,
     LANDING_HOME,
     0.6,
     {0, 0, 190}},
    {"https://www.instagram.com/",
     "utm_source=instagram&utm_medium=social&utm_campaign=gifts&utm_content=film",
     RHYTHM_CAMPAIGN,
     LANDING_HOME,
     0.57,
     {0, 0, 120}},
};

const size_t traffic_channel_count = sizeof(traffic_channels) / sizeof(traffic_channels[0]);

/* Where in the traffic the launch is, and how long half of its visitors need to forget it. */
#define LAUNCH_AT        0.37
#define LAUNCH_LIFE_DAYS 1.4
#define LAUNCH_TAIL      0.012
#define LAUNCH_TAIL_DAYS 40.0

static double launch(int32_t day, int32_t days)
{
    int32_t age = day - (int32_t)(LAUNCH_AT * days);

    if (age < 0)
        return 0;
    return exp(-age / LAUNCH_LIFE_DAYS) + LAUNCH_TAIL * exp(-age / LAUNCH_TAIL_DAYS);
}

static double letter(int32_t day_of_month)
{
    static const double after[] = {1, 0.35, 0.12, 0.05};

    return (size_t)day_of_month <= sizeof(after) / sizeof(after[0]) ? after[day_of_month - 1] : 0;
}

/* Six weeks of a year, twice. */
static double campaign(int32_t day, int32_t days)
{
    double part = (double)day / days;

    return (part > 0.27 && part < 0.385) || (part > 0.8 && part < 0.915) ? 1 : 0;
}

double traffic_rhythm(enum traffic_rhythm rhythm, int32_t day, int32_t days, int32_t day_of_month)
{
    switch (rhythm) {
    case RHYTHM_STEADY:
        return 1;
    case RHYTHM_RISING:
        return 0.3 + 3.7 * day / days;
    case RHYTHM_LAUNCH:
        return launch(day, days);
    case RHYTHM_LETTER:
        return letter(day_of_month);
    case RHYTHM_CAMPAIGN:
        return campaign(day, days);
    }
    return 0;
}
