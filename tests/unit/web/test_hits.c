/* POST /api/v1/hits. */
#include <stdio.h>

#include "hits_fixture.h"
#include "support/cmocka.h"

#define DAY_S INT64_C(86400)

/* ---- results -------------------------------------------------------------------------------- */

static void test_hits_are_answered_in_their_order(void **state)
{
    struct web_fixture *f = *state;

    set_public_counters(f, "pages");
    assert_int_equal(post(f, "[{\"path\":\"/a\"},{\"path\":\"/b\",\"id\":\"1\"},{\"path\":\"/a\"},"
                             "{\"event\":\"buy\"},{\"path\":\"\"},{\"path\":\"/b\",\"id\":\"1\"},"
                             "{\"path\":\"/a\",\"bot\":150}]"),
                     200);
    assert_body(f, "{\"results\":[{\"status\":\"counted\",\"count\":1,\"site_count\":1},"
                   "{\"status\":\"counted\",\"count\":1,\"site_count\":2},"
                   "{\"status\":\"counted\",\"count\":2,\"site_count\":3},"
                   "{\"status\":\"event\"},"
                   "{\"status\":\"refused\",\"error\":{\"code\":\"bad_request\","
                   "\"message\":\"path, or url, is missing\","
                   "\"hint\":\"Mend the request; nothing was done.\"}},"
                   "{\"status\":\"duplicate\",\"count\":1,\"site_count\":3},"
                   "{\"status\":\"bot\",\"bot\":\"headless\"}],\"counted\":4}\n");
    assert_has(&f->fake.type, "application/json");
    assert_has(&f->fake.headers, "Access-Control-Allow-Origin: *\r\n");
    assert_has(&f->fake.headers, "Cache-Control: no-store\r\n");
    assert_total(f, 3);
    assert_int_equal(sum_of(f, DIMENSION_EVENT, today(f), "buy").views, 1);
    assert_int_equal(sum_of(f, DIMENSION_BOT, today(f), "headless").views, 1);
}

static void test_a_request_that_comes_again_counts_once(void **state)
{
    static const char body[] = "{\"hits\":[{\"path\":\"/a\",\"id\":\"1\"},"
                               "{\"path\":\"/a\",\"id\":\"2\"},{\"event\":\"e\",\"id\":\"3\"}]}";
    struct web_fixture *f = *state;

    set_public_counters(f, "pages");
    assert_int_equal(post(f, body), 200);
    assert_has(&f->fake.body, "\"counted\":3}");
    assert_int_equal(post(f, body), 200);
    assert_body(f, "{\"results\":[{\"status\":\"duplicate\",\"count\":2,\"site_count\":2},"
                   "{\"status\":\"duplicate\",\"count\":2,\"site_count\":2},"
                   "{\"status\":\"duplicate\"}],\"counted\":0}\n");
    assert_total(f, 2);
}

static void test_500_hits_go_in_one_request(void **state)
{
    static char body[64 * 502];
    struct web_fixture *f = *state;
    size_t len = 0;

    set_public_counters(f, "pages");
    for (int i = 0; i < 500; i++)
        len += (size_t)snprintf(body + len, sizeof(body) - len, "%c{\"path\":\"/%d\"}",
                                i == 0 ? '[' : ',', i % 7);
    (void)snprintf(body + len, sizeof(body) - len, "]");
    assert_int_equal(post(f, body), 200);
    assert_has(&f->fake.body, "{\"status\":\"counted\",\"count\":72,\"site_count\":500}]");
    assert_has(&f->fake.body, "\"counted\":500}");
    assert_total(f, 500);
}

static void test_only_json_is_taken(void **state)
{
    static const struct {
        struct slice type;
        int status;
    } cases[] = {
        {{NULL, 0}, 415},
        {SLICE_INIT("text/plain"), 415},
        {SLICE_INIT("application/x-www-form-urlencoded"), 415},
        {SLICE_INIT("application/jsonp"), 415},
        {SLICE_INIT("application/json"), 200},
        {SLICE_INIT("Application/JSON; charset=utf-8"), 200},
    };
    struct web_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        prepare_post(f, "/api/v1/hits", "", "{\"path\":\"/a\"}")->fields[FIELD_CONTENT_TYPE] =
            cases[i].type;
        assert_int_equal(dispatch(f), cases[i].status);
    }
    assert_int_equal(post(f, "{"), 400);
    assert_has(&f->fake.body, "the body is no JSON");
}

static void test_a_browser_may_ask_first(void **state)
{
    static const char *const addresses[] = {"/api/v1/hits", "/api/v0/count"};
    struct web_fixture *f = *state;

    for (size_t i = 0; i < 2; i++) {
        prepare(f, HTTP_OPTIONS, addresses[i], "");
        assert_int_equal(dispatch(f), 204);
        assert_has(&f->fake.headers, "Access-Control-Allow-Methods: POST\r\n");
        assert_has(&f->fake.headers, "Access-Control-Allow-Headers: Authorization, Content-Type");
        assert_has(&f->fake.headers, "Access-Control-Allow-Origin: *\r\n");
    }
    assert_int_equal(get(f, "/api/v1/hits", ""), 405);
    assert_has(&f->fake.headers, "Allow: POST, OPTIONS\r\n");
}

/* ---- rights --------------------------------------------------------------------------------- */

/* What becomes of a token that is wrong, test_admission.c says. */
static void test_only_programs_tell_of_others(void **state)
{
    static const char body[] = "{\"path\":\"/a\",\"ip\":\"192.0.2.1\"}";
    struct web_fixture *f = *state;

    assert_int_equal(post(f, body), 200);
    assert_has(&f->fake.body, "\"unauthorized\"");
    assert_has(&f->fake.body, "an API token with the scope count");
    (void)prepare_post(f, "/api/v1/hits", "", body);
    as_user(f, "*", ROLE_OWNER);
    assert_int_equal(dispatch(f), 200);
    assert_has(&f->fake.body, "\"unauthorized\"");
    assert_int_equal(post_with_token(f, "/api/v1/hits", "", body), 200);
    assert_has(&f->fake.body, "\"counted\":1}");
    assert_total(f, 1);
}

/* Who shows a token is told; everybody else what the counters of the site show, too. */
static void test_numbers_that_are_not_public_are_told_by_token_only(void **state)
{
    struct web_fixture *f = *state;

    set_public_counters(f, "off");
    assert_int_equal(post(f, "[{\"path\":\"/a\",\"id\":\"1\"},{\"path\":\"/a\",\"id\":\"1\"}]"),
                     200);
    assert_body(f, "{\"results\":[{\"status\":\"counted\"},{\"status\":\"duplicate\"}],"
                   "\"counted\":1}\n");
    assert_int_equal(
        post_with_token(f, "/api/v1/hits", "", "[{\"path\":\"/a\",\"ip\":\"192.0.2.1\"}]"), 200);
    assert_has(&f->fake.body, "\"count\":2,\"site_count\":2}");
}

/* Z01: by its id, by a domain of its, and where a hit does not say which. */
static void test_a_token_of_one_site_counts_for_no_other(void **state)
{
    struct web_fixture *f = *state;

    write_site(f, "site/blog", "{\"id\":\"blog\",\"domains\":[\"blog.example\"]}");
    write_site(f, "domain/blog.example", "blog");
    write_site(f, "settings/0", "domains");
    (void)prepare_post(
        f, "/api/v1/hits", "",
        "[{\"path\":\"/a\",\"site\":\"blog\"},{\"path\":\"/a\",\"site\":\"default\"},"
        "{\"path\":\"/a\"},{\"url\":\"https://blog.example/a\"},"
        "{\"url\":\"https://other.example/a\"},"
        "{\"path\":\"/a\",\"site\":\"nosuch\"}]");
    as_program(f, "blog");
    assert_int_equal(dispatch(f), 200);
    assert_has(&f->fake.body, "[{\"status\":\"counted\",\"count\":1,\"site_count\":1},"
                              "{\"status\":\"refused\",\"error\":{\"code\":\"forbidden\","
                              "\"message\":\"the API token is for another site\"");
    assert_has(&f->fake.body, "{\"status\":\"counted\",\"count\":2,\"site_count\":2},"
                              "{\"status\":\"counted\",\"count\":3,\"site_count\":3},"
                              "{\"status\":\"refused\",\"error\":{\"code\":\"forbidden\"");
    assert_has(&f->fake.body, "there is no site with this id");
    assert_has(&f->fake.body, "\"counted\":3}");
    assert_total(f, 0);
}

static void test_visitors_are_recognised_by_what_is_told(void **state)
{
    struct web_fixture *f = *state;
    struct metrics total;

    assert_int_equal(post_with_token(f, "/api/v1/hits", "",
                                     "[{\"path\":\"/a\",\"ip\":\"192.0.2.1\",\"user_agent\":\"A\"},"
                                     "{\"path\":\"/b\",\"ip\":\"192.0.2.1\",\"user_agent\":\"A\"},"
                                     "{\"path\":\"/a\",\"ip\":\"192.0.2.2\",\"user_agent\":\"A\"},"
                                     "{\"path\":\"/a\",\"user_agent\":\"A\"},{\"path\":\"/a\"}]"),
                     200);
    assert_has(&f->fake.body, "\"counted\":5}");
    total = sum_of(f, DIMENSION_TOTAL, today(f), "");
    assert_int_equal(total.views, 5);
    assert_int_equal(total.visitors, 2);
    assert_int_equal(sum_of(f, DIMENSION_ENTRY, today(f), "/a").visits, 2);
    assert_int_equal(sum_of(f, DIMENSION_EXIT, today(f), "/b").visits, 1);
}

/* ---- times ---------------------------------------------------------------------------------- */

static void test_hits_of_the_past_land_on_their_day_without_a_visitor(void **state)
{
    struct web_fixture *f = *state;
    char body[512];
    struct metrics day;

    (void)snprintf(body, sizeof(body),
                   "[{\"path\":\"/a\",\"ip\":\"192.0.2.1\",\"time\":%lld},"
                   "{\"path\":\"/a\",\"ip\":\"192.0.2.1\",\"time\":%lld},"
                   "{\"path\":\"/a\",\"ip\":\"192.0.2.1\",\"time\":%lld},"
                   "{\"path\":\"/a\",\"ip\":\"192.0.2.1\",\"time\":%lld}]",
                   (long long)(today(f) * DAY_S), (long long)(today(f) * DAY_S - 1),
                   (long long)(now_s(f) - 400 * DAY_S), (long long)(now_s(f) + 30));
    assert_int_equal(post_with_token(f, "/api/v1/hits", "", body), 200);
    assert_has(&f->fake.body, "\"counted\":4}");
    day = sum_of(f, DIMENSION_TOTAL, today(f), "");
    assert_int_equal(day.views, 2);
    assert_int_equal(day.visitors, 1);
    day = sum_of(f, DIMENSION_TOTAL, today(f) - 1, "");
    assert_int_equal(day.views, 1);
    assert_int_equal(day.visitors, 0);
    assert_int_equal(sum_of(f, DIMENSION_PAGE, today(f) - 400, "/a").views, 1);
    assert_total(f, 4);
}

/* The first hits that this process sees are of days long ago, so its site is not known yet. */
static void test_no_salt_is_made_for_a_day_that_is_over(void **state)
{
    struct web_fixture *f = *state;
    char body[256];

    (void)snprintf(body, sizeof(body),
                   "[{\"path\":\"/a\",\"time\":%lld},{\"path\":\"/a\",\"time\":%lld}]",
                   (long long)(now_s(f) - 30 * DAY_S), (long long)(now_s(f) - 60 * DAY_S));
    assert_int_equal(post_with_token(f, "/api/v1/hits", "", body), 200);
    assert_has(&f->fake.body, "\"counted\":2}");
    assert_int_equal(sum_of(f, DIMENSION_TOTAL, today(f) - 30, "").views, 1);
    assert_int_equal(sum_of(f, DIMENSION_TOTAL, today(f) - 60, "").views, 1);
}

/* ---- sites ---------------------------------------------------------------------------------- */

static void test_each_hit_finds_its_site(void **state)
{
    struct web_fixture *f = *state;
    char body[512];

    write_site(
        f, "site/blog",
        "{\"id\":\"blog\",\"start_value\":1000,\"retention_days\":30,"
        "\"allowed_origins\":[\"https://blog.example\"],\"ignored_addresses\":[\"192.0.2.9\"]}");
    (void)snprintf(body, sizeof(body),
                   "[{\"path\":\"/a\",\"site\":\"blog\"},{\"path\":\"/a\",\"site\":\"other\"},"
                   "{\"path\":\"/a\"},{\"path\":\"/a\",\"site\":\"blog\",\"time\":%lld},"
                   "{\"path\":\"/a\",\"site\":\"blog\",\"ip\":\"192.0.2.9\"}]",
                   (long long)(now_s(f) - 31 * DAY_S));
    assert_int_equal(post_with_token(f, "/api/v1/hits", "", body), 200);
    assert_has(&f->fake.body, "[{\"status\":\"counted\",\"count\":1,\"site_count\":1001},");
    assert_has(&f->fake.body, "there is no site with this id");
    assert_has(&f->fake.body, "{\"status\":\"counted\",\"count\":1,\"site_count\":1},");
    assert_has(&f->fake.body, "longer ago than the statistics of the site are kept");
    assert_has(&f->fake.body, "{\"status\":\"ignored\"}],\"counted\":2}");
}

static void test_the_origin_of_a_script_is_looked_at_unless_it_has_the_token(void **state)
{
    static const struct {
        struct slice origin;
        bool has_token;
        const char *has;
    } cases[] = {
        {SLICE_INIT("https://blog.example"), false, "\"counted\":1}"},
        {SLICE_INIT("https://evil.example"), false, "\"forbidden\""},
        {SLICE_INIT("https://evil.example"), true, "\"counted\":1}"},
        {{NULL, 0}, false, "\"counted\":1}"},
    };
    struct web_fixture *f = *state;

    write_site(f, "site/blog", "{\"id\":\"blog\",\"allowed_origins\":[\"https://blog.example\"]}");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct request *req =
            prepare_post(f, "/api/v1/hits", "", "{\"path\":\"/a\",\"site\":\"blog\"}");

        req->fields[FIELD_USER_AGENT] = SLICE("Mozilla/5.0 (X11; rv:128.0) Firefox/128.0");
        req->fields[FIELD_ORIGIN] = cases[i].origin;
        if (cases[i].has_token)
            as_program(f, "*");
        assert_int_equal(dispatch(f), 200);
        assert_has(&f->fake.body, cases[i].has);
    }
}

/* ---- when it goes wrong --------------------------------------------------------------------- */

static void test_hits_that_are_late_are_503_or_504_with_their_results(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/", ""), 200);
    f->loop.on_turn = NULL;
    (void)prepare_post(f, "/api/v1/hits", "", "[{\"path\":\"/a\"},{\"path\":\"/b\"}]");
    router_dispatch(&web_router, &f->fake.req);
    virtual_loop_pass(&f->loop, HIT_MS);
    assert_int_equal(f->fake.status, 503);
    assert_has(&f->fake.headers, "Retry-After: 1\r\n");
    assert_has(&f->fake.body, "{\"error\":{\"code\":\"unavailable\"");
    assert_has(&f->fake.body, "\"results\":[{\"status\":\"unavailable\"},"
                              "{\"status\":\"unavailable\"}],\"counted\":0}");
}

static void test_some_hits_that_failed_leave_a_200(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/", ""), 200);
    f->loop.on_turn = NULL;
    (void)prepare_post(f, "/api/v1/hits", "", "[{\"path\":\"/a\"},{\"path\":\"\"}]");
    router_dispatch(&web_router, &f->fake.req);
    virtual_loop_pass(&f->loop, HIT_MS);
    assert_int_equal(f->fake.status, 200);
    assert_has(&f->fake.body, "{\"results\":[{\"status\":\"unavailable\"},{\"status\":\"refused\"");
}

static void test_a_client_that_leaves_is_counted_and_not_answered(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/", ""), 200);
    prepare_post(f, "/api/v1/hits", "", "[{\"path\":\"/a\"},{\"path\":\"/b\"}]")
        ->fields[FIELD_USER_AGENT] = SLICE("Mozilla/5.0 (X11; rv:128.0) Firefox/128.0");
    router_dispatch(&web_router, &f->fake.req);
    assert_int_equal(f->fake.status, 0);
    prepare(f, HTTP_GET, "/", ""); /* the one before is gone */
    web_settle(f);
    assert_total(f, 3);
}

/* While its site is being loaded: then nothing has been counted yet, and nothing will be. */
static void test_a_client_may_leave_while_a_site_is_loaded(void **state)
{
    struct web_fixture *f = *state;

    (void)prepare_post(f, "/api/v1/hits", "", "[{\"path\":\"/a\"},{\"path\":\"/b\"}]");
    router_dispatch(&web_router, &f->fake.req);
    prepare(f, HTTP_GET, "/", "");
    web_settle(f);
    assert_total(f, 0);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, web_set_up, web_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_hits_are_answered_in_their_order),
        CASE(test_a_request_that_comes_again_counts_once),
        CASE(test_500_hits_go_in_one_request),
        CASE(test_only_json_is_taken),
        CASE(test_a_browser_may_ask_first),
        CASE(test_only_programs_tell_of_others),
        CASE(test_numbers_that_are_not_public_are_told_by_token_only),
        CASE(test_a_token_of_one_site_counts_for_no_other),
        CASE(test_visitors_are_recognised_by_what_is_told),
        CASE(test_hits_of_the_past_land_on_their_day_without_a_visitor),
        CASE(test_no_salt_is_made_for_a_day_that_is_over),
        CASE(test_each_hit_finds_its_site),
        CASE(test_the_origin_of_a_script_is_looked_at_unless_it_has_the_token),
        CASE(test_hits_that_are_late_are_503_or_504_with_their_results),
        CASE(test_some_hits_that_failed_leave_a_200),
        CASE(test_a_client_that_leaves_is_counted_and_not_answered),
        CASE(test_a_client_may_leave_while_a_site_is_loaded),
    };

    return cmocka_run_group_tests_name("hits", tests, NULL, NULL);
}
