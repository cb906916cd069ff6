/* Reading sites: their records shard by shard, then their views, shard by shard again. */
#include <stdlib.h>

#include "count/settings_key.h"
#include "count/site_store_part.h"

/* Some hundred thousand sites. */
#define CHUNK_BYTES 16384
#define MAX_BYTES   ((size_t)256 << 20)

/* A list of them is sorted, and is read in the order of the ids. */
struct read_site {
    struct stored_site stored;
    unsigned shard;
    struct read_site *next;
};

struct site_reading {
    struct site_store *sites;
    sites_read_fn *done;
    void *ctx;
    bool has_views;
    struct slice id; /* of the one; not of a list */
    struct store_op *op;
    unsigned shard;
    struct slice after; /* of the list of the shard */
    struct arena arena;
    struct read_site *first; /* the last one read comes first */
    size_t count;
    struct read_site *unread; /* the first whose views are not read */
    struct read_site **asked; /* those whose views are being read */
    size_t asked_count;
    struct site_reading *prev;
    struct site_reading *next;
};

/* ---- the end -------------------------------------------------------------------------------- */

void site_reading_destroy(struct site_reading *reading)
{
    if (reading->prev)
        reading->prev->next = reading->next;
    else
        reading->sites->readings = reading->next;
    if (reading->next)
        reading->next->prev = reading->prev;
    store_op_cancel(reading->op);
    arena_fini(&reading->arena);
    free(reading);
}

void site_reading_cancel(struct site_reading *reading)
{
    if (reading)
        site_reading_destroy(reading);
}

static int compare_ids(const void *a, const void *b)
{
    return slice_compare(((const struct stored_site *)a)->id, ((const struct stored_site *)b)->id);
}

static void finish(struct site_reading *reading, enum err err)
{
    struct stored_site *sites =
        err == ERR_OK ? arena_alloc(&reading->arena, (reading->count + 1) * sizeof(*sites)) : NULL;
    size_t count = 0;

    for (const struct read_site *site = reading->first; sites && site; site = site->next)
        sites[count++] = site->stored;
    if (sites)
        qsort(sites, count, sizeof(*sites), compare_ids);
    else if (err == ERR_OK)
        err = ERR_NO_MEMORY;
    reading->done(reading->ctx, err, sites, count);
    site_reading_destroy(reading);
}

/* ---- views ---------------------------------------------------------------------------------- */

static void read_views(struct site_reading *reading);

static void on_views(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct site_reading *reading = ctx;

    reading->op = NULL;
    for (size_t i = 0; i < count && i < reading->asked_count; i++)
        reading->asked[i]->stored.views = totals[i];
    if (err == ERR_OK)
        read_views(reading);
    else
        finish(reading, err);
}

/* Takes those that follow and are in the same shard, as many as one read takes. They follow one
 * another, since the records were read shard by shard. */
static size_t take_unread(struct site_reading *reading, struct counter *counters, size_t max)
{
    unsigned shard = reading->unread->shard;
    size_t count = 0;

    while (reading->unread && reading->unread->shard == shard && count < max) {
        counters[count] = (struct counter){reading->unread->stored.id, DIMENSION_TOTAL, SLICE("")};
        reading->asked[count++] = reading->unread;
        reading->unread = reading->unread->next;
    }
    return count;
}

static void read_views(struct site_reading *reading)
{
    struct site_store *sites = reading->sites;
    size_t max = reading->count < STORE_MAX_LIST ? reading->count : STORE_MAX_LIST;
    struct counter *counters;
    unsigned shard;

    if (!reading->has_views || !reading->unread) {
        finish(reading, ERR_OK);
        return;
    }
    shard = reading->unread->shard;
    counters = arena_alloc(&reading->arena, max * sizeof(*counters));
    reading->asked = arena_alloc(&reading->arena, max * sizeof(struct read_site *));
    if (!counters || !reading->asked) {
        finish(reading, ERR_NO_MEMORY);
        return;
    }
    reading->asked_count = take_unread(reading, counters, max);
    reading->op =
        store_totals(sites->store, shard, counters, reading->asked_count, on_views, reading);
    if (!reading->op)
        finish(reading, ERR_UNAVAILABLE);
}

static void begin_views(struct site_reading *reading)
{
    reading->unread = reading->first;
    read_views(reading);
}

/* ---- records -------------------------------------------------------------------------------- */

static enum err keep(struct site_reading *reading, struct slice id, struct slice record)
{
    struct read_site *site;

    if (id.len == 0 || id.len > SITE_MAX_ID)
        return ERR_OK; /* none of Footfall's */
    site = arena_alloc(&reading->arena, sizeof(*site));
    if (!site)
        return ERR_NO_MEMORY;
    *site = (struct read_site){.shard = reading->shard, .next = reading->first};
    site->stored.id = arena_dup(&reading->arena, id);
    site->stored.record = arena_dup(&reading->arena, record);
    if (!site->stored.id.ptr || !site->stored.record.ptr)
        return ERR_NO_MEMORY;
    reading->first = site;
    reading->count++;
    return ERR_OK;
}

static bool is_default(struct slice id)
{
    return slice_eq(id, SLICE(SITE_DEFAULT));
}

/* It is there without a record, too. */
static enum err keep_default(struct site_reading *reading)
{
    const struct slice id = SLICE(SITE_DEFAULT);

    if (reading->shard != store_shard_of(reading->sites->store, id))
        return ERR_OK;
    for (const struct read_site *site = reading->first; site; site = site->next) {
        if (is_default(site->stored.id))
            return ERR_OK;
    }
    return keep(reading, id, SLICE(""));
}

static void list_shard(struct site_reading *reading);

static enum err keep_records(struct site_reading *reading, const struct record *records,
                             size_t count)
{
    const size_t kind_len = strlen("site/");
    enum err err = ERR_OK;

    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = keep(reading, slice_from(records[i].key, kind_len), records[i].value);
    if (err != ERR_OK || count == 0)
        return err;
    reading->after = arena_dup(&reading->arena, records[count - 1].key);
    return reading->after.ptr ? ERR_OK : ERR_NO_MEMORY;
}

static void on_listed(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct site_reading *reading = ctx;

    reading->op = NULL;
    if (err == ERR_OK)
        err = keep_records(reading, records, count);
    if (err == ERR_OK && count < STORE_MAX_LIST) {
        err = keep_default(reading);
        reading->after = SLICE("");
        reading->shard++;
    }
    if (err != ERR_OK)
        finish(reading, err);
    else if (reading->shard < reading->sites->shard_count)
        list_shard(reading);
    else
        begin_views(reading);
}

static void list_shard(struct site_reading *reading)
{
    reading->op = store_list(reading->sites->store, reading->shard, SLICE("site/"), reading->after,
                             STORE_MAX_LIST, on_listed, reading);
    if (!reading->op)
        finish(reading, ERR_UNAVAILABLE);
}

static void on_found(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct site_reading *reading = ctx;

    reading->op = NULL;
    if (err == ERR_OK && count == 1 &&
        (records[0].version != RECORD_ABSENT || is_default(reading->id)))
        err = keep(reading, reading->id, records[0].value);
    if (err == ERR_OK)
        begin_views(reading);
    else
        finish(reading, err);
}

/* ---- the beginning -------------------------------------------------------------------------- */

static struct site_reading *reading_create(struct site_store *sites, sites_read_fn *done, void *ctx)
{
    struct site_reading *reading = calloc(1, sizeof(*reading));

    if (!reading)
        return NULL;
    *reading = (struct site_reading){
        .sites = sites, .done = done, .ctx = ctx, .has_views = true, .after = SLICE("")};
    arena_init(&reading->arena, CHUNK_BYTES, MAX_BYTES);
    reading->next = sites->readings;
    if (reading->next)
        reading->next->prev = reading;
    sites->readings = reading;
    return reading;
}

/* Who could not begin is gone again. */
static struct site_reading *begun(struct site_reading *reading)
{
    if (reading->op)
        return reading;
    site_reading_destroy(reading);
    return NULL;
}

static struct site_reading *list(struct site_store *sites, bool has_views, sites_read_fn *done,
                                 void *ctx)
{
    struct site_reading *reading = reading_create(sites, done, ctx);

    if (!reading)
        return NULL;
    reading->has_views = has_views;
    reading->op =
        store_list(sites->store, 0, SLICE("site/"), SLICE(""), STORE_MAX_LIST, on_listed, reading);
    return begun(reading);
}

struct site_reading *site_store_list(struct site_store *sites, sites_read_fn *done, void *ctx)
{
    return list(sites, true, done, ctx);
}

struct site_reading *site_store_list_records(struct site_store *sites, sites_read_fn *done,
                                             void *ctx)
{
    return list(sites, false, done, ctx);
}

struct site_reading *site_store_find(struct site_store *sites, struct slice id, sites_read_fn *done,
                                     void *ctx)
{
    struct site_reading *reading = reading_create(sites, done, ctx);
    char text[SITE_KEY_BYTES];
    struct slice key;

    if (!reading)
        return NULL;
    reading->id = arena_dup(&reading->arena, id);
    reading->shard = store_shard_of(sites->store, id);
    if (reading->id.ptr) {
        key = site_key(id, text);
        reading->op = store_read(sites->store, reading->shard, &key, 1, on_found, reading);
    }
    return begun(reading);
}
