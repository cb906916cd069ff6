/* /sites: the sites that somebody may see. */
#include "web/admission.h"
#include "web/answer.h"
#include "web/form.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/site_pages.h"
#include "web/task.h"

struct listing {
    struct task task;
    int status;
    struct err_info message; /* empty: none */
};

static json_t *domains_of(const struct site *site)
{
    json_t *list = json_array();

    for (size_t i = 0; i < site->domain_count && list; i++) {
        if (json_array_append_new(list, json_pack("{s:s}", "host", site->domains[i])) == 0)
            continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

static json_t *row_of(const struct request *req, const struct site *site, int64_t views)
{
    bool may_edit = who_may(admission_who(req), slice_str(site->id), ROLE_EDITOR);

    return json_pack("{s:s, s:s, s:b, s:o, s:s, s:o, s:b}", "id", site->id, "title",
                     site_title(site), "has_name", site->name[0] != '\0', "domains",
                     domains_of(site), "zone", site->zone, "views",
                     page_number(views + site->start_value), "may_edit", may_edit);
}

/* Of a site whose settings cannot be used there is nothing to tell. */
static bool add_row(const struct request *req, json_t *rows, const struct stored_site *stored)
{
    struct site *site = NULL;
    enum err err = stored_site_open(stored, &site, NULL);
    bool is_added = err == ERR_INVALID;

    if (site)
        is_added = json_array_append_new(rows, row_of(req, site, stored->views)) == 0;
    site_destroy(site);
    return is_added;
}

static void on_list(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct listing *listing = ctx;
    struct task *task = &listing->task;
    const struct who *who = admission_who(task->req);
    json_t *rows = json_array();
    bool is_added = rows != NULL;

    task->reading = NULL;
    for (size_t i = 0; i < count && is_added; i++) {
        if (who_may(who, sites[i].id, ROLE_VIEWER))
            is_added = add_row(task->req, rows, &sites[i]);
    }
    if (err == ERR_OK && is_added)
        task->data = json_pack("{s:O, s:b}", "rows", rows, "has_rows", json_array_size(rows) > 0);
    json_decref(rows);
    if (err != ERR_OK || !task->data)
        answer_err(task->req, err != ERR_OK ? err : ERR_NO_MEMORY, NULL);
    else
        task_show(task, &(struct page_answer){.status = listing->status,
                                              .title = "Sites",
                                              .template = PAGE_SITES,
                                              .message = listing->message.text,
                                              .is_error = listing->status != 200});
}

void sites_page_show(struct request *req, int status, const char *message)
{
    const struct web *web = req->app;
    struct listing *listing = task_start(req, sizeof(*listing));

    if (!listing)
        return;
    listing->status = status;
    err_info_set(&listing->message, "%s", message ? message : "");
    listing->task.reading = site_store_list(web->sites, on_list, listing);
    task_wait(&listing->task, listing->task.reading);
}

void sites_page_get(struct request *req)
{
    static const struct page_done done[] = {{"removed", "The site is removed."}};
    struct form_field fields[] = {{.name = SLICE("done"), .max = FORM_NAME_MAX}};
    struct err_info info = {""};

    if (form_read(req, req->query, fields, 1, &info) == ERR_OK)
        sites_page_show(req, 200, page_done_text(done, 1, fields[0].value));
    else
        page_refuse(req, 400, info.text);
}
