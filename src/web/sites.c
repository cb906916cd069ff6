/* GET /api/v1/sites: the sites that somebody may look at, under the names that `footfall site list
 * --json` has; of their settings only those that a viewer needs. */
#include "count/site_store.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/resources.h"
#include "web/web.h"

/* Of thousands of sites with long names. */
#define MAX_BYTES (8 << 20)

/* Lives as long as its request. */
struct asking {
    struct request *req;
    struct site_reading *reading;
};

static void on_request_end(void *ctx)
{
    struct asking *asking = ctx;

    site_reading_cancel(asking->reading);
}

static void append_domains(struct strbuf *out, const struct site *site)
{
    for (size_t i = 0; i < site->domain_count; i++) {
        strbuf_append(out, i > 0 ? SLICE(",") : SLICE(""));
        append_json_string(out, slice_str(site->domains[i]));
    }
}

static void append_site(struct strbuf *out, const struct site *site, int64_t views)
{
    strbuf_append(out, SLICE("{\"id\":"));
    append_json_string(out, slice_str(site->id));
    strbuf_append(out, SLICE(",\"name\":"));
    append_json_string(out, slice_str(site->name));
    strbuf_append(out, SLICE(",\"domains\":["));
    append_domains(out, site);
    strbuf_append(out, SLICE("],\"zone\":"));
    append_json_string(out, slice_str(site->zone));
    strbuf_append(out, SLICE(",\"start_value\":"));
    strbuf_append_int(out, site->start_value);
    strbuf_append(out, SLICE(",\"views\":"));
    strbuf_append_int(out, views);
    strbuf_append_char(out, '}');
}

/* Of a site whose settings cannot be used there is nothing to tell. */
static enum err append_stored(struct strbuf *out, const struct stored_site *stored, bool *is_first)
{
    struct site *site = NULL;
    enum err err = stored_site_open(stored, &site, NULL);

    if (err == ERR_OK) {
        strbuf_append(out, *is_first ? SLICE("") : SLICE(","));
        append_site(out, site, stored->views);
        *is_first = false;
    }
    site_destroy(site);
    return err == ERR_INVALID ? ERR_OK : err;
}

static enum err append_sites(struct strbuf *out, const struct who *who,
                             const struct stored_site *sites, size_t count)
{
    bool is_first = true;
    enum err err = ERR_OK;

    strbuf_append(out, SLICE("{\"sites\":["));
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        if (who_may(who, sites[i].id, ROLE_VIEWER))
            err = append_stored(out, &sites[i], &is_first);
    }
    strbuf_append(out, SLICE("]}\n"));
    return out->failed ? ERR_NO_MEMORY : err;
}

static void on_read(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct asking *asking = ctx;
    struct strbuf body;

    asking->reading = NULL;
    strbuf_init(&body, MAX_BYTES);
    if (err == ERR_OK)
        err = append_sites(&body, admission_who(asking->req), sites, count);
    if (err == ERR_OK)
        answer_json(asking->req, 200, HEADER_NO_STORE, strbuf_slice(&body));
    else
        answer_err(asking->req, err, NULL);
    strbuf_fini(&body);
}

void sites_get(struct request *req)
{
    const struct web *web = req->app;
    const struct who *who = admission_who(req);
    struct asking *asking = request_alloc(req, sizeof(*asking));

    if (asking)
        *asking = (struct asking){.req = req};
    if (!asking || !request_defer(req, on_request_end, asking)) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    asking->reading = who->kind == WHO_VISITOR
                          ? site_store_find(web->sites, who->site, on_read, asking)
                          : site_store_list(web->sites, on_read, asking);
    if (!asking->reading)
        answer_err(req, ERR_BUSY, NULL);
}
