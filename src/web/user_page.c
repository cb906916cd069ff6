/* /users/user and /users/remove: one user, and whether he is really to be removed. */
#include <stdio.h>

#include "web/admission.h"
#include "web/answer.h"
#include "web/form.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/task.h"
#include "web/users.h"

#define MAX_PATH 128

struct showing {
    struct task task;
    char id[USER_ID_TEXT + 1];
    int status;
    struct err_info message; /* empty: none */
    enum page_template template;
};

static void on_found(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct showing *showing = ctx;
    struct task *task = &showing->task;
    bool must_prove = !admission_is_recent(task->req);
    char title[USER_MAX_EMAIL + 1];
    json_t *data;

    (void)why;
    task->account = NULL;
    if (err == ERR_NOT_FOUND) {
        page_refuse(task->req, 404, "There is no such user.");
        return;
    }
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    data = user_data(task->req, user);
    (void)snprintf(title, sizeof(title), "%s", user->email);
    if (!data || json_object_update_new(task->data, data) != 0 ||
        json_object_set_new(task->data, "must_prove", json_boolean(must_prove)) != 0)
        answer_err(task->req, ERR_NO_MEMORY, NULL);
    else
        task_show(task, &(struct page_answer){.status = showing->status,
                                              .title = title,
                                              .template = showing->template,
                                              .message = showing->message.text,
                                              .is_error = showing->status != 200});
}

static void find_user(struct task *task)
{
    struct showing *showing = (struct showing *)task;

    task->account =
        account_find(task_identity(task)->accounts, slice_str(showing->id), on_found, showing);
    task_wait(task, task->account);
}

static void show(struct request *req, enum page_template template, const char *id, int status,
                 const char *message)
{
    struct showing *showing = task_start(req, sizeof(*showing));

    if (!showing)
        return;
    memcpy(showing->id, id, sizeof(showing->id));
    showing->status = status;
    showing->template = template;
    err_info_set(&showing->message, "%s", message ? message : "");
    task_read_sites(&showing->task, find_user);
}

void user_show(struct request *req, const char *id, int status, const char *message)
{
    show(req, PAGE_USER, id, status, message);
}

void user_redirect(struct request *req, const char *id, const char *done)
{
    char path[MAX_PATH];

    (void)snprintf(path, sizeof(path), "/users/user?id=%s&done=%s", id, done);
    page_redirect(req, slice_str(path), SLICE(""));
}

static void get(struct request *req, enum page_template template)
{
    static const struct page_done done[] = {
        {"added", "The user is added."},
        {"role", "The role is changed."},
        {"disabled", "The user is disabled, and all sessions are ended."},
        {"enabled", "The user may log in again."},
        {"ended", "All sessions of the user are ended."},
    };
    struct form_field fields[] = {
        {.name = SLICE("id"), .max = USER_ID_TEXT, .is_required = true},
        {.name = SLICE("done"), .max = FORM_NAME_MAX},
    };
    struct err_info info = {""};
    char id[USER_ID_TEXT + 1];

    if (form_read(req, req->query, fields, 2, &info) != ERR_OK) {
        page_refuse(req, 400, info.text);
        return;
    }
    if (!user_id_is_sound(fields[0].value)) {
        page_refuse(req, 404, "There is no such user.");
        return;
    }
    (void)snprintf(id, sizeof(id), "%.*s", SLICE_ARG(fields[0].value));
    show(req, template, id, 200,
         page_done_text(done, sizeof(done) / sizeof(done[0]), fields[1].value));
}

void user_get(struct request *req)
{
    get(req, PAGE_USER);
}

void user_get_remove(struct request *req)
{
    get(req, PAGE_USER_REMOVE);
}
