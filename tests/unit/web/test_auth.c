/* /auth: what a proxy is told. */
#include <stdio.h>

#include "app_fixture.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

#define COUNT(array_) (sizeof(array_) / sizeof((array_)[0]))

/* Asks with these two fields; `%s` in them is the token. NULL: the field is not there. */
static int ask(struct app_fixture *f, const char *query, const char *token, const char *cookie,
               const char *authorization)
{
    static const char *const none = "";
    char cookies[256];
    char bearer[256];
    struct request *req = &prepare(f->web, HTTP_GET, "/auth", query ? query : none)->req;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if (cookie) {
        (void)snprintf(cookies, sizeof(cookies), cookie, token);
        req->fields[FIELD_COOKIE] = slice_str(cookies);
    }
    if (authorization) {
        (void)snprintf(bearer, sizeof(bearer), authorization, token);
        req->fields[FIELD_AUTHORIZATION] = slice_str(bearer);
    }
#pragma GCC diagnostic pop
    return dispatch(f->web);
}

static int ask_by_cookie(struct app_fixture *f, const char *token)
{
    return ask(f, "", token, "session=%s", NULL);
}

static const struct {
    const char *cookie;
    const char *authorization;
    int status;
} places[] = {
    {"__Host-session=%s", NULL, 200},
    {"session=%s", NULL, 200},
    {"a=b; session=%s; c=d", NULL, 200},
    {NULL, "Bearer %s", 200},
    {NULL, "bearer  %s", 200},
    {"theme=dark", "Bearer %s", 200},
    {"session=%s", "Bearer no-token", 200},
    {"session=no-token; __Host-session=%s", NULL, 200},
    /* The first that is there decides. */
    {"__Host-session=no-token; session=%s", NULL, 401},
    {"session=no-token", "Bearer %s", 401},
    {"session=", "Bearer %s", 401},
    {"session=%s; session=x", NULL, 401},
    {"SESSION=%s", NULL, 401},
    {"xsession=%s", NULL, 401},
    {NULL, "Basic %s", 401},
    {NULL, "Bearer", 401},
    {NULL, "%s", 401},
    {NULL, NULL, 401},
};

static void the_session_is_found_where_it_may_be(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];

    app_begin(f, f->all, "{\"user\":\"ada\"}", token, NULL);
    for (size_t i = 0; i < COUNT(places); i++) {
        int status = ask(f, "", token, places[i].cookie, places[i].authorization);

        if (status != places[i].status)
            fail_msg("%s, %s: %d", places[i].cookie ? places[i].cookie : "-",
                     places[i].authorization ? places[i].authorization : "-", status);
        if (status == 401)
            assert_has(&f->web->fake.headers, "WWW-Authenticate: Bearer realm=\"session\"\r\n");
    }
}

/* Users and data come from an application that may have them from anybody: no byte of theirs ends a
 * line. `data` NULL: the header is left out. */
static const struct {
    const char *given;
    const char *user;
    const char *data;
} told[] = {
    {"\"user\":\"ada\"", "ada", "{}"},
    {"\"user\":\"ada@example.org\",\"data\":{ \"n\": 1.0 }", "ada@example.org", "{\"n\":1.0}"},
    {"\"user\":\"a b%\"", "a%20b%25", "{}"},
    {"\"user\":\"Ad\\u00e1\",\"data\":{\"a\":\"\\u00e1\"}", "Ad%C3%A1", "{\"a\":\"\\u00e1\"}"},
    {"\"user\":\"a\",\"data\":{\"a\":\"\xc3\xa1\"}", "a", NULL},
    {"\"user\":\"a\",\"data\":{\"a\":\"\x7f\"}", "a", NULL},
    {"\"user\":\"a\",\"data\":{\"a\":\"b\\r\\nX-User: root\"}", "a",
     "{\"a\":\"b\\r\\nX-User: root\"}"},
};

static void assert_told(struct app_fixture *f, const char *user, const char *id, const char *data)
{
    char expected[512];

    (void)snprintf(expected, sizeof(expected),
                   "Cache-Control: no-store\r\nX-User: %s\r\nX-Session-Id: %s\r\n"
                   "X-Session-Expires: 2023-12-14T22:13:21Z\r\n%s%s%s",
                   user, id, data ? "X-Session-Data: " : "", data ? data : "", data ? "\r\n" : "");
    strbuf_append_char(&f->web->fake.headers, '\0');
    assert_string_equal(f->web->fake.headers.ptr, expected);
    assert_int_equal(f->web->fake.body.len, 0);
}

static void a_proxy_is_told_who_it_is(void **state)
{
    struct app_fixture *f = *state;

    for (size_t i = 0; i < COUNT(told); i++) {
        char token[SECRET_TEXT + 1];
        char id[SECRET_HASH_TEXT + 1];
        char body[256];

        (void)snprintf(body, sizeof(body), "{%s}", told[i].given);
        app_begin(f, f->all, body, token, id);
        assert_int_equal(ask_by_cookie(f, token), 200);
        assert_told(f, told[i].user, id, told[i].data);
    }
}

static void long_users_and_data_fit_or_are_left_out(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];
    char body[2048];
    size_t len = 0;

    len +=
        (size_t)snprintf(body, sizeof(body), "{\"data\":{\"a\":\"%0*d\"},\"user\":\"", 1024 - 8, 0);
    for (int i = 0; i < SESSION_MAX_USER / 2; i++)
        len += (size_t)snprintf(body + len, sizeof(body) - len, "\xc3\xa1");
    (void)snprintf(body + len, sizeof(body) - len, "\"}");
    app_begin(f, f->all, body, token, NULL);
    assert_int_equal(ask_by_cookie(f, token), 200);
    assert_has(&f->web->fake.headers, "X-Session-Data: {");
    (void)snprintf(body, sizeof(body), "{\"data\":{\"a\":\"%0*d\"},\"user\":\"a\"}", 1024 - 7, 0);
    app_begin(f, f->all, body, token, NULL);
    assert_int_equal(ask_by_cookie(f, token), 200);
    strbuf_append_char(&f->web->fake.headers, '\0');
    assert_null(strstr(f->web->fake.headers.ptr, "X-Session-Data"));
}

static void a_user_of_one_application_is_nobody_in_another(void **state)
{
    struct app_fixture *f = *state;
    char all[SECRET_TEXT + 1];
    char shop[SECRET_TEXT + 1];

    app_begin(f, f->all, "{\"user\":\"ada\"}", all, NULL);
    app_begin(f, f->shop, "{\"user\":\"ada\"}", shop, NULL);
    assert_int_equal(ask(f, "", all, "session=%s", NULL), 200);
    assert_int_equal(ask(f, "site=*", all, "session=%s", NULL), 200);
    assert_int_equal(ask(f, "site=shop", all, "session=%s", NULL), 401);
    assert_int_equal(ask(f, "", shop, "session=%s", NULL), 401);
    assert_int_equal(ask(f, "site=shop", shop, "session=%s", NULL), 200);
    assert_int_equal(ask(f, "site=blog", shop, "session=%s", NULL), 401);
    assert_int_equal(ask(f, "site=", all, "session=%s", NULL), 401);
    assert_int_equal(ask(f, "site=shop&site=blog", shop, "session=%s", NULL), 400);
    assert_int_equal(ask(f, "token=x", shop, "session=%s", NULL), 400);
}

static void every_method_is_answered_alike(void **state)
{
    static const enum http_method methods[] = {HTTP_GET,   HTTP_HEAD,   HTTP_POST,   HTTP_PUT,
                                               HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS};
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];
    char cookie[80];

    app_begin(f, f->all, "{\"user\":\"ada\"}", token, NULL);
    (void)snprintf(cookie, sizeof(cookie), "session=%s", token);
    for (size_t i = 0; i < COUNT(methods); i++) {
        prepare(f->web, methods[i], "/auth", "")->req.fields[FIELD_COOKIE] = slice_str(cookie);
        assert_int_equal(dispatch(f->web), 200);
        prepare(f->web, methods[i], "/auth", "");
        assert_int_equal(dispatch(f->web), 401);
    }
}

static void who_has_no_session_any_more_is_refused(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];

    app_begin(f, f->all, "{\"user\":\"ada\",\"idle\":60}", token, NULL);
    app_pass_s(f, 59);
    assert_int_equal(ask_by_cookie(f, token), 200); /* that was a use */
    app_pass_s(f, 59);
    assert_int_equal(ask_by_cookie(f, token), 200);
    app_pass_s(f, 61);
    assert_int_equal(ask_by_cookie(f, token), 401);
    app_begin(f, f->all, "{\"user\":\"ada\"}", token, NULL);
    assert_int_equal(app_post(f, "/api/v1/sessions/revoke-all", f->all, "{\"user\":\"ada\"}"), 200);
    assert_int_equal(ask_by_cookie(f, token), 401);
    assert_int_equal(ask_by_cookie(f, f->all), 401); /* S14: an API token is no session */
}

/* Nobody knows is neither yes nor no. */
static void without_the_store_nobody_is_let_in(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];

    app_begin(f, f->all, "{\"user\":\"ada\"}", token, NULL);
    app_cut(f);
    assert_int_equal(ask_by_cookie(f, token), 503);
    app_mend(f);
    assert_int_equal(ask_by_cookie(f, token), 200);
}

static void without_memory_nobody_is_let_in(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];
    bool has_failed = true;

    app_begin(f, f->all, "{\"user\":\"ada\"}", token, NULL);
    for (size_t k = 1; has_failed; k++) {
        int status;

        failing_malloc_at(k);
        status = ask_by_cookie(f, token);
        has_failed = failing_malloc_stop();
        if (status == 0) { /* the store did not hear of it */
            app_pass_s(f, 2);
            status = f->web->fake.status;
        }
        if (status != (has_failed ? 503 : 200) && status != 200)
            fail_msg("without the %zuth: %d", k, status);
    }
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, app_set_up, app_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_session_is_found_where_it_may_be),
        TEST(a_proxy_is_told_who_it_is),
        TEST(long_users_and_data_fit_or_are_left_out),
        TEST(a_user_of_one_application_is_nobody_in_another),
        TEST(every_method_is_answered_alike),
        TEST(who_has_no_session_any_more_is_refused),
        TEST(without_the_store_nobody_is_let_in),
        cmocka_unit_test_setup_teardown(without_memory_nobody_is_let_in, app_set_up_near,
                                        app_tear_down),
    };

    return cmocka_run_group_tests_name("/auth", tests, NULL, NULL);
}
