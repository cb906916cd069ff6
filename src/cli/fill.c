#include "cli/fill.h"

#include "cli/fill_place.h"
#include "cli/fill_visitors.h"
#include "count/batch.h"
#include "count/bucket.h"
#include "count/fact_maker.h"
#include "count/page.h"

/* So many hits wait for the store at most: some batches, so that it always has work. */
#define MAX_AHEAD ((size_t)2 * BATCH_MAX_HITS)

/* So many old visitors are worth waiting for the hits under way. */
#define MAX_OLD_VISITORS 8192

/* By the clock of the store the visitors are of one moment; should they not be dropped, for want of
 * a store, they expire soon. A day of traffic is written faster than that. */
#define VISITOR_TTL_S 1800

/* The minutes in which visitors were live that are left. */
#define LIVE_MINUTES 60

/* Texts that have to be put together for one hit. */
#define ARENA_CHUNK 4096
#define ARENA_MAX   65536

struct fill {
    const struct fill_order *order;
    struct fill_result *result;
    struct err_info *info;
    unsigned shard;
    struct fill_place place;
    struct fill_visitors visitors;
    struct fact_maker *facts;
    struct batcher *batcher;
    struct writer *writer; /* for what is dropped */
    struct arena arena;    /* for one hit */
    size_t pending;        /* hits that were not told yet */
    enum err err;          /* of the first that failed */
    int64_t now_unix_s;    /* of the traffic */
};

/* ---- waiting -------------------------------------------------------------------------------- */

static bool has_failed(const struct fill *f)
{
    return f->err != ERR_OK;
}

static enum err fail(struct fill *f, enum err err, const char *why)
{
    if (!has_failed(f)) {
        f->err = err;
        err_info_set(f->info, "%s", why);
    }
    return f->err;
}

static const char *reason_of(enum err err)
{
    if (err == ERR_STALE)
        return "the settings of the site were changed meanwhile";
    return err == ERR_UNKNOWN ? "the store did not answer in time"
                              : "the store did not take all hits";
}

static void on_told(void *ctx, const struct hit_answer *answer)
{
    struct fill *f = ctx;

    if (answer->err != ERR_OK)
        (void)fail(f, answer->err, reason_of(answer->err));
    progress_add(f->order->progress, 1);
    db_told(f->order->session, &f->pending);
}

/* Runs the loop until so many hits at most wait for the store. */
static void wait_for(struct fill *f, size_t pending)
{
    while (f->pending > pending && !has_failed(f)) {
        batcher_turn(f->batcher);
        loop_run(&f->order->session->loop);
    }
}

/* ---- what does not stay --------------------------------------------------------------------- */

struct purging {
    struct db_session *session;
    size_t pending;
    enum err err;
    bool is_done;
};

static void on_purged(void *ctx, enum err err, bool is_done)
{
    struct purging *purging = ctx;

    purging->err = err;
    purging->is_done = is_done;
    db_told(purging->session, &purging->pending);
}

static enum err drop_minutes(struct fill *f)
{
    struct purging purging = {.session = f->order->session};
    int32_t last = bucket_minute_of(f->now_unix_s) - LIVE_MINUTES;

    do {
        purging.err = ERR_UNAVAILABLE;
        purging.pending = store_purge(f->order->store, f->shard, f->order->site,
                                      BUCKET_FIRST_MINUTE, last, on_purged, &purging)
                              ? 1
                              : 0;
        while (purging.pending > 0) /* it ends by its own deadline */
            loop_run(&f->order->session->loop);
    } while (purging.err == ERR_OK && !purging.is_done);
    return purging.err;
}

static void drop_old(struct fill *f)
{
    enum err err;

    wait_for(f, 0);
    if (has_failed(f))
        return;
    err = fill_visitors_drop(&f->visitors, f->order->session, f->writer, f->order->site);
    if (err == ERR_OK)
        err = drop_minutes(f);
    if (err != ERR_OK)
        (void)fail(f, err, "what is left of the visitors could not be dropped");
}

/* ---- one hit -------------------------------------------------------------------------------- */

/* The values of a profile are in the order of their dimensions. */
static void put_country(struct hit_facts *facts, const struct site *site, struct slice country)
{
    struct profile *profile = &facts->profile;
    size_t at = profile->count;

    if (!site_collects(site, SITE_COLLECT_COUNTRY))
        return;
    for (; at > 0 && profile->values[at - 1].dimension > DIMENSION_COUNTRY; at--) {
        profile->values[at] = profile->values[at - 1];
        facts->texts[at] = facts->texts[at - 1];
    }
    profile->values[at] = (struct profile_value){DIMENSION_COUNTRY, value_id(country)};
    facts->texts[at] = country;
    profile->count++;
}

static enum err make_facts(struct fill *f, const struct traffic_hit *hit, const struct page *page,
                           const struct site_now *now, struct hit_facts *facts, bool *is_ignored)
{
    const struct hit_claim claim = {
        .title = hit->title,
        .referrer = hit->referrer,
        .query = SLICE(""),
        .screen = hit->screen,
        .user_agent = hit->user_agent,
        .languages = hit->languages,
        .event = hit->event,
        .has_page = true,
        .address = &hit->client,
    };
    enum err err = fact_maker_make(f->facts, &claim, page, now, hit->unix_s, facts, is_ignored);

    if (err != ERR_OK || *is_ignored)
        return err;
    put_country(facts, f->place.settings, hit->country);
    facts->visitor.ttl_s = VISITOR_TTL_S;
    return fill_visitors_note(&f->visitors, &facts->visitor);
}

static void note_result(struct fill_result *result, const struct hit_facts *facts)
{
    if (facts->bot.len > 0)
        result->robots++;
    else if (facts->event.name.len > 0)
        result->events++;
    else
        result->views++;
}

static enum err add_hit(struct fill *f, const struct traffic_hit *hit, const struct site_now *now)
{
    struct hit_input input = {.site = f->order->site, .id = SLICE("")};
    struct hit_facts facts;
    struct page page;
    bool is_ignored = false;
    enum err err;

    arena_reset(&f->arena);
    err = page_normalize(hit->address, &f->arena, &page, NULL);
    if (err == ERR_OK)
        err = make_facts(f, hit, &page, now, &facts, &is_ignored);
    if (err != ERR_OK || is_ignored)
        return err;
    input.path = page.path;
    if (!batcher_add(f->batcher, &input, &facts, on_told, f))
        return ERR_NO_MEMORY;
    f->pending++;
    note_result(f->result, &facts);
    return ERR_OK;
}

static enum err take_hit(struct fill *f, const struct traffic_hit *hit)
{
    struct site_now now;
    bool is_new_day;

    f->now_unix_s = hit->unix_s;
    fill_place_at(&f->place, hit->unix_s, &now, &is_new_day);
    if (is_new_day) {
        fill_visitors_next_day(&f->visitors);
        if (fill_visitors_old(&f->visitors) >= MAX_OLD_VISITORS)
            drop_old(f);
    }
    return add_hit(f, hit, &now);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static void run(struct fill *f, struct traffic *traffic)
{
    struct traffic_hit hit;
    bool is_end = false;

    while (!has_failed(f) && !*f->order->is_canceled) {
        enum err err = traffic_next(traffic, &hit, &is_end);

        if (err == ERR_OK && is_end)
            break;
        if (err == ERR_OK)
            err = take_hit(f, &hit);
        if (err != ERR_OK)
            (void)fail(f, err, "out of memory");
        if (f->pending >= MAX_AHEAD)
            wait_for(f, MAX_AHEAD - 1);
    }
    if (*f->order->is_canceled && f->order->is_for_nothing)
        return;
    fill_visitors_end_days(&f->visitors);
    drop_old(f);
}

static enum err start(struct fill *f)
{
    struct db_session *session = f->order->session;
    struct store_env env = db_session_env(session);
    enum err err = fill_place_read(session, f->order->store, f->order->site, &f->place, f->info);

    f->err = err; /* the reason is told already */
    if (err != ERR_OK)
        return err;
    f->shard = store_shard_of(f->order->store, f->order->site);
    f->facts = fact_maker_create(NULL, NULL);
    f->batcher = batcher_create(f->order->store, &env, DB_PATIENCE_TIMEOUTS * env.timeout_ms);
    f->writer = writer_create(f->order->store, f->shard, &env);
    if (!f->facts || !f->batcher || !f->writer)
        return fail(f, ERR_NO_MEMORY, "out of memory");
    return ERR_OK;
}

/* Also of what started only half. */
static void stop(struct fill *f)
{
    writer_destroy(f->writer);
    batcher_destroy(f->batcher);
    fact_maker_destroy(f->facts);
    fill_place_fini(&f->place);
    fill_visitors_fini(&f->visitors);
    arena_fini(&f->arena);
}

enum err fill_site(const struct fill_order *order, struct fill_result *out, struct err_info *info)
{
    struct fill f = {.order = order, .result = out, .info = info};
    struct traffic *traffic = traffic_create(order->plan);

    *out = (struct fill_result){.views = 0};
    fill_visitors_init(&f.visitors);
    arena_init(&f.arena, ARENA_CHUNK, ARENA_MAX);
    if (!traffic)
        (void)fail(&f, ERR_NO_MEMORY, "out of memory");
    else if (start(&f) == ERR_OK)
        run(&f, traffic);
    stop(&f);
    traffic_destroy(traffic);
    return f.err;
}
