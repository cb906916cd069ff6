/* /reset: a new password by a link that an owner has handed over (A07). */
#include <sodium.h>
#include <stdio.h>

#include "web/answer.h"
#include "web/form_post.h"
#include "web/login.h"
#include "web/resources.h"
#include "web/task.h"

#define WRONG "The link is wrong, was used already, or is older than an hour. Ask for another one."

struct reset {
    struct task task;
    struct secret code;
    char code_text[SECRET_TEXT + 1];
    struct slice password;
};

/* ---- the page ------------------------------------------------------------------------------- */

/* Without a code there is no form. */
static void show(struct request *req, int status, const char *message, const char *code)
{
    page_respond(req, &(struct page_answer){
                          .status = status,
                          .title = "Set a new password",
                          .template = PAGE_RESET,
                          .message = message,
                          .is_error = status != 200,
                          .data = json_pack("{s:s, s:b}", "code", code, "narrow", 1),
                      });
}

void reset_get(struct request *req)
{
    struct form_field fields[] = {{.name = SLICE("code"), .max = SECRET_TEXT}};
    struct err_info info = {""};
    char text[SECRET_TEXT + 1];
    struct secret code;

    if (form_read(req, req->query, fields, 1, &info) != ERR_OK ||
        !secret_parse(fields[0].value, &code)) {
        show(req, 400, WRONG, "");
        return;
    }
    secret_format(&code, text);
    show(req, 200, NULL, text);
    sodium_memzero(&code, sizeof(code));
    sodium_memzero(text, sizeof(text));
}

/* ---- setting it ----------------------------------------------------------------------------- */

static void on_reset(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct reset *reset = ctx;
    struct request *req = reset->task.req;

    reset->task.account = NULL;
    if (err == ERR_OK) {
        login_log(req, "password", user->id, "set by a link");
        page_redirect(req, SLICE("/login?done=password"), SLICE(""));
    } else if (err == ERR_NOT_FOUND) {
        login_log(req, "password", "", "wrong link");
        show(req, 403, WRONG, "");
    } else if (err == ERR_INVALID) {
        show(req, 400, why, reset->code_text);
    } else {
        answer_err(req, err, NULL);
    }
}

static void on_hashed(void *ctx, enum err err, bool is_right, const char *hash)
{
    struct reset *reset = ctx;
    struct task *task = &reset->task;

    (void)is_right;
    task->hashing = NULL;
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    task->account =
        account_reset(task_identity(task)->accounts, &reset->code, hash, on_reset, reset);
    task_wait(task, task->account);
}

/* Whose the link is was told by its code: his names make no password. */
static void on_found(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct reset *reset = ctx;
    struct task *task = &reset->task;
    const struct web *web = task->req->app;
    struct err_info info = {""};

    (void)why;
    task->account = NULL;
    if (err == ERR_NOT_FOUND) {
        login_log(task->req, "password", "", "wrong link");
        show(task->req, 403, WRONG, "");
        return;
    }
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    if (password_check_new(reset->password,
                           (const struct slice[]){slice_str(user->email), slice_str(user->name),
                                                  slice_str(web->name)},
                           3, &info) != ERR_OK) {
        show(task->req, 400, info.text, reset->code_text);
        return;
    }
    task->hashing =
        hasher_hash(task_identity(task)->hasher, reset->password, on_hashed, reset, &err);
    if (!task->hashing)
        answer_err(task->req, err, NULL);
}

static void find_user(struct task *task)
{
    struct reset *reset = (struct reset *)task;
    char id[SECRET_OWNER_TEXT + 1];

    secret_owner(&reset->code, id);
    task->account = account_find(task_identity(task)->accounts, slice_str(id), on_found, reset);
    task_wait(task, task->account);
}

static void take_guess(struct reset *reset)
{
    char room[THROTTLE_SOURCE_BYTES];
    const struct guess_bucket buckets[] = {
        {THROTTLE_SOURCE, throttle_source(&reset->task.req->client, room)},
    };

    task_guess(&reset->task, buckets, 1, find_user);
}

void reset_post(struct request *req)
{
    struct form_field fields[] = {
        {.name = SLICE("code"), .max = SECRET_TEXT, .is_required = true},
        {.name = SLICE("password"), .max = PASSWORD_MAX_BYTES, .is_required = true},
    };
    struct reset *reset = task_start(req, sizeof(*reset));

    if (!reset || !form_post_take(req, fields, 2))
        return;
    if (!secret_parse(fields[0].value, &reset->code)) {
        show(req, 400, WRONG, "");
        return;
    }
    secret_format(&reset->code, reset->code_text);
    reset->password = fields[1].value;
    take_guess(reset);
}
