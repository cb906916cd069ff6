/* /tokens: API tokens, and revoking them (S14). */
#include "web/tokens.h"

#include "web/admission.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/login.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/task.h"

#define MAX_SCOPES 100

struct listing {
    struct task task;
    int status;
    struct err_info message; /* empty: none */
};

/* ---- the page ------------------------------------------------------------------------------- */

static json_t *row_of(const struct api_token *token)
{
    char storage[MAX_SCOPES];
    struct strbuf scopes;

    strbuf_init_fixed(&scopes, storage, sizeof(storage));
    api_scopes_format(token->scopes, &scopes);
    return json_pack("{s:s, s:s, s:s%, s:s, s:b, s:s, s:o, s:o, s:o}", "id", token->id, "label",
                     token->name, "scopes", scopes.ptr, scopes.len, "site", token->site, "is_all",
                     strcmp(token->site, "*") == 0, "by", token->user, "created",
                     page_time(token->created_s), "used", page_time(token->last_used_s), "ends",
                     page_time(token->expires_s));
}

static void on_users(void *ctx, enum err err, const struct user *users, size_t count)
{
    struct listing *listing = ctx;
    struct task *task = &listing->task;

    task->account = NULL;
    if (err == ERR_OK && !page_name_makers(json_object_get(task->data, "tokens"), users, count))
        err = ERR_NO_MEMORY;
    if (err != ERR_OK)
        answer_err(task->req, err, NULL);
    else
        task_show(task, &(struct page_answer){.status = listing->status,
                                              .title = "API tokens",
                                              .template = PAGE_TOKENS,
                                              .message = listing->message.text,
                                              .is_error = listing->status != 200});
}

static void on_list(void *ctx, enum err err, const struct api_token *list, size_t count)
{
    struct listing *listing = ctx;
    struct task *task = &listing->task;
    json_t *rows = json_array();
    bool is_added = rows != NULL;

    task->token = NULL;
    for (size_t i = 0; i < count && is_added; i++)
        is_added = json_array_append_new(rows, row_of(&list[i])) == 0;
    if ((json_object_set_new(task->data, "tokens", rows) != 0 || !is_added ||
         json_object_set_new(task->data, "has_tokens", json_boolean(count > 0)) != 0) &&
        err == ERR_OK)
        err = ERR_NO_MEMORY;
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    task->account = account_list(task_identity(task)->accounts, on_users, listing);
    task_wait(task, task->account);
}

static void list_tokens(struct task *task)
{
    bool must_prove = !admission_is_recent(task->req);

    if (json_object_set_new(task->data, "must_prove", json_boolean(must_prove)) != 0) {
        answer_err(task->req, ERR_NO_MEMORY, NULL);
        return;
    }
    task->token = api_token_list(task_identity(task)->tokens, on_list, task);
    task_wait(task, task->token);
}

void tokens_show(struct request *req, int status, const char *message)
{
    struct listing *listing = task_start(req, sizeof(*listing));

    if (!listing)
        return;
    listing->status = status;
    err_info_set(&listing->message, "%s", message ? message : "");
    task_read_sites(&listing->task, list_tokens);
}

void tokens_get(struct request *req)
{
    static const struct page_done done[] = {{"revoked", "The token is revoked."}};
    struct form_field fields[] = {{.name = SLICE("done"), .max = FORM_NAME_MAX}};
    struct err_info info = {""};

    if (form_read(req, req->query, fields, 1, &info) == ERR_OK)
        tokens_show(req, 200, page_done_text(done, 1, fields[0].value));
    else
        page_refuse(req, 400, info.text);
}

/* ---- revoking ------------------------------------------------------------------------------- */

static void on_revoked(void *ctx, enum err err, const char *why, const struct api_token *token)
{
    struct task *task = ctx;

    (void)why;
    (void)token;
    task->token = NULL;
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        answer_err(task->req, err, NULL);
        return;
    }
    login_log(task->req, "token", admission_who(task->req)->user.id, "revoked");
    page_redirect(task->req, SLICE("/tokens?done=revoked"), SLICE(""));
}

void tokens_post_revoke(struct request *req)
{
    struct form_field fields[] = {
        {.name = SLICE("id"), .max = API_TOKEN_ID_TEXT, .is_required = true}};
    struct task *task = task_start(req, sizeof(*task));

    if (!task || !form_post_take(req, fields, 1))
        return;
    task->token = api_token_revoke(task_identity(task)->tokens, fields[0].value, on_revoked, task);
    task_wait(task, task->token);
}
