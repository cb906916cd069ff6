#include "count/known_source.h"

#include "base/ascii.h"
#include "count/url.h"

/* The keys of hosts have at most so many labels: outlook.office365.com has three. */
#define MAX_LABELS 4

static const struct known_source *find(enum known_source_kind kind, struct slice key)
{
    size_t high;
    const struct known_source *rows = known_source_all(kind, &high);
    size_t low = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = ascii_compare(key, rows[middle].key);

        if (order == 0)
            return &rows[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* The last label of `host` together with the dot before it; all of it when there is no dot. */
static struct slice last_label(struct slice host)
{
    const char *dot = host.len > 0 ? memrchr(host.ptr, '.', host.len) : NULL;

    return dot ? slice_from(host, (size_t)(dot - host.ptr)) : host;
}

static struct slice without(struct slice host, struct slice end)
{
    return slice_of(host.ptr, host.len - end.len);
}

/* The name of the lowest domain above `host`, or of `host` itself, that is known. */
static struct slice find_above(struct slice host)
{
    struct slice name = SLICE("");
    struct slice rest = without(host, last_label(host));

    for (unsigned labels = 2; labels <= MAX_LABELS && rest.len > 0; labels++) {
        const struct known_source *found;
        size_t start;

        rest = without(rest, last_label(rest));
        start = rest.len > 0 ? rest.len + 1 : 0;
        found = find(KNOWN_HOST, slice_from(host, start));
        if (found && (start == 0 || !found->is_alone))
            name = found->name;
    }
    return name;
}

/* What is left of `host` without a country: google of google.de, google.co.uk, google.com.br and
 * google.cat; empty when it has none. */
static struct slice without_country(struct slice host)
{
    struct slice country = last_label(host);
    struct slice stem = without(host, country);
    struct slice kind = last_label(stem);

    if (country.len != SLICE(".de").len && !slice_eq(country, SLICE(".cat")))
        return SLICE("");
    if (slice_eq(kind, SLICE(".co")) || slice_eq(kind, SLICE(".com")))
        return without(stem, kind);
    return stem;
}

/* Services that have the same name under the domain of each country. */
static bool is_in_many_countries(struct slice stem)
{
    static const struct slice services[] = {SLICE_INIT("amazon"), SLICE_INIT("ebay"),
                                            SLICE_INIT("google"), SLICE_INIT("pinterest"),
                                            SLICE_INIT("yahoo"),  SLICE_INIT("yandex")};
    struct slice label = last_label(stem);

    if (label.len > 0 && label.ptr[0] == '.')
        label = slice_from(label, 1);
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        if (slice_eq(label, services[i]))
            return true;
    }
    return false;
}

struct slice known_source_of_host(struct slice host)
{
    const struct slice com = SLICE(".com");
    struct slice name = find_above(host);
    struct slice stem;
    char key[URL_MAX_HOST + sizeof(".com")];

    if (name.len > 0 || host.len > URL_MAX_HOST)
        return name;
    stem = without_country(host);
    if (!is_in_many_countries(stem))
        return SLICE("");
    memcpy(key, stem.ptr, stem.len);
    memcpy(key + stem.len, com.ptr, com.len);
    return find_above(slice_of(key, stem.len + com.len));
}

struct slice known_source_of_app(struct slice key)
{
    const struct known_source *found = find(KNOWN_APP, key);

    return found ? found->name : SLICE("");
}

struct slice known_source_of_word(struct slice key)
{
    const struct known_source *found = find(KNOWN_WORD, key);

    return found ? found->name : SLICE("");
}
