/**
 * What directory.c and directory_load.c share.
 */
#ifndef FOOTFALL_COUNT_DIRECTORY_PART_H
#define FOOTFALL_COUNT_DIRECTORY_PART_H

#include "base/hashmap.h"
#include "count/directory.h"
#include "count/salt_maker.h"
#include "count/settings_key.h"

struct salt {
    int32_t day;
    bool is_there; /* false: the store has none */
    unsigned char bytes[SALT_BYTES];
};

struct known_site {
    struct site *settings; /* NULL: there is no such site */
    struct zone *zone;     /* NULL: UTC */
    uint64_t version;
    uint64_t number;      /* of the reading it is from: the later, the higher */
    struct salt salts[2]; /* the later day first; day -1: not known */
    char id[];            /* key in directory.sites */
};

struct known_host {
    char id[COUNTER_MAX_SITE + 1]; /* of its site */
    char host[];                   /* key in directory.hosts */
};

struct directory {
    struct store *store;
    struct store_env env;
    struct salt_maker *salts;
    struct hashmap sites;
    struct hashmap hosts;
    uint64_t reading;   /* number of the last one that made a site known */
    struct load *loads; /* under way */
    size_t load_count;
};

/** Makes a site known, in the place of what was known of it; owns `settings` and `zone` then, and
 * frees them when there is no memory. What is known under another version is forgotten. */
enum err directory_keep_site(struct directory *directory, struct slice id, struct site *settings,
                             struct zone *zone, uint64_t version) MUST_CHECK;

/** Notes which site a host belongs to. The settings of that site must have been read before the
 * host was looked up: then a later change makes them stale, and the host is forgotten with them. */
enum err directory_keep_host(struct directory *directory, struct slice host,
                             struct slice id) MUST_CHECK;

/** NULL: not known. */
struct known_site *directory_site(const struct directory *directory, struct slice id);

/** The id of the site that a wish is for; ptr NULL: its host is not known. */
struct slice directory_id(const struct directory *directory, const struct site_wish *wish);

/** Notes a salt. @param bytes  NULL: the store has none */
void known_site_keep_salt(struct known_site *site, int32_t day, const unsigned char *bytes);

/** NULL: not known. */
const struct salt *known_site_salt(const struct known_site *site, int32_t day);

/** True while a visit of the day before may still go on. */
bool moment_is_early(const struct moment *moment, struct zone *zone, int64_t unix_s);

/** Cancels all loads; nobody is told. */
void directory_drop_loads(struct directory *directory);

#endif
