/* What owners change of a user: POSTs of /users/user. */
#include <stdio.h>

#include "base/log.h"
#include "session/throttle.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/resources.h"
#include "web/task.h"
#include "web/users.h"

#define NOT_ONESELF "this is your own account: another owner has to do this"

struct user_change {
    struct task task;
    char id[USER_ID_TEXT + 1];
    char site[USER_MAX_SITE + 1];
    enum role role;
    const char *done; /* a word of user_page.c */
};

void user_log(const struct request *req, const char *id, const char *what)
{
    char room[THROTTLE_SOURCE_BYTES];

    log_info("user", LOG_STR("user", id), LOG_STR("by", admission_who(req)->user.id),
             LOG_SLICE("source", throttle_source(&req->client, room)), LOG_STR("result", what));
}

/* ---- the form ------------------------------------------------------------------------------- */

enum { FIELD_OF_ID, FIELD_OF_SITE, FIELD_OF_ROLE, FORM_FIELDS };

/* @param count  of the fields that the form has. NULL: answered */
static struct user_change *start(struct request *req, size_t count, const char *done)
{
    struct form_field fields[FORM_FIELDS] = {
        [FIELD_OF_ID] = {.name = SLICE("id"), .max = USER_ID_TEXT, .is_required = true},
        [FIELD_OF_SITE] = {.name = SLICE("site"), .max = USER_MAX_SITE, .is_required = true},
        [FIELD_OF_ROLE] = {.name = SLICE("role"), .max = 10, .is_required = true},
    };
    struct user_change *change = task_start(req, sizeof(*change));

    if (!change || !form_post_take(req, fields, count))
        return NULL;
    if (!user_id_is_sound(fields[FIELD_OF_ID].value)) {
        page_refuse(req, 404, "There is no such user.");
        return NULL;
    }
    (void)snprintf(change->id, sizeof(change->id), "%.*s", SLICE_ARG(fields[FIELD_OF_ID].value));
    change->done = done;
    if (count == FORM_FIELDS) {
        (void)snprintf(change->site, sizeof(change->site), "%.*s",
                       SLICE_ARG(fields[FIELD_OF_SITE].value));
        if (role_parse(fields[FIELD_OF_ROLE].value, &change->role) != ERR_OK) {
            page_refuse(req, 400, "There is no such role.");
            return NULL;
        }
    }
    return change;
}

/* The same, for what nobody may do to himself. */
static struct user_change *start_on_other(struct request *req, const char *done)
{
    struct user_change *change = start(req, FIELD_OF_ID + 1, done);

    if (!change || !user_is_oneself(req, change->id))
        return change;
    user_show(req, change->id, 403, NOT_ONESELF);
    return NULL;
}

/* ---- changes of the user -------------------------------------------------------------------- */

static void on_failed(struct user_change *change, enum err err, const char *why)
{
    if (err == ERR_INVALID)
        user_show(change->task.req, change->id, 400, why);
    else if (err == ERR_NOT_FOUND)
        page_refuse(change->task.req, 404, "There is no such user.");
    else
        answer_err(change->task.req, err, NULL);
}

static void on_changed(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct user_change *change = ctx;

    (void)user;
    change->task.account = NULL;
    if (err != ERR_OK) {
        on_failed(change, err, why);
        return;
    }
    user_log(change->task.req, change->id, change->done);
    user_redirect(change->task.req, change->id, change->done);
}

static void begin(struct user_change *change, account_edit_fn *edit)
{
    struct task *task = &change->task;

    task->account = account_change(task_identity(task)->accounts, slice_str(change->id), edit,
                                   change, ACCOUNT_NOTHING_ELSE, on_changed, change);
    task_wait(task, task->account);
}

static enum err edit_role(void *ctx, struct user *user, struct err_info *info)
{
    const struct user_change *change = ctx;
    enum err err = user_grant(user, slice_str(change->site), change->role);

    if (err != ERR_OK)
        err_info_set(info, "there is no such site, or the user has roles on too many");
    return err;
}

void user_post_role(struct request *req)
{
    struct user_change *change = start(req, FORM_FIELDS, "role");

    if (change)
        begin(change, edit_role);
}

static enum err edit_disable(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    (void)info;
    user->is_disabled = true;
    return ERR_OK;
}

void user_post_disable(struct request *req)
{
    struct user_change *change = start_on_other(req, "disabled");

    if (change)
        begin(change, edit_disable);
}

static enum err edit_enable(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    (void)info;
    user->is_disabled = false;
    return ERR_OK;
}

void user_post_enable(struct request *req)
{
    struct user_change *change = start(req, FIELD_OF_ID + 1, "enabled");

    if (change)
        begin(change, edit_enable);
}

/* ---- removing ------------------------------------------------------------------------------- */

static void on_removed(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct user_change *change = ctx;

    (void)user;
    change->task.account = NULL;
    if (err != ERR_OK) {
        on_failed(change, err, why);
        return;
    }
    user_log(change->task.req, change->id, "removed");
    page_redirect(change->task.req, SLICE("/users?done=removed"), SLICE(""));
}

void user_post_remove(struct request *req)
{
    struct user_change *change = start_on_other(req, "removed");
    struct task *task = (struct task *)change;

    if (!change)
        return;
    task->account =
        account_remove(task_identity(task)->accounts, slice_str(change->id), on_removed, change);
    task_wait(task, task->account);
}

/* ---- sessions and links --------------------------------------------------------------------- */

static void on_ended(void *ctx, enum err err, const struct session *session)
{
    struct user_change *change = ctx;

    (void)session;
    change->task.session = NULL;
    if (err != ERR_OK) {
        on_failed(change, err, "");
        return;
    }
    user_log(change->task.req, change->id, "sessions ended");
    user_redirect(change->task.req, change->id, change->done);
}

/* Of oneself all but this one: that is what /sessions does, too. */
void user_post_end_sessions(struct request *req)
{
    struct user_change *change = start(req, FIELD_OF_ID + 1, "ended");
    struct session_owner owner = {.realm = SESSION_OF_LOGIN};
    struct task *task = (struct task *)change;

    if (!change)
        return;
    memcpy(owner.id, change->id, sizeof(owner.id));
    task->session = session_end_all(
        task_identity(task)->sessions, &owner,
        user_is_oneself(req, change->id) ? slice_str(admission_who(req)->session_hash) : SLICE(""),
        on_ended, change);
    task_wait(task, task->session);
}

void user_post_reset(struct request *req)
{
    struct user_change *change = start(req, FIELD_OF_ID + 1, "reset");

    if (change)
        user_make_link(&change->task, change->id);
}
