/* What a process knows of a site is out of date as soon as somebody has changed it: the next
 * request is answered by what is. */
#include <stdlib.h>

#include "count/site_store.h"
#include "support/cmocka.h"
#include "web_fixture.h"

/* A second process, which changes sites. */
struct settings_fixture {
    struct web_fixture *web;
    struct site_store *sites;
    const char *settings[3][2]; /* keys and values; NULL behind the last */
    bool is_removal;
    unsigned told;
};

static enum err edit(void *ctx, const struct site *now, struct site **out, struct err_info *info)
{
    struct settings_fixture *s = ctx;

    if (s->is_removal)
        return ERR_OK;
    if (now)
        *out = site_dup(now);
    else
        assert_int_equal(site_create(SLICE("blog"), 0, out, info), ERR_OK);
    assert_non_null(*out);
    for (size_t i = 0; i < 3 && s->settings[i][0]; i++)
        assert_int_equal(
            site_set(*out, slice_str(s->settings[i][0]), slice_str(s->settings[i][1]), info),
            ERR_OK);
    return ERR_OK;
}

static void on_changed(void *ctx, const struct site_outcome *outcome)
{
    struct settings_fixture *s = ctx;

    assert_int_equal(outcome->err, ERR_OK);
    s->told++;
}

static void run_change(struct settings_fixture *s)
{
    s->told = 0;
    assert_non_null(site_store_change(s->sites, SLICE("blog"), edit, s, on_changed, s));
    for (int i = 0; i < 10 && s->told == 0; i++)
        virtual_loop_pass(&s->web->loop, 500);
    assert_int_equal(s->told, 1);
}

static void change(struct settings_fixture *s, const char *key, const char *value)
{
    s->settings[0][0] = key;
    s->settings[0][1] = value;
    s->is_removal = false;
    run_change(s);
}

static void remove_site(struct settings_fixture *s)
{
    s->is_removal = true;
    run_change(s);
}

static int set_up(void **state)
{
    struct settings_fixture *s = calloc(1, sizeof(*s));
    void *web = NULL;
    struct store_env env = {.timeout_ms = 100000};

    assert_non_null(s);
    assert_int_equal(web_set_up(&web), 0);
    s->web = web;
    env.timers = &s->web->loop.timers;
    env.clock = &s->web->loop.clock;
    s->sites = site_store_create(s->web->store, &env);
    assert_non_null(s->sites);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct settings_fixture *s = *state;
    void *web = s->web;

    site_store_destroy(s->sites);
    assert_int_equal(web_tear_down(&web), 0);
    free(s);
    return 0;
}

static int hit_from(struct settings_fixture *s, const char *origin, const char *address)
{
    struct request *req = &prepare(s->web, HTTP_GET, "/count", "p=/a&site=blog")->req;

    req->fields[FIELD_ACCEPT] = SLICE("application/json");
    if (origin)
        req->fields[FIELD_ORIGIN] = slice_str(origin);
    if (address)
        assert_true(address_parse(slice_str(address), &req->client));
    return dispatch(s->web);
}

static void test_a_site_is_there_as_soon_as_it_is_added_and_gone_when_it_is_removed(void **state)
{
    struct settings_fixture *s = *state;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(hit_from(s, NULL, NULL), 400);
        assert_int_equal(get(s->web, "/c/blog.txt", ""), 404);
    }
    change(s, "zone", "UTC");
    assert_int_equal(get(s->web, "/c/blog.txt", ""), 200);
    assert_body(s->web, "0\n");
    assert_int_equal(hit_from(s, NULL, NULL), 200);
    remove_site(s);
    assert_int_equal(get(s->web, "/c/blog.txt", ""), 404);
    assert_int_equal(hit_from(s, NULL, NULL), 400);
    change(s, "zone", "UTC");
    assert_int_equal(hit_from(s, NULL, NULL), 200);
    assert_has(&s->web->fake.body, "\"site_count\":1,");
}

static void test_the_number_that_is_shown_has_the_start_value_that_is(void **state)
{
    struct settings_fixture *s = *state;

    change(s, "start_value", "0");
    assert_int_equal(hit_from(s, NULL, NULL), 200);
    change(s, "start_value", "1000");
    assert_int_equal(get(s->web, "/c/blog.txt", ""), 200);
    assert_body(s->web, "1001\n");
    change(s, "start_value", "50");
    assert_int_equal(get(s->web, "/c/blog.txt", ""), 200);
    assert_body(s->web, "51\n");
}

static void test_who_was_refused_or_ignored_is_counted_when_the_site_allows_it(void **state)
{
    struct settings_fixture *s = *state;

    change(s, "allowed_origins", "https://good.example");
    assert_int_equal(hit_from(s, "https://bad.example", NULL), 403);
    change(s, "allowed_origins", "none");
    assert_int_equal(hit_from(s, "https://bad.example", NULL), 200);
    change(s, "allowed_origins", "https://good.example");
    assert_int_equal(hit_from(s, "https://bad.example", NULL), 403);
    change(s, "ignored_addresses", "192.0.2.0/24");
    assert_int_equal(hit_from(s, NULL, "192.0.2.9"), 200);
    assert_has(&s->web->fake.body, "\"ignored\":true");
    change(s, "ignored_addresses", "none");
    assert_int_equal(hit_from(s, NULL, "192.0.2.9"), 200);
    assert_has(&s->web->fake.body, "\"site_count\":2,\"duplicate\":false}");
}

/* One request asks once, however many hits of it are not counted. */
static void test_a_request_asks_once_whether_settings_have_changed(void **state)
{
    struct settings_fixture *s = *state;
    struct store_stats before;
    struct store_stats after;
    struct request *req;

    change(s, "ignored_addresses", "192.0.2.0/24");
    for (int i = 0; i < 2; i++) { /* the first one loads the site */
        req = &prepare(s->web, HTTP_POST, "/api/v1/hits", "")->req;
        req->fields[FIELD_CONTENT_TYPE] = SLICE("application/json");
        req->body =
            SLICE("[{\"path\":\"/a\",\"site\":\"blog\"},{\"path\":\"/b\",\"site\":\"blog\"},"
                  "{\"path\":\"/c\",\"site\":\"blog\"}]");
        assert_true(address_parse(SLICE("192.0.2.9"), &req->client));
        store_get_stats(s->web->store, &before);
        assert_int_equal(dispatch(s->web), 200);
        store_get_stats(s->web->store, &after);
    }
    assert_int_equal(after.operations - before.operations, 1);
}

static void test_a_client_may_leave_while_that_is_asked(void **state)
{
    struct settings_fixture *s = *state;

    change(s, "ignored_addresses", "192.0.2.0/24");
    for (unsigned turns = 0; turns < 12; turns++) {
        struct fake_request *fake = prepare(s->web, HTTP_GET, "/c/blog.txt", "");

        router_dispatch(&web_router, &fake->req);
        for (unsigned i = 0; i < turns; i++)
            virtual_loop_turn(&s->web->loop);
        (void)prepare(s->web, HTTP_GET, "/", ""); /* the one before is over */
        web_settle(s->web);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_site_is_there_as_soon_as_it_is_added_and_gone_when_it_is_removed, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(test_the_number_that_is_shown_has_the_start_value_that_is,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_who_was_refused_or_ignored_is_counted_when_the_site_allows_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_request_asks_once_whether_settings_have_changed,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_client_may_leave_while_that_is_asked, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
