#include "web/counting.h"

#include "count/url.h"
#include "count/web_origin.h"
#include "web/answer.h"
#include "web/web.h"

/* A request that waits for the store; lives as long as the request. */
struct waiting {
    struct request *req;
    struct hit_run run;
    struct run_hit hit;  /* the one of the run */
    struct store_op *op; /* NULL when its counters are not being read */
    counted_fn *done;
    counting_failed_fn *failed;
};

void counting_claim_fields(const struct request *req, struct hit_claim *claim)
{
    claim->user_agent = req->fields[FIELD_USER_AGENT];
    claim->languages = req->fields[FIELD_ACCEPT_LANGUAGE];
    claim->has_gpc = slice_eq(req->fields[FIELD_SEC_GPC], SLICE("1"));
    claim->has_dnt = slice_eq(req->fields[FIELD_DNT], SLICE("1"));
    claim->address = &req->client;
}

enum err counting_host(const struct request *req, struct arena *arena, struct slice *out)
{
    struct slice from = req->fields[FIELD_REFERER];
    struct url url;
    enum err err;

    *out = SLICE("");
    if (!from.ptr || !url_split(from, &url))
        from = req->fields[FIELD_ORIGIN];
    if (!from.ptr || !url_split(from, &url) || url.host.len == 0)
        return ERR_OK;
    err = url_lower(url.host, arena, out);
    if (err == ERR_OK)
        *out = web_host_bare(*out);
    return err;
}

/* However the request ends. */
static void on_request_end(void *ctx)
{
    struct waiting *w = ctx;

    hit_run_stop(&w->run);
    store_op_cancel(w->op);
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

/* ---- the end -------------------------------------------------------------------------------- */

static void fail(const struct waiting *w, enum err err)
{
    w->failed(w->req, err_http_status(err), answer_message(err));
}

static void answer_failed(struct request *req, int status, const char *why)
{
    answer_error(req, status, why, "");
}

static void on_totals(void *ctx, enum err err, const int64_t *totals, size_t count)
{
    struct waiting *w = ctx;
    struct hit_answer answer = {.err = err};

    w->op = NULL;
    if (err == ERR_OK && count == 2) {
        answer.site_count = totals[0] + w->hit.counted.start_value;
        answer.count = totals[1];
    }
    if (err == ERR_OK)
        w->done(w->req, &w->hit.counted, &answer);
    else
        fail(w, err);
}

static void look(struct waiting *w)
{
    const struct web *web = w->run.web;
    const struct counted *of = &w->hit.counted;
    struct counter counters[2] = {
        {.site = of->site, .dimension = DIMENSION_TOTAL, .value = SLICE("")},
        {.site = of->site, .dimension = DIMENSION_PAGE, .value = of->path},
    };

    w->op =
        store_totals(web->store, store_shard_of(web->store, of->site), counters, 2, on_totals, w);
    if (!w->op)
        fail(w, ERR_BUSY);
}

static void on_over(void *ctx)
{
    struct waiting *w = ctx;

    switch (w->hit.stage) {
    case HIT_COUNTED:
        w->done(w->req, &w->hit.counted, &w->hit.answer);
        return;
    case HIT_FOUND:
    case HIT_IGNORED:
        look(w);
        return;
    case HIT_REFUSED:
        w->failed(w->req, w->hit.status, w->hit.why);
        return;
    case HIT_FAILED:
        fail(w, w->hit.answer.err);
        return;
    case HIT_TO_BEGIN:
    case HIT_UNDER_WAY:
        return; /* never: the run is over */
    }
}

/* ---- the beginning -------------------------------------------------------------------------- */

static void start(struct request *req, const struct hit_request *hit, bool counts, counted_fn *done,
                  counting_failed_fn *failed)
{
    struct waiting *w = request_alloc(req, sizeof(*w));

    if (w)
        *w = (struct waiting){.req = req,
                              .run = {.web = req->app,
                                      .origin = req->fields[FIELD_ORIGIN],
                                      .only_finds = !counts,
                                      .hits = &w->hit,
                                      .count = 1,
                                      .done = on_over,
                                      .ctx = w},
                              .hit = {.request = *hit},
                              .done = done,
                              .failed = failed};
    if (!w || !keep_hit(req, &w->hit.request) || !request_defer(req, on_request_end, w)) {
        failed(req, err_http_status(ERR_NO_MEMORY), answer_message(ERR_NO_MEMORY));
        return;
    }
    if (w->run.origin.ptr)
        w->run.origin = request_dup(req, w->run.origin);
    hit_run_start(&w->run);
}

void counting_hit(struct request *req, const struct hit_request *hit, counted_fn *done)
{
    start(req, hit, true, done, answer_failed);
}

void counting_look(struct request *req, const struct hit_request *hit, counted_fn *done)
{
    start(req, hit, false, done, answer_failed);
}

static bool is_seen(const struct request *req)
{
    return req->method != HTTP_HEAD && !is_prefetch(req);
}

void counting_hit_or_look(struct request *req, const struct hit_request *hit, counted_fn *done)
{
    start(req, hit, is_seen(req), done, answer_failed);
}

void counting_show(struct request *req, const struct hit_request *hit, bool counts,
                   counted_fn *done, counting_failed_fn *failed)
{
    start(req, hit, counts && is_seen(req), done, failed);
}

void counting_append_number(struct strbuf *out, const struct counted *counted, bool is_page,
                            int64_t number)
{
    if (!site_public_shows(counted->public_counters, is_page))
        return;
    strbuf_append(out, is_page ? SLICE(",\"count\":") : SLICE(",\"site_count\":"));
    strbuf_append_int(out, number);
}
