/* Statistics by their addresses: keys, sites, JSON and CSV. What the numbers are, test_statistics.c
 * says; who is let in, test_admission.c. */
#include <jansson.h>
#include <stdio.h>

#include "hits_fixture.h"
#include "support/cmocka.h"

static int ask(struct web_fixture *f, const char *path, const char *query)
{
    prepare(f, HTTP_GET, path, query);
    as_program(f, "*");
    return dispatch(f);
}

static void count(struct web_fixture *f, const char *query)
{
    prepare(f, HTTP_GET, "/count", query)->req.fields[FIELD_USER_AGENT] =
        SLICE("Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0");
    assert_int_equal(dispatch(f), 200);
}

/* ---- sites ---------------------------------------------------------------------------------- */

static const struct {
    const char *path;
    const char *query; /* but for the site */
} addresses[] = {
    {"/api/v1/stats", "site="},
    {"/api/v1/stats/top", "dimension=page&site="},
    {"/api/v1/live", "site="},
};

#define ADDRESSES (sizeof(addresses) / sizeof(addresses[0]))

/* The query lives until the next one. */
static void prepare_site(struct web_fixture *f, size_t address, const char *site)
{
    static char query[100];

    (void)snprintf(query, sizeof(query), "%s%s", addresses[address].query, site);
    prepare(f, HTTP_GET, addresses[address].path, query);
}

/* Z01 */
static void test_a_site_is_shown_to_who_may_see_it(void **state)
{
    static const struct {
        const char *of; /* whose grant or token */
        enum role role; /* ROLE_NONE: a program */
        const char *asked;
        int status;
    } cases[] = {
        {"blog", ROLE_VIEWER, "blog", 200},   {"blog", ROLE_EDITOR, "blog", 200},
        {"blog", ROLE_OWNER, "blog", 200},    {"*", ROLE_VIEWER, "blog", 200},
        {"blog", ROLE_OWNER, "default", 404}, {"blog", ROLE_OWNER, "", 404},
        {"blog", ROLE_VIEWER, "shop", 404},   {"default", ROLE_VIEWER, "", 200},
        {"blog", ROLE_NONE, "blog", 200},     {"*", ROLE_NONE, "blog", 200},
        {"blog", ROLE_NONE, "default", 404},  {"blog", ROLE_NONE, "", 404},
    };
    struct web_fixture *f = *state;

    write_site(f, "site/blog", "{\"id\":\"blog\"}");
    write_site(f, "site/shop", "{\"id\":\"shop\"}");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t a = 0; a < ADDRESSES; a++) {
            prepare_site(f, a, cases[i].asked);
            if (cases[i].role == ROLE_NONE)
                as_program(f, cases[i].of);
            else
                as_user(f, cases[i].of, cases[i].role);
            if (dispatch(f) != cases[i].status)
                fail_msg("case %zu of %s is answered %d", i, addresses[a].path, f->fake.status);
        }
    }
}

/* Z01: what is answered tells nothing of which sites there are. */
static void test_a_hidden_site_is_like_one_that_is_not_there(void **state)
{
    struct web_fixture *f = *state;
    char expected[1000];

    write_site(f, "site/shop", "{\"id\":\"shop\"}");
    for (size_t a = 0; a < ADDRESSES; a++) {
        prepare_site(f, a, "shop");
        as_user(f, "*", ROLE_OWNER);
        assert_int_equal(dispatch(f), 200);
        prepare_site(f, a, "nono");
        as_user(f, "*", ROLE_OWNER);
        assert_int_equal(dispatch(f), 404);
        (void)snprintf(expected, sizeof(expected), "%.*s", SLICE_ARG(strbuf_slice(&f->fake.body)));
        prepare_site(f, a, "nono");
        as_user(f, "blog", ROLE_OWNER);
        assert_int_equal(dispatch(f), 404);
        assert_body(f, expected);
        memcpy(strstr(expected, "nono"), "shop", 4);
        prepare_site(f, a, "shop");
        as_user(f, "blog", ROLE_OWNER);
        assert_int_equal(dispatch(f), 404);
        assert_body(f, expected);
    }
}

static void test_definitions_are_for_everybody(void **state)
{
    struct web_fixture *f = *state;
    json_t *answer;

    assert_int_equal(get(f, "/api/v1/definitions", ""), 200);
    answer = json_loadb(f->fake.body.ptr, f->fake.body.len, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(answer, "metrics")), METRIC_COUNT_ + 1);
    assert_int_equal(json_array_size(json_object_get(answer, "dimensions")), DIMENSION_COUNT_ - 1);
    json_decref(answer);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void test_wrong_keys_and_values_are_refused_with_a_reason(void **state)
{
    static const struct {
        const char *path, *query, *reason;
    } cases[] = {
        {"/api/v1/stats", "form=2026-01-01", "there is no key \\\"form\\\" here; there are: site"},
        {"/api/v1/stats", "dimension=page", "there is no key"},
        {"/api/v1/stats", "limit=3", "there is no key"},
        {"/api/v1/stats/top", "dimension=page&by=day", "there is no key"},
        {"/api/v1/live", "from=2026-01-01", "there is no key"},
        {"/api/v1/live", "source=Google", "there is no key"},
        {"/api/v1/stats", "total=1", "there is no key"},
        {"/api/v1/stats", "%00=1", "there is no key"},
        {"/api/v1/stats", "from=2026-1-1", "from is not right: a date looks like"},
        {"/api/v1/stats", "from=2026-02-30", "from is not right"},
        {"/api/v1/stats", "to=2026-02-03", "to wants a from"},
        {"/api/v1/stats", "from=2023-01-01&period=7d", "either a period"},
        {"/api/v1/stats", "from=2023-01-01&from=2023-01-02", "from is given twice"},
        {"/api/v1/stats", "source=a&country=DE", "country is one filter too many"},
        {"/api/v1/stats", "period=1d", "period is not right: a period is today"},
        {"/api/v1/stats", "by=minute", "by is not right"},
        {"/api/v1/stats", "compare=last", "compare is not right"},
        {"/api/v1/stats", "metrics=views,vists", "metrics is not right"},
        {"/api/v1/stats", "metrics=sum", "sum is not counted"},
        {"/api/v1/stats", "format=xml", "format is not right"},
        {"/api/v1/stats", "site=A%20B", "site is not right"},
        {"/api/v1/stats", "page=%ff", "page is not right"},
        {"/api/v1/stats", "page=%0a", "page is not right"},
        {"/api/v1/stats", "page=%", "hex digits"},
        {"/api/v1/stats", "source=%zz", "hex digits"},
        {"/api/v1/stats/top", "", "wants a dimension"},
        {"/api/v1/stats/top", "dimension=total", "no dimension of this name"},
        {"/api/v1/stats/top", "dimension=planet", "no dimension of this name"},
        {"/api/v1/stats/top", "dimension=page&limit=0", "from 1 to 1000"},
        {"/api/v1/stats/top", "dimension=page&limit=1001", "from 1 to 1000"},
        {"/api/v1/stats/top", "dimension=page&limit=99999999999999999999", "from 1 to 1000"},
        {"/api/v1/stats/top", "dimension=page&limit=-1", "from 1 to 1000"},
        {"/api/v1/stats/top", "dimension=page&offset=100001", "from 0 to 100000"},
        {"/api/v1/stats/top", "dimension=page&sort=bounce_rate", "cannot be sorted"},
        {"/api/v1/stats/top", "dimension=entry&metrics=views", "views is not counted"},
    };
    struct web_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (ask(f, cases[i].path, cases[i].query) != 400)
            fail_msg("%s is answered %d", cases[i].query, f->fake.status);
        assert_has(&f->fake.body, cases[i].reason);
    }
    assert_int_equal(ask(f, "/api/v1/stats", "site=nosuch"), 404);
    assert_has(&f->fake.body, "nosuch");
}

static void test_a_search_has_a_longest_text(void **state)
{
    struct web_fixture *f = *state;
    char query[200] = "dimension=page&search=";
    size_t len = strlen(query);

    memset(query + len, 'a', STATISTICS_MAX_SEARCH);
    assert_int_equal(ask(f, "/api/v1/stats/top", query), 200);
    query[len + STATISTICS_MAX_SEARCH] = 'a';
    assert_int_equal(ask(f, "/api/v1/stats/top", query), 400);
}

static void test_keys_without_a_value_count_as_not_given(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(ask(f, "/api/v1/stats", "from=&to=&period=7d&page=&source=&by="), 200);
    assert_has(&f->fake.body, "\"by\":\"day\"");
}

/* ---- answers -------------------------------------------------------------------------------- */

static json_t *answer_of(const struct web_fixture *f)
{
    json_error_t error;
    json_t *answer = json_loadb(f->fake.body.ptr, f->fake.body.len, JSON_REJECT_DUPLICATES, &error);

    if (!answer)
        fail_msg("%s in %.*s", error.text, SLICE_ARG(strbuf_slice(&f->fake.body)));
    return answer;
}

static int64_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void test_a_series_as_json(void **state)
{
    struct web_fixture *f = *state;
    const json_t *point;
    json_t *answer;

    count(f, "p=/a");
    count(f, "p=/b");
    assert_int_equal(ask(f, "/api/v1/stats", "period=7d&compare=previous"), 200);
    answer = answer_of(f);
    assert_string_equal(json_string_value(json_object_get(answer, "from")), "2023-11-08");
    assert_string_equal(json_string_value(json_object_get(answer, "to")), "2023-11-14");
    assert_int_equal(number(json_object_get(answer, "totals"), "views"), 2);
    assert_int_equal(number(json_object_get(answer, "totals"), "visits"), 1);
    assert_int_equal(json_array_size(json_object_get(answer, "series")), 7);
    assert_int_equal(json_array_size(json_object_get(answer, "previous_series")), 7);
    point = json_array_get(json_object_get(answer, "series"), 6);
    assert_string_equal(json_string_value(json_object_get(point, "label")), "2023-11-14");
    assert_int_equal(number(point, "start"), 1699920000);
    assert_int_equal(number(point, "views"), 2);
    point = json_array_get(json_object_get(answer, "series"), 0);
    assert_true(json_is_null(json_object_get(point, "bounce_rate")));
    json_decref(answer);
    assert_has(&f->fake.headers, "Cache-Control: no-store\r\n");
    assert_has(&f->fake.headers, "Vary: Accept\r\n");
}

static void test_only_the_metrics_that_are_asked_for(void **state)
{
    struct web_fixture *f = *state;

    count(f, "p=/a");
    assert_int_equal(ask(f, "/api/v1/stats/top", "dimension=page&metrics=visits,views"), 200);
    assert_has(&f->fake.body, "{\"value\":\"/a\",\"title\":\"\",\"views\":1,\"visits\":1}");
    assert_has(&f->fake.body, "\"total\":{\"views\":1,\"visits\":1}");
}

static void test_events_have_a_sum(void **state)
{
    struct web_fixture *f = *state;

    count(f, "p=signup&e=true");
    assert_int_equal(ask(f, "/api/v1/stats/top", "dimension=event"), 200);
    assert_has(&f->fake.body, "{\"value\":\"signup\",\"views\":1,\"visits\":1,\"visitors\":1,"
                              "\"sum\":0.000}");
}

static void test_live_as_json(void **state)
{
    struct web_fixture *f = *state;

    count(f, "p=/a");
    assert_int_equal(ask(f, "/api/v1/live", "site=default"), 200);
    assert_has(&f->fake.body, "\"live\":1,\"minutes\":5}");
}

static void test_csv_is_chosen_by_key_and_by_accept(void **state)
{
    struct web_fixture *f = *state;
    struct fake_request *fake;

    count(f, "p=/a");
    assert_int_equal(ask(f, "/api/v1/stats",
                         "period=today&by=day&metrics=views,bounce_rate&"
                         "compare=previous&format=csv"),
                     200);
    assert_body(f, "day,views,bounce_rate,previous_day,previous_views,previous_bounce_rate\r\n"
                   "2023-11-14,1,1.0000,2023-11-13,0,\r\n");
    assert_has(&f->fake.type, "text/csv; charset=utf-8");
    assert_has(&f->fake.headers, "attachment; filename=\"footfall.csv\"\r\n");
    fake = prepare(f, HTTP_GET, "/api/v1/stats/top", "dimension=browser&metrics=views");
    as_program(f, "*");
    fake->req.fields[FIELD_ACCEPT] = SLICE("text/csv");
    assert_int_equal(dispatch(f), 200);
    assert_body(f, "browser,views\r\n\"Firefox\",1\r\n");
    fake = prepare(f, HTTP_GET, "/api/v1/stats/top", "dimension=browser&format=json");
    as_program(f, "*");
    fake->req.fields[FIELD_ACCEPT] = SLICE("text/csv");
    assert_int_equal(dispatch(f), 200);
    assert_has(&f->fake.type, "application/json");
}

/* Two ranges of weeks may have a different number of points. */
static void test_csv_lines_have_all_their_fields(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(ask(f, "/api/v1/stats",
                         "from=2023-11-06&to=2023-11-12&by=month&"
                         "compare=previous&metrics=views&format=csv"),
                     200);
    assert_body(f, "month,views,previous_month,previous_views\r\n"
                   "2023-11,0,2023-10,0\r\n"
                   ",,2023-11,0\r\n");
}

static void test_csv_has_no_formulas_and_quotes_are_doubled(void **state)
{
    static const struct {
        const char *title;
        const char *field;
    } cases[] = {
        {"%3D1%2B1", "\"'=1+1\""}, {"%2BA1", "\"'+A1\""}, {"-1", "\"'-1\""},
        {"%40SUM", "\"'@SUM\""},   {"a%2Cb", "\"a,b\""},  {"say+%22hi%22", "\"say \"\"hi\"\"\""},
        {"a%3D1", "\"a=1\""},
    };
    struct web_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char query[120];

        (void)snprintf(query, sizeof(query), "p=/%zu&t=%s", i, cases[i].title);
        count(f, query);
    }
    assert_int_equal(ask(f, "/api/v1/stats/top", "dimension=page&metrics=views&format=csv"), 200);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_has(&f->fake.body, cases[i].field);
}

static void test_who_leaves_is_not_answered(void **state)
{
    struct web_fixture *f = *state;

    prepare(f, HTTP_GET, "/api/v1/stats", "");
    as_program(f, "*");
    send_off(f);
    prepare(f, HTTP_GET, "/", ""); /* the client is gone */
    virtual_loop_settle(&f->loop);
    assert_int_equal(f->fake.status, 0);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, web_set_up, web_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_site_is_shown_to_who_may_see_it),
        TEST(test_a_hidden_site_is_like_one_that_is_not_there),
        TEST(test_definitions_are_for_everybody),
        TEST(test_wrong_keys_and_values_are_refused_with_a_reason),
        TEST(test_a_search_has_a_longest_text),
        TEST(test_keys_without_a_value_count_as_not_given),
        TEST(test_a_series_as_json),
        TEST(test_only_the_metrics_that_are_asked_for),
        TEST(test_events_have_a_sum),
        TEST(test_live_as_json),
        TEST(test_csv_is_chosen_by_key_and_by_accept),
        TEST(test_csv_lines_have_all_their_fields),
        TEST(test_csv_has_no_formulas_and_quotes_are_doubled),
        TEST(test_who_leaves_is_not_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
