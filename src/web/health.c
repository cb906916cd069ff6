/* GET /healthz, /readyz, /version: for those who operate it. */
#include <inttypes.h>

#include "web/answer.h"
#include "web/resources.h"
#include "web/web.h"

void health_get_alive(struct request *req)
{
    answer_text(req, HEADER_NO_STORE, SLICE("ok\n"));
}

void health_get_version(struct request *req)
{
    answer_json(req, 200, "",
                SLICE("{\"name\":\"footfall\",\"version\":\"" FOOTFALL_VERSION "\"}\n"));
}

struct readiness {
    struct request *req;
    struct store_op *op;
};

static void append_findings(struct strbuf *out, const struct store_health *health)
{
    strbuf_append(out, SLICE(",\"findings\":["));
    for (size_t i = 0; i < health->finding_count; i++) {
        strbuf_append(out, i > 0 ? SLICE(",{\"problem\":") : SLICE("{\"problem\":"));
        append_json_string(out, slice_str(health->findings[i].problem));
        strbuf_append(out, SLICE(",\"remedy\":"));
        append_json_string(out, slice_str(health->findings[i].remedy));
        strbuf_append_char(out, '}');
    }
    strbuf_append_char(out, ']');
}

/* Of so many sites at most; the log names all. */
#define LOST_SITES_MAX 100

struct lost_list {
    struct strbuf *out;
    size_t count;
};

static void append_lost_site(void *ctx, struct slice site, int64_t views)
{
    struct lost_list *list = ctx;

    if (list->count == LOST_SITES_MAX)
        return;
    strbuf_append(list->out, list->count > 0 ? SLICE(",{\"site\":") : SLICE("{\"site\":"));
    append_json_string(list->out, site);
    strbuf_printf(list->out, ",\"views_at_most\":%" PRId64 "}", views);
    list->count++;
}

/* Views that were confirmed, and that the store lost since this process began. */
static void append_lost(struct strbuf *out, const struct batcher *batcher)
{
    struct lost_list list = {.out = out};

    strbuf_append(out, SLICE(",\"lost\":["));
    batcher_each_lost(batcher, append_lost_site, &list);
    strbuf_append_char(out, ']');
}

static const char *reason_of(const struct web *web, const struct store_health *health)
{
    if (web->draining)
        return "this process is shutting down";
    if (health->sufficient && web->identity->awaits_key)
        return "the key of the logins was not read yet";
    return health->reason;
}

static void on_checked(void *ctx, const struct store_health *health)
{
    struct readiness *r = ctx;
    const struct web *web = r->req->app;
    bool is_ready = health->sufficient && !web->draining && !web->identity->awaits_key;
    struct strbuf body;

    r->op = NULL;
    strbuf_init(&body, ANSWER_MAX_BYTES);
    strbuf_append(&body, is_ready ? SLICE("{\"ready\":true,\"store\":")
                                  : SLICE("{\"ready\":false,\"store\":"));
    append_json_string(&body, slice_str(store_kind(web->store)));
    strbuf_append(&body, SLICE(",\"durability\":"));
    append_json_string(&body, health->reachable ? slice_str(durability_name(health->durability))
                                                : SLICE("unknown"));
    strbuf_append(&body, SLICE(",\"reason\":"));
    append_json_string(&body, slice_str(reason_of(web, health)));
    append_findings(&body, health);
    append_lost(&body, web->batcher);
    strbuf_append(&body, SLICE("}\n"));
    if (body.failed)
        answer_err(r->req, ERR_NO_MEMORY, NULL);
    else
        answer_json(r->req, is_ready ? 200 : 503,
                    is_ready ? HEADER_NO_STORE : HEADER_NO_STORE "Retry-After: 1\r\n",
                    strbuf_slice(&body));
    strbuf_fini(&body);
}

static void on_request_end(void *ctx)
{
    struct readiness *r = ctx;

    store_op_cancel(r->op);
}

void health_get_ready(struct request *req)
{
    const struct web *web = req->app;
    struct readiness *r = request_alloc(req, sizeof(*r));

    if (r)
        *r = (struct readiness){.req = req};
    if (!r || !request_defer(req, on_request_end, r)) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    r->op = store_check(web->store, on_checked, r);
    if (!r->op)
        answer_err(req, ERR_BUSY, NULL);
}
