/* /sessions: where somebody is logged in, and ending that (S09). */
#include "web/answer.h"
#include "web/form_post.h"
#include "web/login.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/task.h"

static struct session_owner owner_of(const struct task *task)
{
    struct session_owner owner = {.realm = SESSION_OF_LOGIN};

    memcpy(owner.id, admission_who(task->req)->user.id, sizeof(owner.id));
    return owner;
}

/* ---- the page ------------------------------------------------------------------------------- */

static const char *strength_text(enum session_strength strength)
{
    static const char *const texts[] = {
        [SESSION_PENDING] = "Password given, code still to come",
        [SESSION_PASSWORD] = "Password",
        [SESSION_SECOND_FACTOR] = "Password and second factor",
        [SESSION_PROXY] = "By the proxy",
    };

    return texts[strength];
}

/* What ends it, if it is not used any more. */
static int64_t end_of(const struct session *session)
{
    int64_t idle_s = session->seen_s + session->idle_s;

    return idle_s < session->expires_s ? idle_s : session->expires_s;
}

static json_t *row_of(const struct listed_session *listed, bool is_this)
{
    const struct session *session = &listed->session;
    struct slice device = session->device.len > 0 ? session->device : SLICE("Unknown browser");

    return json_pack("{s:s, s:s%, s:s%, s:s, s:o, s:o, s:o, s:b}", "hash", listed->hash, "device",
                     device.ptr, device.len, "country",
                     session->country.len > 0 ? session->country.ptr : "", session->country.len,
                     "strength", strength_text(session->strength), "began",
                     page_time(session->created_s), "seen", page_time(session->seen_s), "ends",
                     page_time(end_of(session)), "is_this", is_this);
}

static void on_list(void *ctx, enum err err, const struct listed_session *list, size_t count)
{
    struct task *task = ctx;
    const char *mine = admission_who(task->req)->session_hash;
    const char *message = json_string_value(json_object_get(task->data, "done"));
    json_t *rows = json_array();
    bool is_added = rows != NULL;
    bool has_others = false;

    task->session = NULL;
    for (size_t i = 0; i < count && is_added; i++) {
        bool is_this = strcmp(list[i].hash, mine) == 0;

        has_others = has_others || !is_this;
        is_added = json_array_append_new(rows, row_of(&list[i], is_this)) == 0;
    }
    if (json_object_set_new(task->data, "sessions", rows) != 0 || !is_added ||
        json_object_set_new(task->data, "has_others", json_boolean(has_others)) != 0)
        err = err == ERR_OK ? ERR_NO_MEMORY : err;
    if (err != ERR_OK)
        answer_err(task->req, err, NULL);
    else
        task_show(task, &(struct page_answer){.status = 200,
                                              .title = "Sessions",
                                              .template = PAGE_SESSIONS,
                                              .message = message});
}

void sessions_get(struct request *req)
{
    static const struct page_done done[] = {
        {"ended", "The session is ended."},
        {"others", "All other sessions are ended."},
    };
    struct form_field fields[] = {{.name = SLICE("done"), .max = FORM_NAME_MAX}};
    struct task *task = task_start(req, sizeof(*task));
    struct err_info info = {""};
    struct session_owner owner;

    if (!task)
        return;
    if (form_read(req, req->query, fields, 1, &info) != ERR_OK) {
        page_refuse(req, 400, info.text);
        return;
    }
    task->data = json_pack("{s:s?}", "done", page_done_text(done, 2, fields[0].value));
    owner = owner_of(task);
    task->session = session_list(task_identity(task)->sessions, &owner, on_list, task);
    task_wait(task, task->session);
}

/* ---- ending --------------------------------------------------------------------------------- */

static void on_ended(void *ctx, enum err err, const struct session *session)
{
    struct task *task = ctx;

    (void)session;
    task->session = NULL;
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        answer_err(task->req, err, NULL);
        return;
    }
    login_log(task->req, "session", admission_who(task->req)->user.id, "ended");
    page_redirect(task->req, SLICE("/sessions?done=ended"), SLICE(""));
}

void sessions_post_end(struct request *req)
{
    struct form_field fields[] = {
        {.name = SLICE("hash"), .max = SECRET_HASH_TEXT, .is_required = true}};
    struct task *task = task_start(req, sizeof(*task));
    struct session_owner owner;

    if (!task || !form_post_take(req, fields, 1))
        return;
    owner = owner_of(task);
    task->session =
        session_end(task_identity(task)->sessions, &owner, fields[0].value, on_ended, task);
    task_wait(task, task->session);
}

static void on_others_ended(void *ctx, enum err err, const struct session *session)
{
    struct task *task = ctx;

    (void)session;
    task->session = NULL;
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    login_log(task->req, "session", admission_who(task->req)->user.id, "ended all others");
    page_redirect(task->req, SLICE("/sessions?done=others"), SLICE(""));
}

void sessions_post_end_others(struct request *req)
{
    struct task *task = task_start(req, sizeof(*task));
    struct session_owner owner;

    if (!task || !form_post_take(req, NULL, 0))
        return;
    owner = owner_of(task);
    task->session =
        session_end_all(task_identity(task)->sessions, &owner,
                        slice_str(admission_who(req)->session_hash), on_others_ended, task);
    task_wait(task, task->session);
}
