/* POST /logout: ends the login in the store, and takes the cookie away (S08). */
#include "web/answer.h"
#include "web/form_post.h"
#include "web/login.h"
#include "web/resources.h"
#include "web/task.h"

#define MAX_HEADERS 512

static void on_ended(void *ctx, enum err err, const struct session *session)
{
    struct task *task = ctx;
    char storage[MAX_HEADERS];
    struct strbuf headers;

    (void)session;
    task->session = NULL;
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        answer_err(task->req, err, NULL); /* still logged in, perhaps: to be sent again */
        return;
    }
    login_log(task->req, "logout", admission_who(task->req)->user.id, "ended");
    strbuf_init_fixed(&headers, storage, sizeof(storage));
    strbuf_append(&headers, SLICE("Clear-Site-Data: \"cache\", \"storage\"\r\n"));
    login_append_end(task->req, &headers);
    page_redirect(task->req, SLICE("/login"), strbuf_slice(&headers));
}

static void leave(struct request *req)
{
    const struct who *who = admission_who(req);
    struct session_owner owner = {.realm = SESSION_OF_LOGIN};
    struct task *task = task_start(req, sizeof(*task));

    if (!task)
        return;
    memcpy(owner.id, who->user.id, sizeof(owner.id));
    task->session = session_end(task_identity(task)->sessions, &owner, slice_str(who->session_hash),
                                on_ended, task);
    task_wait(task, task->session);
}

void logout_post(struct request *req)
{
    if (!form_post_take(req, NULL, 0))
        return;
    if (admission_who(req)->session_hash[0] == '\0')
        page_redirect(req, SLICE("/login"), SLICE(""));
    else
        leave(req);
}
