#include "store/forgotten.h"

#include <stdlib.h>
#include <string.h>

#define MARKS 16

/* Up to commit `number`, `views` had been added in all. */
struct mark {
    uint64_t number;
    int64_t views;
};

struct forgotten_site {
    int64_t views; /* of dropped commits that the store still has, as far as is known */
    int64_t lost;
    uint64_t latest; /* number of the last one of them */
    size_t mark_count;
    struct mark marks[MARKS]; /* ascending */
    size_t name_len;
    char name[];
};

void forgotten_init(struct forgotten *forgotten)
{
    hashmap_init(&forgotten->sites);
}

void forgotten_fini(struct forgotten *forgotten)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&forgotten->sites, &i));)
        free(entry->value);
    hashmap_fini(&forgotten->sites);
}

static struct forgotten_site *make_site(struct forgotten *forgotten, struct slice name)
{
    struct forgotten_site *site = calloc(1, sizeof(*site) + name.len);
    void **place;

    if (!site)
        return NULL;
    memcpy(site->name, name.ptr, name.len);
    site->name_len = name.len;
    place = hashmap_put(&forgotten->sites, slice_of(site->name, name.len));
    if (!place) {
        free(site);
        return NULL;
    }
    *place = site;
    return site;
}

static struct forgotten_site *find_site(struct forgotten *forgotten, struct slice name)
{
    struct forgotten_site *site = hashmap_get(&forgotten->sites, name);

    if (site)
        return site;
    if (forgotten->sites.count < FORGOTTEN_MAX_SITES)
        return make_site(forgotten, name);
    site = hashmap_get(&forgotten->sites, SLICE("(other)"));
    return site ? site : make_site(forgotten, SLICE("(other)"));
}

/* Drops the mark that is missed least: the one between close neighbours, seen from `now`. */
static void thin_out(struct forgotten_site *site, uint64_t now)
{
    size_t least = 1;
    double least_gap = 0;

    for (size_t i = 1; i + 1 < MARKS; i++) {
        const struct mark *m = &site->marks[i];
        double gap = (double)(m[1].number - m[-1].number) / (double)(now - m->number + 1);

        if (i == 1 || gap < least_gap) {
            least = i;
            least_gap = gap;
        }
    }
    memmove(&site->marks[least], &site->marks[least + 1],
            (MARKS - least - 1) * sizeof(site->marks[0]));
    site->mark_count--;
}

void forgotten_add(struct forgotten *forgotten, uint64_t number, struct slice name, int64_t views)
{
    struct forgotten_site *site = find_site(forgotten, name);

    if (!site)
        return;
    if (site->mark_count == MARKS)
        thin_out(site, number);
    site->marks[site->mark_count++] = (struct mark){number - 1, site->views};
    site->views += views;
    site->latest = number;
}

void forgotten_reset(struct forgotten *forgotten)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&forgotten->sites, &i));) {
        struct forgotten_site *site = entry->value;

        site->views = 0;
        site->latest = 0;
        site->mark_count = 0;
    }
}

static void lose(struct forgotten_site *site, uint64_t last_number)
{
    size_t kept = site->mark_count;
    int64_t views;

    if (site->latest <= last_number)
        return;
    while (kept > 0 && site->marks[kept - 1].number > last_number)
        kept--;
    views = kept > 0 ? site->marks[kept - 1].views : 0;
    site->lost += site->views - views;
    site->views = views;
    site->latest = kept > 0 ? site->marks[kept - 1].number : 0;
    site->mark_count = kept;
}

void forgotten_lose(struct forgotten *forgotten, uint64_t last_number)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&forgotten->sites, &i));)
        lose(entry->value, last_number);
}

void forgotten_lose_views(struct forgotten *forgotten, struct slice name, int64_t views)
{
    struct forgotten_site *site = find_site(forgotten, name);

    if (site)
        site->lost += views;
}

void forgotten_each_lost(const struct forgotten *forgotten, forgotten_fn *fn, void *ctx)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&forgotten->sites, &i));) {
        const struct forgotten_site *site = entry->value;

        if (site->lost > 0)
            fn(ctx, entry->key, site->lost);
    }
}
