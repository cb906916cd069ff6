/* /login/code: the second factor, for who has given his password.
 *
 * A code lets one in, over all processes: the step, or the recovery code, is used up in the commit
 * that begins the login (A09). */
#include <sodium.h>
#include <stdio.h>

#include "session/guess.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/login.h"
#include "web/next_path.h"
#include "web/page.h"
#include "web/resources.h"
#include "web/web.h"

#define WRONG "The code is wrong, or was used already."

/* Lives as long as its request. */
struct code_try {
    struct request *req;
    struct slice code;
    struct slice next;
    struct guess *guess;
};

static void on_request_end(void *ctx)
{
    struct code_try *try = ctx;

    guess_cancel(try->guess);
}

static void show(struct request *req, int status, const char *message, struct slice next)
{
    page_respond(req, &(struct page_answer){
                          .status = status,
                          .title = "Second factor",
                          .template = PAGE_CODE,
                          .message = message,
                          .is_error = status != 200,
                          .data = json_pack("{s:s%, s:b}", "next", next.ptr ? next.ptr : "",
                                            next.len, "narrow", 1),
                      });
}

/* ---- using it up ---------------------------------------------------------------------------- */

static bool use_totp(const struct code_try *try, struct user *user)
{
    const struct web *web = try->req->app;
    const struct vault *vault = &web->identity->vault;
    unsigned char secret[VAULT_MAX_PLAIN];
    char purpose[5 + USER_ID_TEXT];
    size_t len;
    bool is_right;

    memcpy(purpose, "totp/", 5);
    memcpy(purpose + 5, user->id, USER_ID_TEXT);
    if (vault_open(vault, slice_of(purpose, sizeof(purpose)), slice_of(user->totp, user->totp_len),
                   secret, &len) != ERR_OK ||
        len != TOTP_SECRET_BYTES) {
        log_error("a second factor cannot be opened: it was sealed with another key",
                  LOG_STR("user", user->id), LOG_STR("setting", "FOOTFALL_SECRET_KEY"));
        return false;
    }
    is_right = totp_find_step(secret, try->code, clock_unix_ms(web->clock) / 1000, user->totp_step,
                              &user->totp_step);
    if (is_right) /* so that a key that was changed is needed no more */
        user->totp_len = vault_seal(vault, slice_of(purpose, sizeof(purpose)),
                                    slice_of(secret, len), user->totp);
    sodium_memzero(secret, sizeof(secret));
    return is_right;
}

static bool use_recovery(const struct code_try *try, struct user *user)
{
    unsigned char hash[RECOVERY_HASH_BYTES];
    size_t i = 0;

    if (!recovery_hash(try->code, hash))
        return false;
    while (i < user->recovery_count && !recovery_hash_is(user->recovery[i], hash))
        i++;
    if (i == user->recovery_count)
        return false;
    user->recovery_count--;
    memmove(user->recovery[i], user->recovery[user->recovery_count], RECOVERY_HASH_BYTES);
    return true;
}

static enum err edit_user(void *ctx, struct user *user, struct err_info *info)
{
    const struct code_try *try = ctx;

    if (user->has_totp && (use_totp(try, user) || use_recovery(try, user)))
        return ERR_OK;
    err_info_set(info, WRONG);
    return ERR_INVALID;
}

static void on_failed(struct request *req, enum err err, const char *why)
{
    if (err != ERR_INVALID) {
        answer_err(req, err, NULL);
        return;
    }
    login_log(req, "second factor", admission_who(req)->user.id, "wrong");
    show(req, 403, why, SLICE(""));
}

static void on_guess(void *ctx, enum err err, int64_t wait_ms)
{
    struct code_try *try = ctx;
    const struct login_start start = {
        .kind = LOGIN_COMPLETES,
        .user = admission_who(try->req)->user.id,
        .edit = edit_user,
        .edit_ctx = try,
        .strength = SESSION_SECOND_FACTOR,
        .next = try->next,
        .marks_device = true,
    };

    try->guess = NULL;
    if (err != ERR_OK)
        answer_err(try->req, err, NULL);
    else if (wait_ms > 0)
        show(try->req, 429, "Too many tries. Try again in a minute.", try->next);
    else
        login_begin(try->req, &start, on_failed);
}

/* ---- the form ------------------------------------------------------------------------------- */

/* A browser that has logged in before has codes of its own: so who knows the password alone does
 * not keep the owner out. */
static struct guess_bucket code_bucket(const struct code_try *try,
                                       char room[static USER_ID_TEXT + 8])
{
    const char *user = admission_who(try->req)->user.id;
    int len = snprintf(room, USER_ID_TEXT + 8, "%s%s", user,
                       login_knows_device(try->req, user) ? ".device" : "");

    return (struct guess_bucket){THROTTLE_CODE, slice_of(room, (size_t)len)};
}

static void take_guess(struct code_try *try)
{
    struct identity *identity = ((const struct web *)try->req->app)->identity;
    char source_room[THROTTLE_SOURCE_BYTES];
    char code_room[USER_ID_TEXT + 8];
    const struct guess_bucket buckets[] = {
        code_bucket(try, code_room),
        {THROTTLE_SOURCE, throttle_source(&try->req->client, source_room)},
    };

    try->guess = guess_take(&identity->guesses, buckets, 2, clock_unix_ms(identity->env.clock),
                            on_guess, try);
    if (!try->guess)
        answer_err(try->req, ERR_BUSY, NULL);
}

void login_code_post(struct request *req)
{
    struct form_field fields[] = {
        {.name = SLICE("code"), .max = 100, .is_required = true},
        {.name = SLICE("next"), .max = NEXT_PATH_MAX_BYTES},
    };
    struct code_try *try = request_alloc(req, sizeof(*try));

    if (try)
        *try = (struct code_try){.req = req};
    if (!try || !request_defer(req, on_request_end, try)) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    if (!form_post_take(req, fields, 2))
        return;
    try->code = fields[0].value;
    if (next_path_is_safe(fields[1].value))
        try->next = fields[1].value;
    take_guess(try);
}

void login_code_get(struct request *req)
{
    struct form_field fields[] = {{.name = SLICE("next"), .max = NEXT_PATH_MAX_BYTES}};
    struct err_info info = {""};

    if (form_read(req, req->query, fields, 1, &info) != ERR_OK)
        show(req, 400, info.text, SLICE(""));
    else
        show(req, 200, NULL, next_path_is_safe(fields[0].value) ? fields[0].value : SLICE(""));
}
