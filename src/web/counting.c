#include "web/counting.h"

#include "count/settings_key.h"
#include "web/answer.h"
#include "web/web.h"

/* So often a hit begins anew, since its site has to be read or settings changed under it, before it
 * is told to try again. */
#define MAX_TRIES 10

/* A request that waits for the store; lives as long as the request. */
struct waiting {
    struct request *req;
    bool counts;
    struct hit_request hit; /* its texts are the request's */
    struct counted counted;
    int64_t unix_s;
    int64_t start_value; /* of the site */
    uint64_t version;    /* of the settings that it was decided under */
    unsigned tries;
    struct hit *in_batch; /* NULL when none is on its way */
    struct store_op *op;  /* likewise */
    struct directory_wait *load;
    counted_fn *done;
    void (*verdict)(struct waiting *w); /* what is done when the settings are still those */
};

void counting_claim_fields(const struct request *req, struct hit_claim *claim)
{
    claim->user_agent = req->fields[FIELD_USER_AGENT];
    claim->languages = req->fields[FIELD_ACCEPT_LANGUAGE];
    claim->has_gpc = slice_eq(req->fields[FIELD_SEC_GPC], SLICE("1"));
    claim->has_dnt = slice_eq(req->fields[FIELD_DNT], SLICE("1"));
    claim->address = &req->client;
}

/* However the request ends. */
static void on_request_end(void *ctx)
{
    struct waiting *w = ctx;

    if (w->in_batch)
        hit_abandon(w->in_batch);
    store_op_cancel(w->op);
    directory_cancel(w->load);
}

/* ---- copying -------------------------------------------------------------------------------- */

static bool keep(struct request *req, struct slice *text)
{
    if (text->len == 0) {
        *text = SLICE("");
        return true;
    }
    *text = request_dup(req, *text);
    return text->ptr != NULL;
}

static bool keep_event(struct request *req, struct event *event)
{
    struct event_property *properties;

    if (event->name.len == 0)
        return keep(req, &event->name);
    properties = request_alloc(req, (event->property_count + 1) * sizeof(*properties));
    for (size_t i = 0; properties && i < event->property_count; i++) {
        properties[i] = event->properties[i];
        if (!keep(req, &properties[i].name) || !keep(req, &properties[i].value))
            return false;
    }
    event->properties = properties;
    return properties && keep(req, &event->name);
}

/* The claim's address is that of the request, or one its maker has put into the request's memory.
 */
static bool keep_hit(struct request *req, struct hit_request *hit)
{
    struct hit_claim *claim = &hit->claim;

    return keep(req, &hit->site) && keep(req, &hit->host) && keep(req, &hit->page.path) &&
           keep(req, &hit->page.host) && keep(req, &hit->page.query) && keep(req, &hit->id) &&
           keep(req, &claim->title) && keep(req, &claim->referrer) && keep(req, &claim->query) &&
           keep(req, &claim->screen) && keep(req, &claim->user_agent) &&
           keep(req, &claim->languages) && keep_event(req, &claim->event);
}

/* NULL when there was no memory; then the request is answered. */
static struct waiting *wait_create(struct request *req, const struct hit_request *hit,
                                   counted_fn *done)
{
    struct waiting *w = request_alloc(req, sizeof(*w));

    if (w)
        *w = (struct waiting){.req = req, .hit = *hit, .done = done};
    if (w && keep_hit(req, &w->hit) && request_defer(req, on_request_end, w)) {
        w->counted.path = w->hit.page.path;
        w->counted.event = w->hit.claim.event.name;
        w->counted.bot = SLICE("");
        return w;
    }
    answer_err(req, ERR_NO_MEMORY, NULL);
    return NULL;
}

/* ---- the end -------------------------------------------------------------------------------- */

static void finish(struct waiting *w, struct hit_answer *answer)
{
    if (answer->err != ERR_OK) {
        answer_err(w->req, answer->err, NULL);
        return;
    }
    answer->site_count += w->start_value;
    w->done(w->req, &w->counted, answer);
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct waiting *w = ctx;
    struct hit_answer answer = {.err = err};

    w->op = NULL;
    if (err == ERR_OK && count == 2) {
        answer.site_count = totals[0];
        answer.count = totals[1];
    }
    finish(w, &answer);
}

static void look(struct waiting *w)
{
    const struct web *web = w->req->app;
    struct counter counters[2] = {
        {.site = w->counted.site, .dimension = DIMENSION_TOTAL, .value = SLICE("")},
        {.site = w->counted.site, .dimension = DIMENSION_PAGE, .value = w->counted.path},
    };

    w->op = store_totals(web->store, store_shard_of(web->store, w->counted.site), counters, 2,
                         on_totals, w);
    if (!w->op)
        answer_err(w->req, ERR_BUSY, NULL);
}

/* ---- settings that changed ------------------------------------------------------------------ */

static void begin(struct waiting *w);

static void begin_anew(struct waiting *w)
{
    const struct web *web = w->req->app;

    directory_expire(web->directory, w->version);
    begin(w);
}

static void on_settings(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct waiting *w = ctx;

    w->op = NULL;
    if (err != ERR_OK || count != 1)
        answer_err(w->req, err, NULL);
    else if (records[0].version != w->version)
        begin_anew(w);
    else
        w->verdict(w);
}

/* What a batch finds out for the hits that are counted has to be asked for all others: whether the
 * settings are still those that it was decided under. */
static void confirm(struct waiting *w, struct slice site, void (*verdict)(struct waiting *w))
{
    struct store *store = ((const struct web *)w->req->app)->store;
    unsigned shard = store_shard_of(store, site);
    char text[SETTINGS_KEY_BYTES];
    struct slice key = settings_key(store, shard, text);

    w->verdict = verdict;
    w->op = store_read(store, shard, &key, 1, on_settings, w);
    if (!w->op)
        answer_err(w->req, ERR_BUSY, NULL);
}

/* ---- the batch ------------------------------------------------------------------------------ */

static void on_counted(void *ctx, const struct hit_answer *told)
{
    struct waiting *w = ctx;
    struct hit_answer answer = *told;

    w->in_batch = NULL;
    if (answer.err == ERR_STALE)
        begin_anew(w);
    else
        finish(w, &answer);
}

static void count(struct waiting *w, const struct site_now *now)
{
    const struct web *web = w->req->app;
    const struct hit_input input = {w->counted.site, w->counted.path, w->hit.id};
    struct hit_facts facts;
    enum err err = fact_maker_make(web->facts, &w->hit.claim, &w->hit.page, now, w->unix_s, &facts,
                                   &w->counted.is_ignored);

    if (err != ERR_OK) {
        answer_err(w->req, err, NULL);
        return;
    }
    if (w->counted.is_ignored) {
        confirm(w, w->counted.site, look);
        return;
    }
    w->counted.bot = facts.bot; /* a constant text */
    w->in_batch = batcher_add(web->batcher, &input, &facts, on_counted, w);
    if (!w->in_batch)
        answer_err(w->req, ERR_BUSY, NULL);
}

/* ---- the site ------------------------------------------------------------------------------- */

static void refuse_site(struct waiting *w)
{
    struct err_info info;

    err_info_set(&info, "there is no site \"%.*s\"; `footfall site list` names those there are",
                 SLICE_ARG(w->hit.site));
    answer_err(w->req, w->hit.no_site, &info);
}

static void refuse_origin(struct waiting *w)
{
    answer_error(w->req, 403, "the site does not take hits from this origin", "");
}

/* Only scripts in browsers tell an origin; an application has none. */
static bool is_allowed(const struct waiting *w, const struct site *site)
{
    struct slice origin = w->req->fields[FIELD_ORIGIN];

    return !w->counts || !origin.ptr || site_allows_origin(site, origin);
}

static void go_on(struct waiting *w, const struct site_now *now)
{
    w->counted.site = request_dup(w->req, slice_str(now->settings->id));
    w->start_value = now->settings->start_value;
    if (!w->counted.site.ptr)
        answer_err(w->req, ERR_NO_MEMORY, NULL);
    else if (!is_allowed(w, now->settings))
        confirm(w, w->counted.site, refuse_origin);
    else if (w->counts)
        count(w, now);
    else
        confirm(w, w->counted.site, look);
}

static void on_loaded(void *ctx, enum err err)
{
    struct waiting *w = ctx;

    w->load = NULL;
    if (err == ERR_OK)
        begin(w);
    else
        answer_err(w->req, err, NULL);
}

static void begin(struct waiting *w)
{
    const struct web *web = w->req->app;
    const struct site_wish wish = {w->hit.site, w->hit.host, w->unix_s};
    struct site_now now;

    if (w->tries++ == MAX_TRIES) {
        answer_err(w->req, ERR_STALE, NULL);
        return;
    }
    switch (directory_look(web->directory, &wish, &now)) {
    case SITE_FOUND:
        w->version = now.version;
        go_on(w, &now);
        return;
    case SITE_NOT_THERE:
        w->version = now.version;
        confirm(w, wish.id, refuse_site);
        return;
    case SITE_NOT_KNOWN:
        break;
    }
    w->load = directory_load(web->directory, &wish, on_loaded, w);
    if (!w->load)
        answer_err(w->req, ERR_BUSY, NULL);
}

static void start(struct request *req, const struct hit_request *hit, bool counts, counted_fn *done)
{
    const struct web *web = req->app;
    struct waiting *w = wait_create(req, hit, done);

    if (!w)
        return;
    w->counts = counts;
    w->unix_s = clock_unix_ms(web->clock) / 1000;
    begin(w);
}

void counting_hit(struct request *req, const struct hit_request *hit, counted_fn *done)
{
    start(req, hit, true, done);
}

void counting_look(struct request *req, const struct hit_request *hit, counted_fn *done)
{
    start(req, hit, false, done);
}

void counting_hit_or_look(struct request *req, const struct hit_request *hit, counted_fn *done)
{
    start(req, hit, req->method != HTTP_HEAD && !is_prefetch(req), done);
}
