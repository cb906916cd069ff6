/* GET and POST /count. */
#include <jansson.h>
#include <stdio.h>

#include "hits_fixture.h"
#include "support/cmocka.h"

static void test_a_hit_is_answered_with_a_pixel_or_with_numbers(void **state)
{
    struct web_fixture *f = *state;

    set_public_counters(f, "pages");
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

static void test_numbers_that_are_not_public_are_not_told(void **state)
{
    static const struct {
        const char *site; /* named after what its counters show */
        const char *numbers;
    } cases[] = {
        {"off", ""},
        {"total", ",\"site_count\":1"},
        {"pages", ",\"count\":1,\"site_count\":1"},
    };
    struct web_fixture *f = *state;
    char text[128];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *site = cases[i].site;
        char key[16];

        (void)snprintf(key, sizeof(key), "site/%s", site);
        (void)snprintf(text, sizeof(text), "{\"id\":\"%s\",\"public_counters\":\"%s\"}", site,
                       site);
        write_site(f, key, text);
        (void)snprintf(text, sizeof(text), "p=/a&site=%s", site);
        assert_int_equal(get_json(f, "/count", text), 200);
        (void)snprintf(text, sizeof(text),
                       "{\"site\":\"%s\",\"path\":\"/a\"%s,\"duplicate\":false}\n", site,
                       cases[i].numbers);
        assert_body(f, text);
    }
}

static void test_an_id_counts_once(void **state)
{
    struct web_fixture *f = *state;

    set_public_counters(f, "pages");
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
    struct web_fixture *f = *state;

    set_public_counters(f, "pages");
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
        {"p=/a%0ab", "control characters"},
        {"p=%ff", "not UTF-8"},
        {"p=%c0%af", "not UTF-8"},
        {"p=/a&site=other", "there is no site"},
        {"p=/a&site=a+b", "site must be"},
        {"p=/a&site=%", "site has a %"},
        {"p=/a&id=a+b", "id must be"},
        {"p=/a&id=%c3%a9", "id must be"},
        {"p=/a&id=%4", "id has a %"},
    };
    struct web_fixture *f = *state;

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
    } cases[] = {{"p=", "at most"}, {"p=/a&id=", "id "}, {"p=/a&site=", "site "}};

    static char body[1 << 20];
    struct web_fixture *f = *state;

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
    struct web_fixture *f = *state;
    struct request *req = &prepare(f, HTTP_POST, "/count", "p=%zz")->req;
    const struct slice end = SLICE("p=/last");

    set_public_counters(f, "pages");
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
    struct web_fixture *f = *state;
    static char query[3 + 3 * (HIT_MAX_PATH - 1) + 1] = "p=/";
    json_t *body;

    for (size_t i = 0; i < HIT_MAX_PATH - 1; i++)
        memcpy(query + 3 + 3 * i, "%22", 3);
    assert_int_equal(get_json(f, "/count", query), 200);
    body = json_loadb(f->fake.body.ptr, f->fake.body.len, 0, NULL);
    assert_non_null(body);
    assert_int_equal(json_string_length(json_object_get(body, "path")), HIT_MAX_PATH);
    json_decref(body);
}

static void test_what_nobody_saw_is_not_counted(void **state)
{
    static const char *const addresses[] = {"/", "/count"};
    struct web_fixture *f = *state;

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

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, web_set_up, web_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_hit_is_answered_with_a_pixel_or_with_numbers),
        CASE(test_numbers_that_are_not_public_are_not_told),
        CASE(test_an_id_counts_once),
        CASE(test_a_posted_form_counts_too),
        CASE(test_what_may_not_be_counted_is_refused_with_the_reason),
        CASE(test_values_of_any_length_are_refused_for_their_length),
        CASE(test_of_a_key_given_often_the_last_one_holds),
        CASE(test_the_longest_path_comes_back_whole),
        CASE(test_what_nobody_saw_is_not_counted),
    };

    return cmocka_run_group_tests_name("count", tests, NULL, NULL);
}
