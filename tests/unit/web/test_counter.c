/* /c/: what is shown to whom, what counts, and who may keep it. */
#include <stdio.h>

#include "hits_fixture.h"
#include "support/cmocka.h"

#define DISPLAY "Cache-Control: public, max-age=60, s-maxage=60, stale-while-revalidate=300\r\n"
#define COUNTING                                                                                   \
    "Cache-Control: max-age=0, no-cache, no-store, must-revalidate\r\nPragma: no-cache\r\n"

static bool has(const struct strbuf *buf, const char *text)
{
    return memmem(buf->ptr, buf->len, text, strlen(text)) != NULL;
}

static void test_every_format_has_its_type(void **state)
{
    static const struct {
        const char *path;
        const char *query;
        const char *type;
        const char *body;
    } cases[] = {
        {"/c/default.svg", "", "image/svg+xml", "<title>views: 1,234</title>"},
        {"/c/default.txt", "", "text/plain; charset=utf-8", "1234\n"},
        {"/c/default.txt", "format=group", "text/plain; charset=utf-8", "1,234\n"},
        {"/c/default.html", "lang=de", "text/html; charset=utf-8",
         "<span class=\"footfall-counter\">1.234</span>\n"},
        {"/c/default.json", "", "application/json",
         "{\"site\":\"default\",\"path\":null,\"metric\":\"views\",\"period\":\"all\","
         "\"value\":1234,\"text\":\"1,234\"}\n"},
        {"/c/default.json", "style=shields&color=f80&max=300", "application/json",
         "{\"schemaVersion\":1,\"label\":\"views\",\"message\":\"1,234\",\"color\":\"#ff8800\","
         "\"cacheSeconds\":300}\n"},
        {"/c/default.gif", "hit=0", "image/gif", "GIF89a"},
    };
    struct web_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char query[64];

        (void)snprintf(query, sizeof(query), "start=1234&%s", cases[i].query);
        assert_int_equal(get(f, cases[i].path, query), 200);
        assert_has(&f->fake.type, cases[i].type);
        assert_has(&f->fake.body, cases[i].body);
        assert_has(&f->fake.headers, "Access-Control-Allow-Origin: *\r\n");
        assert_has(&f->fake.headers, "Cross-Origin-Resource-Policy: cross-origin\r\n");
        assert_has(&f->fake.headers, "Timing-Allow-Origin: *\r\n");
        assert_has(&f->fake.headers, "X-Content-Type-Options: nosniff\r\n");
        assert_has(&f->fake.headers, "Content-Security-Policy: default-src 'none'\r\n");
    }
    assert_total(f, 0);
}

static void test_what_is_shown_is_kept_for_a_minute_and_known_by_its_mark(void **state)
{
    struct web_fixture *f = *state;
    char etag[40] = "";
    const char *mark;

    assert_int_equal(get(f, "/c/default.svg", ""), 200);
    assert_has(&f->fake.headers, DISPLAY "Expires: ");
    mark = memmem(f->fake.headers.ptr, f->fake.headers.len, "ETag: \"", 7);
    assert_non_null(mark);
    memcpy(etag, mark + 6, 34);

    prepare(f, HTTP_GET, "/c/default.svg", "")->req.fields[FIELD_IF_NONE_MATCH] = slice_str(etag);
    assert_int_equal(dispatch(f), 304);
    assert_int_equal(f->fake.body.len, 0);
    assert_has(&f->fake.headers, DISPLAY);
    assert_has(&f->fake.headers, etag);

    assert_int_equal(get(f, "/c/default.svg", "hit=1"), 200);
    prepare(f, HTTP_GET, "/c/default.svg", "")->req.fields[FIELD_IF_NONE_MATCH] = slice_str(etag);
    assert_int_equal(dispatch(f), 200);
    assert_int_equal(get(f, "/c/default.svg", "max=3600"), 200);
    assert_has(&f->fake.headers, "max-age=3600, s-maxage=3600");
}

static void test_a_counting_one_shows_itself_and_is_kept_by_nobody(void **state)
{
    struct web_fixture *f = *state;

    set_public_counters(f, "pages");
    assert_int_equal(get(f, "/c/default.txt", "hit=1"), 200);
    assert_body(f, "1\n");
    assert_has(&f->fake.headers, COUNTING "Expires: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
    assert_false(has(&f->fake.headers, "ETag"));
    assert_int_equal(get(f, "/c/default/a.txt", "hit=1"), 200);
    assert_body(f, "1\n");
    assert_int_equal(get(f, "/c/default/a.txt", "hit=1"), 200);
    assert_body(f, "2\n");
    assert_int_equal(get(f, "/c/default.gif", ""), 200);
    assert_has(&f->fake.headers, COUNTING);
    assert_int_equal(f->fake.body.len, 43);
    assert_total(f, 4);
    assert_int_equal(sum_of(f, DIMENSION_TOTAL, today(f), "").visitors, 1);
}

static void test_looking_ahead_and_heads_count_nothing(void **state)
{
    struct web_fixture *f = *state;

    prepare(f, HTTP_HEAD, "/c/default.svg", "hit=1");
    assert_int_equal(dispatch(f), 200);
    prepare(f, HTTP_GET, "/c/default.gif", "")->req.fields[FIELD_SEC_PURPOSE] = SLICE("prefetch");
    assert_int_equal(dispatch(f), 200);
    assert_total(f, 0);
}

static void test_through_an_image_proxy_views_are_counted_and_no_visitors(void **state)
{
    static const char *const agents[] = {
        "github-camo (876de43e)", "Camo Asset Proxy 2.3.0",
        "Mozilla/5.0 (Windows NT 5.1) Firefox/11.0 (via ggpht.com GoogleImageProxy)"};
    struct web_fixture *f = *state;
    struct metrics sum;

    for (size_t i = 0; i < 3; i++) {
        prepare(f, HTTP_GET, "/c/default.svg", "hit=1")->req.fields[FIELD_USER_AGENT] =
            slice_str(agents[i]);
        assert_int_equal(dispatch(f), 200);
    }
    sum = sum_of(f, DIMENSION_TOTAL, today(f), "");
    assert_int_equal(sum.views, 3);
    assert_int_equal(sum.visitors, 0);
    assert_int_equal(sum_of(f, DIMENSION_BROWSER, today(f), "Firefox").views, 0);
}

static void test_a_bot_is_counted_apart_and_sees_the_number(void **state)
{
    struct web_fixture *f = *state;

    set_public_counters(f, "pages");
    assert_int_equal(get(f, "/c/default/a.txt", "hit=1"), 200);
    for (int i = 0; i < 2; i++) {
        prepare(f, HTTP_GET, i == 0 ? "/c/default/a.txt" : "/c/default.txt", "hit=1")
            ->req.fields[FIELD_USER_AGENT] =
            SLICE("Googlebot/2.1 (+http://www.google.com/bot.html)");
        assert_int_equal(dispatch(f), 200);
        assert_body(f, "1\n");
    }
    assert_total(f, 1);
}

/* A site that shows this much: the statuses of its total and of a page. */
static void check_public(struct web_fixture *f, const char *what, int total, int page)
{
    set_public_counters(f, what);
    assert_int_equal(get(f, "/c/default.json", ""), total);
    assert_int_equal(get(f, "/c/default/a.txt", ""), page);
    assert_int_equal(get(f, "/c/default.svg", "metric=visitors&start=77"), 200);
    assert_int_equal(has(&f->fake.body, "not public"), total == 403);
    assert_int_equal(has(&f->fake.body, "77"), total == 200);
    assert_int_equal(get(f, "/c/default/a.svg", "hit=1&start=77"), 200);
    assert_int_equal(has(&f->fake.body, "78"), page == 200);
    assert_int_equal(get(f, "/c/default.gif", ""), 200);
    assert_int_equal(sum_of(f, DIMENSION_TOTAL, today(f), "").views, 2);
}

static void test_a_site_that_shows_nothing_still_counts(void **state)
{
    check_public(*state, "off", 403, 403);
}

static void test_a_site_that_shows_its_total_shows_no_page(void **state)
{
    check_public(*state, "total", 200, 403);
}

static void test_a_site_that_shows_its_pages_shows_all(void **state)
{
    check_public(*state, "pages", 200, 200);
}

static void test_a_picture_of_nothing_says_so(void **state)
{
    static const char *const paths[] = {"/c/other.svg", "/c/other/a.svg", "/c/.svg", "/c/A%20b.svg",
                                        "/c/default/a\xff.svg"};
    struct web_fixture *f = *state;

    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(get(f, paths[i], "hit=1&color=red"), 200);
        assert_has(&f->fake.type, "image/svg+xml");
        assert_has(&f->fake.headers, "Cache-Control: no-store\r\n");
        assert_has(&f->fake.body, i < 4 ? "no such site" : "not counted");
    }
    assert_int_equal(get(f, "/c/other.gif", ""), 200);
    assert_int_equal(f->fake.body.len, 43);
    assert_total(f, 0);
}

static void test_periods_and_metrics_come_of_the_statistics(void **state)
{
    static const struct {
        const char *query;
        const char *number;
    } cases[] = {
        {"metric=visitors", "1\n"},
        {"metric=visits", "1\n"},
        {"metric=live", "1\n"},
        {"metric=visitors&period=today", "1\n"},
        {"period=today", "2\n"},
        {"period=7d", "2\n"},
        {"period=30d", "2\n"},
        {"period=month", "2\n"},
        {"period=year&start=40", "42\n"},
    };
    struct web_fixture *f = *state;

    set_public_counters(f, "pages");
    assert_int_equal(get(f, "/count", "p=/a"), 200);
    assert_int_equal(get(f, "/count", "p=/b"), 200);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(get(f, "/c/default.txt", cases[i].query), 200);
        if (!slice_eq(strbuf_slice(&f->fake.body), slice_str(cases[i].number)))
            fail_msg("%s: %.*s", cases[i].query, (int)f->fake.body.len, f->fake.body.ptr);
    }
    assert_int_equal(get(f, "/c/default/a.txt", "period=today&metric=visitors"), 200);
    assert_body(f, "1\n");
    assert_int_equal(get(f, "/c/default/none.txt", "period=today"), 200);
    assert_body(f, "0\n");
    assert_int_equal(get(f, "/c/default.txt", "hit=1&period=today"), 200);
    assert_body(f, "3\n");
    assert_int_equal(get(f, "/c/default.svg", "style=spark&theme=auto"), 200);
    assert_has(&f->fake.body, "<circle");
    assert_has(&f->fake.headers, "default-src 'none'; style-src 'unsafe-inline'\r\n");
}

static void test_the_start_value_is_that_of_the_whole_site_and_of_all_time(void **state)
{
    struct web_fixture *f = *state;

    write_site(f, "site/default",
               "{\"id\":\"default\",\"public_counters\":\"pages\",\"start_value\":1000}");
    assert_int_equal(get(f, "/c/default.txt", "hit=1"), 200);
    assert_body(f, "1001\n");
    assert_int_equal(get(f, "/c/default.txt", "metric=visitors"), 200);
    assert_body(f, "1001\n");
    assert_int_equal(get(f, "/c/default.txt", "period=today"), 200);
    assert_body(f, "1\n");
    assert_int_equal(get(f, "/c/default/.txt", ""), 200);
    assert_body(f, "1\n");
    assert_int_equal(get(f, "/c/default.txt", "metric=live"), 200);
    assert_body(f, "1\n");
}

static void test_what_is_wrong_is_told_in_a_header(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/c/default.svg", "style=nice&%zz=1&color=url(x)"), 200);
    assert_has(&f->fake.headers, "X-Footfall-Warning: the default is taken for style, color\r\n");
    assert_has(&f->fake.headers, "X-Footfall-Warning: there are options that are not known\r\n");
}

static void test_a_store_that_is_away_is_a_picture_too(void **state)
{
    struct web_fixture *f = *state;

    f->loop.on_turn = NULL;
    for (struct store_op *op; (op = store_sweep(f->store, NULL, NULL));)
        store_op_cancel(op);
    prepare(f, HTTP_GET, "/c/default.svg", "");
    router_dispatch(&web_router, &f->fake.req);
    assert_int_equal(f->fake.status, 503);
    assert_has(&f->fake.headers, "Retry-After: 1\r\n");
    assert_has(&f->fake.body, "not available");
    virtual_loop_settle(&f->loop);
}

static void ignore(void *ctx, const struct statistics_answer *answer)
{
    (void)ctx;
    (void)answer;
}

static void test_a_picture_without_its_line_is_better_than_none(void **state)
{
    struct web_fixture *f = *state;
    struct statistics_question question = statistics_question_init();

    question.is_public = true;
    assert_int_equal(get(f, "/c/default.svg", "hit=1&style=spark"), 200);
    assert_has(&f->fake.body, "<circle");
    prepare(f, HTTP_GET, "/c/default.svg", "style=spark");
    router_dispatch(&web_router, &f->fake.req);
    for (int pass = 0; pass < 20 && f->fake.status == 0; pass++) {
        while (statistics_ask(f->statistics, &question, ignore, NULL))
            ; /* all that are answered to everybody are under way */
        virtual_loop_pass(&f->loop, 0);
    }
    assert_int_equal(f->fake.status, 200);
    assert_has(&f->fake.body, ">1<");
    assert_null(memmem(f->fake.body.ptr, f->fake.body.len, "<circle", 7));
    virtual_loop_settle(&f->loop);
}

static void test_who_leaves_is_not_answered(void **state)
{
    static const char *const queries[] = {"", "hit=1", "metric=visitors", "style=spark"};
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/", ""), 200);
    for (size_t i = 0; i < 4; i++) {
        for (unsigned passes = 0; passes < 4; passes++) {
            prepare(f, HTTP_GET, "/c/default.svg", queries[i]);
            router_dispatch(&web_router, &f->fake.req);
            for (unsigned pass = 0; pass < passes && f->fake.status == 0; pass++)
                virtual_loop_pass(&f->loop, 0);
            prepare(f, HTTP_GET, "/", "");
            web_settle(f);
            assert_int_equal(f->fake.status, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_format_has_its_type, web_set_up, web_tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_is_shown_is_kept_for_a_minute_and_known_by_its_mark, web_set_up,
            web_tear_down),
        cmocka_unit_test_setup_teardown(test_a_counting_one_shows_itself_and_is_kept_by_nobody,
                                        web_set_up, web_tear_down),
        cmocka_unit_test_setup_teardown(test_looking_ahead_and_heads_count_nothing, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(
            test_through_an_image_proxy_views_are_counted_and_no_visitors, web_set_up,
            web_tear_down),
        cmocka_unit_test_setup_teardown(test_a_bot_is_counted_apart_and_sees_the_number, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_a_site_that_shows_nothing_still_counts, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_a_site_that_shows_its_total_shows_no_page, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_a_site_that_shows_its_pages_shows_all, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_a_picture_of_nothing_says_so, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_periods_and_metrics_come_of_the_statistics, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(
            test_the_start_value_is_that_of_the_whole_site_and_of_all_time, web_set_up,
            web_tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_wrong_is_told_in_a_header, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_a_store_that_is_away_is_a_picture_too, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_a_picture_without_its_line_is_better_than_none,
                                        web_set_up, web_tear_down),
        cmocka_unit_test_setup_teardown(test_who_leaves_is_not_answered, web_set_up, web_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
