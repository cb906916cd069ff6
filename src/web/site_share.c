/* /sites/share: who may look at a site's dashboard without a login: everybody, if that is set, and
 * who has a link. */
#include "web/site_share.h"

#include <stdio.h>

#include "web/admission.h"
#include "web/answer.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/site_frames.h"
#include "web/site_pages.h"
#include "web/task.h"

struct showing {
    struct task task;
    struct site *site; /* owned by the request */
    int status;
    struct err_info message; /* empty: none */
};

static void free_site(void *ctx)
{
    site_destroy(ctx);
}

bool site_share_open(struct task *task, enum err err, const struct stored_site *sites, size_t count,
                     struct site **out)
{
    struct site *site = NULL;

    if (!site_page_open(task, err, sites, count, &site))
        return false;
    if (request_defer(task->req, free_site, site)) {
        *out = site;
        return true;
    }
    site_destroy(site);
    answer_err(task->req, ERR_NO_MEMORY, NULL);
    return false;
}

json_t *site_share_data(struct request *req, const struct site *site)
{
    char storage[SITE_FRAMES_MAX];
    struct strbuf frames;
    struct strbuf base;
    json_t *data = NULL;

    strbuf_init_fixed(&frames, storage, sizeof(storage));
    site_append_frames(site, &frames);
    strbuf_init(&base, ANSWER_MAX_LOCATION);
    page_append_base(req, &base);
    if (!base.failed && base.len > 0)
        data = json_pack("{s:s, s:s, s:s%, s:s%, s:b, s:b}", "id", site->id, "called",
                         site_title(site), "base", base.ptr, base.len, "frames",
                         frames.len > 0 ? frames.ptr : "", frames.len, "is_public",
                         site->public_dashboard != SITE_DASHBOARD_OFF, "is_anywhere",
                         site->public_dashboard == SITE_DASHBOARD_ANYWHERE);
    strbuf_fini(&base);
    return data;
}

/* ---- the links ------------------------------------------------------------------------------ */

/* Who made it is named by his id, until it is known who that is. */
static json_t *row_of(const struct api_token *link)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "id", link->id, "site", link->site,
                     "label", link->name, "by", link->user, "created", page_time(link->created_s),
                     "used", page_time(link->last_used_s), "ends", page_time(link->expires_s));
}

/* Links of a site that was removed, and had the same id, show nothing. */
static json_t *rows_of(const struct site *site, const struct api_token *list, size_t count)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < count && rows; i++) {
        if (!link_is_of_site(&list[i], site) || json_array_append_new(rows, row_of(&list[i])) == 0)
            continue;
        json_decref(rows);
        rows = NULL;
    }
    return rows;
}

/* ---- who made them -------------------------------------------------------------------------- */

static void on_users(void *ctx, enum err err, const struct user *users, size_t count)
{
    struct showing *showing = ctx;
    struct task *task = &showing->task;
    char title[SITE_MAX_NAME + 10];

    task->account = NULL;
    if (err == ERR_OK && !page_name_makers(json_object_get(task->data, "links"), users, count))
        err = ERR_NO_MEMORY;
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    (void)snprintf(title, sizeof(title), "Share %s", site_title(showing->site));
    task_show(task, &(struct page_answer){.status = showing->status,
                                          .title = title,
                                          .template = PAGE_SITE_SHARE,
                                          .message = showing->message.text,
                                          .is_error = showing->status != 200,
                                          .has_script = true});
}

/* ---- the page ------------------------------------------------------------------------------- */

static void on_links(void *ctx, enum err err, const struct api_token *list, size_t count)
{
    struct showing *showing = ctx;
    struct task *task = &showing->task;
    json_t *rows = err == ERR_OK ? rows_of(showing->site, list, count) : NULL;

    task->token = NULL;
    if (rows)
        task->data = site_share_data(task->req, showing->site);
    if (err == ERR_OK && (!task->data || json_object_set(task->data, "links", rows) != 0 ||
                          json_object_set_new(task->data, "has_links",
                                              json_boolean(json_array_size(rows) > 0)) != 0))
        err = ERR_NO_MEMORY;
    json_decref(rows);
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    task->account = account_list(task_identity(task)->accounts, on_users, task);
    task_wait(task, task->account);
}

static void on_site(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct showing *showing = ctx;
    struct task *task = &showing->task;

    task->reading = NULL;
    if (!site_share_open(task, err, sites, count, &showing->site))
        return;
    task->token = api_token_list_links(task_identity(task)->tokens, slice_str(showing->site->id),
                                       on_links, showing);
    task_wait(task, task->token);
}

void site_share_show(struct request *req, struct slice id, int status, const char *message)
{
    const struct web *web = req->app;
    struct showing *showing = task_start(req, sizeof(*showing));

    if (!showing)
        return;
    showing->status = status;
    err_info_set(&showing->message, "%s", message ? message : "");
    showing->task.reading = site_store_find(web->sites, id, on_site, showing);
    task_wait(&showing->task, showing->task.reading);
}

void site_share_get(struct request *req)
{
    static const struct page_done done[] = {
        {"revoked", "The link is revoked. It shows nothing any more."},
    };
    struct slice id;
    struct slice word;

    if (site_page_query(req, ROLE_EDITOR, &id, &word))
        site_share_show(req, id, 200, page_done_text(done, 1, word));
}
