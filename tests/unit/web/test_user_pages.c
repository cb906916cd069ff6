/* What owners of all sites see and change of users and API tokens, and the links they hand over. */
#include <stdio.h>

#include "account_fixture.h"
#include "support/cmocka.h"

#define OTHER "a quite different one"

static int send_about(struct account_fixture *a, const char *path, const struct person *person,
                      const char *more)
{
    char fields[256];

    (void)snprintf(fields, sizeof(fields), "id=%s%s", person->id, more);
    return send_form(a, path, fields);
}

static void assert_leads_to_user(const struct account_fixture *a, const struct person *person,
                                 const char *done)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/users/user?id=%s&done=%s", person->id, done);
    assert_leads_to(a, path);
}

/* Who is no owner of all sites sees none of it. */
static void test_viewers_are_refused(void **state)
{
    struct account_fixture *a = *state;
    static const char *const pages[] = {"/users", "/users/user", "/users/remove", "/tokens"};
    static const char *const forms[] = {"/users/add",    "/users/role",         "/users/disable",
                                        "/users/enable", "/users/end-sessions", "/users/reset",
                                        "/users/remove", "/tokens/add",         "/tokens/revoke"};

    ask_as(a, &a->viewer);
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        assert_int_equal(show(a, pages[i], ""), 403);
        assert_page_has(a, "Only an owner of all sites may do this.");
    }
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        assert_int_equal(send_form(a, forms[i], ""), 403);
    assert_int_equal(show(a, "/account", ""), 200);
    assert_page_lacks(a, "href=\"/users\"");
}

/* S11 */
static void test_changes_want_the_password_anew(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    virtual_loop_pass(&a->f->loop, (RECENT_S + 1) * 1000);
    assert_int_equal(send_about(a, "/users/disable", &a->viewer, ""), 303);
    assert_leads_to(a, "/login?again=1&next=/users");
    assert_false(stored_user(a, &a->viewer).is_disabled);
    assert_int_equal(show(a, "/users", ""), 200);
    assert_page_has(a, "give your password once more first");
}

static void test_list(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    assert_int_equal(show(a, "/users", ""), 200);
    assert_page_has(a, ">ada@example.org</a> <strong class=\"tag\">you</strong>");
    assert_page_has(a, ">vic@example.org</a>");
    assert_page_has(a, "viewer · all sites");
    assert_page_has(a, "<option value=\"default\">");
}

static void test_role(void **state)
{
    struct account_fixture *a = *state;
    struct user user;

    ask_as(a, &a->owner);
    assert_int_equal(send_about(a, "/users/role", &a->viewer, "&site=blog&role=editor"), 303);
    assert_leads_to_user(a, &a->viewer, "role");
    user = stored_user(a, &a->viewer);
    assert_int_equal(user_role(&user, SLICE("blog")), ROLE_EDITOR);
    assert_int_equal(send_about(a, "/users/role", &a->viewer, "&site=blog&role=boss"), 400);
    assert_int_equal(send_about(a, "/users/role", &a->viewer, "&site=Not+one&role=editor"), 400);
    /* The last owner of all sites stays one. */
    assert_int_equal(send_about(a, "/users/role", &a->owner, "&site=*&role=viewer"), 400);
    assert_page_has(a, "This is the last owner of all sites, and has to stay one.");
}

/* S09: who is disabled is out at once. */
static void test_disable_and_enable(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    assert_int_equal(send_about(a, "/users/disable", &a->viewer, ""), 303);
    assert_leads_to_user(a, &a->viewer, "disabled");
    assert_int_equal(count_sessions(a, &a->viewer), 0);
    assert_true(stored_user(a, &a->viewer).is_disabled);
    assert_int_equal(send_about(a, "/users/enable", &a->viewer, ""), 303);
    assert_false(stored_user(a, &a->viewer).is_disabled);
}

static void test_not_oneself(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    assert_int_equal(send_about(a, "/users/disable", &a->owner, ""), 403);
    assert_page_has(a, "This is your own account");
    assert_int_equal(send_about(a, "/users/remove", &a->owner, ""), 403);
    assert_false(stored_user(a, &a->owner).is_disabled);
}

static void test_end_sessions(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    assert_int_equal(send_about(a, "/users/end-sessions", &a->viewer, ""), 303);
    assert_leads_to_user(a, &a->viewer, "ended");
    assert_int_equal(count_sessions(a, &a->viewer), 0);
    assert_int_equal(send_about(a, "/users/end-sessions", &a->owner, ""), 303);
    assert_int_equal(count_sessions(a, &a->owner), 1);
}

static void test_remove(void **state)
{
    struct account_fixture *a = *state;
    char query[64];

    ask_as(a, &a->owner);
    (void)snprintf(query, sizeof(query), "id=%s", a->viewer.id);
    assert_int_equal(show(a, "/users/remove", query), 200);
    assert_page_has(a, "Remove vic@example.org");
    assert_int_equal(send_about(a, "/users/remove", &a->viewer, ""), 303);
    assert_leads_to(a, "/users?done=removed");
    assert_int_equal(show(a, "/users/user", query), 404);
    assert_int_equal(show(a, "/users", "done=removed"), 200);
    assert_page_lacks(a, "vic@example.org");
}

/* A07: nobody but the user knows his password; the link works once. */
static void test_add_and_reset(void **state)
{
    struct account_fixture *a = *state;
    char code[MAX_TOLD];
    char form[MAX_TOLD + 64];

    ask_as(a, &a->owner);
    assert_int_equal(
        send_form(a, "/users/add", "email=Eve@example.org&name=Eve&role=viewer&site=default"), 200);
    cut_from_page(a, "http://count.example/reset?code=", "<", code);
    assert_int_equal(
        send_form(a, "/users/add", "email=eve@example.org&name=Eve&role=viewer&site=default"), 400);
    ask_as(a, NULL);
    (void)snprintf(form, sizeof(form), "code=%s", code);
    assert_int_equal(show(a, "/reset", form), 200);
    assert_page_has(a, code);
    (void)snprintf(form, sizeof(form), "code=%s&password=eve@example.org", code);
    assert_int_equal(send_form(a, "/reset", form), 400);
    (void)snprintf(form, sizeof(form), "code=%s&password=" OTHER, code);
    assert_int_equal(send_form(a, "/reset", form), 303);
    assert_leads_to(a, "/login?done=password");
    assert_int_equal(send_form(a, "/reset", form), 403);
    assert_int_equal(send_form(a, "/login", "email=eve@example.org&password=" OTHER), 303);
    assert_int_equal(show(a, "/reset", "code=short"), 400);
}

/* A07: it ends what was begun with the old password. */
static void test_reset_ends_sessions(void **state)
{
    struct account_fixture *a = *state;
    char code[MAX_TOLD];
    char form[MAX_TOLD + 64];

    ask_as(a, &a->owner);
    assert_int_equal(send_about(a, "/users/reset", &a->viewer, ""), 200);
    cut_from_page(a, "/reset?code=", "<", code);
    assert_int_equal(count_sessions(a, &a->viewer), 1);
    ask_as(a, NULL);
    (void)snprintf(form, sizeof(form), "code=%s&password=" OTHER, code);
    assert_int_equal(send_form(a, "/reset", form), 303);
    assert_int_equal(count_sessions(a, &a->viewer), 0);
}

/* S14 */
static void test_tokens(void **state)
{
    struct account_fixture *a = *state;
    char text[MAX_TOLD];
    char form[MAX_TOLD + 8];

    ask_as(a, &a->owner);
    assert_int_equal(send_form(a, "/tokens/add", "name=CI&site=*&days=90"), 400);
    assert_page_has(a, "Check what the token is good for.");
    assert_int_equal(send_form(a, "/tokens/add", "name=CI&site=*&days=401&scope_stats=1"), 400);
    assert_int_equal(send_form(a, "/tokens/add", "name=CI&site=*&days=0&scope_stats=1"), 400);
    assert_int_equal(
        send_form(a, "/tokens/add", "name=CI&site=*&days=90&scope_stats=1&scope_count=1"), 200);
    cut_from_page(a, "<code class=\"code\">", "<", text);
    assert_int_equal(strlen(text), SECRET_TEXT);
    assert_int_equal(show(a, "/tokens", ""), 200);
    assert_page_has(a, "count,stats; by ada@example.org");
    assert_page_has(a, "2024-02-12 22:13 UTC");
    assert_page_lacks(a, text);
    cut_from_page(a, "name=\"id\" value=\"", "\"", text);
    (void)snprintf(form, sizeof(form), "id=%s", text);
    assert_int_equal(send_form(a, "/tokens/revoke", form), 303);
    assert_leads_to(a, "/tokens?done=revoked");
    assert_int_equal(show(a, "/tokens", "done=revoked"), 200);
    assert_page_has(a, "There is none yet.");
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, account_set_up, account_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_viewers_are_refused),
        TEST(test_changes_want_the_password_anew),
        TEST(test_list),
        TEST(test_role),
        TEST(test_disable_and_enable),
        TEST(test_not_oneself),
        TEST(test_end_sessions),
        TEST(test_remove),
        TEST(test_add_and_reset),
        TEST(test_reset_ends_sessions),
        TEST(test_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
