#include "count/directory_part.h"

#include <sodium.h>
#include <stdlib.h>

#include "count/bucket.h"

/* ---- sites ---------------------------------------------------------------------------------- */

static void site_free(struct known_site *site)
{
    if (!site)
        return;
    site_destroy(site->settings);
    zone_close(site->zone);
    sodium_memzero(site->salts, sizeof(site->salts));
    free(site);
}

struct known_site *directory_site(const struct directory *directory, struct slice id)
{
    return hashmap_get(&directory->sites, id);
}

static void forget_hosts(struct directory *directory)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&directory->hosts, &i));)
        free(entry->value);
    hashmap_clear(&directory->hosts);
}

/* A host is not known without its site: see directory_keep_host(). */
static void forget_all(struct directory *directory)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&directory->sites, &i));)
        site_free(entry->value);
    hashmap_clear(&directory->sites);
    forget_hosts(directory);
}

static struct known_site *create_site(struct slice id)
{
    struct known_site *made = calloc(1, sizeof(*made) + id.len);

    if (!made)
        return NULL;
    memcpy(made->id, id.ptr, id.len);
    made->salts[0].day = -1;
    made->salts[1].day = -1;
    return made;
}

/* A site that is known already keeps its salts. */
static struct known_site *place_site(struct directory *directory, struct slice id)
{
    struct known_site *site = directory_site(directory, id);
    void **place;

    if (site) {
        site_destroy(site->settings);
        zone_close(site->zone);
        return site;
    }
    if (directory->sites.count >= DIRECTORY_MAX)
        forget_all(directory);
    site = create_site(id);
    place = site ? hashmap_put(&directory->sites, slice_of(site->id, id.len)) : NULL;
    if (!place) {
        free(site);
        return NULL;
    }
    *place = site;
    return site;
}

enum err directory_keep_site(struct directory *directory, struct slice id, struct site *settings,
                             struct zone *zone, uint64_t version)
{
    struct known_site *site = directory_site(directory, id);

    if (site && site->version != version)
        forget_all(directory);
    site = place_site(directory, id);
    if (!site) {
        site_destroy(settings);
        zone_close(zone);
        return ERR_NO_MEMORY;
    }
    site->settings = settings;
    site->zone = zone;
    site->version = version;
    site->number = ++directory->reading;
    return ERR_OK;
}

/* ---- hosts ---------------------------------------------------------------------------------- */

enum err directory_keep_host(struct directory *directory, struct slice host, struct slice id)
{
    struct known_host *known = hashmap_get(&directory->hosts, host);
    void **place;

    if (!known) {
        if (directory->hosts.count >= DIRECTORY_MAX)
            forget_hosts(directory);
        known = calloc(1, sizeof(*known) + host.len);
        if (!known)
            return ERR_NO_MEMORY;
        memcpy(known->host, host.ptr, host.len);
        place = hashmap_put(&directory->hosts, slice_of(known->host, host.len));
        if (!place) {
            free(known);
            return ERR_NO_MEMORY;
        }
        *place = known;
    }
    memcpy(known->id, id.ptr, id.len);
    known->id[id.len] = '\0';
    return ERR_OK;
}

struct slice directory_id(const struct directory *directory, const struct site_wish *wish)
{
    const struct known_host *known;

    if (wish->id.len > 0)
        return wish->id;
    if (wish->host.len == 0 || wish->host.len > DOMAIN_MAX_HOST)
        return SLICE(SITE_DEFAULT);
    known = hashmap_get(&directory->hosts, wish->host);
    return known ? slice_str(known->id) : slice_of(NULL, 0);
}

void directory_expire(struct directory *directory, uint64_t version)
{
    struct hashmap_entry *entry;
    bool is_known = false;

    for (size_t i = 0; !is_known && (entry = hashmap_next(&directory->sites, &i));)
        is_known = ((const struct known_site *)entry->value)->version == version;
    if (is_known)
        forget_all(directory);
}

/* ---- salts ---------------------------------------------------------------------------------- */

const struct salt *known_site_salt(const struct known_site *site, int32_t day)
{
    for (size_t i = 0; i < 2; i++) {
        if (site->salts[i].day == day)
            return &site->salts[i];
    }
    return NULL;
}

void known_site_keep_salt(struct known_site *site, int32_t day, const unsigned char *bytes)
{
    struct salt *place = &site->salts[0];

    if (day > site->salts[0].day)
        site->salts[1] = site->salts[0];
    else if (day < site->salts[0].day)
        place = &site->salts[1];
    place->day = day;
    place->is_there = bytes != NULL;
    if (bytes)
        memcpy(place->bytes, bytes, SALT_BYTES);
}

void directory_forget_salts(struct directory *directory, int64_t unix_s)
{
    struct hashmap_entry *entry;

    for (size_t i = 0; (entry = hashmap_next(&directory->sites, &i));) {
        struct known_site *site = entry->value;
        struct moment moment;

        moment_of(site->zone, unix_s, &moment);
        for (size_t s = 0; s < 2; s++) {
            if (site->salts[s].day >= moment.day - 1)
                continue;
            sodium_memzero(&site->salts[s], sizeof(site->salts[s]));
            site->salts[s].day = -1;
        }
    }
}

bool moment_is_early(const struct moment *moment, struct zone *zone, int64_t unix_s)
{
    return unix_s - bucket_start_unix_s(zone, moment->day) < VISIT_GAP_S;
}

/* ---- looking -------------------------------------------------------------------------------- */

/* True for a hit of a day that is over for its site. Only a moment that is past is looked at twice:
 * going to and fro costs what moment_of() keeps of an hour. */
static bool is_of_earlier_day(const struct known_site *site, const struct site_wish *wish,
                              const struct moment *moment)
{
    struct moment now;

    if (wish->unix_s >= wish->now_unix_s)
        return false;
    moment_of(site->zone, wish->now_unix_s, &now);
    return moment->day < now.day;
}

static bool find_salts(const struct known_site *site, const struct site_wish *wish,
                       struct site_now *out)
{
    const struct salt *today = known_site_salt(site, out->moment.day);
    const struct salt *before = NULL;

    if (!today || !today->is_there)
        return false;
    out->salt = today->bytes;
    out->salt_before = NULL;
    if (!moment_is_early(&out->moment, site->zone, wish->unix_s))
        return true;
    before = known_site_salt(site, out->moment.day - 1);
    if (before && before->is_there)
        out->salt_before = before->bytes;
    return before != NULL;
}

enum site_found directory_look(struct directory *directory, const struct site_wish *wish,
                               struct site_now *out)
{
    struct slice id = directory_id(directory, wish);
    const struct known_site *site = id.ptr ? directory_site(directory, id) : NULL;

    if (!site)
        return SITE_NOT_KNOWN;
    out->version = site->version;
    out->settings = site->settings;
    if (!site->settings)
        return SITE_NOT_THERE;
    moment_of(site->zone, wish->unix_s, &out->moment);
    out->salt = NULL;
    out->salt_before = NULL;
    if (is_of_earlier_day(site, wish, &out->moment))
        return SITE_FOUND;
    return find_salts(site, wish, out) ? SITE_FOUND : SITE_NOT_KNOWN;
}

/* ---- the directory -------------------------------------------------------------------------- */

struct directory *directory_create(struct store *store, const struct store_env *env)
{
    struct directory *directory = calloc(1, sizeof(*directory));

    if (!directory)
        return NULL;
    directory->store = store;
    directory->env = *env;
    hashmap_init(&directory->sites);
    hashmap_init(&directory->hosts);
    directory->salts = salt_maker_create(store, env);
    if (!directory->salts) {
        directory_destroy(directory);
        return NULL;
    }
    return directory;
}

void directory_destroy(struct directory *directory)
{
    if (!directory)
        return;
    directory_drop_loads(directory);
    salt_maker_destroy(directory->salts);
    forget_all(directory);
    hashmap_fini(&directory->sites);
    hashmap_fini(&directory->hosts);
    free(directory);
}

bool directory_is_idle(const struct directory *directory)
{
    return salt_maker_is_idle(directory->salts);
}
