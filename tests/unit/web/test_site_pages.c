/* What owners and editors see and change of sites. */
#include <stdio.h>

#include "account_fixture.h"
#include "count/site_field.h"
#include "support/cmocka.h"

/* ---- help ----------------------------------------------------------------------------------- */

static void on_site(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct site **out = ctx;

    assert_int_equal(err, ERR_OK);
    if (count == 1)
        assert_int_equal(stored_site_open(&sites[0], out, NULL), ERR_OK);
}

/* A setting as it is stored, as text; empty: there is no such site. */
static void stored_setting(struct account_fixture *a, const char *id, const char *key,
                           char out[static MAX_TOLD])
{
    struct site *site = NULL;
    struct strbuf text;

    assert_non_null(site_store_find(a->f->sites, slice_str(id), on_site, (void *)&site));
    web_settle(a->f);
    strbuf_init_fixed(&text, out, MAX_TOLD);
    if (site) {
        const struct site_field *field = site_field_find(slice_str(key));

        field->format(field, site, &text);
    }
    strbuf_append_char(&text, '\0');
    site_destroy(site);
}

static void assert_setting(struct account_fixture *a, const char *id, const char *key,
                           const char *expected)
{
    char text[MAX_TOLD];

    stored_setting(a, id, key, text);
    assert_string_equal(text, expected);
}

/* Settings of a site are sent as the page has them that was shown last; `more` begins with '&'. */
static int send_settings(struct account_fixture *a, const char *id, const char *more)
{
    char mark[MAX_TOLD];
    char form[2 * MAX_TOLD];

    cut_from_page(a, "name=\"mark\" value=\"", "\"", mark);
    (void)snprintf(form, sizeof(form), "site=%s&mark=%s%s", id, mark, more);
    return send_form(a, "/sites/settings", form);
}

static void show_site(struct account_fixture *a, const char *id)
{
    char query[100];

    (void)snprintf(query, sizeof(query), "site=%s", id);
    assert_int_equal(show(a, "/sites/site", query), 200);
}

static void add_site(struct account_fixture *a, const char *domain)
{
    char form[100];

    (void)snprintf(form, sizeof(form), "domain=%s", domain);
    assert_int_equal(send_form(a, "/sites/add", form), 303);
    web_settle(a->f);
}

/* What was counted goes, too, and once more a little later. */
static int send_removal(struct account_fixture *a, const char *form)
{
    (void)send_form(a, "/sites/remove", form);
    virtual_loop_pass(&a->f->loop, 2000);
    web_settle(a->f);
    return a->f->fake.status;
}

/* ---- who may -------------------------------------------------------------------------------- */

static void test_nobody_is_led_to_the_login(void **state)
{
    struct account_fixture *a = *state;
    static const char *const pages[] = {"/sites", "/sites/start", "/sites/site", "/sites/remove"};

    ask_as(a, NULL);
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        assert_int_equal(show(a, pages[i], ""), 303);
        assert_has(&a->f->fake.headers, "Location: /login?next=/sites");
    }
}

static void test_a_viewer_changes_nothing(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->viewer);
    assert_int_equal(show(a, "/sites", ""), 200);
    assert_page_has(a, "<a href=\"/dashboard?site=default\">default</a>");
    assert_page_lacks(a, "/sites/site?site=default");
    assert_page_lacks(a, "action=\"/sites/add\"");
    assert_int_equal(show(a, "/sites/start", "site=default"), 200);
    assert_int_equal(show(a, "/sites/site", "site=default"), 403);
    assert_page_has(a, "You may look at this site, but not change it.");
    assert_int_equal(send_form(a, "/sites/settings", "site=default&name=Mine"), 403);
    assert_int_equal(send_form(a, "/sites/add", "domain=example.com"), 403);
    assert_int_equal(send_form(a, "/sites/remove", "site=default&confirm=default"), 403);
    assert_setting(a, "default", "name", "");
}

/* Adding and removing are for owners of all sites. */
static void test_an_editor_changes_settings_only(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->editor);
    show_site(a, "default");
    assert_page_lacks(a, "/sites/remove");
    assert_int_equal(send_settings(a, "default", "&name=Ours"), 303);
    assert_leads_to(a, "/sites/site?site=default&done=changed");
    assert_setting(a, "default", "name", "Ours");
    assert_int_equal(send_form(a, "/sites/add", "domain=example.com"), 403);
    assert_int_equal(show(a, "/sites/remove", "site=default"), 403);
    assert_int_equal(send_form(a, "/sites/remove", "site=default&confirm=default"), 403);
}

/* C02, C04 */
static void test_forms_of_other_pages_are_refused(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    assert_int_equal(send_forged(a, "/sites/settings", "site=default&name=Theirs"), 403);
    assert_int_equal(send_forged(a, "/sites/add", "domain=example.com"), 403);
    assert_int_equal(send_forged(a, "/sites/remove", "site=default&confirm=default"), 403);
    assert_setting(a, "default", "name", "");
}

/* A site that one may not see is as one that is not there. */
static void test_no_such_site(void **state)
{
    struct account_fixture *a = *state;
    static const char *const ids[] = {"site=nosuch", "site=*", "site=No+id", "site=%3Cb%3E"};

    ask_as(a, &a->owner);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        char form[100];

        assert_int_equal(show(a, "/sites/site", ids[i]), 404);
        assert_int_equal(show(a, "/sites/start", ids[i]), 404);
        assert_int_equal(show(a, "/sites/remove", ids[i]), 404);
        assert_int_equal(send_form(a, "/sites/settings", ids[i]), 404);
        (void)snprintf(form, sizeof(form), "%s&confirm=%s", ids[i], ids[i] + strlen("site="));
        assert_int_equal(send_removal(a, form), 404);
    }
    assert_int_equal(show(a, "/sites/site", ""), 400);
}

/* ---- adding --------------------------------------------------------------------------------- */

static void test_a_domain_is_enough(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    assert_int_equal(send_form(a, "/sites/add", "domain=https://www.Example.com:8443/blog?a%23b"),
                     303);
    assert_leads_to(a, "/sites/start?site=example-com&done=added");
    assert_setting(a, "example-com", "domains", "www.example.com");
    assert_setting(a, "example-com", "zone", "UTC");
    /* Sent twice, it is added once. */
    assert_int_equal(send_form(a, "/sites/add", "domain=example.com"), 303);
    assert_setting(a, "example-com", "domains", "www.example.com");
    assert_int_equal(show(a, "/sites", ""), 200);
    assert_page_has(a, "<span class=\"item\">www.example.com</span>");
    assert_page_has(a, "/sites/site?site=example-com");
}

static void test_all_may_be_said(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    assert_int_equal(
        send_form(a, "/sites/add", "domain=b.example&name=Tom+%26+%3CJerry%3E&zone=UTC&id=tom_1"),
        303);
    assert_setting(a, "tom_1", "name", "Tom & <Jerry>");
    assert_int_equal(show(a, "/sites", ""), 200);
    assert_page_has(a, "Tom &amp; &lt;Jerry&gt;");
}

static void test_what_cannot_be_added(void **state)
{
    struct account_fixture *a = *state;

    static const struct {
        const char *form;
        const char *why;
    } cases[] = {
        {"domain=two+words", "This is not the name of a host; a right one is example.com."},
        {"domain=%3A%2F%2F", "This is not the name of a host"},
        {"domain=c.example&zone=Nowhere", "Nowhere"},
        {"domain=c.example&zone=../../etc/passwd", "Zone: "},
        {"domain=c.example&id=No+Id", "Id: "},
        {"domain=c.example&id=example-com", "There is a site with the id example-com already"},
        {"domain=example.com&id=second", "example.com"},
    };

    ask_as(a, &a->owner);
    add_site(a, "example.com");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (send_form(a, "/sites/add", cases[i].form) != 400)
            fail_msg("%s: %d", cases[i].form, a->f->fake.status);
        assert_page_has(a, "class=\"message error\"");
        assert_page_has(a, cases[i].why);
    }
    assert_int_equal(send_form(a, "/sites/add", "name=Without"), 400);
}

/* ---- settings ------------------------------------------------------------------------------- */

/* Whatever is added to the table of settings is on the page. */
static void test_the_page_has_all_settings(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    show_site(a, "default");
    for (size_t i = 0; i < site_field_count; i++) {
        char text[100];

        (void)snprintf(text, sizeof(text), " name=\"%s\"", site_fields[i].key);
        if (!site_fields[i].is_fixed)
            assert_page_has(a, text);
        else
            assert_page_lacks(a, text);
    }
}

static void test_settings_are_changed(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    show_site(a, "default");
    assert_page_has(a, "name=\"collect_source\" value=\"1\" checked>");
    assert_page_has(a, "<option value=\"no-visitor\" selected>");
    assert_int_equal(
        send_settings(a, "default",
                      "&name=Blog&domains=a.example%0D%0A%0D%0A+b.example+,%0D%0A&collect=some"
                      "&collect_country=1&collect_size=1&gpc=ignore&dnt=no-count&retention_days=400"
                      "&page_cap=100&value_cap=100&allowed_origins=https://a.example%0D%0A"
                      "&ignored_addresses=192.0.2.0/24%0A2001:db8::1&start_value=7"),
        303);
    assert_leads_to(a, "/sites/site?site=default&done=changed");
    assert_setting(a, "default", "name", "Blog");
    assert_setting(a, "default", "domains", "a.example, b.example");
    assert_setting(a, "default", "collect", "country, size");
    assert_setting(a, "default", "gpc", "ignore");
    assert_setting(a, "default", "dnt", "no-count");
    assert_setting(a, "default", "retention_days", "400");
    assert_setting(a, "default", "allowed_origins", "https://a.example");
    assert_setting(a, "default", "ignored_addresses", "192.0.2.0/24, 2001:db8::1");
    assert_setting(a, "default", "start_value", "7");
    assert_setting(a, "default", "zone", "UTC"); /* not sent */
    assert_int_equal(show(a, "/sites/site", "site=default&done=changed"), 200);
    assert_page_has(a, "They hold with the next view.");
    assert_page_has(a, ">a.example\nb.example\n</textarea>");
    assert_page_has(a, "name=\"collect_source\" value=\"1\">");
}

static void test_lists_are_emptied(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    show_site(a, "default");
    assert_int_equal(send_settings(a, "default", "&domains=a.example&collect=some"), 303);
    assert_setting(a, "default", "collect", "none");
    show_site(a, "default");
    assert_int_equal(send_settings(a, "default", "&domains=+%0D%0A&name="), 303);
    assert_setting(a, "default", "domains", "none");
}

/* What was typed is still there, to be mended. */
static void test_wrong_settings_are_told(void **state)
{
    struct account_fixture *a = *state;

    static const struct {
        const char *form;
        const char *why;
    } cases[] = {
        {"&name=Kept&zone=Nowhere", "Nowhere"},
        {"&name=Kept&domains=two+words", "Domains: &quot;two words&quot; is not"},
        {"&name=Kept&allowed_origins=a.example", "Allowed_origins: "},
        {"&name=Kept&ignored_addresses=me", "Ignored_addresses: "},
        {"&name=Kept&retention_days=-1", "Retention_days: "},
        {"&name=Kept&page_cap=99", "a whole number from 100 to 100000"},
        {"&name=Kept&gpc=maybe", "Gpc: "},
    };

    ask_as(a, &a->owner);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        show_site(a, "default");
        if (send_settings(a, "default", cases[i].form) != 400)
            fail_msg("%s: %d", cases[i].form, a->f->fake.status);
        assert_page_has(a, cases[i].why);
        assert_page_has(a, "name=\"name\" value=\"Kept\"");
    }
    assert_int_equal(send_form(a, "/sites/settings", "site=default&created_unix_s=1"), 400);
    assert_int_equal(send_form(a, "/sites/settings", "site=default&name=a%00b"), 400);
    assert_setting(a, "default", "name", "");
}

/* Two editors have the page open: the second one does not undo what the first one did. */
static void test_nothing_is_overwritten_unseen(void **state)
{
    struct account_fixture *a = *state;
    char mark[MAX_TOLD];
    char form[2 * MAX_TOLD];

    ask_as(a, &a->owner);
    show_site(a, "default");
    cut_from_page(a, "name=\"mark\" value=\"", "\"", mark);
    assert_int_equal(send_settings(a, "default", "&name=First"), 303);
    (void)snprintf(form, sizeof(form), "site=default&mark=%s&name=Second", mark);
    assert_int_equal(send_form(a, "/sites/settings", form), 409);
    assert_page_has(a, "Somebody has changed the settings since you opened this page");
    assert_page_has(a, "name=\"name\" value=\"First\"");
    assert_setting(a, "default", "name", "First");
    /* The same once more is no change of somebody else's. */
    (void)snprintf(form, sizeof(form), "site=default&mark=%s&name=First", mark);
    assert_int_equal(send_form(a, "/sites/settings", form), 303);
    assert_leads_to(a, "/sites/site?site=default&done=same");
}

/* ---- removing ------------------------------------------------------------------------------- */

static void test_removing_wants_the_id_typed(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    add_site(a, "example.com");
    assert_int_equal(show(a, "/sites/remove", "site=example-com"), 200);
    assert_page_has(a, "Type <code>example-com</code> to confirm");
    assert_int_equal(send_form(a, "/sites/remove", "site=example-com&confirm=example.com"), 400);
    assert_int_equal(send_form(a, "/sites/remove", "site=example-com"), 400);
    assert_setting(a, "example-com", "domains", "example.com");
    assert_int_equal(send_removal(a, "site=example-com&confirm=example-com"), 303);
    assert_leads_to(a, "/sites?done=removed");
    assert_setting(a, "example-com", "domains", "");
    assert_int_equal(show(a, "/sites", "done=removed"), 200);
    assert_page_has(a, "The site is removed.");
    assert_page_lacks(a, "site=example-com");
}

/* S11 */
static void test_removing_wants_the_password_anew(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    add_site(a, "example.com");
    virtual_loop_pass(&a->f->loop, (RECENT_S + 1) * 1000);
    assert_int_equal(show(a, "/sites/remove", "site=example-com"), 200);
    assert_page_has(a, "give your password once more first");
    assert_int_equal(send_form(a, "/sites/remove", "site=example-com&confirm=example-com"), 303);
    assert_leads_to(a, "/login?again=1&next=/sites");
    assert_setting(a, "example-com", "domains", "example.com");
}

/* ---- the first view ------------------------------------------------------------------------- */

static void test_it_waits_for_the_first_view(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    add_site(a, "example.com");
    assert_int_equal(show(a, "/sites/start", "site=example-com&done=added"), 200);
    assert_page_has(a, "The site is added.");
    assert_page_has(a, "Waiting for the first view.");
    assert_page_has(a, "&lt;script async src=\"http://count.example/");
    assert_page_has(a, "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>");
    assert_page_has(a, "data-waiting=\"");
    assert_int_equal(get(a->f, "/count", "site=example-com&p=/a%26b"), 200);
    assert_int_equal(show(a, "/sites/start", "site=example-com"), 200);
    assert_page_has(a, "It counts: 1 view so far.");
    assert_page_has(a, "<code>/a&amp;b</code> 1 today");
    assert_page_lacks(a, "http-equiv");
}

/* The snippet names a site that has no domain to be found by. */
static void test_the_snippet_names_the_site(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->owner);
    add_site(a, "example.com");
    assert_int_equal(show(a, "/sites/start", "site=example-com"), 200);
    assert_page_lacks(a, "data-site=");
    show_site(a, "example-com");
    assert_int_equal(send_settings(a, "example-com", "&domains="), 303);
    assert_int_equal(show(a, "/sites/start", "site=example-com"), 200);
    assert_page_has(a, "data-site=\"example-com\"");
}

static void test_who_leaves_is_not_answered(void **state)
{
    struct account_fixture *a = *state;
    static const char *const pages[] = {"/sites", "/sites/start", "/sites/site"};

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        ask_as(a, &a->owner);
        prepare(a->f, HTTP_GET, pages[i], "site=default")->req.fields[FIELD_COOKIE] =
            slice_str(a->owner.cookie);
        router_dispatch(&web_router, &a->f->fake.req);
        prepare(a->f, HTTP_GET, "/", ""); /* the client is gone */
        web_settle(a->f);
        assert_int_equal(a->f->fake.status, 0);
    }
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, account_set_up, account_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_nobody_is_led_to_the_login),
        TEST(test_a_viewer_changes_nothing),
        TEST(test_an_editor_changes_settings_only),
        TEST(test_forms_of_other_pages_are_refused),
        TEST(test_no_such_site),
        TEST(test_a_domain_is_enough),
        TEST(test_all_may_be_said),
        TEST(test_what_cannot_be_added),
        TEST(test_the_page_has_all_settings),
        TEST(test_settings_are_changed),
        TEST(test_lists_are_emptied),
        TEST(test_wrong_settings_are_told),
        TEST(test_nothing_is_overwritten_unseen),
        TEST(test_removing_wants_the_id_typed),
        TEST(test_removing_wants_the_password_anew),
        TEST(test_it_waits_for_the_first_view),
        TEST(test_the_snippet_names_the_site),
        TEST(test_who_leaves_is_not_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
