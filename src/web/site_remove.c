/* POST /sites/remove: a site, with all that was counted for it. Its id has to be typed. */
#include <stdio.h>

#include "web/form_post.h"
#include "web/page.h"
#include "web/resources.h"
#include "web/site_pages.h"
#include "web/task.h"

struct removing {
    struct task task;
    struct slice id;
};

static enum err edit(void *ctx, const struct site *now, struct site **out, struct err_info *info)
{
    (void)ctx;
    (void)now;
    (void)out;
    (void)info;
    return ERR_OK;
}

/* Perhaps there was only what a removal had left that was interrupted. */
static void on_removed(void *ctx, const struct site_outcome *outcome)
{
    struct removing *removing = ctx;
    struct request *req = removing->task.req;

    removing->task.change = NULL;
    if (outcome->err != ERR_OK) {
        site_page_failed(req, removing->id, outcome, NULL);
    } else if (!outcome->before && outcome->views == 0) {
        site_page_not_there(req);
    } else {
        site_log(req, removing->id, "removed");
        page_redirect(req, SLICE("/sites?done=removed"), SLICE(""));
    }
}

void site_post_remove(struct request *req)
{
    const struct web *web = req->app;
    struct form_field fields[] = {
        {.name = SLICE("site"), .max = SITE_MAX_ID, .is_required = true},
        {.name = SLICE("confirm"), .max = SITE_MAX_ID},
    };
    struct removing *removing = task_start(req, sizeof(*removing));

    if (!removing || !form_post_take(req, fields, 2) ||
        !site_page_admits(req, fields[0].value, ROLE_OWNER))
        return;
    removing->id = fields[0].value;
    if (!slice_eq(fields[0].value, fields[1].value)) {
        page_refuse(req, 400, "What you typed is not the id of the site, so nothing was removed.");
        return;
    }
    removing->task.change =
        site_store_change(web->sites, removing->id, edit, NULL, on_removed, removing);
    task_wait(&removing->task, removing->task.change);
}
