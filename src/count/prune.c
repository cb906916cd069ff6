#include "count/prune.h"

#include <stdlib.h>

#include "base/log.h"
#include "count/lease.h"
#include "count/settings_key.h"
#include "count/zone.h"

/* After each step the store has twice as long for others as the step took, and at least this. */
#define PAUSE_FACTOR   2
#define LEAST_PAUSE_MS 10
#define MOST_PAUSE_MS  2000

/* A store that does not answer is asked again so often, so long after. */
#define MAX_TRIES    5
#define TRY_AGAIN_MS 1000

#define SITE_PREFIX  SLICE("site/")

struct prune {
    struct store *store;
    struct store_env env;
    struct prune_order order;
    prune_done_fn *done;
    void *ctx;
    struct prune_result result;
    struct lease *lease;
    int64_t renew_at_ms;
    struct store_op *op;
    struct timer timer;                /* of the pause */
    void (*next)(struct prune *prune); /* what the pause is before */
    unsigned tries;                    /* in a row that failed */
    bool is_default_over;              /* the sites of the list are next */
    unsigned shard;                    /* of the list */
    char after[SITE_KEY_BYTES];        /* the key of the last site of the list */
    size_t after_len;
    struct site *site; /* in work */
    struct zone *zone;
    struct prune_cut cut;
    size_t range; /* in work */
    int64_t step_began_ms;
};

static void find_site(struct prune *p);
static void purge(struct prune *p);

/* ---- pauses and ends ------------------------------------------------------------------------ */

static void prune_free(struct prune *p)
{
    store_op_cancel(p->op);
    timer_stop(p->env.timers, &p->timer);
    lease_destroy(p->lease);
    site_destroy(p->site);
    zone_close(p->zone);
    free(p);
}

void prune_cancel(struct prune *prune)
{
    if (prune)
        prune_free(prune);
}

static void on_pause_over(void *ctx)
{
    struct prune *p = ctx;

    p->next(p);
}

/* The timer is kept, so this cannot fail. */
static void pause_before(struct prune *p, int64_t ms, void (*next)(struct prune *prune))
{
    p->next = next;
    timer_move(p->env.timers, &p->timer, timers_now_ms(p->env.timers) + ms);
}

static void tell(struct prune *p)
{
    struct prune_result result = p->result;
    prune_done_fn *done = p->done;
    void *ctx = p->ctx;

    prune_free(p);
    done(ctx, &result);
}

/* In a turn of its own: what is freed may be what has just called. */
static void end(struct prune *p, enum prune_outcome outcome)
{
    p->result.outcome = outcome;
    pause_before(p, 0, tell);
}

static void on_ended(void *ctx, enum lease_answer answer)
{
    struct prune *p = ctx;

    (void)answer; /* it is all over, or goes by itself */
    end(p, p->result.outcome);
}

static void finish(struct prune *p, enum prune_outcome outcome)
{
    uint32_t done_s = outcome == PRUNE_FINISHED ? p->order.done_s : 0;

    p->result.outcome = outcome;
    if (p->lease)
        lease_end(p->lease, done_s, on_ended, p);
    else
        end(p, outcome);
}

static void try_again(struct prune *p, void (*what)(struct prune *prune))
{
    p->tries++;
    if (p->tries < MAX_TRIES)
        pause_before(p, TRY_AGAIN_MS, what);
    else
        end(p, PRUNE_FAILED); /* the lease expires */
}

/* ---- the lease ------------------------------------------------------------------------------ */

static int64_t now_ms(const struct prune *p)
{
    return clock_mono_ms(p->env.clock);
}

static void note_lease(struct prune *p)
{
    p->renew_at_ms = now_ms(p) + (int64_t)p->order.lease_s * 1000 / 2;
}

static void on_taken(void *ctx, enum lease_answer answer)
{
    struct prune *p = ctx;

    switch (answer) {
    case LEASE_OURS:
        note_lease(p);
        pause_before(p, 0, find_site);
        return;
    case LEASE_HELD:
        end(p, PRUNE_HELD);
        return;
    case LEASE_DONE:
        end(p, PRUNE_DONE);
        return;
    case LEASE_UNKNOWN:
        end(p, PRUNE_FAILED);
        return;
    }
}

static void on_renewed(void *ctx, enum lease_answer answer)
{
    struct prune *p = ctx;

    if (answer == LEASE_OURS) {
        note_lease(p);
        purge(p);
    } else {
        end(p, answer == LEASE_UNKNOWN ? PRUNE_FAILED : PRUNE_HELD);
    }
}

/* ---- dropping ------------------------------------------------------------------------------- */

static void end_site(struct prune *p)
{
    site_destroy(p->site);
    zone_close(p->zone);
    p->site = NULL;
    p->zone = NULL;
    if (p->order.site.len > 0)
        finish(p, PRUNE_FINISHED);
    else
        pause_before(p, 0, find_site);
}

static int64_t pause_after_step_ms(const struct prune *p)
{
    int64_t pause_ms = PAUSE_FACTOR * (now_ms(p) - p->step_began_ms);

    if (pause_ms < LEAST_PAUSE_MS)
        return LEAST_PAUSE_MS;
    return pause_ms < MOST_PAUSE_MS ? pause_ms : MOST_PAUSE_MS;
}

static void on_purged(void *ctx, enum err err, bool is_done)
{
    struct prune *p = ctx;

    p->op = NULL;
    if (err != ERR_OK) {
        try_again(p, purge);
        return;
    }
    p->tries = 0;
    p->result.steps++;
    p->range += is_done ? 1 : 0;
    pause_before(p, pause_after_step_ms(p), purge);
}

static void purge(struct prune *p)
{
    const struct prune_range *range = &p->cut.ranges[p->range];
    struct slice id = slice_str(p->site->id);

    if (p->range == p->cut.count) {
        end_site(p);
        return;
    }
    if (now_ms(p) >= p->renew_at_ms) {
        lease_renew(p->lease, p->order.lease_s, on_renewed, p);
        return;
    }
    p->step_began_ms = now_ms(p);
    p->op = store_purge(p->store, store_shard_of(p->store, id), id, range->first, range->last,
                        on_purged, p);
    if (!p->op)
        try_again(p, purge);
}

/* ---- the sites ------------------------------------------------------------------------------ */

static enum err open_site(struct prune *p, const struct record *record, struct err_info *info)
{
    enum err err = ERR_OK;

    if (record->version != RECORD_ABSENT)
        err = site_decode(record->value, &p->site, info);
    else
        p->site = site_default();
    if (err != ERR_OK)
        return err;
    return p->site ? zone_open(p->site->zone, &p->zone, info) : ERR_NO_MEMORY;
}

static void begin_site(struct prune *p, const struct record *record)
{
    struct err_info info = {.text = "out of memory"};

    if (open_site(p, record, &info) != ERR_OK) {
        log_warn("a site is not pruned", LOG_SLICE("record", record->key),
                 LOG_STR("reason", info.text));
        p->result.skipped++;
        end_site(p);
        return;
    }
    p->result.sites++;
    prune_cut_make(p->site, p->zone, clock_unix_ms(p->env.clock) / 1000, &p->cut);
    if (p->order.on_site)
        p->order.on_site(p->ctx, p->site, p->zone, &p->cut);
    p->range = p->order.is_dry ? p->cut.count : 0;
    purge(p);
}

static struct slice wanted_id(const struct prune *p)
{
    return p->order.site.len > 0 ? p->order.site : SLICE(SITE_DEFAULT);
}

/* Of one that is asked for by its id. The default site is there without a record, too. */
static void on_record(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct prune *p = ctx;

    p->op = NULL;
    if (err != ERR_OK || count != 1) {
        try_again(p, find_site);
        return;
    }
    p->tries = 0;
    p->is_default_over = true;
    if (records[0].version == RECORD_ABSENT && !slice_eq(wanted_id(p), SLICE(SITE_DEFAULT)))
        finish(p, PRUNE_NO_SITE);
    else
        begin_site(p, &records[0]);
}

static void read_site(struct prune *p)
{
    char text[SITE_KEY_BYTES];
    struct slice key = site_key(wanted_id(p), text);

    p->op = store_read(p->store, store_shard_of(p->store, wanted_id(p)), &key, 1, on_record, p);
}

static bool is_default(struct slice key)
{
    return slice_eq(slice_from(key, SITE_PREFIX.len), SLICE(SITE_DEFAULT));
}

static void on_listed(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct prune *p = ctx;

    p->op = NULL;
    if (err != ERR_OK) {
        try_again(p, find_site);
        return;
    }
    p->tries = 0;
    if (count == 0 || records[0].key.len > sizeof(p->after)) { /* a longer one is none of ours */
        p->shard++;
        p->after_len = 0;
        pause_before(p, 0, find_site);
        return;
    }
    memcpy(p->after, records[0].key.ptr, records[0].key.len);
    p->after_len = records[0].key.len;
    if (is_default(records[0].key)) /* it was the first one */
        pause_before(p, 0, find_site);
    else
        begin_site(p, &records[0]);
}

static void find_site(struct prune *p)
{
    if (!p->is_default_over) {
        read_site(p);
    } else if (p->shard < store_shard_count(p->store)) {
        p->op = store_list(p->store, p->shard, SITE_PREFIX, slice_of(p->after, p->after_len), 1,
                           on_listed, p);
    } else {
        finish(p, PRUNE_FINISHED);
        return;
    }
    if (!p->op)
        try_again(p, find_site);
}

/* ---- the beginning -------------------------------------------------------------------------- */

static void take_lease(struct prune *p)
{
    lease_take(p->lease, p->order.lease_s, p->order.even_if_done, on_taken, p);
}

struct prune *prune_start(struct store *store, const struct store_env *env,
                          const struct prune_order *order, prune_done_fn *done, void *ctx)
{
    struct prune *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    *p = (struct prune){
        .store = store,
        .env = *env,
        .order = *order,
        .done = done,
        .ctx = ctx,
        .renew_at_ms = INT64_MAX,
    };
    if (!order->is_dry)
        p->lease = lease_create(store, env, "prune");
    if ((!order->is_dry && !p->lease) ||
        timer_keep(env->timers, &p->timer, on_pause_over, p) != ERR_OK) {
        prune_free(p);
        return NULL;
    }
    pause_before(p, 0, order->is_dry ? find_site : take_lease);
    return p;
}

const char *prune_outcome_name(enum prune_outcome outcome)
{
    static const char *const names[] = {
        [PRUNE_FINISHED] = "finished", [PRUNE_HELD] = "held",     [PRUNE_DONE] = "done",
        [PRUNE_NO_SITE] = "no site",   [PRUNE_FAILED] = "failed",
    };

    return names[outcome];
}
