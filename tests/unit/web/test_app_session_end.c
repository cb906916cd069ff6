/* Sessions of applications: which there are, and how they end. */
#include <stdio.h>

#include "app_fixture.h"
#include "support/cmocka.h"

#define REVOKE     "/api/v1/sessions/revoke"
#define REVOKE_ALL "/api/v1/sessions/revoke-all"
#define LIST       "/api/v1/sessions/list"

struct begun {
    char token[SECRET_TEXT + 1];
    char id[SECRET_HASH_TEXT + 1];
};

static void begin(struct app_fixture *f, const char *api_token, struct begun *out)
{
    app_begin(f, api_token, "{\"user\":\"ada\"}", out->token, out->id);
}

/* A text, and what else there is to be in the object. */
static int post_text(struct app_fixture *f, const char *path, const char *api_token,
                     const char *name, const char *text, const char *more)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"%s\":\"%s\"%s}", name, text, more);
    return app_post(f, path, api_token, body);
}

static int revoke_token(struct app_fixture *f, const char *api_token, const char *token)
{
    return post_text(f, REVOKE, api_token, "token", token, "");
}

static int revoke_id(struct app_fixture *f, const char *api_token, const char *id)
{
    return post_text(f, REVOKE, api_token, "id", id, ",\"user\":\"ada\"");
}

static size_t count_listed(struct app_fixture *f, const char *api_token)
{
    json_t *answer;
    size_t count;

    assert_int_equal(app_post(f, LIST, api_token, "{\"user\":\"ada\"}"), 200);
    answer = app_answer(f);
    count = json_array_size(json_object_get(answer, "sessions"));
    json_decref(answer);
    return count;
}

static void who_was_revoked_is_not_found(void **state)
{
    struct app_fixture *f = *state;
    struct begun a;
    struct begun b;

    begin(f, f->shop, &a);
    begin(f, f->shop, &b);
    assert_int_equal(revoke_token(f, f->shop, a.token), 200);
    assert_body(f->web, "{\"revoked\":true}\n");
    assert_int_equal(app_read(f, f->shop, a.token), 404);
    assert_int_equal(revoke_token(f, f->shop, a.token), 404);
    assert_int_equal(app_read(f, f->shop, b.token), 200);
    assert_int_equal(revoke_id(f, f->shop, b.id), 200);
    assert_int_equal(app_read(f, f->shop, b.token), 404);
    assert_int_equal(revoke_id(f, f->shop, b.id), 404);
    assert_int_equal(revoke_id(f, f->shop, "no-id"), 404);
}

static void nobody_ends_a_session_of_another_application(void **state)
{
    struct app_fixture *f = *state;
    struct begun a;

    begin(f, f->shop, &a);
    assert_int_equal(revoke_token(f, f->blog, a.token), 404);
    assert_int_equal(revoke_token(f, f->all, a.token), 404);
    assert_int_equal(revoke_id(f, f->blog, a.id), 404);
    assert_int_equal(app_post(f, REVOKE_ALL, f->blog, "{\"user\":\"ada\"}"), 200);
    assert_int_equal(count_listed(f, f->blog), 0);
    assert_int_equal(count_listed(f, f->all), 0);
    assert_int_equal(count_listed(f, f->shop), 1);
    assert_int_equal(app_read(f, f->shop, a.token), 200);
}

static void all_end_but_the_one_that_is_kept(void **state)
{
    struct app_fixture *f = *state;
    struct begun begun[3];
    char except[80];

    for (int i = 0; i < 3; i++)
        begin(f, f->shop, &begun[i]);
    (void)snprintf(except, sizeof(except), ",\"except\":\"%s\"", begun[1].id);
    assert_int_equal(post_text(f, REVOKE_ALL, f->shop, "user", "ada", except), 200);
    for (int i = 0; i < 3; i++)
        assert_int_equal(app_read(f, f->shop, begun[i].token), i == 1 ? 200 : 404);
    assert_int_equal(app_post(f, REVOKE_ALL, f->shop, "{\"user\":\"eve\"}"), 200);
    assert_int_equal(app_read(f, f->shop, begun[1].token), 200);
    assert_int_equal(app_post(f, REVOKE_ALL, f->shop, "{\"user\":\"ada\"}"), 200);
    assert_int_equal(app_read(f, f->shop, begun[1].token), 404);
}

/* S04: no tokens in it. */
static void a_list_has_the_newest_first(void **state)
{
    struct app_fixture *f = *state;
    struct begun begun[2];
    json_t *answer;
    json_t *list;

    begin(f, f->shop, &begun[0]);
    app_pass_s(f, 5);
    begin(f, f->shop, &begun[1]);
    assert_int_equal(app_post(f, LIST, f->shop, "{\"user\":\"ada\"}"), 200);
    answer = app_answer(f);
    list = json_object_get(answer, "sessions");
    assert_int_equal(json_array_size(list), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *session = json_array_get(list, i);

        assert_string_equal(json_string_value(json_object_get(session, "id")), begun[1 - i].id);
        assert_null(json_object_get(session, "token"));
        assert_non_null(json_object_get(session, "seen"));
    }
    json_decref(answer);
}

/* S10: one more ends the oldest. The longest list can be told. */
static void a_user_has_so_many_sessions(void **state)
{
    static char body[SESSION_MAX_DATA + 64];
    struct app_fixture *f = *state;
    struct begun first;
    char token[SECRET_TEXT + 1];

    begin(f, f->shop, &first);
    (void)snprintf(body, sizeof(body), "{\"user\":\"ada\",\"data\":{\"a\":\"%0*d\"}}",
                   SESSION_MAX_DATA - 8, 0);
    for (int i = 0; i < SESSION_MAX_OF_APP; i++)
        app_begin(f, f->shop, body, token, NULL);
    assert_int_equal(app_read(f, f->shop, first.token), 404);
    assert_int_equal(count_listed(f, f->shop), SESSION_MAX_OF_APP);
}

static const struct {
    const char *path;
    const char *body;
    int status;
} refused[] = {
    {REVOKE, "{}", 400},
    {REVOKE, "{\"user\":\"ada\"}", 400}, /* that would be all of them */
    {REVOKE, "{\"id\":\"a\"}", 400},
    {REVOKE, "{\"token\":\"a\",\"user\":\"ada\",\"id\":\"a\"}", 400},
    {REVOKE, "{\"token\":\"a\",\"except\":\"a\"}", 400},
    {REVOKE_ALL, "{}", 400},
    {REVOKE_ALL, "{\"user\":\"ada\",\"except\":\"a\"}", 400}, /* it would keep none */
    {REVOKE_ALL, "{\"user\":\"ada\",\"except\":\"\"}", 400},
    {REVOKE_ALL, "{\"user\":\"ada\",\"id\":\"a\"}", 400},
    {LIST, "{}", 400},
    {LIST, "{\"user\":\"ada\",\"token\":\"a\"}", 400},
};

static void what_is_not_understood_ends_nothing(void **state)
{
    struct app_fixture *f = *state;
    struct begun a;

    begin(f, f->shop, &a);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (app_post(f, refused[i].path, f->shop, refused[i].body) != refused[i].status)
            fail_msg("%s %s: %d", refused[i].path, refused[i].body, f->web->fake.status);
    }
    assert_int_equal(count_listed(f, f->shop), 1);
}

static void without_the_store_nothing_is_said(void **state)
{
    struct app_fixture *f = *state;
    struct begun a;

    begin(f, f->shop, &a);
    app_cut(f);
    assert_int_equal(revoke_token(f, f->shop, a.token), 503);
    assert_int_equal(app_post(f, LIST, f->shop, "{\"user\":\"ada\"}"), 503);
    app_mend(f);
    assert_int_equal(count_listed(f, f->shop), 1);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, app_set_up, app_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_was_revoked_is_not_found),      TEST(nobody_ends_a_session_of_another_application),
        TEST(all_end_but_the_one_that_is_kept),  TEST(a_list_has_the_newest_first),
        TEST(a_user_has_so_many_sessions),       TEST(what_is_not_understood_ends_nothing),
        TEST(without_the_store_nothing_is_said),
    };

    return cmocka_run_group_tests_name("the end of sessions", tests, NULL, NULL);
}
