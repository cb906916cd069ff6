/* /account/second-factor/begin and /confirm: turning a second factor on (A09).
 *
 *     a secret is made, and shown -> a code of it proves that the app has it -> it is the user's
 *
 * In between it is nowhere but in the form, sealed, with the time when it was made: any process can
 * go on with it, none keeps it, and only he who was asked for his password then can use it. */
#include <sodium.h>

#include "session/qr.h"
#include "web/admission.h"
#include "web/answer.h"
#include "web/form_post.h"
#include "web/login.h"
#include "web/resources.h"
#include "web/second_factor.h"
#include "web/task.h"

#define TIME_BYTES   8
#define PLAIN_BYTES  (TIME_BYTES + TOTP_SECRET_BYTES)
#define SEALED_BYTES (PLAIN_BYTES + VAULT_OVERHEAD)
#define SEALED_TEXT                                                                                \
    sodium_base64_ENCODED_LEN(SEALED_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)

#define MAX_URI     1000
#define MAX_PURPOSE 16

#define WRONG       "The code is wrong. Is the clock of your telephone right?"

struct factor {
    struct task task;
    int64_t made_s;
    unsigned char secret[TOTP_SECRET_BYTES];
    struct slice code;
    int64_t step; /* that the code is of */
    unsigned char sealed[VAULT_MAX_SEALED];
    size_t sealed_len;
    struct recovery_set set;
};

static const struct user *user_of(const struct factor *factor)
{
    return &admission_who(factor->task.req)->user;
}

static const struct vault *vault_of(const struct factor *factor)
{
    return &task_identity(&factor->task)->vault;
}

/* "totp/ID", or for the form "totp-form/ID". */
static struct slice purpose_of(const struct factor *factor, struct slice what,
                               char room[static MAX_PURPOSE + USER_ID_TEXT])
{
    memcpy(room, what.ptr, what.len);
    memcpy(room + what.len, user_of(factor)->id, USER_ID_TEXT);
    return slice_of(room, what.len + USER_ID_TEXT);
}

/* ---- the secret in the form ----------------------------------------------------------------- */

static void seal_form(const struct factor *factor, char out[static SEALED_TEXT])
{
    unsigned char plain[PLAIN_BYTES];
    unsigned char sealed[VAULT_MAX_SEALED];
    char room[MAX_PURPOSE + USER_ID_TEXT];
    size_t len;

    memcpy(plain, &factor->made_s, TIME_BYTES);
    memcpy(plain + TIME_BYTES, factor->secret, TOTP_SECRET_BYTES);
    len = vault_seal(vault_of(factor), purpose_of(factor, SLICE("totp-form/"), room),
                     slice_of(plain, sizeof(plain)), sealed);
    (void)sodium_bin2base64(out, SEALED_TEXT, sealed, len,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(plain, sizeof(plain));
}

/* False: it is not what seal_form() has made for this user in the last minutes. */
static bool open_form(struct factor *factor, struct slice text)
{
    unsigned char sealed[SEALED_BYTES];
    unsigned char plain[VAULT_MAX_PLAIN];
    char room[MAX_PURPOSE + USER_ID_TEXT];
    size_t sealed_len;
    size_t len;
    int64_t age_s;

    if (sodium_base642bin(sealed, sizeof(sealed), text.ptr, text.len, NULL, &sealed_len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        vault_open(vault_of(factor), purpose_of(factor, SLICE("totp-form/"), room),
                   slice_of(sealed, sealed_len), plain, &len) != ERR_OK ||
        len != PLAIN_BYTES)
        return false;
    memcpy(&factor->made_s, plain, TIME_BYTES);
    memcpy(factor->secret, plain + TIME_BYTES, TOTP_SECRET_BYTES);
    sodium_memzero(plain, sizeof(plain));
    age_s = task_now_s(&factor->task) - factor->made_s;
    return age_s >= -RECENT_S && age_s <= RECENT_S;
}

/* ---- the page ------------------------------------------------------------------------------- */

static enum err draw_qr(const struct factor *factor, struct strbuf *svg)
{
    const struct web *web = factor->task.req->app;
    char storage[MAX_URI];
    struct strbuf uri;
    enum err err;

    strbuf_init_fixed(&uri, storage, sizeof(storage));
    totp_append_uri(&uri, factor->secret, slice_str(web->name), slice_str(user_of(factor)->email));
    err = uri.failed ? ERR_INVALID
                     : qr_append_svg(svg, strbuf_slice(&uri),
                                     SLICE("QR code of the secret that is written below"));
    sodium_memzero(storage, sizeof(storage));
    return err;
}

/* In groups of four letters, for who types it in. */
static void write_secret(const struct factor *factor, char out[static 2 * TOTP_SECRET_TEXT])
{
    char text[TOTP_SECRET_TEXT];
    size_t len = 0;

    totp_secret_text(factor->secret, text);
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (i > 0 && i % 4 == 0)
            out[len++] = ' ';
        out[len++] = text[i];
    }
    out[len] = '\0';
    sodium_memzero(text, sizeof(text));
}

/* A QR code that cannot be drawn, for the length of a name, is left out. */
static void show(struct factor *factor, int status, const char *message)
{
    char secret[2 * TOTP_SECRET_TEXT];
    char sealed[SEALED_TEXT];
    struct strbuf svg;
    enum err err;

    strbuf_init(&svg, QR_MAX_SVG);
    err = draw_qr(factor, &svg);
    write_secret(factor, secret);
    seal_form(factor, sealed);
    if (err != ERR_NO_MEMORY)
        factor->task.data =
            json_pack("{s:s%, s:s, s:s, s:b}", "qr", err == ERR_OK ? svg.ptr : "",
                      err == ERR_OK ? svg.len : 0, "secret", secret, "sealed", sealed, "narrow", 1);
    strbuf_fini(&svg);
    sodium_memzero(secret, sizeof(secret));
    task_show(&factor->task, &(struct page_answer){.status = status,
                                                   .title = "Turn on a second factor",
                                                   .template = PAGE_SECOND_FACTOR_BEGIN,
                                                   .message = message,
                                                   .is_error = status != 200});
}

static bool is_possible(struct factor *factor)
{
    struct request *req = factor->task.req;

    if (!second_factor_is_ours(req))
        return false;
    if (!user_of(factor)->has_totp)
        return true;
    page_redirect(req, SLICE("/account/second-factor"), SLICE(""));
    return false;
}

void second_factor_get_begin(struct request *req)
{
    struct factor *factor = task_start(req, sizeof(*factor));

    if (!factor || !is_possible(factor))
        return;
    totp_make_secret(factor->secret);
    factor->made_s = task_now_s(&factor->task);
    show(factor, 200, NULL);
}

/* ---- turning it on -------------------------------------------------------------------------- */

static enum err edit_on(void *ctx, struct user *user, struct err_info *info)
{
    const struct factor *factor = ctx;

    if (user->has_totp) {
        err_info_set(info, "there is a second factor already");
        return ERR_INVALID;
    }
    user->has_totp = true;
    memcpy(user->totp, factor->sealed, sizeof(user->totp));
    user->totp_len = factor->sealed_len;
    user->totp_step = factor->step;
    recovery_set_give(&factor->set, user);
    return ERR_OK;
}

static void on_on(struct request *req, struct slice headers, void *ctx)
{
    const struct factor *factor = ctx;

    login_log(req, "second factor", user_of(factor)->id, "turned on");
    second_factor_show_codes(req, &factor->set, "The second factor is on.", headers);
}

static void on_on_failed(struct request *req, enum err err, const char *why)
{
    if (err == ERR_INVALID)
        page_refuse(req, 400, why);
    else
        answer_err(req, err, NULL);
}

static void confirm(struct task *task)
{
    struct factor *factor = (struct factor *)task;
    char room[MAX_PURPOSE + USER_ID_TEXT];
    const struct login_start start = {
        .kind = LOGIN_RENEWS,
        .user = user_of(factor)->id,
        .edit = edit_on,
        .edit_ctx = factor,
        .strength = SESSION_SECOND_FACTOR,
        .marks_device = true,
        .begun = on_on,
    };

    if (!totp_find_step(factor->secret, factor->code, task_now_s(task), 0, &factor->step)) {
        login_log(task->req, "second factor", start.user, "wrong");
        show(factor, 403, WRONG);
        return;
    }
    factor->sealed_len = vault_seal(vault_of(factor), purpose_of(factor, SLICE("totp/"), room),
                                    slice_of(factor->secret, TOTP_SECRET_BYTES), factor->sealed);
    recovery_set_make(&factor->set);
    login_begin(task->req, &start, on_on_failed);
}

static void take_guess(struct factor *factor)
{
    char room[THROTTLE_SOURCE_BYTES];
    const struct guess_bucket buckets[] = {
        {THROTTLE_CODE, slice_str(user_of(factor)->id)},
        {THROTTLE_SOURCE, throttle_source(&factor->task.req->client, room)},
    };

    task_guess(&factor->task, buckets, 2, confirm);
}

void second_factor_post_confirm(struct request *req)
{
    struct form_field fields[] = {
        {.name = SLICE("sealed"), .max = SEALED_TEXT, .is_required = true},
        {.name = SLICE("code"), .max = 20, .is_required = true},
    };
    struct factor *factor = task_start(req, sizeof(*factor));

    if (!factor || !form_post_take(req, fields, 2) || !is_possible(factor))
        return;
    factor->code = fields[1].value;
    if (open_form(factor, fields[0].value))
        take_guess(factor);
    else
        page_refuse(req, 400, "This was begun too long ago. Begin it once more.");
}
