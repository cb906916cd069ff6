#include "web/login.h"

#include <sodium.h>

#include "count/agent.h"
#include "http/cookie.h"
#include "session/throttle.h"
#include "web/answer.h"
#include "web/page.h"
#include "web/web.h"

#define MAX_HEADERS 1024

/* The mark of a browser lives long: it only keeps guesses of others apart from its owner's. */
#define DEVICE_COOKIE_S (INT64_C(400) * 24 * 3600)
#define MAC_TEXT        43

/* A login that is being begun; lives as long as its request. */
struct beginning {
    struct request *req;
    struct account_call *call;
    struct secret secret;
    enum login_kind kind;
    struct slice next;
    bool marks_device;
    login_begun_fn *begun;
    void *begun_ctx;
    login_failed_fn *failed;
};

static void on_request_end(void *ctx)
{
    struct beginning *beginning = ctx;

    account_call_cancel(beginning->call);
    sodium_memzero(&beginning->secret, sizeof(beginning->secret));
}

static struct identity *identity_of(const struct request *req)
{
    return ((const struct web *)req->app)->identity;
}

static int64_t now_s(const struct request *req)
{
    return clock_unix_ms(((const struct web *)req->app)->clock) / 1000;
}

/* ---- cookies -------------------------------------------------------------------------------- */

static struct slice device_cookie_name(const struct request *req)
{
    return request_is_secure(req) ? SLICE("__Host-footfall-device") : SLICE("footfall-device");
}

static void append_cookie(const struct request *req, struct strbuf *out, struct slice name,
                          struct slice value, int64_t max_age_s)
{
    const struct cookie cookie = {
        .name = name,
        .value = value,
        .max_age_s = max_age_s,
        .http_only = true,
        .secure = request_is_secure(req),
        .same_site = COOKIE_LAX,
    };

    cookie_append_set(out, &cookie);
}

void login_append_end(const struct request *req, struct strbuf *headers)
{
    append_cookie(req, headers, login_cookie_name(req), SLICE(""), 0);
}

/* A mark that nobody else can make. */
static void make_mark(const struct request *req, const char *user,
                      char out[static USER_ID_TEXT + 1 + MAC_TEXT + 1])
{
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash_state state;

    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): a login begins for somebody */
    memcpy(out, user, USER_ID_TEXT);
    out[USER_ID_TEXT] = '.';
    (void)crypto_generichash_init(&state, identity_of(req)->vault.key, VAULT_KEY_BYTES,
                                  sizeof(hash));
    (void)crypto_generichash_update(&state, (const unsigned char *)"device", 6);
    (void)crypto_generichash_update(&state, (const unsigned char *)out, USER_ID_TEXT);
    (void)crypto_generichash_final(&state, hash, sizeof(hash));
    (void)sodium_bin2base64(out + USER_ID_TEXT + 1, MAC_TEXT + 1, hash, sizeof(hash),
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool login_knows_device(const struct request *req, const char *user)
{
    char mark[USER_ID_TEXT + 1 + MAC_TEXT + 1];
    struct slice value;

    make_mark(req, user, mark);
    return cookie_find(req->fields[FIELD_COOKIE], device_cookie_name(req), &value) &&
           value.len == sizeof(mark) - 1 && sodium_memcmp(value.ptr, mark, value.len) == 0;
}

static void append_cookies(struct beginning *beginning, const char *user, struct strbuf *out)
{
    struct request *req = beginning->req;
    char text[SECRET_TEXT + 1];
    char mark[USER_ID_TEXT + 1 + MAC_TEXT + 1];

    secret_format(&beginning->secret, text);
    append_cookie(req, out, login_cookie_name(req), slice_str(text),
                  (int64_t)identity_of(req)->settings.absolute_s);
    sodium_memzero(text, sizeof(text));
    if (!beginning->marks_device)
        return;
    make_mark(req, user, mark);
    append_cookie(req, out, device_cookie_name(req), slice_str(mark), DEVICE_COOKIE_S);
}

/* ---- who it is ------------------------------------------------------------------------------ */

struct slice login_device(struct request *req)
{
    const struct web *web = req->app;
    const struct agent *agent = fact_maker_agent(web->facts, req->fields[FIELD_USER_AGENT]);
    char storage[SESSION_MAX_DEVICE];
    struct strbuf text;

    if (!agent || agent->browser.len == 0)
        return SLICE("");
    strbuf_init_fixed(&text, storage, sizeof(storage));
    strbuf_append(&text, agent->browser);
    if (agent->system.len > 0) {
        strbuf_append(&text, SLICE(" on "));
        strbuf_append(&text, agent->system);
    }
    return text.failed ? SLICE("") : request_dup(req, strbuf_slice(&text));
}

static struct slice country_of(struct request *req)
{
    const struct web *web = req->app;
    char code[2];

    if (!fact_maker_country(web->facts, &req->client, code))
        return SLICE("");
    return request_dup(req, slice_of(code, sizeof(code)));
}

void login_log(const struct request *req, const char *event, const char *user, const char *reason)
{
    char room[THROTTLE_SOURCE_BYTES];

    log_info(event, LOG_STR("user", user), LOG_SLICE("source", throttle_source(&req->client, room)),
             LOG_STR("result", reason));
}

/* ---- beginning ------------------------------------------------------------------------------ */

/* The login that it was to go on from is over. */
static void answer_over(struct request *req)
{
    char storage[MAX_HEADERS];
    struct strbuf headers;

    strbuf_init_fixed(&headers, storage, sizeof(storage));
    login_append_end(req, &headers);
    page_redirect(req, SLICE("/login"), strbuf_slice(&headers));
}

static void on_begun(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct beginning *beginning = ctx;
    struct request *req = beginning->req;
    char storage[MAX_HEADERS];
    struct strbuf headers;

    beginning->call = NULL;
    if (err == ERR_NOT_FOUND && beginning->kind != LOGIN_NEW) {
        answer_over(req);
        return;
    }
    if (err != ERR_OK) {
        beginning->failed(req, err, why);
        return;
    }
    login_log(req, "login", user->id, "begun");
    strbuf_init_fixed(&headers, storage, sizeof(storage));
    append_cookies(beginning, user->id, &headers);
    if (beginning->begun) {
        admission_renew(req, &beginning->secret);
        beginning->begun(req, strbuf_slice(&headers), beginning->begun_ctx);
    } else {
        page_redirect(req, beginning->next.len > 0 ? beginning->next : SLICE("/dashboard"),
                      strbuf_slice(&headers));
    }
    sodium_memzero(storage, sizeof(storage));
}

static struct login_before before_of(const struct request *req, const struct login_start *start)
{
    const struct who *who = admission_who(req);
    bool is_his = who->kind == WHO_USER && strcmp(who->user.id, start->user) == 0;

    return (struct login_before){
        .hash = is_his ? slice_str(who->session_hash) : SLICE(""),
        .must_be_there = start->kind != LOGIN_NEW,
        .also = start->kind == LOGIN_RENEWS ? ACCOUNT_END_SESSIONS : ACCOUNT_NOTHING_ELSE,
    };
}

/* So that nobody stays for ever by changing something now and then. */
static void keep_end(const struct request *req, struct session *fresh)
{
    const struct session *before = &admission_who(req)->session;
    int64_t left_s = before->expires_s - now_s(req);

    fresh->proved_s = before->proved_s;
    if (left_s < SESSION_MIN_IDLE_S)
        left_s = SESSION_MIN_IDLE_S;
    if (left_s < fresh->absolute_s)
        fresh->absolute_s = (uint32_t)left_s;
    if (fresh->idle_s > fresh->absolute_s)
        fresh->idle_s = fresh->absolute_s;
}

static struct session fresh_session(struct request *req, const struct login_start *start)
{
    const struct identity *identity = identity_of(req);
    bool is_pending = start->strength == SESSION_PENDING;
    struct session fresh = {
        .data = SLICE("{}"),
        .country = country_of(req),
        .device = login_device(req),
        .proved_s = now_s(req),
        .idle_s = is_pending ? SESSION_PENDING_S : identity->settings.idle_s,
        .absolute_s = is_pending ? SESSION_PENDING_S : identity->settings.absolute_s,
        .strength = start->strength,
    };

    if (start->kind == LOGIN_RENEWS)
        keep_end(req, &fresh);
    return fresh;
}

void login_begin(struct request *req, const struct login_start *start, login_failed_fn *failed)
{
    struct beginning *beginning = request_alloc(req, sizeof(*beginning));
    const struct login_before before = before_of(req, start);
    struct session fresh = fresh_session(req, start);

    if (beginning)
        *beginning = (struct beginning){.req = req,
                                        .kind = start->kind,
                                        .next = request_dup(req, start->next),
                                        .marks_device = start->marks_device,
                                        .begun = start->begun,
                                        .begun_ctx = start->edit_ctx,
                                        .failed = failed};
    if (!beginning || !request_defer(req, on_request_end, beginning)) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    secret_make(&beginning->secret, slice_str(start->user));
    beginning->call =
        account_login(identity_of(req)->accounts, slice_str(start->user), start->edit,
                      start->edit_ctx, &before, &beginning->secret, &fresh, on_begun, beginning);
    if (!beginning->call)
        answer_err(req, ERR_BUSY, NULL);
}
