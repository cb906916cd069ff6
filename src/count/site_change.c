/* A change, stage by stage. Each begins when nothing of the one before is in flight any more. A
 * conflict, somebody else's change, leads back to the first stage. */
#include <assert.h>
#include <stdlib.h>

#include "base/random.h"
#include "count/settings_key.h"
#include "count/site_store_part.h"

/* Its record, those of its domains, the keys. */
#define CHUNK_BYTES 8192
#define MAX_BYTES   131072

/* Two processes that change sites at the same moment meet a few times in a row at most, since each
 * waits for another while before it tries again. */
#define MAX_TRIES      20
#define MAX_BACKOFF_MS 200

/* A batch that was planned before the site was removed is in the store by then. What it brings is
 * dropped, too. */
#define PURGE_AGAIN_MS 1000

static void step(struct site_change *change);

/* ---- the end -------------------------------------------------------------------------------- */

static void drop_flights(struct site_change *change)
{
    for (unsigned i = 0; i < change->sites->shard_count; i++) {
        store_op_cancel(change->parts[i].op);
        commit_unref(change->parts[i].commit);
    }
    store_op_cancel(change->totals);
    store_op_cancel(change->purge);
    site_reading_cancel(change->list);
}

void site_change_destroy(struct site_change *change)
{
    if (!change)
        return;
    drop_flights(change);
    timer_stop(change->sites->env.timers, &change->timer);
    site_destroy(change->before);
    site_destroy(change->after);
    arena_fini(&change->arena);
    free(change);
}

static void finish(struct site_change *change)
{
    struct site_store *sites = change->sites;
    const struct site_outcome outcome = {.err = change->err,
                                         .why = change->info.text,
                                         .before = change->before,
                                         .after = change->after,
                                         .views = change->views};

    sites->first = change->next;
    if (change->done)
        change->done(change->ctx, &outcome);
    site_change_destroy(change);
    if (sites->first)
        site_change_begin(sites->first);
}

void site_change_landed(struct site_change *change, enum err err, const char *why)
{
    if (err != ERR_OK && change->err == ERR_OK) {
        change->err = err;
        err_info_set(&change->info, "%s", why ? why : "the store cannot be reached");
    }
    if (--change->pending == 0)
        step(change);
}

/* ---- reading records ------------------------------------------------------------------------ */

static bool is_in_part(const struct site_change *change, const struct site_part *part, size_t i)
{
    return i >= change->read_from && change->records[i].shard == part->shard;
}

static void on_records(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct site_part *part = ctx;
    struct site_change *change = part->change;
    size_t n = 0;

    part->op = NULL;
    for (size_t i = 0; i < change->record_count && n < count; i++) {
        struct site_record *record = &change->records[i];

        if (!is_in_part(change, part, i))
            continue;
        record->version = records[n].version;
        record->value = arena_dup(&change->arena, records[n++].value);
        if (!record->value.ptr)
            err = ERR_NO_MEMORY;
    }
    site_change_landed(change, err, NULL);
}

static void read_part(struct site_change *change, struct site_part *part)
{
    struct slice keys[SITE_MAX_RECORDS];
    size_t count = 0;

    for (size_t i = 0; i < change->record_count; i++) {
        if (is_in_part(change, part, i))
            keys[count++] = change->records[i].key;
    }
    if (count == 0)
        return;
    part->op = store_read(change->sites->store, part->shard, keys, count, on_records, part);
    if (part->op)
        change->pending++;
    else
        change->err = ERR_UNAVAILABLE;
}

/* The records from `from` on. */
static void read_records(struct site_change *change, size_t from)
{
    change->read_from = from;
    for (unsigned i = 0; i < change->sites->shard_count; i++)
        read_part(change, &change->parts[i]);
}

static void add_record(struct site_change *change, enum site_record_kind kind, unsigned shard,
                       struct slice key)
{
    struct site_record *record = &change->records[change->record_count++];

    *record = (struct site_record){.kind = kind, .shard = shard};
    record->key = arena_dup(&change->arena, key);
    if (!record->key.ptr)
        change->err = ERR_NO_MEMORY;
}

/* ---- first: the site, settings/N, and its views --------------------------------------------- */

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct site_change *change = ctx;

    change->totals = NULL;
    if (count == 1 && !change->is_read)
        change->views = totals[0];
    site_change_landed(change, err, NULL);
}

static void read_views(struct site_change *change)
{
    struct site_store *sites = change->sites;
    struct slice id = slice_str(change->id);
    const struct counter counter = {id, DIMENSION_TOTAL, SLICE("")};

    change->totals = store_totals(sites->store, store_shard_of(sites->store, id), &counter, 1,
                                  on_totals, change);
    if (change->totals)
        change->pending++;
    else
        change->err = ERR_UNAVAILABLE;
}

static void read_site(struct site_change *change)
{
    struct store *store = change->sites->store;
    struct slice id = slice_str(change->id);
    char site[SITE_KEY_BYTES];
    char settings[SETTINGS_KEY_BYTES];

    arena_reset(&change->arena);
    change->record_count = 0;
    add_record(change, SITE_RECORD_SITE, store_shard_of(store, id), site_key(id, site));
    for (unsigned i = 0; i < change->sites->shard_count; i++)
        add_record(change, SITE_RECORD_SETTINGS, i, settings_key(store, i, settings));
    if (change->err != ERR_OK)
        return;
    read_records(change, 0);
    read_views(change);
}

/* ---- then: what it is to be ----------------------------------------------------------------- */

static bool is_default(const struct site_change *change)
{
    return strcmp(change->id, SITE_DEFAULT) == 0;
}

static enum err open_site(struct site_change *change, struct site **out)
{
    const struct site_record *record = &change->records[0];
    const struct stored_site stored = {.id = slice_str(change->id), .record = record->value};

    *out = NULL;
    if (record->version == RECORD_ABSENT && !is_default(change))
        return ERR_OK;
    return stored_site_open(&stored, out, &change->info);
}

static enum err edit(struct site_change *change, const struct site *now)
{
    struct strbuf json;
    enum err err;

    site_destroy(change->after);
    change->after = NULL;
    err = change->edit(change->edit_ctx, now, &change->after, &change->info);
    if (err != ERR_OK || !change->after)
        return err;
    strbuf_init(&json, SITE_MAX_JSON);
    err = site_encode(change->after, &json);
    if (err == ERR_OK)
        change->json = arena_dup(&change->arena, strbuf_slice(&json));
    strbuf_fini(&json);
    return err == ERR_OK && !change->json.ptr ? ERR_NO_MEMORY : err;
}

/* Of all domains, "www." left aside; each host once. */
static void add_hosts(struct site_change *change, const struct site *site, bool is_wanted)
{
    struct store *store = change->sites->store;

    for (size_t i = 0; site && i < site->domain_count && change->err == ERR_OK; i++) {
        struct slice host = web_host_bare(slice_str(site->domains[i]));
        bool is_there = !is_wanted && change->after && site_has_host(change->after, host);
        char text[DOMAIN_KEY_BYTES];
        struct slice key;

        if (host.len > DOMAIN_MAX_HOST) {
            err_info_set(&change->info, "domains: a name of more than %d bytes is not taken",
                         DOMAIN_MAX_HOST);
            change->err = ERR_INVALID;
            return;
        }
        key = domain_key(host, text);
        for (size_t n = 0; n < change->record_count && !is_there; n++)
            is_there = slice_eq(change->records[n].key, key);
        if (is_there)
            continue;
        add_record(change, SITE_RECORD_HOST, store_shard_of(store, record_owner(key)), key);
        change->records[change->record_count - 1].is_wanted = is_wanted;
    }
}

static void take_site(struct site_change *change)
{
    struct site *now;
    size_t hosts = change->record_count;

    change->err = open_site(change, &now);
    if (change->err == ERR_OK && !change->done) /* canceled: nobody is to be asked any more */
        change->err = ERR_STALE;
    if (change->err == ERR_OK)
        change->err = edit(change, now);
    if (change->err == ERR_OK)
        add_hosts(change, change->after, true);
    if (change->err == ERR_OK)
        add_hosts(change, now, false);
    if (change->is_read)
        site_destroy(now);
    else
        change->before = now;
    change->is_read = true;
    if (change->err == ERR_OK)
        read_records(change, hosts);
}

/* ---- then: whose the domains are ------------------------------------------------------------ */

static void check_hosts(struct site_change *change)
{
    const size_t kind_len = strlen("domain/");

    for (size_t i = 0; i < change->record_count; i++) {
        const struct site_record *record = &change->records[i];

        if (!record->is_wanted || record->version == RECORD_ABSENT ||
            slice_eq(record->value, slice_str(change->id)))
            continue;
        err_info_set(&change->info, "domains: %.*s belongs to the site %.*s",
                     SLICE_ARG(slice_from(record->key, kind_len)), SLICE_ARG(record->value));
        change->err = ERR_INVALID;
        return;
    }
}

static void on_others(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct site_change *change = ctx;

    change->list = NULL;
    for (size_t i = 0; i < count && err == ERR_OK && !change->has_domains; i++) {
        struct site *site = NULL;

        if (slice_eq(sites[i].id, slice_str(change->id)))
            continue;
        /* A record that cannot be read may have some. */
        err = stored_site_open(&sites[i], &site, NULL);
        change->has_domains = err == ERR_INVALID || (site && site->domain_count > 0);
        err = err == ERR_INVALID ? ERR_OK : err;
        site_destroy(site);
    }
    site_change_landed(change, err, NULL);
}

/* Whether any site has domains is only asked when this one has none, and there were some. */
static void read_others(struct site_change *change)
{
    bool had_some = false;

    check_hosts(change);
    for (size_t i = 0; i < change->record_count; i++)
        had_some |=
            change->records[i].kind == SITE_RECORD_SETTINGS && change->records[i].value.len > 0;
    change->has_domains = change->after && change->after->domain_count > 0;
    if (change->err != ERR_OK || change->has_domains || !had_some)
        return;
    change->list = site_store_list_records(change->sites, on_others, change);
    if (change->list)
        change->pending++;
    else
        change->err = ERR_UNAVAILABLE;
}

/* ---- last: what was counted for a site that is gone ------------------------------------------ */

static void purge(struct site_change *change);

static void on_purged(void *ctx, enum err err, bool is_done)
{
    struct site_change *change = ctx;

    change->purge = NULL;
    if (err == ERR_OK && !is_done)
        purge(change);
    site_change_landed(change, err, NULL);
}

static void purge(struct site_change *change)
{
    struct store *store = change->sites->store;
    struct slice id = slice_str(change->id);

    if (change->after)
        return;
    change->purge =
        store_purge(store, store_shard_of(store, id), id, 0, INT32_MAX, on_purged, change);
    if (change->purge)
        change->pending++;
    else
        change->err = ERR_UNAVAILABLE;
}

/* on_time() ends it. */
static void pause(struct site_change *change, int64_t ms)
{
    struct timers *timers = change->sites->env.timers;

    change->pending++;
    timer_move(timers, &change->timer, timers_now_ms(timers) + ms);
}

static void pause_after_removal(struct site_change *change)
{
    if (!change->after)
        pause(change, PURGE_AGAIN_MS);
}

/* ---- stage by stage ------------------------------------------------------------------------- */

static void (*const begin_stage[SITE_STAGE_END])(struct site_change *change) = {
    [SITE_STAGE_READ_SITE] = read_site,
    [SITE_STAGE_READ_HOSTS] = take_site,
    [SITE_STAGE_LIST] = read_others,
    [SITE_STAGE_CLAIM] = site_change_commit,
    [SITE_STAGE_SITE] = site_change_commit,
    [SITE_STAGE_KEEP] = site_change_commit,
    [SITE_STAGE_SETTINGS] = site_change_commit,
    [SITE_STAGE_PURGE] = purge,
    [SITE_STAGE_PAUSE] = pause_after_removal,
    [SITE_STAGE_PURGE_AGAIN] = purge,
};

/* Leads to the first stage after a while. */
static void begin_anew(struct site_change *change)
{
    change->has_conflict = false;
    if (++change->tries == MAX_TRIES) {
        err_info_set(&change->info, "others change sites at the same moment; try again");
        change->err = ERR_BUSY;
        return;
    }
    pause(change, (int64_t)(random_nonzero_u64() % MAX_BACKOFF_MS));
    change->next_stage = SITE_STAGE_READ_SITE;
}

/* Begins stages until one has something in flight, or all is done. */
static void step(struct site_change *change)
{
    while (change->pending == 0 && change->err == ERR_OK && change->next_stage < SITE_STAGE_END) {
        if (change->has_conflict) {
            begin_anew(change);
            continue;
        }
        change->stage = change->next_stage++;
        begin_stage[change->stage](change);
    }
    if (change->pending == 0)
        finish(change);
}

/* Its turn has come, or a pause is over. */
static void on_time(void *ctx)
{
    struct site_change *change = ctx;

    if (change->pending > 0)
        site_change_landed(change, ERR_OK, NULL);
    else
        step(change);
}

void site_change_begin(struct site_change *change)
{
    struct timers *timers = change->sites->env.timers;

    timer_move(timers, &change->timer, timers_now_ms(timers));
}

struct site_change *site_store_change(struct site_store *sites, struct slice id,
                                      site_edit_fn *edit_site, void *edit_ctx,
                                      site_changed_fn *done, void *ctx)
{
    struct site_change *change = calloc(1, sizeof(*change));
    struct site_change **last = &sites->first;

    assert(id.len <= SITE_MAX_ID);
    if (!change)
        return NULL;
    *change = (struct site_change){
        .sites = sites, .edit = edit_site, .edit_ctx = edit_ctx, .done = done, .ctx = ctx};
    memcpy(change->id, id.ptr, id.len);
    arena_init(&change->arena, CHUNK_BYTES, MAX_BYTES);
    for (unsigned i = 0; i < sites->shard_count; i++)
        change->parts[i] = (struct site_part){.change = change, .shard = i};
    if (timer_keep(sites->env.timers, &change->timer, on_time, change) != ERR_OK) {
        site_change_destroy(change);
        return NULL;
    }
    while (*last)
        last = &(*last)->next;
    *last = change;
    if (sites->first == change)
        site_change_begin(change);
    return change;
}

void site_change_cancel(struct site_change *change)
{
    if (change)
        change->done = NULL;
}
