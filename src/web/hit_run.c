#include "web/hit_run.h"

#include <assert.h>

#include "count/civil_date.h"
#include "count/settings_key.h"

/* So often a hit begins anew, since its site has to be read or settings changed under it, before it
 * is told to try again. */
#define MAX_TRIES 10

/* Each may take as long as the store is waited for. After so many nothing more is loaded for this
 * run: what is not known by then certainly was not counted, and is told so. */
#define MAX_FAILED_LOADS 2

void run_hit_refuse(struct run_hit *hit, int status, const char *why)
{
    hit->stage = HIT_REFUSED;
    hit->status = status;
    hit->why = why;
}

/* ---- the end of a hit ----------------------------------------------------------------------- */

static void end(struct run_hit *hit, enum hit_stage stage)
{
    assert(hit->stage == HIT_TO_BEGIN || hit->stage == HIT_UNDER_WAY);
    hit->stage = stage;
    hit->run->left--;
}

static void refuse(struct run_hit *hit, int status, const char *why)
{
    end(hit, HIT_REFUSED);
    run_hit_refuse(hit, status, why);
}

static void fail(struct run_hit *hit, enum err err)
{
    hit->answer = (struct hit_answer){.err = err};
    end(hit, HIT_FAILED);
}

/* ---- settings that changed ------------------------------------------------------------------ */

static void go_on(struct hit_run *run);

static void on_settings(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct hit_run *run = ctx;
    struct run_hit *hit = run->checking;

    (void)count; /* one */
    run->check = NULL;
    if (err != ERR_OK) {
        fail(hit, err);
    } else if (records[0].version == hit->version) {
        run->is_confirmed = true;
        run->confirmed_version = hit->version;
    } else {
        directory_expire(run->web->directory, hit->version);
    }
    go_on(run);
}

/* True when the settings are, in this run, known to be those that are. Else that is asked, and the
 * hit begins anew. Hits that are counted need no such thing: their batch finds it out. */
static bool is_confirmed(struct run_hit *hit, struct slice site, uint64_t version)
{
    struct hit_run *run = hit->run;
    struct store *store = run->web->store;
    unsigned shard = store_shard_of(store, site);
    char text[SETTINGS_KEY_BYTES];
    struct slice key;

    if (run->is_confirmed && run->confirmed_shard == shard && run->confirmed_version == version)
        return true;
    key = settings_key(store, shard, text);
    hit->version = version;
    run->is_confirmed = false;
    run->confirmed_shard = shard;
    run->checking = hit;
    run->check = store_read(store, shard, &key, 1, on_settings, run);
    if (!run->check)
        fail(hit, ERR_BUSY);
    return false;
}

/* ---- the batch ------------------------------------------------------------------------------ */

static void on_counted(void *ctx, const struct hit_answer *answer)
{
    struct run_hit *hit = ctx;
    struct hit_run *run = hit->run;
    size_t number = (size_t)(hit - run->hits);

    hit->in_batch = NULL;
    if (answer->err == ERR_STALE && hit->tries < MAX_TRIES) {
        directory_expire(run->web->directory, hit->version);
        hit->stage = HIT_TO_BEGIN;
        run->next = number < run->next ? number : run->next;
    } else if (answer->err != ERR_OK) {
        fail(hit, answer->err);
    } else {
        hit->answer = *answer;
        hit->answer.site_count += hit->counted.start_value;
        end(hit, HIT_COUNTED);
    }
    go_on(run);
}

static void count(struct run_hit *hit, const struct site_now *now)
{
    const struct web *web = hit->run->web;
    const struct hit_request *request = &hit->request;
    const struct hit_input input = {hit->counted.site, hit->counted.path, request->id};
    struct hit_facts facts;
    enum err err = fact_maker_make(web->facts, &request->claim, &request->page, now,
                                   request->unix_s, &facts, &hit->counted.is_ignored);

    if (err != ERR_OK) {
        fail(hit, err);
        return;
    }
    if (hit->counted.is_ignored) {
        if (is_confirmed(hit, hit->counted.site, now->version))
            end(hit, HIT_IGNORED);
        return;
    }
    hit->counted.bot = facts.bot; /* a constant text */
    hit->version = facts.settings_version;
    hit->in_batch = batcher_add(web->batcher, &input, &facts, on_counted, hit);
    if (hit->in_batch)
        hit->stage = HIT_UNDER_WAY;
    else
        fail(hit, ERR_BUSY);
}

/* ---- the site ------------------------------------------------------------------------------- */

static void note_site(struct run_hit *hit, const struct site *site)
{
    size_t len = strlen(site->id);

    memcpy(hit->site, site->id, len + 1);
    hit->counted = (struct counted){.site = slice_of(hit->site, len),
                                    .path = hit->request.page.path,
                                    .event = hit->request.claim.event.name,
                                    .bot = SLICE(""),
                                    .start_value = site->start_value,
                                    .public_counters = site->public_counters};
}

/* Only scripts in browsers tell an origin; an application has none. */
static bool is_allowed(const struct hit_run *run, const struct site *site)
{
    return run->only_finds || !run->origin.ptr || site_allows_origin(site, run->origin);
}

/* By who sends them. */
static bool is_covered(const struct hit_run *run, const struct site *site)
{
    return run->only_site.len == 0 || slice_eq(slice_str(site->id), run->only_site);
}

static bool is_kept(const struct run_hit *hit, const struct site *site)
{
    return site->retention_days == 0 ||
           hit->request.unix_s >= hit->run->now_unix_s - site->retention_days * DAY_S;
}

static bool is_wanted(const struct run_hit *hit, const struct site *site)
{
    return is_covered(hit->run, site) && is_allowed(hit->run, site) && is_kept(hit, site) &&
           !hit->run->only_finds;
}

/* What becomes of a hit that is not wanted. */
static void conclude(struct run_hit *hit, const struct site *site)
{
    if (!is_covered(hit->run, site))
        refuse(hit, 403, "the API token is for another site");
    else if (!is_allowed(hit->run, site))
        refuse(hit, 403, "the site does not take hits from this origin");
    else if (!is_kept(hit, site))
        refuse(hit, 400, "time is longer ago than the statistics of the site are kept");
    else
        end(hit, HIT_FOUND);
}

static void on_found(struct run_hit *hit, const struct site_now *now)
{
    hit->tries++;
    note_site(hit, now->settings);
    hit->request.claim.is_late = !now->salt;
    if (is_wanted(hit, now->settings))
        count(hit, now);
    else if (is_confirmed(hit, hit->counted.site, now->version))
        conclude(hit, now->settings);
}

static void on_loaded(void *ctx, enum err err)
{
    struct hit_run *run = ctx;

    run->load = NULL;
    if (err != ERR_OK) {
        run->failed_loads++;
        fail(run->loading, err);
    }
    go_on(run);
}

static void load(struct run_hit *hit, const struct site_wish *wish)
{
    struct hit_run *run = hit->run;

    if (run->failed_loads >= MAX_FAILED_LOADS) {
        fail(hit, ERR_UNAVAILABLE);
        return;
    }
    if (hit->tries++ < MAX_TRIES)
        run->load = directory_load(run->web->directory, wish, on_loaded, run);
    run->loading = hit;
    if (!run->load)
        fail(hit, ERR_BUSY);
}

static void begin(struct run_hit *hit)
{
    const struct hit_request *request = &hit->request;
    const struct site_wish wish = {.id = request->site,
                                   .host = request->host,
                                   .unix_s = request->unix_s,
                                   .now_unix_s = hit->run->now_unix_s};
    struct site_now now;

    switch (directory_look(hit->run->web->directory, &wish, &now)) {
    case SITE_FOUND:
        on_found(hit, &now);
        return;
    case SITE_NOT_THERE:
        if (is_confirmed(hit, request->site, now.version))
            refuse(hit, err_http_status(request->no_site),
                   "there is no site with this id; `footfall site list` names those there are");
        return;
    case SITE_NOT_KNOWN:
        load(hit, &wish);
        return;
    }
}

/* ---- the run -------------------------------------------------------------------------------- */

static bool is_waiting(const struct hit_run *run)
{
    return run->load || run->check;
}

/* The last thing that is done in every call: afterwards the run may be gone. */
static void go_on(struct hit_run *run)
{
    while (!is_waiting(run) && run->next < run->count) {
        struct run_hit *hit = &run->hits[run->next];

        if (hit->stage == HIT_TO_BEGIN)
            begin(hit);
        if (!is_waiting(run))
            run->next++;
    }
    if (run->left == 0)
        run->done(run->ctx);
}

void hit_run_start(struct hit_run *run)
{
    run->now_unix_s = clock_unix_ms(run->web->clock) / 1000;
    for (size_t i = 0; i < run->count; i++) {
        struct run_hit *hit = &run->hits[i];

        hit->run = run;
        if (hit->request.unix_s == 0)
            hit->request.unix_s = run->now_unix_s;
        run->left += hit->stage == HIT_TO_BEGIN ? 1 : 0;
    }
    go_on(run);
}

void hit_run_stop(struct hit_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->hits[i].in_batch)
            hit_abandon(run->hits[i].in_batch);
        run->hits[i].in_batch = NULL;
    }
    directory_cancel(run->load);
    run->load = NULL;
    store_op_cancel(run->check);
    run->check = NULL;
}
