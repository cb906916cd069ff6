/* Every address, by its route, on a memory store; no socket. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "fake_request.h"
#include "support/cmocka.h"
#include "support/virtual_loop.h"
#include "web/web.h"

#define HIT_MS 500

struct fixture {
    struct virtual_loop loop;
    struct store *store;
    struct batcher *batcher;
    struct web web;
    struct fake_request fake; /* the last one */
};

static void on_turn(void *ctx)
{
    struct fixture *f = ctx;

    batcher_turn(f->batcher);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct store_env env = {.timeout_ms = HIT_MS};

    assert_non_null(f);
    virtual_loop_init(&f->loop);
    f->loop.on_turn = on_turn;
    f->loop.ctx = f;
    env.timers = &f->loop.timers;
    env.clock = &f->loop.clock;
    assert_int_equal(store_open("memory:", &env, &f->store, NULL), ERR_OK);
    f->batcher = batcher_create(f->store, &env, HIT_MS);
    assert_non_null(f->batcher);
    f->web = (struct web){.name = "Tom & <Jerry>",
                          .store = f->store,
                          .batcher = f->batcher,
                          .clock = &f->loop.clock,
                          .worker = 3};
    fake_request_init(&f->fake, HTTP_GET, "/", "");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    fake_request_fini(&f->fake);
    batcher_destroy(f->batcher);
    store_close(f->store);
    virtual_loop_fini(&f->loop);
    free(f);
    return 0;
}

/* ---- helpers -------------------------------------------------------------------------------- */

static struct fake_request *prepare(struct fixture *f, enum http_method method, const char *path,
                                    const char *query)
{
    fake_request_fini(&f->fake);
    fake_request_init(&f->fake, method, path, query);
    f->fake.req.app = &f->web;
    return &f->fake;
}

static int dispatch(struct fixture *f)
{
    router_dispatch(&web_router, &f->fake.req);
    virtual_loop_settle(&f->loop);
    return f->fake.status;
}

static int get(struct fixture *f, const char *path, const char *query)
{
    prepare(f, HTTP_GET, path, query);
    return dispatch(f);
}

static int get_json(struct fixture *f, const char *path, const char *query)
{
    prepare(f, HTTP_GET, path, query)->req.fields[FIELD_ACCEPT] = SLICE("application/json");
    return dispatch(f);
}

static void assert_body(const struct fixture *f, const char *expected)
{
    if (!slice_eq(strbuf_slice(&f->fake.body), slice_str(expected)))
        fail_msg("%.*s", SLICE_ARG(strbuf_slice(&f->fake.body)));
}

static void assert_has(const struct strbuf *buf, const char *text)
{
    if (!memmem(buf->ptr, buf->len, text, strlen(text)))
        fail_msg("\"%s\" is not in: %.*s", text, SLICE_ARG(strbuf_slice(buf)));
}

static void assert_total(struct fixture *f, int64_t expected)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%lld\n", (long long)expected);
    assert_int_equal(get(f, "/c/default.txt", ""), 200);
    assert_body(f, text);
}

/* ---- / -------------------------------------------------------------------------------------- */

static void test_the_welcome_text_counts(void **state)
{
    struct fixture *f = *state;

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
    struct fixture *f = *state;

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
    struct fixture *f = *state;
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

/* ---- /count --------------------------------------------------------------------------------- */

static void test_a_hit_is_answered_with_a_pixel_or_with_numbers(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(get(f, "/count", "p=/a"), 200);
    assert_has(&f->fake.type, "image/gif");
    assert_int_equal(f->fake.body.len, 43);
    assert_memory_equal(f->fake.body.ptr, "GIF89a", 6);
    assert_int_equal(get_json(f, "/count", "p=%2Fa&t=Title&r=x&rnd=1"), 200);
    assert_body(f, "{\"site\":\"default\",\"path\":\"/a\",\"count\":2,\"site_count\":2,"
                   "\"duplicate\":false}\n");
    assert_int_equal(get_json(f, "/count", "p=/b+c%22"), 200);
    assert_body(f, "{\"site\":\"default\",\"path\":\"/b c\\\"\",\"count\":1,\"site_count\":3,"
                   "\"duplicate\":false}\n");
    assert_has(&f->fake.headers, "Access-Control-Allow-Origin: *\r\n");
}

static void test_an_id_counts_once(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(get_json(f, "/count", i < 2 ? "p=/a&id=x1" : "p=/b&id=x1"), 200);
        assert_has(&f->fake.body, i == 0 ? "\"duplicate\":false" : "\"duplicate\":true");
        assert_has(&f->fake.body, "\"count\":1,\"site_count\":1");
    }
}

static void test_a_posted_form_counts_too(void **state)
{
    static const struct {
        const char *query;
        struct slice type;
        struct slice body;
        int status;
    } cases[] = {
        {"p=/a", {NULL, 0}, SLICE_INIT(""), 200},
        {"", SLICE_INIT("application/x-www-form-urlencoded"), SLICE_INIT("p=%2Fa"), 200},
        {"p=/b", SLICE_INIT("Application/X-WWW-Form-Urlencoded; charset=utf-8"), SLICE_INIT("p=/a"),
         200},
        {"", SLICE_INIT("text/plain"), SLICE_INIT("p=/a"), 400},
        {"", {NULL, 0}, SLICE_INIT("p=/a"), 400},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct request *req = &prepare(f, HTTP_POST, "/count", cases[i].query)->req;

        req->fields[FIELD_CONTENT_TYPE] = cases[i].type;
        req->body = cases[i].body;
        assert_int_equal(dispatch(f), cases[i].status);
    }
    assert_int_equal(get(f, "/c/default/a.txt", ""), 200);
    assert_body(f, "3\n");
}

static void test_what_may_not_be_counted_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *query;
        const char *why;
    } cases[] = {
        {"", "p, the path of the page, is missing"},
        {"p=", "p, the path of the page, is missing"},
        {"p", "p, the path of the page, is missing"},
        {"P=/a", "p, the path of the page, is missing"},
        {"p=/a&p=", "p, the path of the page, is missing"},
        {"p=%", "p has a %"},
        {"p=%2", "p has a %"},
        {"p=%zz", "p has a %"},
        {"p=/a%00", "control characters"},
        {"p=/a%0a", "control characters"},
        {"p=%ff", "not UTF-8"},
        {"p=%c0%af", "not UTF-8"},
        {"p=/a&site=other", "no such site"},
        {"p=/a&site=", "no such site"},
        {"p=/a&site=%", "site has a %"},
        {"p=/a&id=a+b", "id must be"},
        {"p=/a&id=%c3%a9", "id must be"},
        {"p=/a&id=%4", "id has a %"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(get(f, "/count", cases[i].query), 400);
        assert_has(&f->fake.body, cases[i].why);
    }
    assert_total(f, 0);
}

/* Far more than the memory of a request: what is wrong with it is still its length. */
static void test_values_of_any_length_are_refused_for_their_length(void **state)
{
    static const struct {
        const char *key;
        const char *why;
    } cases[] = {
        {"p=", "at most 2048"}, {"p=/a&id=", "id must be"}, {"p=/a&site=", "no such site"}};

    static char body[1 << 20];
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t len = 6140; len <= sizeof(body); len += len < 6150 ? 1 : 347471) {
            struct request *req = &prepare(f, HTTP_POST, "/count", "")->req;

            memset(body, 'x', sizeof(body));
            memcpy(body, cases[i].key, strlen(cases[i].key));
            req->fields[FIELD_CONTENT_TYPE] = SLICE("application/x-www-form-urlencoded");
            req->body = slice_of(body, len);
            assert_int_equal(dispatch(f), 400);
            assert_has(&f->fake.body, cases[i].why);
        }
    }
}

static void test_of_a_key_given_often_the_last_one_holds(void **state)
{
    static char body[1 << 20];
    struct fixture *f = *state;
    struct request *req = &prepare(f, HTTP_POST, "/count", "p=%zz")->req;
    const struct slice end = SLICE("p=/last");

    for (size_t i = 0; i + 4 <= sizeof(body); i += 4)
        memcpy(body + i, "p=x&", 4);
    memcpy(body + sizeof(body) - end.len, end.ptr, end.len);
    body[sizeof(body) - end.len - 1] = '&';
    req->fields[FIELD_CONTENT_TYPE] = SLICE("application/x-www-form-urlencoded");
    req->body = slice_of(body, sizeof(body));
    assert_int_equal(dispatch(f), 200);
    assert_int_equal(get(f, "/c/default/last.txt", ""), 200);
    assert_body(f, "1\n");
}

static void test_the_longest_path_comes_back_whole(void **state)
{
    struct fixture *f = *state;
    static char query[2 + 3 * HIT_MAX_PATH + 1] = "p=";
    json_t *body;

    for (size_t i = 0; i < HIT_MAX_PATH; i++)
        memcpy(query + 2 + 3 * i, "%22", 3);
    assert_int_equal(get_json(f, "/count", query), 200);
    body = json_loadb(f->fake.body.ptr, f->fake.body.len, 0, NULL);
    assert_non_null(body);
    assert_int_equal(json_string_length(json_object_get(body, "path")), HIT_MAX_PATH);
    json_decref(body);
}

static void test_what_nobody_saw_is_not_counted(void **state)
{
    static const char *const addresses[] = {"/", "/count"};
    struct fixture *f = *state;

    assert_int_equal(get(f, "/", ""), 200);
    for (size_t i = 0; i < 2; i++) {
        prepare(f, HTTP_HEAD, addresses[i], "p=/");
        assert_int_equal(dispatch(f), 200);
        prepare(f, HTTP_GET, addresses[i], "p=/")->req.fields[FIELD_SEC_PURPOSE] =
            SLICE("prefetch");
        assert_int_equal(dispatch(f), 200);
    }
    assert_total(f, 1);
}

/* ---- /c/ ------------------------------------------------------------------------------------ */

static void test_a_counter_is_shown_as_text_and_json(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(get(f, "/count", "p=/a.txt"), 200);
    assert_int_equal(get(f, "/count", "p=/"), 200);
    assert_int_equal(get(f, "/c/default.json", ""), 200);
    assert_body(f, "{\"site\":\"default\",\"path\":null,\"metric\":\"views\",\"value\":2}\n");
    assert_int_equal(get(f, "/c/default/a.txt.json", ""), 200);
    assert_body(f, "{\"site\":\"default\",\"path\":\"/a.txt\",\"metric\":\"views\",\"value\":1}\n");
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
        {"/c/default.gif", 404},
        {"/c/.txt", 404},
        {"/c/other.txt", 404},
        {"/c/other/a.json", 404},
        {"/c/default/a\xff.txt", 400},
        {"/c/default/a\n.txt", 400},
        {"/c", 404},
        {"/nowhere", 404},
    };
    struct fixture *f = *state;

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
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        prepare(f, HTTP_GET, addresses[i], "p=/");
        router_dispatch(&web_router, &f->fake.req);
        assert_int_equal(f->fake.status, 0);
        prepare(f, HTTP_GET, "/", ""); /* the one before is gone */
        virtual_loop_settle(&f->loop);
        assert_int_equal(f->fake.status, 0);
    }
    assert_total(f, 2);
}

/* The store has no room for anything more: what it cannot take is busy. */
static void test_a_store_that_is_full_is_busy(void **state)
{
    static const char *const addresses[] = {"/c/default.txt", "/readyz"};
    struct fixture *f = *state;

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
    struct fixture *f = *state;

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
    struct fixture *f = *state;

    assert_int_equal(get(f, "/healthz", ""), 200);
    assert_body(f, "ok\n");
    assert_int_equal(get(f, "/version", ""), 200);
    assert_body(f, "{\"name\":\"footfall\",\"version\":\"" FOOTFALL_VERSION "\"}\n");
}

static void test_it_is_ready_until_it_drains(void **state)
{
    struct fixture *f = *state;
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
    struct fixture *f = *state;

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

/* Rates are made from differences of sums, so a large sum must not be rounded. */
static void test_large_sums_are_told_exactly(void **state)
{
    struct fixture *f = *state;
    const struct hit_input input = {SLICE("default"), SLICE("/"), SLICE("")};

    for (size_t i = 0; i < 1234567; i++) {
        struct hit *hit;

        if (i % BATCH_MAX_WAITING == 0)
            while (!batcher_is_idle(f->batcher))
                virtual_loop_settle(&f->loop);
        hit = batcher_add(f->batcher, &input, NULL, NULL);
        assert_non_null(hit);
    }
    while (!batcher_is_idle(f->batcher))
        virtual_loop_settle(&f->loop);
    assert_int_equal(get(f, "/metrics", ""), 200);
    assert_has(&f->fake.body, "\nfootfall_batch_hits_sum{worker=\"3\"} 1234567\n");
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_welcome_text_counts),
        CASE(test_the_welcome_page_counts_and_escapes_the_name),
        CASE(test_the_longest_name_fits),
        CASE(test_a_hit_is_answered_with_a_pixel_or_with_numbers),
        CASE(test_an_id_counts_once),
        CASE(test_a_posted_form_counts_too),
        CASE(test_what_may_not_be_counted_is_refused_with_the_reason),
        CASE(test_values_of_any_length_are_refused_for_their_length),
        CASE(test_of_a_key_given_often_the_last_one_holds),
        CASE(test_the_longest_path_comes_back_whole),
        CASE(test_what_nobody_saw_is_not_counted),
        CASE(test_a_counter_is_shown_as_text_and_json),
        CASE(test_what_is_no_counter_is_refused),
        CASE(test_a_client_that_leaves_is_counted_and_not_answered),
        CASE(test_a_store_that_is_full_is_busy),
        CASE(test_a_hit_that_is_late_is_503_or_504),
        CASE(test_it_is_alive_and_says_its_version),
        CASE(test_it_is_ready_until_it_drains),
        CASE(test_metrics_tell_what_was_counted),
        CASE(test_large_sums_are_told_exactly),
    };

    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    return cmocka_run_group_tests_name("resources", tests, NULL, NULL);
}
