/* GET /metrics: Prometheus' text format, version 0.0.4. Each worker tells its own numbers. */
#include <inttypes.h>

#include "web/answer.h"
#include "web/resources.h"
#include "web/web.h"

/* What the numbers are taken from. */
struct sources {
    struct batcher_stats batch;
    struct store_stats store;
    struct http_stats http;
    int64_t lost_views;
};

struct exported {
    const char *name;
    const char *type;
    const char *help;
    uint64_t (*value)(const struct sources *s);
};

#define VALUE(name_, expression_)                                                                  \
    static uint64_t name_(const struct sources *s)                                                 \
    {                                                                                              \
        return (uint64_t)(expression_);                                                            \
    }

VALUE(hits, s->batch.hits)
VALUE(duplicates, s->batch.duplicates)
VALUE(batches, s->batch.batches)
VALUE(waiting, s->batch.waiting)
VALUE(unavailable, s->batch.unavailable + s->batch.rejected)
VALUE(unknown, s->batch.unknown)
VALUE(conflicts, s->batch.writer.conflicts)
VALUE(retries, s->batch.writer.retries)
VALUE(refused, s->batch.writer.refused)
VALUE(unresolved, s->batch.writer.unresolved)
VALUE(went_back, s->batch.writer.went_back)
VALUE(replaced, s->batch.writer.replaced)
VALUE(replayed, s->batch.writer.replayed)
VALUE(lost_commits, s->batch.writer.lost_commits)
VALUE(lost_views, s->lost_views)
VALUE(connected, s->store.connected)
VALUE(operations, s->store.operations)
VALUE(store_timeouts, s->store.timeouts)
VALUE(reconnects, s->store.reconnects)
VALUE(requests, s->http.requests)
VALUE(rejected, s->http.rejected)
VALUE(connections, s->http.open)
VALUE(accepted, s->http.accepted)
VALUE(timeouts, s->http.timeouts)

static const struct exported metrics[] = {
    {"footfall_hits_total", "counter", "Hits counted and committed.", hits},
    {"footfall_duplicate_hits_total", "counter", "Hits whose id was counted before.", duplicates},
    {"footfall_unavailable_hits_total", "counter", "Hits answered 503: not counted.", unavailable},
    {"footfall_unknown_hits_total", "counter", "Hits answered 504: nobody knew in time.", unknown},
    {"footfall_waiting_hits", "gauge", "Hits that wait for the next batch.", waiting},
    {"footfall_batches_total", "counter", "Batches committed.", batches},
    {"footfall_commit_conflicts_total", "counter", "Commits planned again.", conflicts},
    {"footfall_commit_retries_total", "counter", "Commits sent again.", retries},
    {"footfall_commits_refused_total", "counter", "Commits the store refused.", refused},
    {"footfall_commit_unresolved", "gauge", "Commits of which nobody knows what became of them.",
     unresolved},
    {"footfall_store_went_back_total", "counter", "Times the store had gone back in time.",
     went_back},
    {"footfall_store_replaced_total", "counter", "Times the store did not know this writer.",
     replaced},
    {"footfall_store_replayed_commits_total", "counter",
     "Confirmed commits the store had lost and was sent again.", replayed},
    {"footfall_store_lost_commits_total", "counter",
     "Confirmed commits the store had lost that could not be replayed.", lost_commits},
    {"footfall_store_lost_views_total", "counter", "Views in those, at most.", lost_views},
    {"footfall_store_connected", "gauge", "1 while the store is usable.", connected},
    {"footfall_store_operations_total", "counter", "Operations sent to the store.", operations},
    {"footfall_store_timeouts_total", "counter", "Operations not answered in time.",
     store_timeouts},
    {"footfall_store_reconnects_total", "counter", "Connections made again.", reconnects},
    {"footfall_http_requests_total", "counter", "Requests.", requests},
    {"footfall_http_rejected_total", "counter", "Requests refused as malformed.", rejected},
    {"footfall_http_timeouts_total", "counter", "Connections closed for being slow.", timeouts},
    {"footfall_http_connections_total", "counter", "Connections accepted.", accepted},
    {"footfall_http_connections", "gauge", "Connections open.", connections},
};

static void append_head(struct strbuf *out, const char *name, const char *type, const char *help)
{
    strbuf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void append_metric(struct strbuf *out, const struct exported *m, const struct sources *s,
                          unsigned worker)
{
    append_head(out, m->name, m->type, m->help);
    strbuf_printf(out, "%s{worker=\"%u\"} %" PRIu64 "\n", m->name, worker, m->value(s));
}

/* Bounds are 2^0, 2^1 …, times `unit`. */
static void append_histogram(struct strbuf *out, const char *name, const char *help,
                             const struct histogram *h, double unit, unsigned worker)
{
    uint64_t below = 0;

    append_head(out, name, "histogram", help);
    for (unsigned i = 0; i + 1 < HISTOGRAM_BUCKETS; i++) {
        below += h->buckets[i];
        strbuf_printf(out, "%s_bucket{worker=\"%u\",le=\"%g\"} %" PRIu64 "\n", name, worker,
                      unit * (double)(UINT64_C(1) << i), below);
    }
    strbuf_printf(out, "%s_bucket{worker=\"%u\",le=\"+Inf\"} %" PRIu64 "\n", name, worker,
                  h->count);
    strbuf_printf(out, "%s_sum{worker=\"%u\"} %.15g\n", name, worker, unit * (double)h->sum);
    strbuf_printf(out, "%s_count{worker=\"%u\"} %" PRIu64 "\n", name, worker, h->count);
}

static void append_statuses(struct strbuf *out, const struct http_stats *http, unsigned worker)
{
    append_head(out, "footfall_http_answers_total", "counter", "Answers by class of status.");
    for (unsigned first = 1; first <= 5; first++)
        strbuf_printf(out,
                      "footfall_http_answers_total{worker=\"%u\",class=\"%uxx\"} %" PRIu64 "\n",
                      worker, first, http->status[first]);
}

static void add_lost(void *ctx, struct slice site, int64_t views)
{
    struct sources *s = ctx;

    (void)site;
    s->lost_views += views;
}

static void append_all(struct strbuf *out, const struct web *web)
{
    struct sources s;

    batcher_get_stats(web->batcher, &s.batch);
    s.lost_views = 0;
    batcher_each_lost(web->batcher, add_lost, &s);
    store_get_stats(web->store, &s.store);
    http_server_get_stats(web->server, &s.http);
    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
        append_metric(out, &metrics[i], &s, web->worker);
    append_statuses(out, &s.http, web->worker);
    append_histogram(out, "footfall_batch_hits", "Hits in a batch.", &s.batch.batch_hits, 1,
                     web->worker);
    append_histogram(out, "footfall_commit_seconds", "From the start of a batch to its answers.",
                     &s.batch.commit_us, 1e-6, web->worker);
}

void metrics_get(struct request *req)
{
    struct strbuf body;

    strbuf_init(&body, ANSWER_MAX_BYTES);
    append_all(&body, req->app);
    if (body.failed)
        answer_err(req, ERR_NO_MEMORY, NULL);
    else
        request_respond(req, &(struct response){
                                 .status = 200,
                                 .content_type = SLICE("text/plain; version=0.0.4; charset=utf-8"),
                                 .headers = SLICE(HEADER_NO_STORE),
                                 .body = strbuf_slice(&body)});
    strbuf_fini(&body);
}
