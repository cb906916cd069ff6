/* Loading: a few reads, one after the other, each when the one before has told where to look.
 *
 *     host   -> settings of SITE_DEFAULT's shard: has any site a domain?  -> domain/HOST
 *     id     -> settings, site/ID, both of the site's shard -> of a host: look it up again
 *     salts  -> salt/ID/DAY, and that of the day before -> made, when it is not there
 *
 * A host is looked up again when its site had to be read, since its site has to be read first: see
 * directory_keep_host(). And domain/HOST is only believed when the site itself has that domain: it
 * may be left of a change that was interrupted.
 */
#include <stdlib.h>

#include "base/log.h"
#include "count/bucket.h"
#include "count/directory_part.h"

/* Further ones are answered that the store is busy. */
#define MAX_LOADS 128

/* A salt outlives its day by the longest visit, twice, and then some for clocks that differ. */
#define SALT_GRACE_S 7200

/* So often a host is looked up before somebody has to ask again; four times at most, unless its
 * site changes meanwhile. */
#define MAX_LOOKUPS 8

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
    unsigned lookups;              /* of the host; 0: it is not asked for */
    uint64_t reading;              /* of the directory, as the host was looked up */
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

static bool is_by_host(const struct load *load)
{
    return load->host[0] != '\0';
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

static void look_up(struct load *load);

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
    if (known && is_by_host(load))
        look_up(load);
    else if (known && known->settings)
        read_salts(load, known);
    else
        finish(load, err);
}

static void set_id(struct load *load, struct slice id)
{
    memmove(load->id, id.ptr, id.len); /* it may be the load's own */
    load->id[id.len] = '\0';
}

static void read_site(struct load *load, struct slice id)
{
    char text[SETTINGS_KEY_BYTES];
    char site[SITE_KEY_BYTES];
    struct slice keys[2];

    set_id(load, id);
    keys[0] = settings_key(load->directory->store, shard_of(load), text);
    keys[1] = site_key(id_of(load), site);
    load->op = store_read(load->directory->store, shard_of(load), keys, 2, on_site, load);
    if (!load->op)
        finish(load, ERR_UNAVAILABLE);
}

/* ---- the host ------------------------------------------------------------------------------- */

/* True when the site was read before the host was looked up. */
static bool is_read_before(const struct load *load, const struct known_site *site)
{
    return site && site->number <= load->reading;
}

static void take_site(struct load *load, struct slice id, const struct known_site *site)
{
    enum err err = directory_keep_host(load->directory, slice_str(load->host), id);

    set_id(load, id);
    if (err == ERR_OK && site->settings)
        read_salts(load, site);
    else
        finish(load, err);
}

static void take_default(struct load *load)
{
    const struct slice id = SLICE(SITE_DEFAULT);
    const struct known_site *site = directory_site(load->directory, id);

    if (is_read_before(load, site))
        take_site(load, id, site);
    else
        read_site(load, id);
}

/* The site that domain/HOST names does not have the domain, as far as is known. That has to be
 * known of it since the default site was read. */
static void refuse_owner(struct load *load, struct slice id, const struct known_site *owner)
{
    const struct known_site *site = directory_site(load->directory, SLICE(SITE_DEFAULT));

    if (is_read_before(load, site) && owner->number < site->number)
        read_site(load, id);
    else
        take_default(load);
}

static void take_owner(struct load *load, struct slice id)
{
    const struct known_site *site = directory_site(load->directory, id);

    if (!is_read_before(load, site))
        read_site(load, id);
    else if (site->settings && site_has_host(site->settings, slice_str(load->host)))
        take_site(load, id, site);
    else
        refuse_owner(load, id, site);
}

static void on_domain(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct load *load = ctx;

    load->op = NULL;
    if (err != ERR_OK || count != 1)
        finish(load, err);
    else if (records[0].value.len == 0 || records[0].value.len > COUNTER_MAX_SITE)
        take_default(load);
    else
        take_owner(load, records[0].value);
}

/* A copy from a store of fewer shards brings the records of these alone: what is not there says
 * nothing then. */
static bool may_have_domains(const struct load *load, const struct record *settings)
{
    return slice_eq(settings->value, SETTINGS_HAVE_DOMAINS) ||
           (settings->version == RECORD_ABSENT && store_shard_count(load->directory->store) > 1);
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
    if (!may_have_domains(load, &records[0])) {
        take_default(load);
        return;
    }
    key = domain_key(slice_str(load->host), text);
    load->op =
        store_read(store, store_shard_of(store, record_owner(key)), &key, 1, on_domain, load);
    if (!load->op)
        finish(load, ERR_UNAVAILABLE);
}

static void look_up(struct load *load)
{
    struct store *store = load->directory->store;
    unsigned shard = store_shard_of(store, SLICE(SITE_DEFAULT));
    char text[SETTINGS_KEY_BYTES];
    struct slice key = settings_key(store, shard, text);

    if (load->lookups++ == MAX_LOOKUPS) {
        finish(load, ERR_OK); /* who waits asks again, or gives up */
        return;
    }
    load->reading = load->directory->reading;
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
    if (is_by_host(load))
        look_up(load);
    else if (site && site->settings)
        read_salts(load, site);
    else
        read_site(load, id_of(load));
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
