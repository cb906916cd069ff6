/* /sites/site and /sites/remove: the settings of a site, and whether it is really to be removed. */
#include <stdio.h>

#include "web/admission.h"
#include "web/answer.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/site_pages.h"
#include "web/task.h"

struct showing {
    struct task task;
    const struct site_texts *typed; /* NULL: as it is stored */
    enum page_template template;
    int status;
    struct err_info message; /* empty: none */
};

static json_t *data_of(struct showing *showing, const struct site *site, int64_t views)
{
    struct request *req = showing->task.req;
    const struct who *who = admission_who(req);
    char mark[SITE_MARK_TEXT + 1];
    struct site_texts texts;

    if (!site_texts_read(req, site, &texts))
        return NULL;
    for (size_t i = 0; i < SITE_FORM_MAX && showing->typed; i++) {
        if (showing->typed->of[i].ptr)
            texts.of[i] = showing->typed->of[i];
    }
    site_mark(site, mark);
    return json_pack("{s:s, s:s, s:s, s:b, s:o, s:b, s:b, s:o, s:o}", "id", site->id, "called",
                     site_title(site), "mark", mark, "is_owner", user_is_admin(&who->user), "views",
                     page_number(views), "is_default", strcmp(site->id, SITE_DEFAULT) == 0,
                     "must_prove", !admission_is_recent(req), "created",
                     page_time(site->created_unix_s), "sections", site_texts_data(&texts));
}

static void on_found(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct showing *showing = ctx;
    struct task *task = &showing->task;
    struct site *site = NULL;
    char title[SITE_MAX_NAME + 20];

    task->reading = NULL;
    if (!site_page_open(task, err, sites, count, &site))
        return;
    task->data = data_of(showing, site, sites[0].views);
    (void)snprintf(title, sizeof(title), "%s%s",
                   showing->template == PAGE_SITE_REMOVE ? "Remove " : "", site_title(site));
    if (task->data)
        task_show(task, &(struct page_answer){.status = showing->status,
                                              .title = title,
                                              .template = showing->template,
                                              .message = showing->message.text,
                                              .is_error = showing->status != 200});
    else
        answer_err(task->req, ERR_NO_MEMORY, NULL);
    site_destroy(site);
}

static void show(struct request *req, const struct showing *what, struct slice id)
{
    const struct web *web = req->app;
    struct showing *showing = task_start(req, sizeof(*showing));

    if (!showing)
        return;
    showing->typed = what->typed;
    showing->template = what->template;
    showing->status = what->status;
    showing->message = what->message;
    showing->task.reading = site_store_find(web->sites, id, on_found, showing);
    task_wait(&showing->task, showing->task.reading);
}

void site_page_show(struct request *req, struct slice id, int status, const char *message,
                    const struct site_texts *typed)
{
    struct showing what = {.typed = typed, .template = PAGE_SITE, .status = status};

    err_info_set(&what.message, "%s", message ? message : "");
    show(req, &what, id);
}

void site_page_get(struct request *req)
{
    static const struct page_done done[] = {
        {"changed", "The settings are changed. They hold with the next view."},
        {"same", "Nothing is different: the settings were so already."},
    };
    struct slice id;
    struct slice word;

    if (site_page_query(req, ROLE_EDITOR, &id, &word))
        site_page_show(req, id, 200, page_done_text(done, sizeof(done) / sizeof(done[0]), word),
                       NULL);
}

/* POLICY_ADMIN */
void site_page_get_remove(struct request *req)
{
    struct showing what = {.template = PAGE_SITE_REMOVE, .status = 200};
    struct slice id;
    struct slice word;

    if (site_page_query(req, ROLE_OWNER, &id, &word))
        show(req, &what, id);
}
