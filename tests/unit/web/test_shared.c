/* Dashboards that are shown without a login: to everybody, by a link, in a frame. */
#include <stdio.h>

#include "account_fixture.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"
#include "web/site_frames.h"

/* ---- help ----------------------------------------------------------------------------------- */

static void set_up_blog(struct account_fixture *a)
{
    ask_as(a, &a->owner);
    assert_int_equal(send_form(a, "/sites/add", "domain=www.blog.example&id=blog&name=My+blog"),
                     303);
}

static void set(struct account_fixture *a, const char *more)
{
    char mark[MAX_TOLD];
    char form[2 * MAX_TOLD];

    ask_as(a, &a->owner);
    assert_int_equal(show(a, "/sites/site", "site=blog"), 200);
    cut_from_page(a, "name=\"mark\" value=\"", "\"", mark);
    (void)snprintf(form, sizeof(form), "site=blog&mark=%s&%s", mark, more);
    assert_int_equal(send_form(a, "/sites/settings", form), 303);
}

/* Made by who asks; `token` is told. */
static void make_link(struct account_fixture *a, const char *days, char token[static MAX_TOLD])
{
    char form[100];

    (void)snprintf(form, sizeof(form), "site=blog&name=A+%%3Cclient%%3E&days=%s", days);
    assert_int_equal(send_form(a, "/sites/share/add", form), 200);
    cut_from_page(a, "http://count.example/shared?site=blog#", "<", token);
    assert_int_equal(strlen(token), SECRET_TEXT);
}

static int ask_api(struct account_fixture *a, const char *path, const char *query,
                   const char *token)
{
    char field[MAX_TOLD];
    struct request *req = &prepare(a->f, HTTP_GET, path, query)->req;

    (void)snprintf(field, sizeof(field), "Bearer %s", token ? token : "");
    if (token)
        req->fields[FIELD_AUTHORIZATION] = slice_str(field);
    return account_dispatch(a);
}

/* Asks what the dashboard asks, about a site; they are all answered alike. */
static int look(struct account_fixture *a, const char *site, const char *token)
{
    static const char *const paths[] = {"/api/v1/stats", "/api/v1/stats/top", "/api/v1/live"};
    char query[100];
    int status = 0;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        (void)snprintf(query, sizeof(query), "site=%s%s", site, i == 1 ? "&dimension=page" : "");
        if (i > 0)
            assert_int_equal(ask_api(a, paths[i], query, token), status);
        else
            status = ask_api(a, paths[i], query, token);
    }
    return status;
}

/* ---- everybody ------------------------------------------------------------------------------ */

static void test_a_dashboard_is_public_when_its_site_says_so(void **state)
{
    struct account_fixture *a = *state;

    set_up_blog(a);
    assert_int_equal(look(a, "blog", NULL), 401);
    assert_int_equal(look(a, "nosuch", NULL), 401);
    set(a, "public_dashboard=on");
    assert_int_equal(look(a, "blog", NULL), 200);
    assert_int_equal(look(a, "default", NULL), 401);
    assert_int_equal(ask_api(a, "/api/v1/stats", "", NULL), 401);
    assert_int_equal(ask_api(a, "/api/v1/stats", "site=*", NULL), 401);
    assert_int_equal(ask_api(a, "/api/v1/sites", "", NULL), 401);
    assert_int_equal(ask_api(a, "/api/v1/sites", "site=blog", NULL), 200);
    assert_page_has(a, "{\"sites\":[{\"id\":\"blog\",\"name\":\"My blog\"");
    assert_page_lacks(a, "\"id\":\"default\"");
    set(a, "public_dashboard=off");
    assert_int_equal(look(a, "blog", NULL), 401);
}

static int ask_logged_in(struct account_fixture *a, const struct person *person, const char *path,
                         const char *query)
{
    struct request *req = &prepare(a->f, HTTP_GET, path, query)->req;

    req->fields[FIELD_COOKIE] = slice_str(person->cookie);
    return account_dispatch(a);
}

/* Who is logged in sees no less than a stranger: as who he is, else as anybody. */
static void test_who_has_no_role_sees_what_is_public(void **state)
{
    struct account_fixture *a = *state;
    char form[100];

    set_up_blog(a);
    (void)snprintf(form, sizeof(form), "id=%s&site=*&role=none", a->viewer.id);
    assert_int_equal(send_form(a, "/users/role", form), 303);
    (void)snprintf(form, sizeof(form), "id=%s&site=default&role=viewer", a->viewer.id);
    assert_int_equal(send_form(a, "/users/role", form), 303);
    assert_int_equal(ask_logged_in(a, &a->viewer, "/api/v1/stats", "site=blog"), 404);
    set(a, "public_dashboard=on");
    assert_int_equal(ask_logged_in(a, &a->viewer, "/api/v1/stats", "site=blog"), 200);
    assert_int_equal(ask_logged_in(a, &a->viewer, "/api/v1/sites", "site=blog"), 200);
    assert_page_has(a, "\"id\":\"blog\"");
    assert_int_equal(ask_logged_in(a, &a->viewer, "/api/v1/stats", "site=default"), 200);
    assert_int_equal(ask_logged_in(a, &a->viewer, "/api/v1/sites", ""), 200);
    assert_page_has(a, "\"id\":\"default\"");
    assert_page_lacks(a, "\"id\":\"blog\"");
    assert_int_equal(ask_logged_in(a, &a->viewer, "/sites/site", "site=blog"), 404);
}

/* What is asked for first is what is looked at. */
static void test_two_sites_in_one_question_open_neither(void **state)
{
    struct account_fixture *a = *state;

    set_up_blog(a);
    set(a, "public_dashboard=on");
    assert_int_equal(ask_api(a, "/api/v1/stats", "site=blog&site=default", NULL), 400);
    assert_int_equal(ask_api(a, "/api/v1/stats", "site=default&site=blog", NULL), 401);
    assert_int_equal(ask_api(a, "/api/v1/stats", "site=blog&s%69te=default", NULL), 400);
    assert_int_equal(ask_api(a, "/api/v1/sites", "site=blog&site=default", NULL), 200);
    assert_page_lacks(a, "\"id\":\"default\"");
}

/* ---- links ---------------------------------------------------------------------------------- */

static void test_a_link_shows_its_site_and_nothing_else(void **state)
{
    struct account_fixture *a = *state;
    char token[MAX_TOLD];

    set_up_blog(a);
    make_link(a, "7", token);
    assert_page_has(a, "A &lt;client&gt;");
    assert_has(&a->f->fake.headers, "script-src 'self'");
    assert_int_equal(look(a, "blog", token), 200);
    assert_int_equal(look(a, "default", token), 404);
    assert_int_equal(ask_api(a, "/api/v1/sites", "", token), 200);
    assert_page_lacks(a, "\"id\":\"default\"");
    assert_int_equal(ask_api(a, "/api/v1/hits", "", token), 405);
    assert_int_equal(ask_api(a, "/sites/site", "site=blog", token), 303);
    assert_int_equal(ask_api(a, "/dashboard", "site=blog", token), 303);
    virtual_loop_pass(&a->f->loop, INT64_C(1000) * (7 * 86400 + 1));
    assert_int_equal(look(a, "blog", token), 401);
}

static void test_a_link_is_listed_and_revoked(void **state)
{
    struct account_fixture *a = *state;
    char form[MAX_TOLD + 100];
    char token[MAX_TOLD];
    char id[MAX_TOLD];

    set_up_blog(a);
    ask_as(a, &a->editor);
    make_link(a, "0", token);
    assert_int_equal(look(a, "blog", token), 200);
    assert_int_equal(show(a, "/sites/share", "site=blog"), 200);
    assert_page_has(a, "A &lt;client&gt;<small>by edi@example.org</small>");
    assert_page_has(a, "<td data-label=\"Ends\">Never</td>");
    assert_page_lacks(a, token);
    cut_from_page(a, "name=\"id\" value=\"", "\"", id);
    (void)snprintf(form, sizeof(form), "site=default&id=%s", id);
    assert_int_equal(send_form(a, "/sites/share/revoke", form), 303);
    assert_int_equal(look(a, "blog", token), 200);
    (void)snprintf(form, sizeof(form), "site=blog&id=%s", id);
    assert_int_equal(send_forged(a, "/sites/share/revoke", form), 403);
    assert_int_equal(look(a, "blog", token), 200);
    assert_int_equal(send_form(a, "/sites/share/revoke", form), 303);
    assert_leads_to(a, "/sites/share?site=blog&done=revoked");
    assert_int_equal(look(a, "blog", token), 401);
    assert_int_equal(show(a, "/sites/share", "site=blog"), 200);
    assert_page_has(a, "There is none yet.");
}

static void test_a_removed_site_takes_its_links_along(void **state)
{
    struct account_fixture *a = *state;
    char token[MAX_TOLD];

    set_up_blog(a);
    make_link(a, "0", token);
    (void)send_form(a, "/sites/remove", "site=blog&confirm=blog");
    virtual_loop_pass(&a->f->loop, 2000);
    web_settle(a->f);
    assert_int_equal(look(a, "blog", token), 401);
    virtual_loop_pass(&a->f->loop, 120000);
    set_up_blog(a);
    assert_int_equal(look(a, "blog", token), 401);
    assert_int_equal(show(a, "/sites/share", "site=blog"), 200);
    assert_page_has(a, "There is none yet.");
}

static void test_who_may_share(void **state)
{
    static const char *const wrong[] = {"site=blog&name=x&days=2", "site=blog&name=&days=1",
                                        "site=blog&name=x", "site=blog&name=x&days=-1"};
    struct account_fixture *a = *state;

    set_up_blog(a);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(send_form(a, "/sites/share/add", wrong[i]), 400);
    assert_int_equal(send_form(a, "/sites/share/add", "site=nosuch&name=x&days=1"), 404);
    assert_int_equal(show(a, "/sites/share", "site=nosuch"), 404);
    assert_int_equal(send_forged(a, "/sites/share/add", "site=blog&name=x&days=1"), 403);
    ask_as(a, &a->viewer);
    assert_int_equal(show(a, "/sites/share", "site=blog"), 403);
    assert_int_equal(send_form(a, "/sites/share/add", "site=blog&name=x&days=1"), 403);
    assert_int_equal(send_form(a, "/sites/share/revoke", "site=blog&id=00000000"), 403);
    ask_as(a, NULL);
    assert_int_equal(show(a, "/sites/share", "site=blog"), 303);
    assert_int_equal(send_form(a, "/sites/share/add", "site=blog&name=x&days=1"), 303);
}

/* ---- the page ------------------------------------------------------------------------------- */

static void assert_framed_by(struct account_fixture *a, const char *query, const char *frames)
{
    char policy[300];

    (void)snprintf(policy, sizeof(policy), "; frame-ancestors %s\r\n", frames);
    assert_int_equal(show(a, "/shared", query), 200);
    assert_has(&a->f->fake.headers, policy);
    if (strcmp(frames, "'none'") == 0)
        assert_has(&a->f->fake.headers, "X-Frame-Options: DENY\r\n");
    else
        assert_null(memmem(a->f->fake.headers.ptr, a->f->fake.headers.len, "X-Frame-Options", 15));
}

static void test_only_what_is_embedded_may_be_framed(void **state)
{
    struct account_fixture *a = *state;

    set_up_blog(a);
    ask_as(a, NULL);
    assert_framed_by(a, "site=blog", "'none'");
    assert_framed_by(a, "site=blog&embed=0", "'none'");
    assert_framed_by(a, "site=nosuch&embed=1", "'none'");
    assert_framed_by(a, "site=default&embed=1", "'none'");
    assert_framed_by(a, "embed=1", "'none'");
    assert_framed_by(a, "site=blog&embed=1", "blog.example www.blog.example");
    set(a, "allowed_origins=http://a.example:8080&public_dashboard=on");
    assert_framed_by(a, "site=blog&embed=1", "http://a.example:8080 blog.example www.blog.example");
    assert_framed_by(a, "site=blog", "'none'");
    set(a, "public_dashboard=anywhere");
    assert_framed_by(a, "site=blog&embed=1", "*");
    assert_framed_by(a, "site=blog", "'none'");
    assert_int_equal(show(a, "/dashboard", "site=blog&embed=1"), 200);
    assert_has(&a->f->fake.headers, "; frame-ancestors 'none'\r\n");
}

/* A visitor is led to no page that he cannot open, whoever he is. */
static void test_a_shared_page_knows_nobody(void **state)
{
    struct account_fixture *a = *state;

    set_up_blog(a);
    ask_as(a, &a->owner);
    assert_int_equal(show(a, "/shared", "site=blog&theme=dark"), 200);
    assert_page_has(a, " data-shared data-theme=\"dark\">");
    assert_page_lacks(a, "<a ");
    assert_page_lacks(a, "ada@example.org");
    assert_page_has(a, "id=\"foot\"");
    assert_int_equal(show(a, "/shared", "site=blog&theme=%22&embed=1"), 200);
    assert_page_has(a, " data-shared data-embedded>");
    assert_page_lacks(a, "id=\"foot\"");
    assert_int_equal(show(a, "/dashboard", "site=blog&theme=dark"), 200);
    assert_page_lacks(a, "data-theme");
    assert_page_lacks(a, "data-shared");
}

static void test_a_head_does_not_grow_without_end(void **state)
{
    char storage[SITE_FRAMES_MAX + 100];
    struct site *site = site_default();
    struct strbuf frames;

    (void)state;
    assert_non_null(site);
    for (size_t i = 0; i < SITE_MAX_HOSTS; i++) {
        memset(site->domains[i], 'a', WEB_HOST_MAX);
        site->domains[i][WEB_HOST_MAX] = '\0';
    }
    site->domain_count = SITE_MAX_HOSTS;
    strbuf_init_fixed(&frames, storage, sizeof(storage));
    site_append_frames(site, &frames);
    assert_false(frames.failed);
    assert_true(frames.len > SITE_FRAMES_MAX - 300 && frames.len <= SITE_FRAMES_MAX);
    assert_int_equal(frames.ptr[frames.len - 1], 'a');
    site_destroy(site);
}

/* ---- memory, and leaving -------------------------------------------------------------------- */

static void test_without_memory_each_is_answered(void **state)
{
    static const struct {
        const char *path;
        const char *query;
    } pages[] = {{"/shared", "site=blog&embed=1"}, {"/sites/share", "site=blog"}};
    struct account_fixture *a = *state;

    set_up_blog(a);
    ask_as(a, &a->owner);
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        bool has_failed = true;

        for (size_t k = 1; has_failed; k++) {
            int status;

            failing_malloc_at(k);
            status = show(a, pages[i].path, pages[i].query);
            has_failed = failing_malloc_stop();
            assert_true(status == 200 || (has_failed && status == 503));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, account_set_up, account_tear_down)
        TEST(test_a_dashboard_is_public_when_its_site_says_so),
        TEST(test_who_has_no_role_sees_what_is_public),
        TEST(test_two_sites_in_one_question_open_neither),
        TEST(test_a_link_shows_its_site_and_nothing_else),
        TEST(test_a_link_is_listed_and_revoked),
        TEST(test_a_removed_site_takes_its_links_along),
        TEST(test_who_may_share),
        TEST(test_only_what_is_embedded_may_be_framed),
        TEST(test_a_shared_page_knows_nobody),
        cmocka_unit_test(test_a_head_does_not_grow_without_end),
        TEST(test_without_memory_each_is_answered),
    };

    return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}
