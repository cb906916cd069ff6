/* GET /dashboard: the sites that somebody may look at. */
#include "count/site_store.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/page.h"
#include "web/resources.h"
#include "web/web.h"

/* Lives as long as its request. */
struct home {
    struct request *req;
    struct site_reading *reading;
};

static void on_request_end(void *ctx)
{
    struct home *home = ctx;

    site_reading_cancel(home->reading);
}

/* Of a site whose settings cannot be used there is nothing to tell. */
static bool add_site(json_t *list, const struct who *who, const struct stored_site *stored)
{
    struct site *site = NULL;
    json_t *row;

    if (!who_may(who, stored->id, ROLE_VIEWER) || stored_site_open(stored, &site, NULL) != ERR_OK)
        return true;
    row = json_pack("{s:s, s:s, s:s, s:I}", "id", site->id, "title",
                    site->name[0] != '\0' ? site->name : site->id, "domains",
                    site->domain_count > 0 ? site->domains[0] : "", "views",
                    (json_int_t)stored->views + (json_int_t)site->start_value);
    site_destroy(site);
    return json_array_append_new(list, row) == 0;
}

static void on_read(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct home *home = ctx;
    const struct who *who = admission_who(home->req);
    json_t *list;
    bool is_added = true;

    home->reading = NULL;
    if (err != ERR_OK) {
        answer_err(home->req, err, NULL);
        return;
    }
    list = json_array();
    for (size_t i = 0; i < count && is_added; i++)
        is_added = add_site(list, who, &sites[i]);
    page_respond(home->req, &(struct page_answer){
                                .status = 200,
                                .title = "Sites",
                                .template = PAGE_HOME,
                                .data = json_pack("{s:o}", "sites", list),
                            });
}

void home_get(struct request *req)
{
    const struct web *web = req->app;
    struct home *home = request_alloc(req, sizeof(*home));

    if (home)
        *home = (struct home){.req = req};
    if (!home || !request_defer(req, on_request_end, home)) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    home->reading = site_store_list(web->sites, on_read, home);
    if (!home->reading)
        answer_err(req, ERR_BUSY, NULL);
}
