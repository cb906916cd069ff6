/* POST /sites/settings: what editors change of a site. */
#include "web/answer.h"
#include "web/resources.h"
#include "web/site_pages.h"
#include "web/task.h"

struct changing {
    struct task task;
    struct site_form form;
};

static bool is_same(const struct site *a, const struct site *b)
{
    for (size_t i = 0; i < site_field_count; i++) {
        if (!site_field_is_same(&site_fields[i], a, b))
            return false;
    }
    return true;
}

/* The same form once more finishes what was interrupted, so it is never out of date. */
static enum err check_mark(const struct changing *changing, const struct site *now,
                           const struct site *wanted, struct err_info *info)
{
    char mark[SITE_MARK_TEXT + 1];

    site_mark(now, mark);
    if (slice_eq(changing->form.mark, slice_str(mark)) || is_same(now, wanted))
        return ERR_OK;
    err_info_set(info, "somebody has changed the settings since you opened this page: these are "
                       "the new ones; make your change once more");
    return ERR_STALE;
}

static enum err edit(void *ctx, const struct site *now, struct site **out, struct err_info *info)
{
    const struct changing *changing = ctx;
    struct site *site = now ? site_dup(now) : NULL;
    enum err err = ERR_OK;

    if (!site)
        return now ? ERR_NO_MEMORY : ERR_NOT_FOUND;
    err = site_texts_apply(&changing->form.texts, site, info);
    if (err == ERR_OK)
        err = site_page_check(site, info);
    if (err == ERR_OK)
        err = check_mark(changing, now, site, info);
    if (err == ERR_OK)
        *out = site;
    else
        site_destroy(site);
    return err;
}

static void on_changed(void *ctx, const struct site_outcome *outcome)
{
    struct changing *changing = ctx;
    struct request *req = changing->task.req;
    struct slice id = changing->form.id;

    changing->task.change = NULL;
    if (outcome->err != ERR_OK) {
        site_page_failed(req, id, outcome, &changing->form.texts);
        return;
    }
    if (is_same(outcome->before, outcome->after)) {
        site_page_redirect(req, "/sites/site", id, "same");
        return;
    }
    site_log(req, id, "changed");
    site_page_redirect(req, "/sites/site", id, "changed");
}

void site_post_settings(struct request *req)
{
    const struct web *web = req->app;
    struct changing *changing = task_start(req, sizeof(*changing));

    if (!changing || !site_form_take(req, &changing->form) ||
        !site_page_admits(req, changing->form.id, ROLE_EDITOR))
        return;
    changing->task.change =
        site_store_change(web->sites, changing->form.id, edit, changing, on_changed, changing);
    task_wait(&changing->task, changing->task.change);
}
