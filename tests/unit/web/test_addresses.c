/* Every address but /count, by its route. */
#include <jansson.h>
#include <stdio.h>

#include "base/log.h"
#include "hits_fixture.h"
#include "support/cmocka.h"

/* ---- / -------------------------------------------------------------------------------------- */

static void test_the_welcome_text_counts(void **state)
{
    struct web_fixture *f = *state;

    for (int i = 1; i <= 3; i++) {
        char expected[80];

        (void)snprintf(expected, sizeof(expected), "Welcome to Tom & <Jerry>! Visitor Count: %d\n",
                       i);
        assert_int_equal(get(f, "/", ""), 200);
        assert_body(f, expected);
        assert_has(&f->fake.type, "text/plain");
        assert_has(&f->fake.headers, "Cache-Control: no-store\r\n");
        assert_has(&f->fake.headers, "Vary: Accept\r\n");
    }
}

static void test_the_welcome_page_counts_and_escapes_the_name(void **state)
{
    struct web_fixture *f = *state;

    prepare(f, HTTP_GET, "/", "")->req.fields[FIELD_ACCEPT] = SLICE("text/html");
    assert_int_equal(dispatch(f), 200);
    assert_has(&f->fake.body, "Tom &amp; &lt;Jerry&gt;");
    assert_null(memmem(f->fake.body.ptr, f->fake.body.len, "{{", 2));
    assert_has(&f->fake.type, "text/html");
    assert_has(&f->fake.headers, "style-src 'sha256-");
    assert_has(&f->fake.headers, "Vary: Accept\r\n");
    assert_total(f, 1);
}

static void test_the_longest_name_fits(void **state)
{
    struct web_fixture *f = *state;
    char name[101];

    memset(name, '&', sizeof(name) - 1); /* five bytes each in HTML */
    name[sizeof(name) - 1] = '\0';
    f->web.name = name;
    assert_int_equal(get(f, "/", ""), 200);
    assert_has(&f->fake.body, "! Visitor Count: 1\n");
    prepare(f, HTTP_GET, "/", "")->req.fields[FIELD_ACCEPT] = SLICE("text/html");
    assert_int_equal(dispatch(f), 200);
    assert_has(&f->fake.body, "</html>");
}

/* ---- /c/ ------------------------------------------------------------------------------------ */

static void test_a_counter_is_shown_as_text_and_json(void **state)
{
    struct web_fixture *f = *state;

    set_public_counters(f, "pages");
    assert_int_equal(get(f, "/count", "p=/a.txt"), 200);
    assert_int_equal(get(f, "/count", "p=/"), 200);
    assert_int_equal(get(f, "/c/default.json", ""), 200);
    assert_body(f, "{\"site\":\"default\",\"path\":null,\"metric\":\"views\",\"period\":\"all\","
                   "\"value\":2,\"text\":\"2\"}\n");
    assert_int_equal(get(f, "/c/default/a.txt.json", ""), 200);
    assert_body(f, "{\"site\":\"default\",\"path\":\"/"
                   "a.txt\",\"metric\":\"views\",\"period\":\"all\",\"value\":1,\"text\":\"1\"}\n");
    assert_int_equal(get(f, "/c/default/.txt", ""), 200);
    assert_body(f, "1\n");
    assert_int_equal(get(f, "/c/default/nothing.txt", ""), 200);
    assert_body(f, "0\n");
}

static void test_what_is_no_counter_is_refused(void **state)
{
    static const struct {
        const char *path;
        int status;
    } cases[] = {
        {"/c/", 404},
        {"/c/default", 404},
        {"/c/default.png", 404},
        {"/c/.txt", 404},
        {"/c/other.txt", 404},
        {"/c/other/a.json", 404},
        {"/c/default/a\xff.txt", 400},
        {"/c/default/a\nb.txt", 400},
        {"/c", 404},
        {"/nowhere", 404},
    };
    struct web_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (get(f, cases[i].path, "") != cases[i].status)
            fail_msg("%s: %d", cases[i].path, f->fake.status);
    }
    prepare(f, HTTP_POST, "/c/default.txt", "");
    assert_int_equal(dispatch(f), 405);
    assert_has(&f->fake.headers, "Allow: GET, HEAD\r\n");
}

/* ---- clients that leave, stores that are away ----------------------------------------------- */

static void test_a_client_that_leaves_is_counted_and_not_answered(void **state)
{
    static const char *const addresses[] = {"/", "/count", "/c/default.txt", "/readyz"};
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/", ""), 200); /* from now on the site is known */
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        prepare(f, HTTP_GET, addresses[i], "p=/");
        router_dispatch(&web_router, &f->fake.req);
        assert_int_equal(f->fake.status, 0);
        prepare(f, HTTP_GET, "/", ""); /* the one before is gone */
        web_settle(f);
        assert_int_equal(f->fake.status, 0);
    }
    assert_total(f, 3);
}

/* The store has no room for anything more: what it cannot take is busy. */
static void test_a_store_that_is_full_is_busy(void **state)
{
    static const char *const addresses[] = {"/c/default.txt", "/readyz"};
    struct web_fixture *f = *state;

    f->loop.on_turn = NULL;
    for (struct store_op *op; (op = store_sweep(f->store, NULL, NULL));)
        store_op_cancel(op);
    for (size_t i = 0; i < 2; i++) {
        prepare(f, HTTP_GET, addresses[i], "");
        router_dispatch(&web_router, &f->fake.req);
        assert_int_equal(f->fake.status, 503);
        assert_has(&f->fake.headers, "Retry-After: 1\r\n");
    }
    virtual_loop_settle(&f->loop);
}

static void test_a_hit_that_is_late_is_503_or_504(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/", ""), 200);
    f->loop.on_turn = NULL;
    prepare(f, HTTP_GET, "/count", "p=/a");
    router_dispatch(&web_router, &f->fake.req);
    virtual_loop_pass(&f->loop, HIT_MS);
    assert_int_equal(f->fake.status, 503);
    assert_has(&f->fake.headers, "Retry-After: 1\r\n");
    assert_has(&f->fake.body, "Nothing was counted");
}

/* ---- operations ----------------------------------------------------------------------------- */

static void test_it_is_alive_and_says_its_version(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/healthz", ""), 200);
    assert_body(f, "ok\n");
    assert_int_equal(get(f, "/version", ""), 200);
    assert_body(f, "{\"name\":\"footfall\",\"version\":\"" FOOTFALL_VERSION "\"}\n");
}

static void test_it_is_ready_until_it_drains(void **state)
{
    struct web_fixture *f = *state;
    json_t *body;

    assert_int_equal(get(f, "/readyz", ""), 200);
    body = json_loadb(f->fake.body.ptr, f->fake.body.len, 0, NULL);
    assert_true(json_is_true(json_object_get(body, "ready")));
    assert_string_equal(json_string_value(json_object_get(body, "durability")), "none");
    assert_int_equal(json_array_size(json_object_get(body, "findings")), 1);
    json_decref(body);
    f->web.draining = true;
    assert_int_equal(get(f, "/readyz", ""), 503);
    assert_has(&f->fake.body, "shutting down");
    assert_has(&f->fake.headers, "Retry-After: 1\r\n");
}

static void test_metrics_tell_what_was_counted(void **state)
{
    struct web_fixture *f = *state;

    for (int i = 0; i < 3; i++)
        assert_int_equal(get(f, "/count", "p=/a&id=x1"), 200);
    assert_int_equal(get(f, "/metrics", ""), 200);
    assert_has(&f->fake.type, "text/plain; version=0.0.4");
    assert_has(&f->fake.body, "\nfootfall_hits_total{worker=\"3\"} 1\n");
    assert_has(&f->fake.body, "\nfootfall_duplicate_hits_total{worker=\"3\"} 2\n");
    assert_has(&f->fake.body, "# TYPE footfall_batch_hits histogram\n");
    assert_has(&f->fake.body, "\nfootfall_batch_hits_bucket{worker=\"3\",le=\"1\"} 3\n");
    assert_has(&f->fake.body, "\nfootfall_batch_hits_bucket{worker=\"3\",le=\"32768\"} 3\n");
    assert_has(&f->fake.body, "\nfootfall_batch_hits_bucket{worker=\"3\",le=\"+Inf\"} 3\n");
    assert_has(&f->fake.body, "\nfootfall_batch_hits_sum{worker=\"3\"} 3\n");
    assert_has(&f->fake.body, "\nfootfall_http_answers_total{worker=\"3\",class=\"4xx\"} 4\n");
}

static void test_views_that_the_store_lost_are_told(void **state)
{
    struct web_fixture *f = *state;

    log_setup(LOG_LOGFMT, LOG_ERROR + 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(get(f, "/count", "p=/a"), 200);
    assert_int_equal(get(f, "/readyz", ""), 200);
    assert_has(&f->fake.body, "\"lost\":[]");
    virtual_loop_pass(&f->loop, WRITER_KEEP_MS + 2000); /* too old to be replayed */
    memory_db_clear(f->db);
    assert_int_equal(get(f, "/count", "p=/a"), 200);
    assert_total(f, 1);
    assert_int_equal(get(f, "/readyz", ""), 200);
    assert_has(&f->fake.body, "\"lost\":[{\"site\":\"default\",\"views_at_most\":3}]");
    assert_int_equal(get(f, "/metrics", ""), 200);
    assert_has(&f->fake.body, "\nfootfall_store_lost_views_total{worker=\"3\"} 3\n");
    assert_has(&f->fake.body, "\nfootfall_store_lost_commits_total{worker=\"3\"} 3\n");
    assert_has(&f->fake.body, "\nfootfall_store_replaced_total{worker=\"3\"} 1\n");
}

/* Rates are made from differences of sums, so a large sum must not be rounded. */
static void test_large_sums_are_told_exactly(void **state)
{
    struct web_fixture *f = *state;
    const struct hit_input input = {SLICE("default"), SLICE("/"), SLICE("")};

    for (size_t i = 0; i < 1234567; i++) {
        struct hit *hit;

        if (i % BATCH_MAX_WAITING == 0)
            while (!batcher_is_idle(f->batcher))
                virtual_loop_settle(&f->loop);
        hit = batcher_add(f->batcher, &input, NULL, NULL, NULL);
        assert_non_null(hit);
    }
    while (!batcher_is_idle(f->batcher))
        virtual_loop_settle(&f->loop);
    assert_int_equal(get(f, "/metrics", ""), 200);
    assert_has(&f->fake.body, "\nfootfall_batch_hits_sum{worker=\"3\"} 1234567\n");
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, web_set_up, web_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_welcome_text_counts),
        CASE(test_the_welcome_page_counts_and_escapes_the_name),
        CASE(test_the_longest_name_fits),
        CASE(test_a_counter_is_shown_as_text_and_json),
        CASE(test_what_is_no_counter_is_refused),
        CASE(test_a_client_that_leaves_is_counted_and_not_answered),
        CASE(test_a_store_that_is_full_is_busy),
        CASE(test_a_hit_that_is_late_is_503_or_504),
        CASE(test_it_is_alive_and_says_its_version),
        CASE(test_it_is_ready_until_it_drains),
        CASE(test_metrics_tell_what_was_counted),
        CASE(test_views_that_the_store_lost_are_told),
        CASE(test_large_sums_are_told_exactly),
    };

    return cmocka_run_group_tests_name("addresses", tests, NULL, NULL);
}
