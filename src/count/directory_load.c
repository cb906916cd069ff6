/* Loading: a few reads, one after the other, each when the one before has told where to look.
 *
 *     host   -> settings of SITE_DEFAULT's shard: has any site a domain?  -> domain/HOST
 *     id     -> settings, site/ID, both of the site's shard
 *     salts  -> salt/ID/DAY, and that of the day before -> made, when it is not there
 */
#include <stdlib.h>

#include "base/log.h"
#include "count/bucket.h"
#include "count/directory_part.h"

/* Further ones are answered that the store is busy. */
#define MAX_LOADS 128

/* A salt outlives its day by the longest visit, twice, and then some for clocks that differ. */
#define SALT_GRACE_S 7200

struct directory_wait {
    struct load *load;
    directory_done_fn *done;
    void *ctx;
    struct directory_wait *next;
};

struct load {
    struct directory *directory;
    struct directory_wait *waits; /* those who want the same */
    struct store_op *op;
    struct salt_order *order;
    int64_t unix_s;                /* on whose day the salts are wanted */
    bool is_beginning;             /* who asked is not told inside the call */
    bool has_failed;               /* in that time */
    char id[COUNTER_MAX_SITE + 1]; /* empty: not known yet */
    char host[DOMAIN_MAX_HOST + 1];
    struct load *prev;
    struct load *next;
};

static struct slice id_of(const struct load *load)
{
    return slice_str(load->id);
}

static unsigned shard_of(const struct load *load)
{
    return store_shard_of(load->directory->store, id_of(load));
}

/* ---- the end -------------------------------------------------------------------------------- */

static void unlink_load(struct load *load)
{
    struct directory *directory = load->directory;

    if (load->prev)
        load->prev->next = load->next;
    else
        directory->loads = load->next;
    if (load->next)
        load->next->prev = load->prev;
    directory->load_count--;
}

static void load_free(struct load *load)
{
    struct directory_wait *next;

    store_op_cancel(load->op);
    salt_cancel(load->order);
    for (struct directory_wait *wait = load->waits; wait; wait = next) {
        next = wait->next;
        free(wait);
    }
    free(load);
}

/* What is called here may begin further loads. */
static void finish(struct load *load, enum err err)
{
    struct directory_wait *wait;

    if (load->is_beginning) {
        load->has_failed = true;
        return;
    }
    unlink_load(load);
    while ((wait = load->waits)) {
        load->waits = wait->next;
        if (wait->done)
            wait->done(wait->ctx, err);
        free(wait);
    }
    load_free(load);
}

void directory_drop_loads(struct directory *directory)
{
    while (directory->loads) {
        struct load *load = directory->loads;

        unlink_load(load);
        load_free(load);
    }
}

/* ---- salts ---------------------------------------------------------------------------------- */

static void on_made(void *ctx, enum err err, const unsigned char *salt)
{
    struct load *load = ctx;
    struct known_site *site = directory_site(load->directory, id_of(load));
    struct moment moment;

    load->order = NULL;
    if (err == ERR_OK && site) {
        moment_of(site->zone, load->unix_s, &moment);
        known_site_keep_salt(site, moment.day, salt);
    }
    finish(load, err);
}

static void make_salt(struct load *load, const struct moment *moment)
{
    int64_t ttl_s = moment->day_ends_unix_s - load->unix_s + SALT_GRACE_S;

    load->order =
        salt_make(load->directory->salts, id_of(load), moment->day, (uint32_t)ttl_s, on_made, load);
    if (!load->order)
        finish(load, ERR_NO_MEMORY);
}

static bool is_salt(const struct record *record)
{
    return record->version != RECORD_ABSENT && record->value.len == SALT_BYTES;
}

static void on_salts(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct load *load = ctx;
    struct known_site *site = directory_site(load->directory, id_of(load));
    struct moment moment;

    load->op = NULL;
    if (err != ERR_OK || count != 2 || !site) { /* it may have been forgotten meanwhile */
        finish(load, err);
        return;
    }
    moment_of(site->zone, load->unix_s, &moment);
    known_site_keep_salt(site, moment.day - 1,
                         is_salt(&records[1]) ? (const unsigned char *)records[1].value.ptr : NULL);
    if (!is_salt(&records[0])) {
        make_salt(load, &moment);
        return;
    }
    known_site_keep_salt(site, moment.day, (const unsigned char *)records[0].value.ptr);
    finish(load, ERR_OK);
}

static void read_salts(struct load *load, const struct known_site *site)
{
    char text[2][SALT_KEY_BYTES];
    struct moment moment;
    struct slice keys[2];

    moment_of(site->zone, load->unix_s, &moment);
    keys[0] = salt_key(id_of(load), moment.day, text[0]);
    keys[1] = salt_key(id_of(load), moment.day - 1, text[1]);
    load->op = store_read(load->directory->store, shard_of(load), keys, 2, on_salts, load);
    if (!load->op)
        finish(load, ERR_UNAVAILABLE);
}

/* ---- the site ------------------------------------------------------------------------------- */

static enum err open_site(const struct load *load, const struct record *record, struct site **site,
                          struct zone **zone)
{
    struct err_info info = {""};
    enum err err = ERR_OK;

    *site = NULL;
    *zone = NULL;
    if (record->version != RECORD_ABSENT)
        err = site_decode(record->value, site, &info);
    else if (slice_eq(id_of(load), SLICE(SITE_DEFAULT)))
        *site = site_default();
    else
        return ERR_OK;
    if (err == ERR_OK && !*site)
        err = ERR_NO_MEMORY;
    if (err == ERR_OK)
        err = zone_open((*site)->zone, zone, &info);
    if (err == ERR_OK)
        return ERR_OK;
    log_error("a site's settings cannot be used", LOG_STR("site", load->id),
              LOG_STR("reason", info.text));
    site_destroy(*site);
    return ERR_UNAVAILABLE;
}

static void on_site(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct load *load = ctx;
    struct directory *directory = load->directory;
    const struct known_site *known;
    struct site *site;
    struct zone *zone;

    load->op = NULL;
    if (err == ERR_OK && count == 2)
        err = open_site(load, &records[1], &site, &zone);
    if (err == ERR_OK)
        err = directory_keep_site(directory, id_of(load), site, zone, records[0].version);
    known = err == ERR_OK ? directory_site(directory, id_of(load)) : NULL;
    if (known && known->settings)
        read_salts(load, known);
    else
        finish(load, err);
}

static void read_site(struct load *load)
{
    char text[SETTINGS_KEY_BYTES];
    char site[SITE_KEY_BYTES];
    const struct slice keys[2] = {settings_key(load->directory->store, shard_of(load), text),
                                  site_key(id_of(load), site)};

    load->op = store_read(load->directory->store, shard_of(load), keys, 2, on_site, load);
    if (!load->op)
        finish(load, ERR_UNAVAILABLE);
}

/* ---- the host ------------------------------------------------------------------------------- */

static void take_id(struct load *load, struct slice id, uint64_t version)
{
    enum err err = directory_keep_host(load->directory, slice_str(load->host), id, version);
    const struct known_site *site;

    if (err != ERR_OK) {
        finish(load, err);
        return;
    }
    memcpy(load->id, id.ptr, id.len);
    load->id[id.len] = '\0';
    site = directory_site(load->directory, id);
    if (site && site->settings)
        read_salts(load, site);
    else
        read_site(load);
}

static void on_domain(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct load *load = ctx;
    struct slice id = SLICE(SITE_DEFAULT);

    load->op = NULL;
    if (err != ERR_OK || count != 1) {
        finish(load, err);
        return;
    }
    if (records[0].value.len > 0 && records[0].value.len <= COUNTER_MAX_SITE)
        id = records[0].value;
    take_id(load, id, records[0].version);
}

static void on_settings(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct load *load = ctx;
    struct store *store = load->directory->store;
    char text[DOMAIN_KEY_BYTES];
    struct slice key;

    load->op = NULL;
    if (err != ERR_OK || count != 1) {
        finish(load, err);
        return;
    }
    if (!slice_eq(records[0].value, SETTINGS_HAVE_DOMAINS)) {
        take_id(load, SLICE(SITE_DEFAULT), records[0].version);
        return;
    }
    key = domain_key(slice_str(load->host), text);
    load->op =
        store_read(store, store_shard_of(store, record_owner(key)), &key, 1, on_domain, load);
    if (!load->op)
        finish(load, ERR_UNAVAILABLE);
}

static void read_settings(struct load *load)
{
    struct store *store = load->directory->store;
    unsigned shard = store_shard_of(store, SLICE(SITE_DEFAULT));
    char text[SETTINGS_KEY_BYTES];
    struct slice key = settings_key(store, shard, text);

    load->op = store_read(store, shard, &key, 1, on_settings, load);
    if (!load->op)
        finish(load, ERR_UNAVAILABLE);
}

/* ---- the beginning -------------------------------------------------------------------------- */

static struct load *find_load(const struct directory *directory, struct slice id, struct slice host)
{
    for (struct load *load = directory->loads; load; load = load->next) {
        if (id.len > 0 ? slice_eq(id_of(load), id) : slice_eq(slice_str(load->host), host))
            return load;
    }
    return NULL;
}

static struct load *create_load(struct directory *directory, struct slice id, struct slice host)
{
    struct load *load = directory->load_count < MAX_LOADS ? calloc(1, sizeof(*load)) : NULL;

    if (!load)
        return NULL;
    load->directory = directory;
    if (id.len > 0)
        memcpy(load->id, id.ptr, id.len);
    else
        memcpy(load->host, host.ptr, host.len);
    load->next = directory->loads;
    if (load->next)
        load->next->prev = load;
    directory->loads = load;
    directory->load_count++;
    return load;
}

/* False: nothing was begun. */
static bool begin(struct load *load)
{
    const struct known_site *site = directory_site(load->directory, id_of(load));

    load->is_beginning = true;
    if (load->id[0] == '\0')
        read_settings(load);
    else if (site && site->settings)
        read_salts(load, site);
    else
        read_site(load);
    load->is_beginning = false;
    return !load->has_failed;
}

struct directory_wait *directory_load(struct directory *directory, const struct site_wish *wish,
                                      directory_done_fn *done, void *ctx)
{
    struct slice known_id = directory_id(directory, wish);
    struct slice id = known_id.ptr ? known_id : SLICE("");
    struct load *load = find_load(directory, id, wish->host);
    struct directory_wait *wait = calloc(1, sizeof(*wait));
    bool is_new = !load;

    if (!wait)
        return NULL;
    if (is_new)
        load = create_load(directory, id, wish->host);
    if (!load) {
        free(wait);
        return NULL;
    }
    *wait = (struct directory_wait){.load = load, .done = done, .ctx = ctx, .next = load->waits};
    load->waits = wait;
    if (!is_new)
        return wait;
    /* A hit of today has today's salts, one of an earlier day needs none: those are gone, and must
     * not be made again. */
    load->unix_s = wish->unix_s > wish->now_unix_s ? wish->unix_s : wish->now_unix_s;
    if (begin(load))
        return wait;
    unlink_load(load);
    load_free(load);
    return NULL;
}

void directory_cancel(struct directory_wait *wait)
{
    if (wait)
        wait->done = NULL;
}
