/* /login: e-mail and password.
 *
 *     form -> who is it -> a guess is paid for -> the password is checked on a thread -> login.h
 *
 * Whoever it is, also nobody, goes the same way, so that neither the answer nor its time tells
 * whether there is such a user (A04). */
#include <sodium.h>
#include <stdio.h>

#include "session/guess.h"
#include "web/answer.h"
#include "web/form.h"
#include "web/login.h"
#include "web/next_path.h"
#include "web/page.h"
#include "web/page_data.h"
#include "web/resources.h"
#include "web/web.h"

#define WRONG "E-mail or password is wrong."

/* A try to log in; lives as long as its request. */
struct login_try {
    struct request *req;
    char email[USER_MAX_EMAIL + 1];
    struct slice password;
    struct slice next;
    bool is_known; /* there is such a user, and he may log in by password */
    bool has_device;
    char id[USER_ID_TEXT + 1];
    char hash[PASSWORD_HASH_TEXT];     /* that was checked */
    char new_hash[PASSWORD_HASH_TEXT]; /* in its place; empty: it stays */
    bool has_totp;
    struct account_call *finding;
    struct guess *guess;
    struct hash_order *checking;
};

static void on_request_end(void *ctx)
{
    struct login_try *try = ctx;

    account_call_cancel(try->finding);
    guess_cancel(try->guess);
    hash_order_cancel(try->checking);
    sodium_memzero(try, sizeof(*try));
}

static struct identity *identity_of(const struct request *req)
{
    return ((const struct web *)req->app)->identity;
}

/* ---- the page ------------------------------------------------------------------------------- */

static void show(struct request *req, int status, const char *message, const char *email,
                 struct slice next)
{
    page_respond(req, &(struct page_answer){
                          .status = status,
                          .title = "Log in",
                          .template = PAGE_LOGIN,
                          .message = message,
                          .is_error = status != 200,
                          .data = json_pack("{s:s, s:s%, s:b}", "email", email, "next",
                                            next.ptr ? next.ptr : "", next.len, "narrow", 1),
                      });
}

static void show_again(struct login_try *try, int status, const char *message)
{
    show(try->req, status, message, try->email, try->next);
}

static void show_wait(struct login_try *try, int64_t wait_ms)
{
    int64_t wait_s = (wait_ms + 999) / 1000;
    char message[100];

    (void)snprintf(message, sizeof(message), "Too many tries. Try again in %lld %s.",
                   (long long)(wait_s < 120 ? wait_s : (wait_s + 59) / 60),
                   wait_s < 120 ? "seconds" : "minutes");
    login_log(try->req, "login", try->id, "throttled");
    show_again(try, 429, message);
}

/* ---- the end of the way --------------------------------------------------------------------- */

static struct guess_bucket user_bucket(const struct login_try *try)
{
    return (struct guess_bucket){try->has_device ? THROTTLE_DEVICE : THROTTLE_USER,
                                 slice_str(try->email)};
}

/* At the moment the login is written: is it still the password that was checked, and enough? */
static enum err edit_user(void *ctx, struct user *user, struct err_info *info)
{
    struct login_try *try = ctx;

    if (user->is_disabled || strcmp(user->password, try->hash) != 0) {
        err_info_set(info, WRONG);
        return ERR_INVALID;
    }
    if (user->has_totp != try->has_totp) {
        err_info_set(info, "The second factor has just been changed. Log in once more.");
        return ERR_INVALID;
    }
    if (try->new_hash[0] != '\0')
        memcpy(user->password, try->new_hash, sizeof(user->password));
    return ERR_OK;
}

static void on_failed(struct request *req, enum err err, const char *why)
{
    if (err == ERR_INVALID || err == ERR_NOT_FOUND)
        show(req, 403, why[0] != '\0' ? why : WRONG, "", SLICE(""));
    else
        answer_err(req, err, NULL);
}

static void on_given_back(void *ctx, enum err err, int64_t wait_ms)
{
    struct login_try *try = ctx;

    (void)err;
    (void)wait_ms;
    try->guess = NULL;
}

static void begin(struct login_try *try)
{
    struct identity *identity = identity_of(try->req);
    const struct guess_bucket bucket = user_bucket(try);
    const struct login_start start = {
        .user = try->id,
        .edit = edit_user,
        .edit_ctx = try,
        .strength = try->has_totp ? SESSION_PENDING : SESSION_PASSWORD,
        .next = try->next,
        .marks_device = !try->has_totp,
    };

    /* In the same commit as the login, mostly; nobody waits for it. */
    try->guess = guess_succeed(&identity->guesses, &bucket, clock_unix_ms(identity->env.clock),
                               on_given_back, try);
    login_begin(try->req, &start, on_failed);
}

static void on_checked(void *ctx, enum err err, bool is_right, const char *hash)
{
    struct login_try *try = ctx;

    try->checking = NULL;
    if (err != ERR_OK) {
        answer_err(try->req, err, NULL);
    } else if (!is_right || !try->is_known) {
        login_log(try->req, "login", try->is_known ? try->id : "", "wrong");
        show_again(try, 403, WRONG);
    } else {
        if (hash)
            (void)snprintf(try->new_hash, sizeof(try->new_hash), "%s", hash);
        begin(try);
    }
}

static void on_guess(void *ctx, enum err err, int64_t wait_ms)
{
    struct login_try *try = ctx;

    try->guess = NULL;
    if (err != ERR_OK) {
        answer_err(try->req, err, NULL);
        return;
    }
    if (wait_ms > 0) {
        show_wait(try, wait_ms);
        return;
    }
    try->checking =
        hasher_check(identity_of(try->req)->hasher, try->password,
                     try->is_known ? try->hash : password_dummy_hash(), on_checked, try, &err);
    if (!try->checking)
        answer_err(try->req, err, NULL);
}

static void take_guess(struct login_try *try)
{
    struct identity *identity = identity_of(try->req);
    char room[THROTTLE_SOURCE_BYTES];
    const struct guess_bucket buckets[] = {
        user_bucket(try),
        {THROTTLE_SOURCE, throttle_source(&try->req->client, room)},
        {THROTTLE_ALL, SLICE("")},
    };
    size_t count = try->has_device ? 2 : 3; /* a flood of strangers does not keep its owner out */

    try->guess = guess_take(&identity->guesses, buckets, count, clock_unix_ms(identity->env.clock),
                            on_guess, try);
    if (!try->guess)
        answer_err(try->req, ERR_BUSY, NULL);
}

static void on_found(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct login_try *try = ctx;

    (void)why;
    try->finding = NULL;
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        answer_err(try->req, err, NULL);
        return;
    }
    if (user && !user->is_disabled && user->password[0] != '\0') {
        try->is_known = true;
        try->has_totp = user->has_totp;
        memcpy(try->id, user->id, sizeof(try->id));
        memcpy(try->hash, user->password, sizeof(try->hash));
        try->has_device = login_knows_device(try->req, user->id);
    }
    take_guess(try);
}

/* ---- the beginning -------------------------------------------------------------------------- */

static void find_user(struct login_try *try)
{
    try->finding =
        account_find(identity_of(try->req)->accounts, slice_str(try->email), on_found, try);
    if (!try->finding)
        answer_err(try->req, ERR_BUSY, NULL);
}

enum { FIELD_OF_EMAIL, FIELD_OF_PASSWORD, FIELD_OF_NEXT, FIELD_OF_TOKEN, FORM_FIELDS };

void login_post(struct request *req)
{
    struct form_field fields[FORM_FIELDS] = {
        [FIELD_OF_EMAIL] = {.name = SLICE("email"), .max = 1000, .is_required = true},
        [FIELD_OF_PASSWORD] = {.name = SLICE("password"),
                               .max = PASSWORD_MAX_BYTES,
                               .is_required = true},
        [FIELD_OF_NEXT] = {.name = SLICE("next"), .max = NEXT_PATH_MAX_BYTES},
        [FIELD_OF_TOKEN] = {.name = SLICE("form_token"), .max = FORM_TOKEN_TEXT},
    };
    struct login_try *try = request_alloc(req, sizeof(*try));
    struct err_info info = {""};

    if (try)
        *try = (struct login_try){.req = req};
    if (!try || !request_defer(req, on_request_end, try)) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    if (form_read(req, req->body, fields, FORM_FIELDS, &info) != ERR_OK) {
        show(req, 400, info.text, "", SLICE(""));
        return;
    }
    try->password = fields[FIELD_OF_PASSWORD].value;
    if (next_path_is_safe(fields[FIELD_OF_NEXT].value))
        try->next = fields[FIELD_OF_NEXT].value;
    if (user_email_check(fields[FIELD_OF_EMAIL].value, try->email, &info) == ERR_OK)
        find_user(try);
    else
        show(req, 403, info.text, "", try->next);
}

void login_get(struct request *req)
{
    struct form_field fields[] = {
        {.name = SLICE("next"), .max = NEXT_PATH_MAX_BYTES},
        {.name = SLICE("again"), .max = 1},
        {.name = SLICE("done"), .max = FORM_NAME_MAX},
    };
    static const struct page_done done[] = {
        {"password", "The new password is set. Log in with it."},
    };
    const struct who *who = admission_who(req);
    struct err_info info = {""};
    bool is_in = who->kind == WHO_USER && who->session.strength != SESSION_PENDING;

    if (form_read(req, req->query, fields, 3, &info) != ERR_OK) {
        show(req, 400, info.text, "", SLICE(""));
        return;
    }
    if (!next_path_is_safe(fields[0].value))
        fields[0].value = SLICE("");
    if (is_in && !fields[1].value.ptr)
        page_redirect(req, fields[0].value, SLICE(""));
    else
        show(req, 200,
             is_in ? "For what you want to do, give your password once more."
                   : page_done_text(done, 1, fields[2].value),
             is_in ? who->user.email : "", fields[0].value);
}
