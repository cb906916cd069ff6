/* /users/add, and the links with which somebody sets a password of his own (A07): whoever adds him
 * never knows one. */
#include <stdio.h>

#include "web/admission.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/resources.h"
#include "web/task.h"
#include "web/users.h"

#define MAX_LINK 1024

/* ---- links ---------------------------------------------------------------------------------- */

static void on_code(void *ctx, enum err err, const char *code)
{
    struct task *task = ctx;
    char storage[MAX_LINK];
    struct strbuf link;

    task->account = NULL;
    if (err == ERR_NOT_FOUND) {
        page_refuse(task->req, 404, "There is no such user.");
        return;
    }
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    strbuf_init_fixed(&link, storage, sizeof(storage));
    page_append_base(task->req, &link);
    strbuf_append(&link, SLICE("/reset?code="));
    strbuf_append(&link, slice_str(code));
    if (link.failed ||
        json_object_set_new(task->data, "link", json_stringn(link.ptr, link.len)) != 0) {
        answer_err(task->req, ERR_NO_MEMORY, NULL);
        return;
    }
    task_show(task, &(struct page_answer){
                        .status = 200, .title = "A link to hand over", .template = PAGE_USER_LINK});
}

void user_make_link(struct task *task, const char *id)
{
    user_log(task->req, id, "link to set a password");
    task->data = json_pack("{s:s}", "id", id);
    task->account = account_make_reset(task_identity(task)->accounts, slice_str(id), on_code, task);
    task_wait(task, task->account);
}

/* ---- adding --------------------------------------------------------------------------------- */

struct adding {
    struct task task;
    struct user user;
};

static void on_added(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct adding *adding = ctx;
    struct request *req = adding->task.req;

    adding->task.account = NULL;
    if (err == ERR_OK) {
        user_log(req, user->id, "added");
        memcpy(adding->user.id, user->id, sizeof(adding->user.id));
        user_make_link(&adding->task, adding->user.id);
    } else if (err == ERR_INVALID) {
        users_show(req, 400, why);
    } else {
        answer_err(req, err, NULL);
    }
}

enum { FIELD_OF_EMAIL, FIELD_OF_NAME, FIELD_OF_SITE, FIELD_OF_ROLE, FORM_FIELDS };

static enum err fill(struct adding *adding, const struct form_field *fields, struct err_info *info)
{
    struct user *user = &adding->user;
    enum role role;
    enum err err = user_email_check(fields[FIELD_OF_EMAIL].value, user->email, info);

    if (err != ERR_OK)
        return err;
    (void)snprintf(user->name, sizeof(user->name), "%.*s", (int)fields[FIELD_OF_NAME].value.len,
                   fields[FIELD_OF_NAME].value.ptr ? fields[FIELD_OF_NAME].value.ptr : "");
    user->created_s = task_now_s(&adding->task);
    err = role_parse(fields[FIELD_OF_ROLE].value, &role);
    if (err == ERR_OK)
        err = user_grant(user, fields[FIELD_OF_SITE].value, role);
    if (err != ERR_OK)
        err_info_set(info, "there is no such role, or site");
    return err;
}

void users_post_add(struct request *req)
{
    struct form_field fields[FORM_FIELDS] = {
        [FIELD_OF_EMAIL] = {.name = SLICE("email"), .max = 1000, .is_required = true},
        [FIELD_OF_NAME] = {.name = SLICE("name"), .max = USER_MAX_NAME},
        [FIELD_OF_SITE] = {.name = SLICE("site"), .max = USER_MAX_SITE, .is_required = true},
        [FIELD_OF_ROLE] = {.name = SLICE("role"), .max = 10, .is_required = true},
    };
    struct task *task = task_start(req, sizeof(struct adding));
    struct adding *adding = (struct adding *)task;
    struct err_info info = {""};

    if (!adding || !form_post_take(req, fields, FORM_FIELDS))
        return;
    if (fill(adding, fields, &info) != ERR_OK) {
        users_show(req, 400, info.text);
        return;
    }
    task->account = account_add(task_identity(task)->accounts, &adding->user, SLICE(""), false,
                                on_added, adding);
    task_wait(task, task->account);
}
