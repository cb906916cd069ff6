/* GET /api/v1/sites: which sites somebody is told of. */
#include "hits_fixture.h"
#include "support/cmocka.h"

#define BLOG                                                                                       \
    "{\"id\":\"blog\",\"name\":\"Tom \\\"&\\\" Jerry\",\"domains\":[\"a.example\",\"b.example\"]," \
    "\"zone\":\"Europe/Berlin\",\"start_value\":70,\"ignored_addresses\":[\"192.0.2.7\"]}"

#define BLOG_TOLD                                                                                  \
    "{\"id\":\"blog\",\"name\":\"Tom \\\"&\\\" Jerry\",\"domains\":[\"a.example\",\"b.example\"]," \
    "\"zone\":\"Europe/Berlin\",\"start_value\":70,\"views\":0}"
#define DEFAULT_TOLD                                                                               \
    "{\"id\":\"default\",\"name\":\"\",\"domains\":[],\"zone\":\"UTC\",\"start_value\":0,"         \
    "\"views\":1}"

static void write_sites(struct web_fixture *f)
{
    write_site(f, "site/blog", BLOG);
    write_site(f, "site/broken", "{\"id\":7}");
    assert_int_equal(get(f, "/count", "p=/a"), 200);
}

/* Z01 */
static void test_everybody_is_told_of_the_sites_he_may_see(void **state)
{
    static const struct {
        const char *of;
        bool is_program;
        const char *expected;
    } cases[] = {
        {"*", false, "{\"sites\":[" BLOG_TOLD "," DEFAULT_TOLD "]}\n"},
        {"blog", false, "{\"sites\":[" BLOG_TOLD "]}\n"},
        {"default", true, "{\"sites\":[" DEFAULT_TOLD "]}\n"},
        {"nosuch", true, "{\"sites\":[]}\n"},
    };
    struct web_fixture *f = *state;

    write_sites(f);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        prepare(f, HTTP_GET, "/api/v1/sites", "");
        if (cases[i].is_program)
            as_program(f, cases[i].of);
        else
            as_user(f, cases[i].of, ROLE_VIEWER);
        assert_int_equal(dispatch(f), 200);
        assert_body(f, cases[i].expected);
        assert_has(&f->fake.headers, "Cache-Control: no-store\r\n");
    }
}

static void test_nobody_is_told(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/api/v1/sites", ""), 401);
}

static void test_a_guest_of_a_demo_is_told_of_all(void **state)
{
    struct web_fixture *f = *state;

    write_sites(f);
    f->web.has_guests = true;
    assert_int_equal(get(f, "/api/v1/sites", ""), 200);
    assert_body(f, "{\"sites\":[" BLOG_TOLD "," DEFAULT_TOLD "]}\n");
}

static void test_who_leaves_is_not_answered(void **state)
{
    struct web_fixture *f = *state;

    prepare(f, HTTP_GET, "/api/v1/sites", "");
    as_user(f, "*", ROLE_VIEWER);
    send_off(f);
    prepare(f, HTTP_GET, "/", ""); /* the client is gone */
    virtual_loop_settle(&f->loop);
    assert_int_equal(f->fake.status, 0);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, web_set_up, web_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_everybody_is_told_of_the_sites_he_may_see),
        TEST(test_nobody_is_told),
        TEST(test_a_guest_of_a_demo_is_told_of_all),
        TEST(test_who_leaves_is_not_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
