/* /account/second-factor: whether there is one; turning it off, and new recovery codes. Turning it
 * on is second_factor_begin.c. */
#include "web/second_factor.h"

#include "web/admission.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/login.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/task.h"

#define IS_OFF "there is no second factor"

static void show(struct request *req, int status, const char *message)
{
    const struct who *who = admission_who(req);

    page_respond(req, &(struct page_answer){
                          .status = status,
                          .title = "Second factor",
                          .template = PAGE_SECOND_FACTOR,
                          .message = message,
                          .is_error = status != 200,
                          .data = json_pack("{s:b, s:i, s:b, s:b}", "has_totp", who->user.has_totp,
                                            "codes_left", (int)who->user.recovery_count, "by_proxy",
                                            who->session.strength == SESSION_PROXY, "must_prove",
                                            !admission_is_recent(req)),
                      });
}

bool second_factor_is_ours(struct request *req)
{
    if (admission_who(req)->session.strength != SESSION_PROXY)
        return true;
    show(req, 403, "The proxy that logs you in does not ask for a second factor of this server.");
    return false;
}

void second_factor_get(struct request *req)
{
    static const struct page_done done[] = {{"off", "The second factor is turned off."}};
    struct form_field fields[] = {{.name = SLICE("done"), .max = FORM_NAME_MAX}};
    struct err_info info = {""};

    if (form_read(req, req->query, fields, 1, &info) == ERR_OK)
        show(req, 200, page_done_text(done, 1, fields[0].value));
    else
        page_refuse(req, 400, info.text);
}

/* ---- recovery codes ------------------------------------------------------------------------- */

void recovery_set_make(struct recovery_set *out)
{
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        recovery_make(out->texts[i]);
        (void)recovery_hash(slice_str(out->texts[i]), out->hashes[i]); /* it is one */
    }
}

void recovery_set_give(const struct recovery_set *set, struct user *user)
{
    memcpy(user->recovery, set->hashes, sizeof(user->recovery));
    user->recovery_count = RECOVERY_CODES;
}

static json_t *list_of(const struct recovery_set *set)
{
    json_t *list = json_array();

    for (size_t i = 0; i < RECOVERY_CODES && list; i++) {
        if (json_array_append_new(list, json_pack("{s:s}", "code", set->texts[i])) == 0)
            continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

void second_factor_show_codes(struct request *req, const struct recovery_set *set,
                              const char *message, struct slice headers)
{
    page_respond(req, &(struct page_answer){
                          .status = 200,
                          .title = "Your recovery codes",
                          .template = PAGE_RECOVERY_CODES,
                          .message = message,
                          .data = json_pack("{s:o}", "codes", list_of(set)),
                          .headers = headers,
                      });
}

struct renewal {
    struct task task;
    struct recovery_set set;
};

static enum err edit_codes(void *ctx, struct user *user, struct err_info *info)
{
    const struct renewal *renewal = ctx;

    if (!user->has_totp) {
        err_info_set(info, IS_OFF);
        return ERR_INVALID;
    }
    recovery_set_give(&renewal->set, user);
    return ERR_OK;
}

static void on_renewed(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct renewal *renewal = ctx;
    struct request *req = renewal->task.req;

    renewal->task.account = NULL;
    if (err == ERR_OK) {
        login_log(req, "second factor", user->id, "new recovery codes");
        second_factor_show_codes(req, &renewal->set, "The codes you had before are void.",
                                 SLICE(""));
    } else if (err == ERR_INVALID) {
        show(req, 400, why);
    } else {
        answer_err(req, err, NULL);
    }
}

void second_factor_post_codes(struct request *req)
{
    struct task *task = task_start(req, sizeof(struct renewal));
    struct renewal *renewal = (struct renewal *)task;

    if (!renewal || !form_post_take(req, NULL, 0) || !second_factor_is_ours(req))
        return;
    recovery_set_make(&renewal->set);
    task->account =
        account_change(task_identity(task)->accounts, slice_str(admission_who(req)->user.id),
                       edit_codes, renewal, ACCOUNT_NOTHING_ELSE, on_renewed, renewal);
    task_wait(task, task->account);
}

/* ---- turning it off ------------------------------------------------------------------------- */

static enum err edit_off(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    if (!user->has_totp) {
        err_info_set(info, IS_OFF);
        return ERR_INVALID;
    }
    user_drop_factor(user);
    return ERR_OK;
}

static void on_off(struct request *req, struct slice headers, void *ctx)
{
    (void)ctx;
    login_log(req, "second factor", admission_who(req)->user.id, "turned off");
    page_redirect(req, SLICE("/account/second-factor?done=off"), headers);
}

static void on_off_failed(struct request *req, enum err err, const char *why)
{
    if (err == ERR_INVALID)
        show(req, 400, why);
    else
        answer_err(req, err, NULL);
}

/* The login is a new one, as after each change of what it takes to get in (S05). */
void second_factor_post_off(struct request *req)
{
    const struct login_start start = {
        .kind = LOGIN_RENEWS,
        .user = admission_who(req)->user.id,
        .edit = edit_off,
        .strength = SESSION_PASSWORD,
        .begun = on_off,
    };

    if (form_post_take(req, NULL, 0) && second_factor_is_ours(req))
        login_begin(req, &start, on_off_failed);
}
