/* A change, stage by stage. Each begins when nothing of the one before is in flight any more. A
 * conflict, somebody else's change, leads back to the first stage. */
#include <assert.h>
#include <stdlib.h>

#include "base/random.h"
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
    [SITE_STAGE_READ_SITE] = site_change_read,  [SITE_STAGE_READ_HOSTS] = site_change_edit,
    [SITE_STAGE_LIST] = site_change_check,      [SITE_STAGE_CLAIM] = site_change_commit,
    [SITE_STAGE_SITE] = site_change_commit,     [SITE_STAGE_KEEP] = site_change_commit,
    [SITE_STAGE_SETTINGS] = site_change_commit, [SITE_STAGE_PURGE] = purge,
    [SITE_STAGE_PAUSE] = pause_after_removal,   [SITE_STAGE_PURGE_AGAIN] = purge,
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
