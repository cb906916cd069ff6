/* /account: who somebody is, and what he may change about that. */
#include "web/account_page.h"

#include "web/admission.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/task.h"

void account_show(struct request *req, int status, const char *message)
{
    const struct who *who = admission_who(req);
    const struct user *user = &who->user;

    page_respond(req, &(struct page_answer){
                          .status = status,
                          .title = "Your account",
                          .template = PAGE_ACCOUNT,
                          .message = message,
                          .is_error = status != 200,
                          .data = json_pack("{s:s, s:s, s:o, s:b, s:b, s:b}", "own_name",
                                            user->name, "language", user->language, "changed",
                                            page_time(user->password_s), "has_password",
                                            user->password[0] != '\0', "has_totp", user->has_totp,
                                            "by_proxy", who->session.strength == SESSION_PROXY),
                      });
}

void account_get(struct request *req)
{
    static const struct page_done done[] = {
        {"name", "Your name and language are changed."},
        {"password", "Your password is changed, and all other sessions are ended."},
    };
    struct form_field fields[] = {{.name = SLICE("done"), .max = FORM_NAME_MAX}};
    struct err_info info = {""};

    if (form_read(req, req->query, fields, 1, &info) == ERR_OK)
        account_show(req, 200, page_done_text(done, 2, fields[0].value));
    else
        page_refuse(req, 400, info.text);
}

/* ---- the name ------------------------------------------------------------------------------- */

struct naming {
    struct task task;
    char name[USER_MAX_NAME + 1];
    char language[USER_MAX_LANGUAGE + 1];
};

static enum err edit_name(void *ctx, struct user *user, struct err_info *info)
{
    const struct naming *naming = ctx;

    (void)info;
    memcpy(user->name, naming->name, sizeof(user->name));
    memcpy(user->language, naming->language, sizeof(user->language));
    return ERR_OK;
}

static void on_named(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct naming *naming = ctx;

    (void)user;
    naming->task.account = NULL;
    if (err == ERR_OK)
        page_redirect(naming->task.req, SLICE("/account?done=name"), SLICE(""));
    else if (err == ERR_INVALID)
        account_show(naming->task.req, 400, why);
    else
        answer_err(naming->task.req, err, NULL);
}

void account_post_name(struct request *req)
{
    struct form_field fields[] = {
        {.name = SLICE("name"), .max = USER_MAX_NAME},
        {.name = SLICE("language"), .max = USER_MAX_LANGUAGE},
    };
    struct naming *naming = task_start(req, sizeof(*naming));

    if (!naming || !form_post_take(req, fields, 2))
        return;
    if (fields[0].value.len > 0)
        memcpy(naming->name, fields[0].value.ptr, fields[0].value.len);
    if (fields[1].value.len > 0)
        memcpy(naming->language, fields[1].value.ptr, fields[1].value.len);
    naming->task.account = account_change(task_identity(&naming->task)->accounts,
                                          slice_str(admission_who(req)->user.id), edit_name, naming,
                                          ACCOUNT_NOTHING_ELSE, on_named, naming);
    task_wait(&naming->task, naming->task.account);
}
