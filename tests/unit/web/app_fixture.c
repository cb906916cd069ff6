#include "app_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/cmocka.h"

static void on_added(void *ctx, enum err err, const char *why, const struct api_token *token)
{
    (void)why;
    (void)token;
    assert_int_equal(err, ERR_OK);
    *(bool *)ctx = true;
}

static void add_token(struct app_fixture *f, const char *site, unsigned scopes,
                      char text[static SECRET_TEXT + 1])
{
    struct api_token fresh = {.name = "test", .scopes = scopes};
    bool is_added = false;
    struct secret secret;

    (void)snprintf(fresh.site, sizeof(fresh.site), "%s", site);
    secret_make(&secret, SLICE("0000000000000000"));
    assert_non_null(api_token_add(f->identity.tokens, &secret, &fresh, on_added, &is_added));
    web_settle(f->web);
    assert_true(is_added);
    secret_format(&secret, text);
}

static void open_store(struct app_fixture *f, bool is_far)
{
    const struct faults none = {0};

    f->identity.store = f->web->store;
    if (!is_far)
        return;
    f->network = faulty_network_create(f->web->store, &f->web->loop.timers, &none, 1);
    assert_non_null(f->network);
    assert_int_equal(faulty_open_on(f->network, &f->identity.env, &f->far_store), ERR_OK);
    f->identity.store = f->far_store;
}

static void make_identity(struct app_fixture *f)
{
    struct identity *identity = &f->identity;
    const struct store_env *env = &identity->env;

    identity->changer = changer_create(identity->store, env);
    assert_non_null(identity->changer);
    identity->sessions = session_store_create(identity->store, env, identity->changer);
    identity->tokens = api_token_store_create(identity->store, env, identity->changer);
    assert_non_null(identity->sessions);
    assert_non_null(identity->tokens);
}

static int set_up(void **state, bool is_far)
{
    struct app_fixture *f = calloc(1, sizeof(*f));
    void *web;

    assert_non_null(f);
    assert_int_equal(web_set_up(&web), 0);
    f->web = web;
    f->identity.env = (struct store_env){
        .timers = &f->web->loop.timers, .clock = &f->web->loop.clock, .timeout_ms = HIT_MS};
    open_store(f, is_far);
    make_identity(f);
    f->web->web.identity = &f->identity;
    add_token(f, "*", SCOPE_SESSIONS, f->all);
    add_token(f, "shop", SCOPE_SESSIONS | SCOPE_STATS, f->shop);
    add_token(f, "blog", SCOPE_SESSIONS, f->blog);
    add_token(f, "*", SCOPE_STATS, f->reader);
    *state = f;
    return 0;
}

int app_set_up(void **state)
{
    return set_up(state, true);
}

int app_set_up_near(void **state)
{
    return set_up(state, false);
}

int app_tear_down(void **state)
{
    struct app_fixture *f = *state;
    void *web = f->web;

    fake_request_fini(&f->web->fake); /* it may wait for a session */
    fake_request_init(&f->web->fake, HTTP_GET, "/", "");
    session_store_destroy(f->identity.sessions);
    api_token_store_destroy(f->identity.tokens);
    changer_destroy(f->identity.changer);
    if (f->far_store)
        store_close(f->far_store);
    virtual_loop_settle(&f->web->loop);
    faulty_network_destroy(f->network);
    free(f);
    return web_tear_down(&web);
}

void app_cut(struct app_fixture *f)
{
    faulty_network_set(f->network, &(struct faults){.refused = 1000});
}

void app_mend(struct app_fixture *f)
{
    faulty_network_set(f->network, &(struct faults){0});
}

void app_prepare(struct app_fixture *f, const char *path, const char *token, const char *body)
{
    struct request *req = &prepare(f->web, HTTP_POST, path, "")->req;

    req->fields[FIELD_CONTENT_TYPE] = SLICE("application/json");
    req->body = slice_str(body);
    if (!token)
        return;
    (void)snprintf(f->authorization, sizeof(f->authorization), "Bearer %s", token);
    req->fields[FIELD_AUTHORIZATION] = slice_str(f->authorization);
}

int app_post(struct app_fixture *f, const char *path, const char *token, const char *body)
{
    app_prepare(f, path, token, body);
    return dispatch(f->web);
}

json_t *app_answer(struct app_fixture *f)
{
    const struct strbuf *body = &f->web->fake.body;
    json_t *root = json_loadb(body->ptr, body->len, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(root);
    assert_has(&f->web->fake.headers, "Cache-Control: no-store\r\n");
    return root;
}

void app_begin(struct app_fixture *f, const char *api_token, const char *body,
               char token[static SECRET_TEXT + 1], char id[SECRET_HASH_TEXT + 1])
{
    json_t *answer;

    assert_int_equal(app_post(f, "/api/v1/sessions", api_token, body), 201);
    answer = app_answer(f);
    (void)snprintf(token, SECRET_TEXT + 1, "%s",
                   json_string_value(json_object_get(answer, "token")));
    if (id)
        (void)snprintf(id, SECRET_HASH_TEXT + 1, "%s",
                       json_string_value(json_object_get(answer, "id")));
    json_decref(answer);
}

int app_read(struct app_fixture *f, const char *api_token, const char *token)
{
    char body[SECRET_TEXT + 32];

    (void)snprintf(body, sizeof(body), "{\"token\":\"%s\"}", token);
    return app_post(f, "/api/v1/sessions/read", api_token, body);
}

void app_pass_s(struct app_fixture *f, int64_t seconds)
{
    virtual_loop_pass(&f->web->loop, seconds * 1000);
}
