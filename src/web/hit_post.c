#include "web/hit_post.h"

#include <stdlib.h>

#include "web/answer.h"

/* Ordinary requests bring a few hits. */
#define CHUNK_BYTES 8192

/* A request that waits for its hits; lives as long as the request. Hits take more memory than a
 * request may, so they have an arena of their own. */
struct posted {
    struct request *req;
    const struct hit_answers *answers;
    struct arena arena;
    struct hit_run run;
};

/* However the request ends. */
static void on_request_end(void *ctx)
{
    struct posted *p = ctx;

    hit_run_stop(&p->run);
    arena_fini(&p->arena);
    free(p);
}

static void on_over(void *ctx)
{
    struct posted *p = ctx;

    p->answers->tell(p->req, p->run.hits, p->run.count);
}

static enum err read_hits(struct posted *p, const struct hit_dialect *dialect, struct slice site,
                          struct err_info *info)
{
    struct request *req = p->req;
    struct hit_sender sender;
    struct hit_list list;
    enum err err = hit_sender_of(req, &p->arena, &sender);

    if (err == ERR_OK && site.len > 0) {
        err = hit_check_site(site, info);
        sender.site = arena_dup(&p->arena, site);
    }
    if (err == ERR_OK)
        err = hit_list_read(dialect, req->body, &sender, &p->arena, &list, info);
    if (err != ERR_OK)
        return err;
    p->run = (struct hit_run){.web = req->app,
                              .only_site = sender.only_site,
                              .hits = list.hits,
                              .count = list.count,
                              .done = on_over,
                              .ctx = p};
    if (!sender.has_token && req->fields[FIELD_ORIGIN].ptr) {
        p->run.origin = arena_dup(&p->arena, req->fields[FIELD_ORIGIN]);
        return p->run.origin.ptr ? ERR_OK : ERR_NO_MEMORY;
    }
    return ERR_OK;
}

void hit_post(struct request *req, const struct hit_dialect *dialect,
              const struct hit_answers *answers, struct slice site)
{
    struct posted *p = calloc(1, sizeof(*p));
    struct err_info info = {""};
    enum err err;

    if (!p || !request_defer(req, on_request_end, p)) {
        free(p);
        answers->refuse(req, ERR_NO_MEMORY, &info);
        return;
    }
    p->req = req;
    p->answers = answers;
    arena_init(&p->arena, CHUNK_BYTES, HIT_LIST_MAX_BYTES);
    err = read_hits(p, dialect, site, &info);
    if (err == ERR_OK)
        hit_run_start(&p->run);
    else
        answers->refuse(req, err, &info);
}

/* ---- what became of them -------------------------------------------------------------------- */

static bool is_counted_now(const struct run_hit *hit)
{
    return hit->stage == HIT_COUNTED && !hit->answer.duplicate && !hit->answer.is_bot;
}

struct hit_outcome hit_outcome_of(const struct run_hit *hits, size_t count)
{
    struct hit_outcome outcome = {0};

    for (size_t i = 0; i < count; i++) {
        bool has_failed = hits[i].stage == HIT_FAILED;

        outcome.counted += is_counted_now(&hits[i]) ? 1 : 0;
        outcome.has_settled = outcome.has_settled || !has_failed;
        outcome.has_unknown =
            outcome.has_unknown || (has_failed && hits[i].answer.err == ERR_UNKNOWN);
    }
    return outcome;
}

int hit_outcome_status(const struct hit_outcome *outcome)
{
    if (outcome->has_settled)
        return 200;
    return outcome->has_unknown ? 504 : 503;
}
