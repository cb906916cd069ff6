/* Sessions of applications: they begin, are read, and change. */
#include <stdio.h>
#include <stdlib.h>

#include "app_fixture.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

#define COUNT(array_) (sizeof(array_) / sizeof((array_)[0]))

#define CREATE        "/api/v1/sessions"
#define READ          "/api/v1/sessions/read"
#define UPDATE        "/api/v1/sessions/update"

static int update(struct app_fixture *f, const char *api_token, const char *token, int version,
                  const char *data)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"token\":\"%s\",\"version\":%d,\"data\":%s}", token,
                   version, data);
    return app_post(f, UPDATE, api_token, body);
}

static void a_session_is_told_as_it_is(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];
    char id[SECRET_HASH_TEXT + 1];
    char expected[1024];
    size_t len;

    app_begin(
        f, f->all,
        "{ \"idle\" : 60, \"user\":\"Ad\\u00e1 \\\"L\\\"\",\"data\": { \"n\" : [ 0.10, 1e3 ] ,"
        "\"s\":\" \\\" : , } \\u0041\" }, \"absolute\":120,\"country\":\"DE\","
        "\"device\":\"Firefox on Linux\" }",
        token, id);
    assert_int_equal(strlen(token), SECRET_TEXT);
    assert_int_equal(strlen(id), SECRET_HASH_TEXT);
    (void)snprintf(expected, sizeof(expected),
                   "{\"token\":\"%s\",\"id\":\"%s\",\"user\":\"Ad\xc3\xa1 \\\"L\\\"\","
                   "\"data\":{\"n\":[0.10,1e3],\"s\":\" \\\" : , } \\u0041\"},\"version\":1,"
                   "\"created\":\"2023-11-14T22:13:21Z\",\"seen\":\"2023-11-14T22:13:21Z\","
                   "\"expires\":\"2023-11-14T22:15:21Z\",\"idle\":60,\"absolute\":120,"
                   "\"country\":\"DE\",\"device\":\"Firefox on Linux\"}\n",
                   token, id);
    assert_body(f->web, expected);
    len = sizeof("\"token\":\"\",") - 1 + SECRET_TEXT;
    memmove(expected + 1, expected + 1 + len, strlen(expected) - len);
    assert_int_equal(app_read(f, f->all, token), 200);
    assert_body(f->web, expected);
}

static const struct {
    const char *body;
    int64_t idle_s;
    int64_t absolute_s;
} lives[] = {
    {"{\"user\":\"a\"}", SESSION_IDLE_S, SESSION_ABSOLUTE_S},
    {"{\"user\":\"a\",\"idle\":3600}", 3600, SESSION_ABSOLUTE_S},
    {"{\"user\":\"a\",\"absolute\":3600}", 3600, 3600},
    {"{\"user\":\"a\",\"absolute\":864000}", SESSION_IDLE_S, 864000},
    {"{\"user\":\"a\",\"idle\":8640000}", 8640000, 8640000},
    {"{\"user\":\"a\",\"idle\":60,\"absolute\":34560000}", 60, SESSION_MAX_ABSOLUTE_S},
};

static void one_limit_alone_bounds_the_other(void **state)
{
    struct app_fixture *f = *state;

    for (size_t i = 0; i < COUNT(lives); i++) {
        json_t *answer;

        assert_int_equal(app_post(f, CREATE, f->all, lives[i].body), 201);
        answer = app_answer(f);
        assert_int_equal(json_integer_value(json_object_get(answer, "idle")), lives[i].idle_s);
        assert_int_equal(json_integer_value(json_object_get(answer, "absolute")),
                         lives[i].absolute_s);
        json_decref(answer);
    }
}

/* Z02: what an address does not know is refused, and so is what comes twice. */
static const struct {
    const char *path;
    const char *body;
    int status;
    const char *why;
} refused[] = {
    {CREATE, "", 400, "no JSON"},
    {CREATE, "[]", 400, "an object"},
    {CREATE, "{}", 400, "user is missing"},
    {CREATE, "{\"user\":\"a\",\"admin\":true}", 400, "does not take"},
    {CREATE, "{\"user\":\"a\",\"version\":7}", 400, "does not take"},
    {CREATE, "{\"user\":\"a\",\"user\":\"b\"}", 400, "twice"},
    {CREATE, "{\"user\":\"\"}", 400, "1 to 256"},
    {CREATE, "{\"user\":\"a\\n\"}", 400, "control"},
    {CREATE, "{\"user\":\"a\\u0000\"}", 400, "no JSON"},
    {CREATE, "{\"user\":\"\xff\"}", 400, "no JSON"},
    {CREATE, "{\"user\":7}", 400, "user has to be a text"},
    {CREATE, "{\"user\":null}", 400, "user has to be a text"},
    {CREATE, "{\"user\":\"a\",\"data\":[]}", 400, "data has to be an object"},
    {CREATE, "{\"user\":\"a\",\"data\":\"{}\"}", 400, "data has to be an object"},
    {CREATE, "{\"user\":\"a\",\"data\":{\"a\":1,\"a\":2}}", 400, "twice"},
    {CREATE, "{\"user\":\"a\",\"d\\u0061ta\":{}}", 400, "data is an object"},
    {CREATE, "{\"user\":\"a\",\"idle\":0}", 400, "from 1"},
    {CREATE, "{\"user\":\"a\",\"idle\":-60}", 400, "from 1"},
    {CREATE, "{\"user\":\"a\",\"idle\":60.0}", 400, "from 1"},
    {CREATE, "{\"user\":\"a\",\"idle\":\"60\"}", 400, "from 1"},
    {CREATE, "{\"user\":\"a\",\"idle\":59}", 400, "60 seconds"},
    {CREATE, "{\"user\":\"a\",\"absolute\":59}", 400, "60 seconds"},
    {CREATE, "{\"user\":\"a\",\"absolute\":34560001}", 400, "400 days"},
    {CREATE, "{\"user\":\"a\",\"absolute\":4294967356}", 400, "400 days"},
    {CREATE, "{\"user\":\"a\",\"idle\":120,\"absolute\":60}", 400, "absolute"},
    {CREATE, "{\"user\":\"a\",\"country\":\"de\"}", 400, "capital"},
    {READ, "{}", 400, "token is missing"},
    {READ, "{\"token\":\"a\",\"user\":\"a\"}", 400, "does not take"},
    {READ, "{\"token\":\"a\"}", 404, "no such session"},
    {READ, "{\"token\":\"\"}", 404, "no such session"},
    {UPDATE, "{\"token\":\"a\",\"version\":1}", 400, "data is missing"},
    {UPDATE, "{\"token\":\"a\",\"data\":{}}", 400, "version is missing"},
    {UPDATE, "{\"token\":\"a\",\"data\":{},\"version\":0}", 400, "from 1"},
    {UPDATE, "{\"token\":\"a\",\"data\":{},\"version\":9223372036854775808}", 400, "no JSON"},
    {UPDATE, "{\"token\":\"a\",\"data\":{},\"version\":1}", 404, "no such session"},
};

static void what_is_not_understood_is_refused(void **state)
{
    struct app_fixture *f = *state;

    for (size_t i = 0; i < COUNT(refused); i++) {
        int status = app_post(f, refused[i].path, f->all, refused[i].body);

        if (status != refused[i].status)
            fail_msg("%s: %d", refused[i].body, status);
        assert_has(&f->web->fake.body, refused[i].why);
    }
    app_prepare(f, CREATE, f->all, "{\"user\":\"a\"}");
    f->web->fake.req.fields[FIELD_CONTENT_TYPE] = SLICE("text/plain"); /* C04 */
    assert_int_equal(dispatch(f->web), 415);
}

/* Data of `len` bytes, and what else belongs to a body. */
static char *body_with_data(size_t len, size_t blanks)
{
    const size_t around = sizeof("{\"a\":\"\"}") - 1;
    char *body = malloc(len + blanks + 64);

    assert_non_null(body);
    (void)snprintf(body, len + blanks + 64, "{\"user\":\"a\",%*s\"data\":{\"a\":\"%0*d\"}}",
                   (int)blanks, "", (int)(len - around), 0);
    return body;
}

static void bodies_and_data_have_a_limit(void **state)
{
    static const struct {
        size_t data;
        size_t blanks;
        int status;
    } cases[] = {{SESSION_MAX_DATA, 0, 201},
                 {SESSION_MAX_DATA + 1, 0, 400},
                 {SESSION_MAX_DATA, 50000, 201},
                 {100, 65536, 413}};
    struct app_fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        char *body = body_with_data(cases[i].data, cases[i].blanks);

        assert_int_equal(app_post(f, CREATE, f->all, body), cases[i].status);
        free(body);
    }
}

static void only_programs_with_the_scope_are_let_in(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];

    app_begin(f, f->all, "{\"user\":\"ada\"}", token, NULL);
    assert_int_equal(app_read(f, NULL, token), 401);
    assert_int_equal(app_read(f, f->reader, token), 403);
    assert_int_equal(app_read(f, token, token), 401);         /* S14: it is no API token */
    assert_int_equal(app_read(f, f->all, f->all), 404);       /* and that no session */
    assert_int_equal(get_json(f->web, READ, "token=x"), 405); /* S04 */
}

static void an_application_finds_no_session_of_another(void **state)
{
    struct app_fixture *f = *state;
    char shop[SECRET_TEXT + 1];
    char all[SECRET_TEXT + 1];

    app_begin(f, f->shop, "{\"user\":\"ada\",\"data\":{\"of\":\"shop\"}}", shop, NULL);
    app_begin(f, f->all, "{\"user\":\"ada\"}", all, NULL);
    assert_int_equal(app_read(f, f->blog, shop), 404);
    assert_int_equal(app_read(f, f->all, shop), 404);
    assert_int_equal(app_read(f, f->shop, all), 404);
    assert_int_equal(update(f, f->blog, shop, 1, "{\"of\":\"blog\"}"), 404);
    assert_int_equal(app_read(f, f->shop, shop), 200);
    assert_has(&f->web->fake.body, "{\"of\":\"shop\"},\"version\":1,");
}

static void an_update_is_on_top_of_what_was_read(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];
    json_t *answer;
    json_t *session;

    app_begin(f, f->shop, "{\"user\":\"ada\"}", token, NULL);
    assert_int_equal(update(f, f->shop, token, 1, "{ \"n\":1 }"), 200);
    assert_has(&f->web->fake.body, "\"data\":{\"n\":1},\"version\":2,");
    assert_int_equal(update(f, f->shop, token, 1, "{\"n\":2}"), 409);
    answer = app_answer(f);
    session = json_object_get(answer, "session");
    assert_int_equal(json_integer_value(json_object_get(session, "version")), 2);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(session, "data"), "n")), 1);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(answer, "error"), "code")), "conflict");
    assert_null(json_object_get(session, "token"));
    json_decref(answer);
    assert_int_equal(update(f, f->shop, token, 2, "{\"n\":2}"), 200);
}

/* S07: who reads keeps it alive, up to the absolute end. */
static void a_session_ends_when_its_time_is_over(void **state)
{
    struct app_fixture *f = *state;
    char idle[SECRET_TEXT + 1];
    char used[SECRET_TEXT + 1];

    app_begin(f, f->all, "{\"user\":\"a\",\"idle\":60,\"absolute\":200}", idle, NULL);
    app_begin(f, f->all, "{\"user\":\"a\",\"idle\":60,\"absolute\":200}", used, NULL);
    for (int i = 0; i < 3; i++) {
        app_pass_s(f, 59);
        assert_int_equal(app_read(f, f->all, used), 200);
        assert_int_equal(i == 0 ? 404 : app_read(f, f->all, idle), 404);
    }
    app_pass_s(f, 22);
    assert_int_equal(app_read(f, f->all, used), 200);
    app_pass_s(f, 2);
    assert_int_equal(app_read(f, f->all, used), 404);
    assert_int_equal(update(f, f->all, used, 1, "{}"), 404);
}

static void without_the_store_nothing_is_said(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];

    app_begin(f, f->all, "{\"user\":\"a\"}", token, NULL);
    app_cut(f);
    assert_int_equal(app_read(f, f->all, token), 503);
    assert_int_equal(update(f, f->all, token, 1, "{}"), 503);
    app_mend(f);
    assert_int_equal(app_read(f, f->all, token), 200);
}

/* The client leaves while the store is asked: found by AddressSanitizer if that were used on. */
static void who_leaves_is_forgotten(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];
    char body[128];

    app_begin(f, f->all, "{\"user\":\"a\"}", token, NULL);
    (void)snprintf(body, sizeof(body), "{\"token\":\"%s\",\"version\":1,\"data\":{}}", token);
    for (int turns = 0; turns < 8; turns++) {
        app_prepare(f, turns % 2 ? UPDATE : CREATE, f->all, turns % 2 ? body : "{\"user\":\"a\"}");
        router_dispatch(&web_router, &f->web->fake.req);
        for (int i = 0; i < turns; i++)
            virtual_loop_turn(&f->web->loop);
    }
    web_settle(f->web);
    assert_int_equal(get(f->web, "/healthz", ""), 200);
}

static bool run_without_memory(struct app_fixture *f, const char *path, const char *body,
                               int expected, size_t k)
{
    bool has_failed;
    int status;

    app_prepare(f, path, f->all, body);
    failing_malloc_at(k);
    router_dispatch(&web_router, &f->web->fake.req);
    virtual_loop_settle(&f->web->loop);
    has_failed = failing_malloc_stop();
    app_pass_s(f, 2);
    status = f->web->fake.status;
    if (status != expected && status != 503 && status != 504)
        fail_msg("%s without the %zuth: %d", path, k, status);
    return has_failed;
}

static void without_memory_it_is_said_so(void **state)
{
    struct app_fixture *f = *state;
    char token[SECRET_TEXT + 1];
    char read[128];
    char stale[128];

    app_begin(f, f->all, "{\"user\":\"a\"}", token, NULL);
    (void)snprintf(read, sizeof(read), "{\"token\":\"%s\"}", token);
    (void)snprintf(stale, sizeof(stale), "{\"token\":\"%s\",\"version\":9,\"data\":{\"a\":{}}}",
                   token);
    for (size_t k = 1; run_without_memory(f, CREATE, "{\"user\":\"a\",\"data\":{\"a\":1}}", 201, k);
         k++) {
    }
    for (size_t k = 1; run_without_memory(f, READ, read, 200, k); k++) {
    }
    for (size_t k = 1; run_without_memory(f, UPDATE, stale, 409, k); k++) {
    }
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, app_set_up, app_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_is_told_as_it_is),
        TEST(one_limit_alone_bounds_the_other),
        TEST(what_is_not_understood_is_refused),
        TEST(bodies_and_data_have_a_limit),
        TEST(only_programs_with_the_scope_are_let_in),
        TEST(an_application_finds_no_session_of_another),
        TEST(an_update_is_on_top_of_what_was_read),
        TEST(a_session_ends_when_its_time_is_over),
        TEST(without_the_store_nothing_is_said),
        TEST(who_leaves_is_forgotten),
        cmocka_unit_test_setup_teardown(without_memory_it_is_said_so, app_set_up_near,
                                        app_tear_down),
    };

    return cmocka_run_group_tests_name("sessions of applications", tests, NULL, NULL);
}
