/* /tokens/add: a new API token, which is shown once, on the answer. */
#include <sodium.h>
#include <stdio.h>

#include "base/ascii.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/login.h"
#include "web/resources.h"
#include "web/task.h"
#include "web/tokens.h"

#define DAY_S      INT64_C(86400)
#define MAX_DAYS   (API_TOKEN_MAX_TTL_S / 86400)
#define MAX_DIGITS 4

struct adding {
    struct task task;
    struct secret secret;
    struct api_token token;
};

static void on_added(void *ctx, enum err err, const char *why, const struct api_token *token)
{
    struct adding *adding = ctx;
    struct task *task = &adding->task;
    char text[SECRET_TEXT + 1];

    task->token = NULL;
    if (err == ERR_INVALID) {
        tokens_show(task->req, 400, why);
        return;
    }
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    login_log(task->req, "token", token->user, "added");
    secret_format(&adding->secret, text);
    task->data = json_pack("{s:s, s:s}", "secret", text, "label", token->name);
    sodium_memzero(text, sizeof(text));
    task_show(task, &(struct page_answer){
                        .status = 200, .title = "Your new token", .template = PAGE_TOKEN_NEW});
}

/* ---- the form ------------------------------------------------------------------------------- */

/* A checkbox that is not checked sends nothing, so each scope has a name of its own. */
enum {
    FIELD_OF_NAME,
    FIELD_OF_SITE,
    FIELD_OF_DAYS,
    FIELD_OF_SCOPES,
    FORM_FIELDS = FIELD_OF_SCOPES + 5
};

static const unsigned scopes[] = {SCOPE_COUNT, SCOPE_STATS, SCOPE_SITES, SCOPE_SESSIONS,
                                  SCOPE_EXPORT};

/* Empty: never. */
static bool read_days(struct slice text, int64_t now_s, int64_t *expires_s)
{
    int64_t days = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.ptr[i]))
            return false;
        days = 10 * days + (text.ptr[i] - '0');
    }
    *expires_s = text.len > 0 ? now_s + days * DAY_S : 0;
    return text.len == 0 || (days > 0 && days <= MAX_DAYS);
}

static bool fill(struct adding *adding, const struct form_field *fields, struct err_info *info)
{
    struct api_token *token = &adding->token;

    (void)snprintf(token->name, sizeof(token->name), "%.*s",
                   SLICE_ARG(fields[FIELD_OF_NAME].value));
    (void)snprintf(token->site, sizeof(token->site), "%.*s",
                   SLICE_ARG(fields[FIELD_OF_SITE].value));
    memcpy(token->user, admission_who(adding->task.req)->user.id, sizeof(token->user));
    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
        if (fields[FIELD_OF_SCOPES + i].value.ptr)
            token->scopes |= scopes[i];
    }
    if (token->scopes == 0)
        err_info_set(info, "check what the token is good for");
    else if (!read_days(fields[FIELD_OF_DAYS].value, task_now_s(&adding->task), &token->expires_s))
        err_info_set(info, "a token ends after 1 to 400 days, or never");
    else
        return true;
    return false;
}

void tokens_post_add(struct request *req)
{
    struct form_field fields[FORM_FIELDS] = {
        [FIELD_OF_NAME] = {.name = SLICE("name"), .max = API_TOKEN_MAX_NAME, .is_required = true},
        [FIELD_OF_SITE] = {.name = SLICE("site"), .max = API_TOKEN_MAX_SITE, .is_required = true},
        [FIELD_OF_DAYS] = {.name = SLICE("days"), .max = MAX_DIGITS},
        [FIELD_OF_SCOPES] = {.name = SLICE("scope_count"), .max = 2},
        {.name = SLICE("scope_stats"), .max = 2},
        {.name = SLICE("scope_sites"), .max = 2},
        {.name = SLICE("scope_sessions"), .max = 2},
        {.name = SLICE("scope_export"), .max = 2},
    };
    struct task *task = task_start(req, sizeof(struct adding));
    struct adding *adding = (struct adding *)task;
    struct err_info info = {""};
    char owner[SECRET_OWNER_TEXT + 1];

    if (!adding || !form_post_take(req, fields, FORM_FIELDS))
        return;
    if (!fill(adding, fields, &info)) {
        tokens_show(req, 400, info.text);
        return;
    }
    user_make_id(owner); /* any number: a token tells nothing of who made it */
    secret_make(&adding->secret, slice_str(owner));
    task->token = api_token_add(task_identity(task)->tokens, &adding->secret, &adding->token,
                                on_added, adding);
    task_wait(task, task->token);
}
