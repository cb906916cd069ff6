/* /counter/: GoatCounter's addresses. */
#include <stdio.h>

#include "hits_fixture.h"
#include "support/cmocka.h"

static void assert_counts(struct web_fixture *f, const char *path, const char *query,
                          const char *count, const char *unique)
{
    char expected[100];

    (void)snprintf(expected, sizeof(expected), "{\"count\":\"%s\",\"count_unique\":\"%s\"}\n",
                   count, unique);
    assert_int_equal(get(f, path, query), 200);
    if (!slice_eq(strbuf_slice(&f->fake.body), slice_str(expected)))
        fail_msg("%s?%s: %.*s", path, query, (int)f->fake.body.len, f->fake.body.ptr);
}

static void test_views_and_visits_are_told_as_text(void **state)
{
    struct web_fixture *f = *state;

    write_site(f, "site/default",
               "{\"id\":\"default\",\"public_counters\":\"pages\",\"start_value\":1200}");
    assert_int_equal(get(f, "/count", "p=/a.html"), 200);
    assert_int_equal(get(f, "/count", "p=/a.html"), 200);
    assert_int_equal(get(f, "/count", "p=/b"), 200);
    assert_counts(f, "/counter//a.html.json", "", "2", "1");
    assert_counts(f, "/counter/a.html.json", "", "2", "1");
    assert_counts(f, "/counter/b/.json", "", "1", "1");
    assert_counts(f, "/counter/nowhere.json", "", "0", "0");
    assert_counts(f, "/counter/TOTAL.json", "", "1,203", "1,201");
    assert_counts(f, "/counter/TOTAL.json", "site=default", "1,203", "1,201");
}

static void test_ranges_are_those_of_goatcounter(void **state)
{
    struct web_fixture *f = *state;
    char query[100];

    set_public_counters(f, "pages");
    assert_int_equal(get(f, "/count", "p=/a"), 200);
    assert_counts(f, "/counter/TOTAL.json", "start=week", "1", "1");
    assert_counts(f, "/counter/a.json", "start=month", "1", "1");
    assert_counts(f, "/counter/a.json", "start=year", "1", "1");
    assert_counts(f, "/counter/a.json", "start=1970-01-01", "1", "1");
    assert_counts(f, "/counter/a.json", "start=1970-01-01&end=1970-01-02", "0", "0");
    assert_counts(f, "/counter/a.json", "end=1970-01-02", "0", "0");
    (void)snprintf(query, sizeof(query), "start=yesterday&end=%%zz");
    assert_counts(f, "/counter/a.json", query, "1", "1");
    assert_has(&f->fake.headers, "X-Footfall-Warning: ");
}

static void test_pictures_and_pages_are_ours(void **state)
{
    struct web_fixture *f = *state;

    set_public_counters(f, "pages");
    assert_int_equal(get(f, "/counter/TOTAL.svg", "no_branding=1&style=div+%7B+color%3A+red+%7D"),
                     200);
    assert_has(&f->fake.body, "<title>views: 0</title>");
    assert_null(memmem(f->fake.headers.ptr, f->fake.headers.len, "Warning", 7));
    assert_has(&f->fake.headers, "Vary: Referer, Origin\r\n");
    assert_int_equal(get(f, "/counter/TOTAL.svg", "style=led&label=x&site=default"), 200);
    assert_has(&f->fake.body, "skewX");
    assert_null(memmem(f->fake.headers.ptr, f->fake.headers.len, "Vary", 4));
    assert_int_equal(get(f, "/counter//a.html", ""), 200);
    assert_body(f, "<span class=\"footfall-counter\">0</span>\n");
}

static void test_the_site_is_that_of_the_page(void **state)
{
    struct web_fixture *f = *state;

    write_site(f, "site/blog",
               "{\"id\":\"blog\",\"domains\":[\"blog.example\"],\"start_value\":7}");
    write_site(f, "domain/blog.example", "blog");
    write_site(f, "settings/0", "domains");
    prepare(f, HTTP_GET, "/counter/TOTAL.json", "")->req.fields[FIELD_REFERER] =
        SLICE("https://blog.example/");
    assert_int_equal(dispatch(f), 200);
    assert_body(f, "{\"count\":\"7\",\"count_unique\":\"7\"}\n");
    assert_counts(f, "/counter/TOTAL.json", "site=blog", "7", "7");
    assert_counts(f, "/counter/TOTAL.json", "", "0", "0");
}

static void test_what_is_not_there_or_not_public_is_refused(void **state)
{
    struct web_fixture *f = *state;

    assert_int_equal(get(f, "/counter/a.json", ""), 403);
    assert_int_equal(get(f, "/counter/TOTAL.json", "site=other"), 404);
    assert_int_equal(get(f, "/counter/TOTAL.json", "site=A"), 404);
    assert_int_equal(get(f, "/counter/TOTAL.svg", "site=other"), 200);
    assert_has(&f->fake.body, "no such site");
    assert_int_equal(get(f, "/counter/TOTAL.png", ""), 404);
    assert_int_equal(get(f, "/counter/.json", ""), 404);
    assert_int_equal(get(f, "/counter/", ""), 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_views_and_visits_are_told_as_text, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_ranges_are_those_of_goatcounter, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_pictures_and_pages_are_ours, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_the_site_is_that_of_the_page, web_set_up,
                                        web_tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_there_or_not_public_is_refused, web_set_up,
                                        web_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
