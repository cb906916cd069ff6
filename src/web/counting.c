#include "web/counting.h"

#include "web/answer.h"
#include "web/web.h"

/* A request that waits for the store; lives as long as the request. */
struct waiting {
    struct request *req;
    struct hit *hit;     /* NULL when none is on its way */
    struct store_op *op; /* likewise */
    struct slice site;
    struct slice path;
    counted_fn *done;
};

/* However the request ends. */
static void on_request_end(void *ctx)
{
    struct waiting *w = ctx;

    if (w->hit)
        hit_abandon(w->hit);
    store_op_cancel(w->op);
}

/* NULL when there was no memory; then the request is answered. */
static struct waiting *wait_create(struct request *req, const struct hit_input *input,
                                   counted_fn *done)
{
    struct waiting *w = request_alloc(req, sizeof(*w));

    if (w) {
        *w = (struct waiting){
            .req = req,
            .site = request_dup(req, input->site),
            .path = request_dup(req, input->path),
            .done = done,
        };
    }
    if (w && w->site.ptr && w->path.ptr && request_defer(req, on_request_end, w))
        return w;
    answer_err(req, ERR_NO_MEMORY, NULL);
    return NULL;
}

static void finish(struct waiting *w, const struct hit_answer *answer)
{
    if (answer->err == ERR_OK)
        w->done(w->req, w->site, w->path, answer);
    else
        answer_err(w->req, answer->err, NULL);
}

static void on_counted(void *ctx, const struct hit_answer *answer)
{
    struct waiting *w = ctx;

    w->hit = NULL;
    finish(w, answer);
}

void counting_hit(struct request *req, const struct hit_input *input, counted_fn *done)
{
    const struct web *web = req->app;
    struct waiting *w = wait_create(req, input, done);

    if (!w)
        return;
    w->hit = batcher_add(web->batcher, input, NULL, on_counted, w);
    if (!w->hit)
        answer_err(req, ERR_BUSY, NULL);
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

void counting_look(struct request *req, const struct hit_input *input, counted_fn *done)
{
    const struct web *web = req->app;
    struct counter counters[2] = {
        {.site = input->site, .dimension = DIMENSION_TOTAL, .value = SLICE("")},
        {.site = input->site, .dimension = DIMENSION_PAGE, .value = input->path},
    };
    struct waiting *w = wait_create(req, input, done);

    if (!w)
        return;
    w->op = store_totals(web->store, store_shard_of(web->store, input->site), counters, 2,
                         on_totals, w);
    if (!w->op)
        answer_err(req, ERR_BUSY, NULL);
}

void counting_hit_or_look(struct request *req, const struct hit_input *input, counted_fn *done)
{
    if (req->method == HTTP_HEAD || is_prefetch(req))
        counting_look(req, input, done);
    else
        counting_hit(req, input, done);
}
