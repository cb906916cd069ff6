/* /account/password: a new password for somebody who knows the one before (A08).
 *
 *     form -> a guess is paid for -> the old one is checked -> the new one is hashed -> the user is
 *     changed, all his sessions end, and a new one begins for this browser (S05), in one commit */
#include <stdio.h>

#include "web/account_page.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/login.h"
#include "web/resources.h"
#include "web/task.h"

#define WRONG "Your current password is another one."

struct change_of_password {
    struct task task;
    struct slice current;
    struct slice wanted;
    char hash[PASSWORD_HASH_TEXT]; /* of the new one */
};

static const struct user *user_of(const struct change_of_password *change)
{
    return &admission_who(change->task.req)->user;
}

/* ---- the end of the way --------------------------------------------------------------------- */

static void on_failed(struct request *req, enum err err, const char *why)
{
    if (err == ERR_INVALID)
        account_show(req, 403, why);
    else
        answer_err(req, err, NULL);
}

static void on_begun(struct request *req, struct slice headers, void *ctx)
{
    const struct change_of_password *change = ctx;

    login_log(req, "password", user_of(change)->id, "changed");
    page_redirect(req, SLICE("/account?done=password"), headers);
}

/* Of somebody whom a proxy logs in: no login begins. */
static void on_changed(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct change_of_password *change = ctx;

    (void)user;
    change->task.account = NULL;
    if (err == ERR_OK)
        on_begun(change->task.req, SLICE(""), change);
    else
        on_failed(change->task.req, err, why);
}

/* Is it still the password that was checked? */
static enum err edit_user(void *ctx, struct user *user, struct err_info *info)
{
    const struct change_of_password *change = ctx;

    if (strcmp(user->password, user_of(change)->password) != 0) {
        err_info_set(info, WRONG);
        return ERR_INVALID;
    }
    memcpy(user->password, change->hash, sizeof(user->password));
    user->password_s = task_now_s(&change->task);
    return ERR_OK;
}

static void set_password(struct change_of_password *change)
{
    struct task *task = &change->task;
    const struct login_start start = {
        .kind = LOGIN_RENEWS,
        .user = user_of(change)->id,
        .edit = edit_user,
        .edit_ctx = change,
        .strength = admission_who(task->req)->session.strength,
        .marks_device = true,
        .begun = on_begun,
    };

    if (start.strength != SESSION_PROXY) {
        login_begin(task->req, &start, on_failed);
        return;
    }
    task->account = account_change(task_identity(task)->accounts, slice_str(start.user), edit_user,
                                   change, ACCOUNT_END_SESSIONS, on_changed, change);
    task_wait(task, task->account);
}

static void on_hashed(void *ctx, enum err err, bool is_right, const char *hash)
{
    struct change_of_password *change = ctx;
    struct task *task = &change->task;

    (void)is_right;
    task->hashing = NULL;
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    (void)snprintf(change->hash, sizeof(change->hash), "%s", hash);
    set_password(change);
}

/* ---- the old one ---------------------------------------------------------------------------- */

static struct guess_bucket user_bucket(const struct change_of_password *change)
{
    const struct user *user = user_of(change);

    return (struct guess_bucket){login_knows_device(change->task.req, user->id) ? THROTTLE_DEVICE
                                                                                : THROTTLE_USER,
                                 slice_str(user->email)};
}

static void on_checked(void *ctx, enum err err, bool is_right, const char *hash)
{
    struct change_of_password *change = ctx;
    struct task *task = &change->task;
    const struct guess_bucket bucket = user_bucket(change);

    (void)hash;
    task->hashing = NULL;
    if (err != ERR_OK) {
        answer_err(task->req, err, NULL);
        return;
    }
    if (!is_right) {
        login_log(task->req, "password", user_of(change)->id, "wrong");
        account_show(task->req, 403, WRONG);
        return;
    }
    task_guess_was_right(task, &bucket);
    task->hashing =
        hasher_hash(task_identity(task)->hasher, change->wanted, on_hashed, change, &err);
    if (!task->hashing)
        answer_err(task->req, err, NULL);
}

static void check_current(struct task *task)
{
    struct change_of_password *change = (struct change_of_password *)task;
    enum err err;

    task->hashing = hasher_check(task_identity(task)->hasher, change->current,
                                 user_of(change)->password, on_checked, change, &err);
    if (!task->hashing)
        answer_err(task->req, err, NULL);
}

static void take_guess(struct change_of_password *change)
{
    char room[THROTTLE_SOURCE_BYTES];
    const struct guess_bucket buckets[] = {
        user_bucket(change),
        {THROTTLE_SOURCE, throttle_source(&change->task.req->client, room)},
    };

    task_guess(&change->task, buckets, 2, check_current);
}

/* ---- the form ------------------------------------------------------------------------------- */

static enum err check_wanted(const struct change_of_password *change, struct err_info *info)
{
    const struct user *user = user_of(change);
    const struct web *web = change->task.req->app;
    const struct slice context[] = {slice_str(user->email), slice_str(user->name),
                                    slice_str(web->name)};

    if (user->password[0] == '\0') {
        err_info_set(info, "there is no password to be changed: an owner of this server can make "
                           "a link to set one");
        return ERR_INVALID;
    }
    return password_check_new(change->wanted, context, 3, info);
}

void account_post_password(struct request *req)
{
    struct form_field fields[] = {
        {.name = SLICE("current"), .max = PASSWORD_MAX_BYTES, .is_required = true},
        {.name = SLICE("password"), .max = PASSWORD_MAX_BYTES, .is_required = true},
    };
    struct change_of_password *change = task_start(req, sizeof(*change));
    struct err_info info = {""};

    if (!change || !form_post_take(req, fields, 2))
        return;
    change->current = fields[0].value;
    change->wanted = fields[1].value;
    if (check_wanted(change, &info) == ERR_OK)
        take_guess(change);
    else
        account_show(req, 400, info.text);
}
