/* /users: all users. */
#include "web/users.h"

#include <stdio.h>

#include "web/admission.h"
#include "web/answer.h"
#include "web/form.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/task.h"

struct listing {
    struct task task;
    int status;
    struct err_info message; /* empty: none */
};

bool user_is_oneself(const struct request *req, const char *id)
{
    return strcmp(admission_who(req)->user.id, id) == 0;
}

static json_t *grants_of(const struct user *user)
{
    json_t *list = json_array();

    for (size_t i = 0; i < user->grant_count && list; i++) {
        const struct grant *grant = &user->grants[i];
        bool is_all = strcmp(grant->site, "*") == 0;

        if (json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "role", role_name(grant->role),
                                                  "site", grant->site, "is_all", is_all)) == 0)
            continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

json_t *user_data(const struct request *req, const struct user *user)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:b, s:b, s:b, s:b, s:o, s:o}", "id", user->id, "email",
                     user->email, "person", user->name, "grants", grants_of(user), "has_totp",
                     user->has_totp, "has_password", user->password[0] != '\0', "is_disabled",
                     user->is_disabled, "is_self", user_is_oneself(req, user->id), "changed",
                     page_time(user->password_s), "created", page_time(user->created_s));
}

static void on_list(void *ctx, enum err err, const struct user *users, size_t count)
{
    struct listing *listing = ctx;
    struct task *task = &listing->task;
    json_t *rows = json_array();
    bool is_added = rows != NULL;

    task->account = NULL;
    for (size_t i = 0; i < count && is_added; i++)
        is_added = json_array_append_new(rows, user_data(task->req, &users[i])) == 0;
    if ((json_object_set_new(task->data, "users", rows) != 0 || !is_added) && err == ERR_OK)
        err = ERR_NO_MEMORY;
    if (err != ERR_OK)
        answer_err(task->req, err, NULL);
    else
        task_show(task, &(struct page_answer){.status = listing->status,
                                              .title = "Users",
                                              .template = PAGE_USERS,
                                              .message = listing->message.text,
                                              .is_error = listing->status != 200});
}

static void list_users(struct task *task)
{
    bool must_prove = !admission_is_recent(task->req);

    if (json_object_set_new(task->data, "must_prove", json_boolean(must_prove)) != 0) {
        answer_err(task->req, ERR_NO_MEMORY, NULL);
        return;
    }
    task->account = account_list(task_identity(task)->accounts, on_list, task);
    task_wait(task, task->account);
}

void users_show(struct request *req, int status, const char *message)
{
    struct listing *listing = task_start(req, sizeof(*listing));

    if (!listing)
        return;
    listing->status = status;
    err_info_set(&listing->message, "%s", message ? message : "");
    task_read_sites(&listing->task, list_users);
}

void users_get(struct request *req)
{
    static const struct page_done done[] = {{"removed", "The user is removed."}};
    struct form_field fields[] = {{.name = SLICE("done"), .max = FORM_NAME_MAX}};
    struct err_info info = {""};

    if (form_read(req, req->query, fields, 1, &info) == ERR_OK)
        users_show(req, 200, page_done_text(done, 1, fields[0].value));
    else
        page_refuse(req, 400, info.text);
}
