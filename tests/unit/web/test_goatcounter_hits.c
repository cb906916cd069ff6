/* POST /api/v0/count. */
#include "hits_fixture.h"
#include "support/cmocka.h"

static void test_goatcounters_hits_are_counted(void **state)
{
    struct web_fixture *f = *state;
    struct metrics total;

    assert_int_equal(post_with_token(f, "/api/v0/count", "",
                                     "{\"hits\":[{\"path\":\"/a\",\"session\":\"s1\"},"
                                     "{\"path\":\"/b\",\"session\":\"s1\",\"location\":\"NL\"},"
                                     "{\"path\":\"/a\",\"session\":\"s2\",\"location\":\"xx\"},"
                                     "{\"path\":\"buy\",\"event\":true,\"session\":\"s2\"}]}"),
                     202);
    assert_body(f, "{\"status\":\"ok\"}\n");
    total = sum_of(f, DIMENSION_TOTAL, today(f), "");
    assert_int_equal(total.views, 3);
    assert_int_equal(total.visitors, 2);
    assert_int_equal(sum_of(f, DIMENSION_EVENT, today(f), "buy").views, 1);
    assert_int_equal(post_with_token(f, "/api/v0/count", "",
                                     "{\"no_sessions\":true,\"hits\":[{\"path\":\"/a\","
                                     "\"location\":\"NL\"}]}"),
                     202);
    assert_int_equal(sum_of(f, DIMENSION_COUNTRY, today(f), "NL").views, 1);
}

static void test_goatcounters_errors_name_the_hits(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(post_with_token(f, "/api/v0/count", "",
                                     "{\"no_sessions\":true,\"hits\":[{\"path\":\"\"},"
                                     "{\"path\":\"/a\"},{\"path\":\"/a\",\"created_at\":7.5}]}"),
                     400);
    assert_body(f, "{\"errors\":{\"0\":\"path, or url, is missing\","
                   "\"2\":\"the time of the hit is more than ten years ago\"}}\n");
    assert_total(f, 1);
}

static void test_goatcounters_address_needs_the_token(void **state)
{
    static const char body[] = "{\"no_sessions\":true,\"hits\":[{\"path\":\"/a\"}]}";
    struct web_fixture *f = *state;

    (void)prepare_post(f, "/api/v0/count", "", body);
    assert_int_equal(dispatch(f), 401);
    assert_has(&f->fake.body, "{\"error\":\"the API token is missing");
    assert_has(&f->fake.headers, "WWW-Authenticate: Bearer");
    assert_total(f, 0);
}

/* Z01 */
static void test_a_token_of_one_site_counts_for_no_other(void **state)
{
    static const struct {
        const char *query;
        int status;
    } cases[] = {{"", 202}, {"site=blog", 202}, {"site=default", 400}};
    struct web_fixture *f = *state;

    write_site(f, "site/blog", "{\"id\":\"blog\"}");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)prepare_post(f, "/api/v0/count", cases[i].query,
                           "{\"no_sessions\":true,\"hits\":[{\"path\":\"/a\"}]}");
        as_program(f, "blog");
        assert_int_equal(dispatch(f), cases[i].status);
    }
    assert_body(f, "{\"errors\":{\"0\":\"the API token is for another site\"}}\n");
    assert_int_equal(get(f, "/c/blog.txt", ""), 200);
    assert_body(f, "2\n");
    assert_total(f, 0);
}

static void test_goatcounters_address_takes_a_site(void **state)
{
    static const char body[] = "{\"no_sessions\":true,\"hits\":[{\"path\":\"/a\"}]}";
    struct web_fixture *f = *state;

    write_site(f, "site/blog", "{\"id\":\"blog\"}");
    assert_int_equal(post_with_token(f, "/api/v0/count", "site=blog", body), 202);
    assert_int_equal(get(f, "/c/blog.txt", ""), 200);
    assert_body(f, "1\n");
    assert_int_equal(post_with_token(f, "/api/v0/count", "site=no%20site", body), 400);
    assert_has(&f->fake.body, "{\"error\":\"site must be");
    assert_int_equal(post_with_token(f, "/api/v0/count", "site=other", body), 400);
    assert_has(&f->fake.body, "{\"errors\":{\"0\":\"there is no site");
    assert_total(f, 0);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, web_set_up, web_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_goatcounters_hits_are_counted),
        CASE(test_goatcounters_errors_name_the_hits),
        CASE(test_goatcounters_address_needs_the_token),
        CASE(test_a_token_of_one_site_counts_for_no_other),
        CASE(test_goatcounters_address_takes_a_site),
    };

    return cmocka_run_group_tests_name("goatcounter_hits", tests, NULL, NULL);
}
