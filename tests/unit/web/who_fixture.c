#include "who_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/cmocka.h"

#define COOKIE "footfall="
#define BEARER "Bearer "
#define DAY_S  INT64_C(86400)

/* What a call of a store came to. */
struct told {
    bool is_told;
    enum err err;
    char id[USER_ID_TEXT + 1]; /* of a user, or of a token */
};

static void wait_for(struct who_fixture *w, struct told *told)
{
    virtual_loop_settle(&w->f->loop);
    assert_true(told->is_told);
    assert_int_equal(told->err, ERR_OK);
}

static void tell(struct told *told, enum err err, const char *id)
{
    told->is_told = true;
    told->err = err;
    (void)snprintf(told->id, sizeof(told->id), "%s", id);
}

/* ---- users ---------------------------------------------------------------------------------- */

static void on_user(void *ctx, enum err err, const char *why, const struct user *user)
{
    if (err != ERR_OK)
        fail_msg("%s", why);
    tell(ctx, err, user->id);
}

static void add_user(struct who_fixture *w, const char *name, const char *site, enum role role,
                     char id[static USER_ID_TEXT + 1])
{
    struct told told = {0};
    struct user user = {0};

    (void)snprintf(user.email, sizeof(user.email), "%s@example.org", name);
    (void)snprintf(user.name, sizeof(user.name), "%s", name);
    assert_int_equal(user_grant(&user, slice_str(site), role), ERR_OK);
    assert_non_null(account_add(w->f->identity.accounts, &user, SLICE(""), false, on_user, &told));
    wait_for(w, &told);
    memcpy(id, told.id, sizeof(told.id));
}

static enum err disable(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    (void)info;
    user->is_disabled = true;
    return ERR_OK;
}

static void disable_user(struct who_fixture *w, const char *id)
{
    struct told told = {0};

    assert_non_null(account_change(w->f->identity.accounts, slice_str(id), disable, NULL,
                                   ACCOUNT_NOTHING_ELSE, on_user, &told));
    wait_for(w, &told);
}

static enum err regrant(void *ctx, struct user *user, struct err_info *info)
{
    const struct grant *grant = ctx;

    (void)info;
    user->grant_count = 0;
    return user_grant(user, slice_str(grant->site), grant->role);
}

void set_role(struct who_fixture *w, const char *user, const char *site, enum role role)
{
    struct grant grant = {.role = role};
    struct told told = {0};

    (void)snprintf(grant.site, sizeof(grant.site), "%s", site);
    assert_non_null(account_change(w->f->identity.accounts, slice_str(user), regrant, &grant,
                                   ACCOUNT_NOTHING_ELSE, on_user, &told));
    wait_for(w, &told);
}

/* ---- logins --------------------------------------------------------------------------------- */

static void on_session(void *ctx, enum err err, const struct session *session)
{
    (void)session;
    tell(ctx, err, "");
}

static struct session_owner owner_of(const char *user)
{
    struct session_owner owner = {.realm = SESSION_OF_LOGIN};

    memcpy(owner.id, user, sizeof(owner.id));
    return owner;
}

/* Shown in `what`. */
static void log_in(struct who_fixture *w, const char *user, enum session_strength strength,
                   enum showing what)
{
    const struct session fresh = {.user = slice_str(user),
                                  .data = SLICE("{}"),
                                  .country = SLICE("DE"),
                                  .device = SLICE("Firefox on Linux"),
                                  .idle_s = SESSION_IDLE_S,
                                  .absolute_s = SESSION_ABSOLUTE_S,
                                  .strength = strength};
    const struct session_owner owner = owner_of(user);
    char text[SECRET_TEXT + 1];
    struct told told = {0};
    struct secret secret;

    secret_make(&secret, slice_str(user));
    secret_format(&secret, text);
    (void)snprintf(w->shown[what], sizeof(w->shown[what]), COOKIE "%s", text);
    assert_non_null(
        session_create(w->f->identity.sessions, &owner, &secret, &fresh, on_session, &told));
    wait_for(w, &told);
}

void end_logins(struct who_fixture *w, const char *user)
{
    const struct session_owner owner = owner_of(user);
    struct told told = {0};

    assert_non_null(session_end_all(w->f->identity.sessions, &owner, SLICE(""), on_session, &told));
    wait_for(w, &told);
}

static void add_people(struct who_fixture *w)
{
    char id[USER_ID_TEXT + 1];

    add_user(w, "owner", "*", ROLE_OWNER, w->owner);
    log_in(w, w->owner, SESSION_PASSWORD, SHOW_OWNER);
    log_in(w, w->owner, SESSION_PENDING, SHOW_PENDING);
    add_user(w, "viewer", "blog", ROLE_VIEWER, id);
    log_in(w, id, SESSION_SECOND_FACTOR, SHOW_VIEWER);
    add_user(w, "editor", "blog", ROLE_EDITOR, w->editor);
    log_in(w, w->editor, SESSION_PASSWORD, SHOW_EDITOR);
    add_user(w, "blogger", "blog", ROLE_OWNER, id);
    log_in(w, id, SESSION_PASSWORD, SHOW_SITE_OWNER);
    add_user(w, "ended", "*", ROLE_OWNER, id);
    log_in(w, id, SESSION_PASSWORD, SHOW_ENDED);
    end_logins(w, id);
    add_user(w, "disabled", "*", ROLE_OWNER, id);
    log_in(w, id, SESSION_PASSWORD, SHOW_DISABLED);
    disable_user(w, id);
}

/* ---- tokens --------------------------------------------------------------------------------- */

static void on_token(void *ctx, enum err err, const char *why, const struct api_token *token)
{
    if (err != ERR_OK)
        fail_msg("%s", why);
    tell(ctx, err, token->id);
}

static void add_token(struct who_fixture *w, unsigned scopes, const char *site, int64_t expires_s,
                      enum showing what)
{
    struct api_token fresh = {.name = "test", .scopes = scopes, .expires_s = expires_s};
    char text[SECRET_TEXT + 1];
    struct told told = {0};
    struct secret secret;

    (void)snprintf(fresh.site, sizeof(fresh.site), "%s", site);
    secret_make(&secret, SLICE("0000000000000000"));
    secret_format(&secret, text);
    (void)snprintf(w->shown[what], sizeof(w->shown[what]), BEARER "%s", text);
    assert_non_null(api_token_add(w->f->identity.tokens, &secret, &fresh, on_token, &told));
    wait_for(w, &told);
    memcpy(w->token_ids[what], told.id, API_TOKEN_ID_TEXT + 1);
}

void revoke_token(struct who_fixture *w, enum showing which)
{
    struct told told = {0};

    assert_non_null(
        api_token_revoke(w->f->identity.tokens, slice_str(w->token_ids[which]), on_token, &told));
    wait_for(w, &told);
}

void revoke_link(struct who_fixture *w)
{
    struct told told = {0};

    assert_non_null(api_token_revoke_link(w->f->identity.tokens, SLICE("default"),
                                          slice_str(w->token_ids[SHOW_LINK]), on_token, &told));
    wait_for(w, &told);
}

static void add_tokens(struct who_fixture *w)
{
    int64_t now_s = clock_unix_ms(&w->f->loop.clock) / 1000;

    add_token(w, SCOPE_STATS, "*", 0, SHOW_STATS_TOKEN);
    add_token(w, SCOPE_COUNT, "*", now_s + 100 * DAY_S, SHOW_COUNT_TOKEN);
    add_token(w, SCOPE_COUNT | SCOPE_STATS, "blog", 0, SHOW_BLOG_TOKEN);
    add_token(w, SCOPE_COUNT | SCOPE_STATS, "*", 0, SHOW_REVOKED_TOKEN);
    revoke_token(w, SHOW_REVOKED_TOKEN);
    add_token(w, SCOPE_COUNT | SCOPE_STATS, "*", now_s + 60, SHOW_EXPIRED_TOKEN);
    add_token(w, SCOPE_SHARE, "default", 0, SHOW_LINK);
    add_token(w, SCOPE_SHARE, "nosuch", 0, SHOW_OTHER_LINK);
    virtual_loop_pass(&w->f->loop, 61000);
}

/* ---- what is shown -------------------------------------------------------------------------- */

static void set(struct who_fixture *w, enum showing what, const char *scheme, const char *text)
{
    (void)snprintf(w->shown[what], sizeof(w->shown[what]), "%s%s", scheme, text);
}

static void show_others(struct who_fixture *w)
{
    char text[SECRET_TEXT + 1];
    struct secret secret;

    secret_make(&secret, slice_str(w->owner));
    secret_format(&secret, text);
    set(w, SHOW_MADE_UP_LOGIN, COOKIE, text);
    set(w, SHOW_MADE_UP_TOKEN, BEARER, text);
    set(w, SHOW_TOKEN_AND_LOGIN, BEARER, text);
    set(w, SHOW_NO_TOKEN, BEARER, "secret");
    set(w, SHOW_OTHER_SCHEME, "Basic ", w->shown[SHOW_STATS_TOKEN] + strlen(BEARER));
    set(w, SHOW_TOKEN_AS_COOKIE, COOKIE, w->shown[SHOW_STATS_TOKEN] + strlen(BEARER));
    set(w, SHOW_COOKIE_AS_TOKEN, BEARER, w->shown[SHOW_OWNER] + strlen(COOKIE));
    set(w, SHOW_PROXY_OWNER, "owner", "@example.org");
    set(w, SHOW_ANYBODY_AS_PROXY, "owner", "@example.org");
    set(w, SHOW_PROXY_DISABLED, "disabled", "@example.org");
    set(w, SHOW_PROXY_ID, w->owner, "");
    set(w, SHOW_PROXY_STRANGER, "stranger", "@example.org");
}

void show(struct who_fixture *w, enum showing what)
{
    struct request *req = &w->f->fake.req;
    struct slice shown = slice_str(w->shown[what]);

    if (slice_starts_with(shown, SLICE(COOKIE)))
        req->fields[FIELD_COOKIE] = shown;
    else if (what >= SHOW_PROXY_OWNER)
        req->fields[FIELD_REMOTE_USER] = shown;
    else if (what != SHOW_NOTHING)
        req->fields[FIELD_AUTHORIZATION] = shown;
    if (what == SHOW_TOKEN_AND_LOGIN)
        req->fields[FIELD_COOKIE] = slice_str(w->shown[SHOW_OWNER]);
    req->is_by_trusted_proxy = what >= SHOW_PROXY_OWNER && what != SHOW_ANYBODY_AS_PROXY;
}

/* ---- the fixture ---------------------------------------------------------------------------- */

/* As identity_create() has it, without threads that hash passwords: nobody logs in here. */
static void create_identity(struct web_fixture *f)
{
    struct identity *identity = &f->identity;
    const struct store_env env = {
        .timers = &f->loop.timers, .clock = &f->loop.clock, .timeout_ms = HIT_MS};
    const unsigned char key[VAULT_KEY_BYTES] = {7};

    vault_from_key(key, &identity->vault);
    identity->has_vault = true;
    identity->settings.auth_field = FIELD_REMOTE_USER;
    identity->store = f->store;
    identity->env = env;
    identity->changer = changer_create(f->store, &env);
    assert_non_null(identity->changer);
    identity->sessions = session_store_create(f->store, &env, identity->changer);
    identity->accounts = account_store_create(f->store, &env, identity->changer);
    identity->tokens = api_token_store_create(f->store, &env, identity->changer);
    assert_true(identity->sessions && identity->accounts && identity->tokens);
}

int who_set_up(void **state)
{
    struct who_fixture *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    assert_int_equal(web_set_up(&w->state), 0);
    w->f = w->state;
    create_identity(w->f);
    add_people(w);
    add_tokens(w);
    show_others(w);
    *state = w;
    return 0;
}

int who_tear_down(void **state)
{
    struct who_fixture *w = *state;
    struct identity *identity = &w->f->identity;

    prepare(w->f, HTTP_GET, "/", ""); /* what was asked last is over */
    session_store_destroy(identity->sessions);
    account_store_destroy(identity->accounts);
    api_token_store_destroy(identity->tokens);
    changer_destroy(identity->changer);
    (void)web_tear_down(&w->state);
    free(w);
    return 0;
}
