#include "account_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/cmocka.h"

#define DAY_S (24 * 3600)

static void settle(struct account_fixture *a)
{
    web_settle(a->f);
    while (hasher_busy(a->f->web.identity->hasher) > 0) {
        (void)uv_run(&a->uv, UV_RUN_ONCE);
        web_settle(a->f);
    }
}

/* ---- people --------------------------------------------------------------------------------- */

static void on_added(void *ctx, enum err err, const char *why, const struct user *user)
{
    (void)why;
    assert_int_equal(err, ERR_OK);
    *(struct user *)ctx = *user;
}

static void on_begun(void *ctx, enum err err, const struct session *session)
{
    (void)ctx;
    (void)session;
    assert_int_equal(err, ERR_OK);
}

static void begin_session(struct account_fixture *a, struct person *person)
{
    const struct session fresh = {.user = slice_str(person->id),
                                  .data = SLICE("{}"),
                                  .device = SLICE("Firefox on Linux"),
                                  .country = SLICE("DE"),
                                  .idle_s = DAY_S,
                                  .absolute_s = 30 * DAY_S,
                                  .strength = SESSION_PASSWORD};
    struct session_owner owner = {.realm = SESSION_OF_LOGIN};
    struct secret secret;

    memcpy(owner.id, person->id, sizeof(owner.id));
    secret_make(&secret, slice_str(person->id));
    memcpy(person->cookie, "footfall=", 9);
    secret_format(&secret, person->cookie + 9);
    assert_non_null(
        session_create(a->f->web.identity->sessions, &owner, &secret, &fresh, on_begun, NULL));
    settle(a);
}

static void add_person(struct account_fixture *a, struct person *person, const char *email,
                       enum role role)
{
    struct user user = {.created_s = 1, .password_s = 1};

    (void)snprintf(user.email, sizeof(user.email), "%s", email);
    assert_int_equal(password_hash(SLICE(PASSWORD), user.password), ERR_OK);
    assert_int_equal(user_grant(&user, SLICE("*"), role), ERR_OK);
    assert_non_null(
        account_add(a->f->web.identity->accounts, &user, SLICE(""), false, on_added, &user));
    settle(a);
    memcpy(person->id, user.id, sizeof(person->id));
    begin_session(a, person);
}

/* ---- set-up --------------------------------------------------------------------------------- */

int account_set_up(void **state)
{
    struct account_fixture *a = calloc(1, sizeof(*a));
    const struct identity_settings settings = {
        .secret_key = "0123456789abcdef0123456789abcdef",
        .auth_field = FIELD_COUNT_,
        .idle_s = DAY_S,
        .absolute_s = 30 * DAY_S,
    };
    struct store_env env = {.timeout_ms = HIT_MS};
    struct err_info info;
    void *web;

    assert_non_null(a);
    assert_int_equal(web_set_up(&web), 0);
    a->f = web;
    assert_int_equal(uv_loop_init(&a->uv), 0);
    env.loop = &a->uv;
    env.timers = &a->f->loop.timers;
    env.clock = &a->f->loop.clock;
    assert_int_equal(identity_create(&settings, a->f->store, &env, &a->f->web.identity, &info),
                     ERR_OK);
    add_person(a, &a->owner, "ada@example.org", ROLE_OWNER);
    add_person(a, &a->editor, "edi@example.org", ROLE_EDITOR);
    add_person(a, &a->viewer, "vic@example.org", ROLE_VIEWER);
    *state = a;
    return 0;
}

int account_tear_down(void **state)
{
    struct account_fixture *a = *state;
    void *web = a->f;

    fake_request_fini(&a->f->fake);
    fake_request_init(&a->f->fake, HTTP_GET, "/", "");
    settle(a);
    identity_destroy(a->f->web.identity);
    (void)uv_run(&a->uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&a->uv), 0);
    assert_int_equal(web_tear_down(&web), 0);
    free(a);
    return 0;
}

/* ---- requests ------------------------------------------------------------------------------- */

static void prepare_request(struct account_fixture *a, enum http_method method, const char *path,
                            const char *query)
{
    struct request *req = &prepare(a->f, method, path, query)->req;

    req->fields[FIELD_ACCEPT] = SLICE("text/html");
    req->fields[FIELD_HOST] = SLICE("count.example");
    req->fields[FIELD_SEC_FETCH_SITE] = SLICE("same-origin");
    if (a->who)
        req->fields[FIELD_COOKIE] = slice_str(a->who->cookie);
}

int account_dispatch(struct account_fixture *a)
{
    router_dispatch(&web_router, &a->f->fake.req);
    if (a->meanwhile) {
        void (*meanwhile)(struct account_fixture * a) = a->meanwhile;

        a->meanwhile = NULL;
        virtual_loop_settle(&a->f->loop); /* what the threads have done comes by another loop */
        meanwhile(a);
    }
    settle(a);
    return a->f->fake.status;
}

int show(struct account_fixture *a, const char *path, const char *query)
{
    prepare_request(a, HTTP_GET, path, query);
    return account_dispatch(a);
}

void take_form_token(struct account_fixture *a)
{
    char text[MAX_TOLD];

    cut_from_page(a, "name=\"form_token\" value=\"", "\"", text);
    assert_int_equal(strlen(text), FORM_TOKEN_TEXT);
    memcpy(a->form_token, text, sizeof(a->form_token));
}

void ask_as(struct account_fixture *a, const struct person *who)
{
    a->who = who;
    a->form_token[0] = '\0';
    if (!who)
        return;
    assert_int_equal(show(a, "/account", ""), 200);
    take_form_token(a);
}

static int post(struct account_fixture *a, const char *path, const char *form_token,
                const char *fields)
{
    char body[2 * MAX_TOLD];

    (void)snprintf(body, sizeof(body), "form_token=%s%s%s", form_token,
                   fields[0] != '\0' ? "&" : "", fields);
    prepare_request(a, HTTP_POST, path, "");
    a->f->fake.req.body = slice_str(body);
    return account_dispatch(a);
}

int send_form(struct account_fixture *a, const char *path, const char *fields)
{
    return post(a, path, a->form_token, fields);
}

int send_forged(struct account_fixture *a, const char *path, const char *fields)
{
    return post(a, path, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", fields);
}

/* ---- answers -------------------------------------------------------------------------------- */

static bool page_has(const struct account_fixture *a, const char *text)
{
    const struct strbuf *body = &a->f->fake.body;

    return body->len > 0 && memmem(body->ptr, body->len, text, strlen(text));
}

void assert_page_has(const struct account_fixture *a, const char *text)
{
    if (!page_has(a, text))
        fail_msg("\"%s\" is not in: %.*s", text, SLICE_ARG(strbuf_slice(&a->f->fake.body)));
}

void assert_page_lacks(const struct account_fixture *a, const char *text)
{
    if (page_has(a, text))
        fail_msg("\"%s\" is in the page", text);
}

void assert_leads_to(const struct account_fixture *a, const char *path)
{
    char line[MAX_TOLD];

    assert_int_equal(a->f->fake.status, 303);
    (void)snprintf(line, sizeof(line), "Location: %s\r\n", path);
    assert_has(&a->f->fake.headers, line);
}

static void cut(const struct strbuf *text, const char *before, const char *after,
                char out[static MAX_TOLD])
{
    const char *end = text->ptr + text->len;
    const char *start = memmem(text->ptr, text->len, before, strlen(before));
    const char *stop;

    assert_non_null(start);
    start += strlen(before);
    stop = memmem(start, (size_t)(end - start), after, strlen(after));
    assert_non_null(stop);
    (void)snprintf(out, MAX_TOLD, "%.*s", (int)(stop - start), start);
}

void cut_from_page(const struct account_fixture *a, const char *before, const char *after,
                   char out[static MAX_TOLD])
{
    cut(&a->f->fake.body, before, after, out);
}

void take_cookie(struct account_fixture *a, struct person *person)
{
    static const char mark[] = "Set-Cookie: footfall-device=";
    const struct strbuf *headers = &a->f->fake.headers;
    char *behind = person->cookie + strlen("footfall=") + SECRET_TEXT;
    char value[MAX_TOLD];

    cut(headers, "Set-Cookie: footfall=", ";", value);
    assert_int_equal(strlen(value), SECRET_TEXT);
    memcpy(person->cookie + strlen("footfall="), value, SECRET_TEXT);
    if (!memmem(headers->ptr, headers->len, mark, strlen(mark)))
        return;
    cut(headers, mark, ";", value);
    (void)snprintf(behind, sizeof(person->cookie) - (size_t)(behind - person->cookie),
                   "; footfall-device=%s", value);
}

/* ---- the store ------------------------------------------------------------------------------ */

struct user stored_user(struct account_fixture *a, const struct person *person)
{
    struct user user = {.id = ""};

    assert_non_null(
        account_find(a->f->web.identity->accounts, slice_str(person->id), on_added, &user));
    settle(a);
    return user;
}

static void on_listed(void *ctx, enum err err, const struct listed_session *list, size_t count)
{
    (void)list;
    assert_int_equal(err, ERR_OK);
    *(size_t *)ctx = count;
}

size_t count_sessions(struct account_fixture *a, const struct person *person)
{
    struct session_owner owner = {.realm = SESSION_OF_LOGIN};
    size_t count = 0;

    memcpy(owner.id, person->id, sizeof(owner.id));
    assert_non_null(session_list(a->f->web.identity->sessions, &owner, on_listed, &count));
    settle(a);
    return count;
}
