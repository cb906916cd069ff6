#include "cli/traffic_person.h"

#include <string.h>

#define COUNT(table_) (sizeof(table_) / sizeof((table_)[0]))

/* ---- where ---------------------------------------------------------------------------------- */

const struct traffic_country traffic_countries[] = {
    {"US", "en-US,en;q=0.9", -6, 262},
    {"DE", "de-DE,de;q=0.9,en;q=0.8", 1, 121},
    {"GB", "en-GB,en;q=0.9", 0, 92},
    {"FR", "fr-FR,fr;q=0.9,en;q=0.7", 1, 54},
    {"CA", "en-CA,en;q=0.9,fr;q=0.5", -5, 48},
    {"NL", "nl-NL,nl;q=0.9,en;q=0.8", 1, 41},
    {"IN", "en-IN,en;q=0.9,hi;q=0.6", 5, 40},
    {"AU", "en-AU,en;q=0.9", 10, 34},
    {"SE", "sv-SE,sv;q=0.9,en;q=0.8", 1, 26},
    {"CH", "de-CH,de;q=0.9,fr;q=0.6", 1, 24},
    {"ES", "es-ES,es;q=0.9,en;q=0.6", 1, 24},
    {"IT", "it-IT,it;q=0.9,en;q=0.6", 1, 23},
    {"PL", "pl-PL,pl;q=0.9,en;q=0.7", 1, 20},
    {"BR", "pt-BR,pt;q=0.9,en;q=0.5", -3, 20},
    {"JP", "ja,en-US;q=0.7", 9, 19},
    {"NO", "nb-NO,nb;q=0.9,en;q=0.8", 1, 16},
    {"DK", "da-DK,da;q=0.9,en;q=0.8", 1, 15},
    {"AT", "de-AT,de;q=0.9,en;q=0.7", 1, 15},
    {"BE", "nl-BE,nl;q=0.9,fr;q=0.8", 1, 14},
    {"FI", "fi-FI,fi;q=0.9,en;q=0.8", 2, 12},
    {"NZ", "en-NZ,en;q=0.9", 12, 11},
    {"IE", "en-IE,en;q=0.9", 0, 10},
    {"CZ", "cs-CZ,cs;q=0.9,en;q=0.7", 1, 9},
    {"PT", "pt-PT,pt;q=0.9,en;q=0.7", 0, 8},
    {"ZA", "en-ZA,en;q=0.9", 2, 8},
    {"MX", "es-MX,es;q=0.9,en;q=0.5", -6, 8},
    {"KR", "ko-KR,ko;q=0.9,en;q=0.6", 9, 7},
    {"SG", "en-SG,en;q=0.9,zh;q=0.5", 8, 7},
    {"UA", "uk-UA,uk;q=0.9,en;q=0.6", 2, 7},
    {"AR", "es-AR,es;q=0.9", -3, 6},
    {"RO", "ro-RO,ro;q=0.9,en;q=0.7", 2, 6},
    {"HU", "hu-HU,hu;q=0.9,en;q=0.6", 1, 5},
    {"GR", "el-GR,el;q=0.9,en;q=0.7", 2, 5},
    {"TW", "zh-TW,zh;q=0.9,en;q=0.6", 8, 5},
    {"TR", "tr-TR,tr;q=0.9", 3, 5},
    {"IL", "he-IL,he;q=0.9,en;q=0.8", 2, 4},
    {"CL", "es-CL,es;q=0.9", -4, 4},
    {"EE", "et-EE,et;q=0.9,en;q=0.8", 2, 4},
    {"ID", "id-ID,id;q=0.9", 7, 4},
    {"KE", "en-KE,en;q=0.9,sw;q=0.6", 3, 3},
    {"IS", "is-IS,is;q=0.9,en;q=0.8", 0, 3},
    {"PH", "en-PH,en;q=0.9", 8, 3},
    {"CO", "es-CO,es;q=0.9", -5, 3},
    {"SI", "sl-SI,sl;q=0.9,en;q=0.7", 1, 3},
    {"LT", "lt-LT,lt;q=0.9,en;q=0.7", 2, 3},
};

const size_t traffic_country_count = COUNT(traffic_countries);

/* The first 32 bits are 2001:db8, the last 64 do not matter: so each may have a network. */
struct address traffic_address_draw(struct draw *draw)
{
    struct address address = {.bytes = {0x20, 0x01, 0x0d, 0xb8}, .is_unix = false};
    uint64_t bits = draw_bits(draw);

    memcpy(&address.bytes[4], &bits, 4);
    address.bytes[15] = 1;
    return address;
}

/* ---- with what ------------------------------------------------------------------------------ */

enum version { VERSION_CHROME, VERSION_FIREFOX, VERSION_SAFARI, VERSION_SAMSUNG, VERSION_COUNT_ };

#define WINDOWS "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
#define MAC     "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7"
#define LINUX   "Mozilla/5.0 (X11; Linux x86_64"
#define ANDROID "Mozilla/5.0 (Linux; Android 10; K"
#define CHROME  ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/#.0.0.0 Safari/537.36"
#define PHONE   ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/#.0.0.0 Mobile Safari/537.36"
#define SAFARI  ") AppleWebKit/605.1.15 (KHTML, like Gecko) Version/#.1"
#define FIREFOX "; rv:#.0) Gecko/20100101 Firefox/#.0"

static const struct traffic_agent desktops[] = {
    {WINDOWS CHROME, VERSION_CHROME, 36},
    {MAC CHROME, VERSION_CHROME, 15},
    {WINDOWS CHROME " Edg/#.0.0.0", VERSION_CHROME, 12},
    {MAC SAFARI " Safari/605.1.15", VERSION_SAFARI, 11},
    {WINDOWS FIREFOX, VERSION_FIREFOX, 9},
    {LINUX FIREFOX, VERSION_FIREFOX, 7},
    {LINUX CHROME, VERSION_CHROME, 5},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15" FIREFOX, VERSION_FIREFOX, 3},
    {WINDOWS CHROME " OPR/114.0.0.0", VERSION_CHROME, 2},
};

static const struct traffic_agent phones[] = {
    {"Mozilla/5.0 (iPhone; CPU iPhone OS #_1 like Mac OS X" SAFARI " Mobile/15E148 Safari/604.1",
     VERSION_SAFARI, 43},
    {ANDROID PHONE, VERSION_CHROME, 41},
    {ANDROID ") AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/#.0 Chrome/121.0.0.0 Mobile "
             "Safari/537.36",
     VERSION_SAMSUNG, 7},
    {"Mozilla/5.0 (Android 14; Mobile"
     "; rv:#.0) Gecko/#.0 Firefox/#.0",
     VERSION_FIREFOX, 5},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) CriOS/#.0.6723.90 Mobile/15E148 Safari/604.1",
     VERSION_CHROME, 4},
};

static const struct traffic_agent tablets[] = {
    {"Mozilla/5.0 (iPad; CPU OS #_1 like Mac OS X" SAFARI " Mobile/15E148 Safari/604.1",
     VERSION_SAFARI, 70},
    {"Mozilla/5.0 (Linux; Android 13; SM-X700" CHROME, VERSION_CHROME, 30},
};

const char *const traffic_robots[] = {
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
    "+https://openai.com/gptbot)",
    "python-requests/2.32.3",
    WINDOWS ") AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/124.0.0.0 Safari/537.36",
    "",
    "curl/8.9.1",
};

const size_t traffic_robot_count = COUNT(traffic_robots);

static const char *const desktop_screens[] = {"1920,1080,1", "1536,864,1.25", "2560,1440,1",
                                              "1440,900,2",  "1366,768,1",    "1728,1117,2",
                                              "3840,2160,1"};
static const char *const phone_screens[] = {"390,844,3", "412,915,2.6", "360,800,3", "393,852,3",
                                            "430,932,3"};
static const char *const tablet_screens[] = {"820,1180,2", "1024,1366,2", "768,1024,2"};

#define CLASSES 3

static const struct {
    const struct traffic_agent *agents;
    size_t agent_count;
    const char *const *screens;
    size_t screen_count;
} classes[CLASSES] = {
    {desktops, COUNT(desktops), desktop_screens, COUNT(desktop_screens)},
    {phones, COUNT(phones), phone_screens, COUNT(phone_screens)},
    {tablets, COUNT(tablets), tablet_screens, COUNT(tablet_screens)},
};

/* From so many phones to so many, in the time of the traffic. */
#define PHONES_FIRST 0.33
#define PHONES_LAST  0.43
#define TABLETS      0.035

static size_t draw_class(struct draw *draw, double part)
{
    double at = draw_unit(draw);

    if (at < TABLETS)
        return 2;
    return at < TABLETS + PHONES_FIRST + (PHONES_LAST - PHONES_FIRST) * part ? 1 : 0;
}

/* ---- versions ------------------------------------------------------------------------------- */

/* A version that was new on a day since 1970-01-01, and after how many days the next one was. */
static const struct {
    int32_t day;
    int version;
    int32_t every_days;
    int lag; /* the most versions that somebody is behind */
} releases[VERSION_COUNT_] = {
    [VERSION_CHROME] = {19696, 120, 28, 3},
    [VERSION_FIREFOX] = {19682, 120, 28, 3},
    [VERSION_SAFARI] = {20346, 26, 365, 1},
    [VERSION_SAMSUNG] = {19660, 23, 120, 1},
};

/* Before it was numbered by years. */
#define SAFARI_BEFORE 18

static int current_version(enum version which, int32_t day)
{
    int32_t age = day - releases[which].day;

    if (which == VERSION_SAFARI && age < 0)
        return SAFARI_BEFORE;
    return age < 0 ? releases[which].version
                   : releases[which].version + age / releases[which].every_days;
}

/* Two of three have the current one, and the others are mostly one behind. */
static int draw_version(struct draw *draw, enum version which, int32_t day)
{
    int version = current_version(which, day);

    for (int behind = 0; behind < releases[which].lag && draw_chance(draw, 0.33); behind++)
        version--;
    return which == VERSION_SAFARI && version == 25 ? SAFARI_BEFORE : version;
}

/* ---- somebody ------------------------------------------------------------------------------- */

#define MAX_AGENTS 16

static const struct traffic_agent *draw_agent(struct draw *draw, size_t class)
{
    const struct traffic_agent *agents = classes[class].agents;
    size_t count = classes[class].agent_count;
    double sums[MAX_AGENTS];
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sums[i] = sum += agents[i].weight;
    return &agents[draw_from(draw, sums, count)];
}

void traffic_person_draw(struct draw *draw, size_t country, double part, int32_t day,
                         struct traffic_person *out)
{
    size_t class = draw_class(draw, part);

    out->country = &traffic_countries[country];
    out->agent = draw_agent(draw, class);
    out->version = draw_version(draw, (enum version)out->agent->versions, day);
    out->screen = classes[class].screens[draw_below(draw, classes[class].screen_count)];
    out->address = traffic_address_draw(draw);
}

void traffic_person_agent(const struct traffic_person *person, struct strbuf *out)
{
    for (const char *c = person->agent->text; *c != '\0'; c++) {
        if (*c == '#')
            strbuf_append_int(out, person->version);
        else
            strbuf_append_char(out, *c);
    }
}
