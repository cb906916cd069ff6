/* /setup: the first account, by the code that was printed at start (A06). */
#include <stdio.h>

#include "web/answer.h"
#include "web/form.h"
#include "web/login.h"
#include "web/resources.h"
#include "web/task.h"

/* Somebody who sets the server up; lives as long as his request. */
/* What comes next is a first view. */
#define WELCOME "/sites/start?site=" SITE_DEFAULT "&done=welcome"

struct setup {
    struct task task;
    struct slice code;
    struct slice password;
    struct user user;
};

static void show(struct request *req, int status, const char *message, struct slice code,
                 const char *email)
{
    page_respond(req, &(struct page_answer){
                          .status = status,
                          .title = "Set up this server",
                          .template = PAGE_SETUP,
                          .message = message,
                          .is_error = status != 200,
                          .data = json_pack("{s:s%, s:s, s:b}", "code", code.ptr ? code.ptr : "",
                                            code.len, "email", email, "narrow", 1),
                      });
}

static void show_again(struct setup *setup, int status, const char *message)
{
    show(setup->task.req, status, message, setup->code, setup->user.email);
}

/* ---- making the account ---------------------------------------------------------------------- */

static void on_login_failed(struct request *req, enum err err, const char *why)
{
    (void)err;
    (void)why;
    page_redirect(req, SLICE("/login"), SLICE("")); /* the account is there */
}

static void on_added(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct setup *setup = ctx;

    setup->task.account = NULL;
    if (err == ERR_OK) {
        login_log(setup->task.req, "setup", user->id, "made the first account");
        memcpy(setup->user.id, user->id, sizeof(setup->user.id));
        login_begin(setup->task.req,
                    &(struct login_start){.user = setup->user.id,
                                          .strength = SESSION_PASSWORD,
                                          .next = SLICE(WELCOME),
                                          .marks_device = true},
                    on_login_failed);
    } else if (err == ERR_NOT_FOUND) {
        login_log(setup->task.req, "setup", "", "wrong code");
        show_again(setup, 403, "The code is wrong, used, or older than an hour.");
    } else if (err == ERR_STALE) {
        page_redirect(setup->task.req, SLICE("/login"), SLICE(""));
    } else if (err == ERR_INVALID) {
        show_again(setup, 400, why);
    } else {
        answer_err(setup->task.req, err, NULL);
    }
}

static void on_hashed(void *ctx, enum err err, bool is_right, const char *hash)
{
    struct setup *setup = ctx;

    (void)is_right;
    setup->task.hashing = NULL;
    if (err != ERR_OK) {
        answer_err(setup->task.req, err, NULL);
        return;
    }
    (void)snprintf(setup->user.password, sizeof(setup->user.password), "%s", hash);
    setup->task.account = account_add(task_identity(&setup->task)->accounts, &setup->user,
                                      setup->code, true, on_added, setup);
    task_wait(&setup->task, setup->task.account);
}

static void hash_password(struct task *task)
{
    struct setup *setup = (struct setup *)task;
    enum err err;

    task->hashing =
        hasher_hash(task_identity(task)->hasher, setup->password, on_hashed, setup, &err);
    if (!task->hashing)
        answer_err(task->req, err, NULL);
}

static void take_guess(struct setup *setup)
{
    char room[THROTTLE_SOURCE_BYTES];
    const struct guess_bucket buckets[] = {
        {THROTTLE_SOURCE, throttle_source(&setup->task.req->client, room)},
    };

    task_guess(&setup->task, buckets, 1, hash_password);
}

/* ---- the form ------------------------------------------------------------------------------- */

static enum err check(struct setup *setup, const struct form_field *fields, struct err_info *info)
{
    const struct web *web = setup->task.req->app;
    enum err err = user_email_check(fields[1].value, setup->user.email, info);

    setup->code = fields[0].value;
    setup->password = fields[2].value;
    setup->user.created_s = clock_unix_ms(web->clock) / 1000;
    setup->user.password_s = setup->user.created_s;
    if (err == ERR_OK)
        err = user_grant(&setup->user, SLICE("*"), ROLE_OWNER);
    if (err == ERR_OK)
        err = password_check_new(
            setup->password,
            (const struct slice[]){slice_str(setup->user.email), slice_str(web->name)}, 2, info);
    return err;
}

void setup_post(struct request *req)
{
    struct form_field fields[] = {
        {.name = SLICE("code"), .max = 100, .is_required = true},
        {.name = SLICE("email"), .max = 1000, .is_required = true},
        {.name = SLICE("password"), .max = PASSWORD_MAX_BYTES, .is_required = true},
    };
    struct setup *setup = task_start(req, sizeof(*setup));
    struct err_info info = {""};

    if (!setup)
        return;
    if (form_read(req, req->body, fields, 3, &info) != ERR_OK)
        show(req, 400, info.text, SLICE(""), "");
    else if (check(setup, fields, &info) != ERR_OK)
        show_again(setup, 400, info.text);
    else
        take_guess(setup);
}

/* ---- the page ------------------------------------------------------------------------------- */

static void on_any(void *ctx, enum err err, bool is_any)
{
    struct setup *setup = ctx;

    setup->task.account = NULL;
    if (err != ERR_OK)
        answer_err(setup->task.req, err, NULL);
    else if (is_any)
        page_redirect(setup->task.req, SLICE("/login"), SLICE(""));
    else
        show(setup->task.req, 200, NULL, setup->code, "");
}

void setup_get(struct request *req)
{
    struct form_field fields[] = {{.name = SLICE("code"), .max = 100}};
    struct setup *setup = task_start(req, sizeof(*setup));
    struct err_info info = {""};

    if (!setup)
        return;
    if (form_read(req, req->query, fields, 1, &info) != ERR_OK) {
        show(req, 400, info.text, SLICE(""), "");
        return;
    }
    setup->code = fields[0].value;
    setup->task.account = account_any(task_identity(&setup->task)->accounts, on_any, setup);
    task_wait(&setup->task, setup->task.account);
}
