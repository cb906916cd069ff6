/* /sites/share/add and /sites/share/revoke: links that show the dashboard of a site. A link is
 * shown once, on the answer. */
#include <sodium.h>
#include <stdio.h>

#include "web/admission.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/site_pages.h"
#include "web/site_share.h"
#include "web/task.h"

#define DAY_S INT64_C(86400)

struct adding {
    struct task task;
    struct site *site; /* owned by the request */
    struct secret secret;
    struct api_token link;
};

/* ---- adding --------------------------------------------------------------------------------- */

static void show_link(struct adding *adding, const struct api_token *link)
{
    struct task *task = &adding->task;
    char text[SECRET_TEXT + 1];

    secret_format(&adding->secret, text);
    task->data = site_share_data(task->req, adding->site);
    if (task->data && (json_object_set_new(task->data, "secret", json_string(text)) != 0 ||
                       json_object_set_new(task->data, "label", json_string(link->name)) != 0 ||
                       json_object_set_new(task->data, "ends", page_time(link->expires_s)) != 0)) {
        json_decref(task->data);
        task->data = NULL;
    }
    sodium_memzero(text, sizeof(text));
    task_show(task, &(struct page_answer){.status = 200,
                                          .title = "Your new link",
                                          .template = PAGE_SITE_LINK,
                                          .has_script = true});
}

static void on_added(void *ctx, enum err err, const char *why, const struct api_token *link)
{
    struct adding *adding = ctx;
    struct request *req = adding->task.req;
    struct slice id = slice_str(adding->link.site);

    adding->task.token = NULL;
    if (err == ERR_INVALID) {
        site_share_show(req, id, 400, why);
    } else if (err != ERR_OK) {
        answer_err(req, err, NULL);
    } else {
        site_log(req, id, "link added");
        show_link(adding, link);
    }
}

static void on_site(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct adding *adding = ctx;
    struct task *task = &adding->task;
    char owner[SECRET_OWNER_TEXT + 1];

    task->reading = NULL;
    if (!site_share_open(task, err, sites, count, &adding->site))
        return;
    user_make_id(owner); /* any number: a link tells nothing of who made it */
    secret_make(&adding->secret, slice_str(owner));
    task->token = api_token_add(task_identity(task)->tokens, &adding->secret, &adding->link,
                                on_added, adding);
    task_wait(task, task->token);
}

/* The choices of the form; 0: it never ends. */
static bool read_days(struct slice text, int64_t now_s, int64_t *expires_s)
{
    static const struct {
        struct slice text;
        int64_t days;
    } choices[] = {{SLICE_INIT("1"), 1},
                   {SLICE_INIT("7"), 7},
                   {SLICE_INIT("30"), 30},
                   {SLICE_INIT("90"), 90},
                   {SLICE_INIT("0"), 0}};

    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        if (!slice_eq(text, choices[i].text))
            continue;
        *expires_s = choices[i].days > 0 ? now_s + choices[i].days * DAY_S : 0;
        return true;
    }
    return false;
}

/* No password is asked for anew: with the same role the dashboard is shown to everybody. */
void site_share_post_add(struct request *req)
{
    const struct web *web = req->app;
    struct form_field fields[] = {
        {.name = SLICE("site"), .max = SITE_MAX_ID, .is_required = true},
        {.name = SLICE("name"), .max = API_TOKEN_MAX_NAME, .is_required = true},
        {.name = SLICE("days"), .max = 2, .is_required = true},
    };
    struct adding *adding = task_start(req, sizeof(*adding));
    struct api_token *link;

    if (!adding || !form_post_take(req, fields, 3) ||
        !site_page_admits(req, fields[0].value, ROLE_EDITOR))
        return;
    link = &adding->link;
    link->scopes = SCOPE_SHARE;
    (void)snprintf(link->site, sizeof(link->site), "%.*s", SLICE_ARG(fields[0].value));
    (void)snprintf(link->name, sizeof(link->name), "%.*s", SLICE_ARG(fields[1].value));
    memcpy(link->user, admission_who(req)->user.id, sizeof(link->user));
    if (!read_days(fields[2].value, task_now_s(&adding->task), &link->expires_s)) {
        site_share_show(req, fields[0].value, 400, "choose when the link ends");
        return;
    }
    adding->task.reading = site_store_find(web->sites, slice_str(link->site), on_site, adding);
    task_wait(&adding->task, adding->task.reading);
}

/* ---- revoking ------------------------------------------------------------------------------- */

struct revoking {
    struct task task;
    struct slice site;
};

static void on_revoked(void *ctx, enum err err, const char *why, const struct api_token *link)
{
    struct revoking *revoking = ctx;
    struct request *req = revoking->task.req;

    (void)why;
    (void)link;
    revoking->task.token = NULL;
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        answer_err(req, err, NULL);
        return;
    }
    site_log(req, revoking->site, "link revoked");
    site_page_redirect(req, "/sites/share", revoking->site, "revoked");
}

void site_share_post_revoke(struct request *req)
{
    struct form_field fields[] = {
        {.name = SLICE("site"), .max = SITE_MAX_ID, .is_required = true},
        {.name = SLICE("id"), .max = API_TOKEN_ID_TEXT, .is_required = true},
    };
    struct revoking *revoking = task_start(req, sizeof(*revoking));

    if (!revoking || !form_post_take(req, fields, 2) ||
        !site_page_admits(req, fields[0].value, ROLE_EDITOR))
        return;
    revoking->site = fields[0].value;
    revoking->task.token =
        api_token_revoke_link(task_identity(&revoking->task)->tokens, fields[0].value,
                              fields[1].value, on_revoked, revoking);
    task_wait(&revoking->task, revoking->task.token);
}
