/* Hits in JSON: what is read, and what is refused. */
#include <stdio.h>

#include "hit_list_fixture.h"
#include "support/cmocka.h"

static void test_a_hit_may_come_alone_in_a_list_or_in_an_object(void **state)
{
    static const struct {
        const char *body;
        size_t count;
    } cases[] = {
        {"{\"path\":\"/a\"}", 1},
        {"[{\"path\":\"/a\"}]", 1},
        {"[{\"path\":\"/a\"},{\"path\":\"/b\"}]", 2},
        {"{\"hits\":[{\"path\":\"/a\"}]}", 1},
        {" { \"hits\" : [ {\"path\":\"/a\"}, {\"path\":\"/b\"}, {\"path\":\"/c\"} ] } ", 3},
    };
    struct list_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(read_own(f, cases[i].body), ERR_OK);
        assert_int_equal(f->list.count, cases[i].count);
        assert_slice(f->list.hits[0].request.page.path, "/a");
    }
}

static void test_a_body_that_is_no_list_of_hits_is_refused_as_a_whole(void **state)
{
    static const struct {
        const char *body;
        const char *why;
    } cases[] = {
        {"", "no JSON: line 1, column 0"},
        {"null", "no JSON"},
        {"7", "no JSON"},
        {"\"/a\"", "no JSON"},
        {"{\"path\":\"/a\"}x", "no JSON"},
        {"{\"path\":\"/a\",}", "no JSON"},
        {"{'path':'/a'}", "no JSON"},
        {"{\"path\":\"/a\n\"}", "no JSON"},
        {"{\"path\":\"/\\u0000\"}", "no JSON"},
        {"{\"path\":\"\xff\"}", "no JSON"},
        {"{\"value\":1e999}", "no JSON"},
        {"{\"bot\":99999999999999999999}", "no JSON"},
        {"{\"path\":\"/a\",\"path\":\"/b\"}", "a key twice"},
        {"{\"path\":\"/a\",\"p\\u0061th\":\"/b\"}", "a key twice"},
        {"[]", "1 to 500 hits, and this one has 0"},
        {"{\"hits\":[]}", "1 to 500 hits, and this one has 0"},
        {"{\"hits\":{\"path\":\"/a\"}}", "hits has to be a list"},
        {"{\"hits\":null}", "hits has to be a list"},
        {"{\"hits\":[{\"path\":\"/a\"}],\"site\":\"b\"}", "nothing may be beside it"},
    };
    struct list_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(read_own(f, cases[i].body), ERR_INVALID);
        if (!strstr(f->info.text, cases[i].why))
            fail_msg("%s: %s", cases[i].body, f->info.text);
    }
}

static void test_more_hits_than_500_are_refused(void **state)
{
    static char body[64 * (HIT_LIST_MAX + 2)];
    struct list_fixture *f = *state;

    for (size_t count = HIT_LIST_MAX; count <= HIT_LIST_MAX + 1; count++) {
        size_t len = 0;

        for (size_t i = 0; i < count; i++)
            len += (size_t)snprintf(body + len, sizeof(body) - len, "%c{\"path\":\"/%zu\"}",
                                    i == 0 ? '[' : ',', i);
        (void)snprintf(body + len, sizeof(body) - len, "]");
        assert_int_equal(read_own(f, body), count > HIT_LIST_MAX ? ERR_INVALID : ERR_OK);
    }
    assert_non_null(strstr(f->info.text, "this one has 501"));
}

static void test_lists_without_end_are_refused(void **state)
{
    static char body[1 << 20];
    struct list_fixture *f = *state;

    memset(body, '[', 3000);
    assert_int_equal(read_own(f, body), ERR_INVALID);
    assert_non_null(strstr(f->info.text, "no JSON"));
    memset(body, '[', sizeof(body) - 1);
    assert_int_equal(read_own(f, body), ERR_INVALID);
    assert_non_null(strstr(f->info.text, "too many values"));
    for (size_t i = 0; i + 3 < sizeof(body); i += 3)
        memcpy(body + i + 1, "[],", 3);
    body[sizeof(body) - 1] = '\0';
    body[sizeof(body) - 2] = ']';
    body[sizeof(body) - 3] = ' ';
    assert_int_equal(read_own(f, body), ERR_INVALID);
}

/* Brackets and commas in texts are no values, and an escaped quote ends no text. */
static void test_texts_may_be_all_commas(void **state)
{
    static char body[40 * 2100];
    struct list_fixture *f = *state;
    size_t len = 0;

    for (int i = 0; i < 40; i++) {
        len += (size_t)snprintf(body + len, sizeof(body) - len,
                                "%c{\"path\":\"/\",\"title\":\"\\\"", i == 0 ? '[' : ',');
        memset(body + len, i % 2 == 0 ? ',' : '[', 2000);
        len += 2000;
        len += (size_t)snprintf(body + len, sizeof(body) - len, "\"}");
    }
    (void)snprintf(body + len, sizeof(body) - len, "]");
    assert_int_equal(read_own(f, body), ERR_OK);
    assert_int_equal(f->list.count, 40);
    assert_int_equal(f->list.hits[39].request.claim.title.len, 2001);
}

static void test_a_hit_that_is_wrong_is_refused_alone_and_told_why(void **state)
{
    static const struct {
        const char *hit;
        const char *why;
    } cases[] = {
        {"7", "a hit has to be an object"},
        {"[]", "a hit has to be an object"},
        {"null", "a hit has to be an object"},
        {"{}", "path, or url, is missing"},
        {"{\"path\":\"\"}", "path, or url, is missing"},
        {"{\"path\":null}", "path, or url, is missing"},
        {"{\"path\":7}", "path has to be a text"},
        {"{\"path\":\"/a\",\"url\":\"https://a.example/\"}", "path and url"},
        {"{\"path\":\"/a\\nb\"}", "control characters"},
        {"{\"path\":\"/a\",\"Title\":\"A\"}", "a hit has no field \"Title\""},
        {"{\"path\":\"/a\",\"\":1}", "a hit has no field \"\""},
        {"{\"path\":\"/a\",\"a\\nb\":1}", "one of the fields is none of a hit"},
        {"{\"path\":\"/a\",\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\u00e4\":1}",
         "one of the fields is none of a hit"},
        {"{\"path\":\"/a\",\"site\":\"A b\"}", "site must be"},
        {"{\"path\":\"/a\",\"site\":7}", "site has to be a text"},
        {"{\"path\":\"/a\",\"id\":\"a b\"}", "id must be"},
        {"{\"path\":\"/a\",\"size\":true}", "size has to be"},
        {"{\"path\":\"/a\",\"size\":[1920,\"1080\"]}", "size has to be a list of numbers"},
        {"{\"path\":\"/a\",\"bot\":1.5}", "bot has to be a whole number"},
        {"{\"path\":\"/a\",\"time\":\"yesterday\"}", "time has to be a time as"},
        {"{\"path\":\"/a\",\"time\":true}", "time has to be a time as"},
        {"{\"path\":\"/a\",\"time\":1e300}", "time has to be a time as"},
        {"{\"path\":\"/a\",\"time\":1700000061}", "in the future"},
        {"{\"path\":\"/a\",\"value\":1}", "only an event has properties and a value"},
        {"{\"path\":\"/a\",\"properties\":{\"a\":\"b\"}}", "only an event"},
        {"{\"event\":\"buy\",\"value\":\"1\"}", "value has to be a number"},
        {"{\"event\":\"buy\",\"properties\":[]}", "properties has to be an object"},
        {"{\"event\":\"buy\",\"properties\":{\"a\":{}}}", "properties has to be an object of"},
        {"{\"event\":\"buy\",\"properties\":{\"a\":null}}", "properties has to be an object of"},
        {"{\"event\":\"buy\",\"properties\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1}}",
         "properties has 6 entries; at most 5"},
        {"{\"event\":\"buy\",\"properties\":{\"a=b\":1}}", "property 1"},
        {"{\"event\":\"a\\u0007\"}", "the name of the event is not UTF-8"},
    };
    struct list_fixture *f = *state;
    char body[512];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(body, sizeof(body), "[{\"path\":\"/before\"},%s,{\"path\":\"/after\"}]",
                       cases[i].hit);
        assert_int_equal(read_own(f, body), ERR_OK);
        assert_int_equal(f->list.count, 3);
        assert_int_equal(f->list.hits[0].stage, HIT_TO_BEGIN);
        assert_int_equal(f->list.hits[1].stage, HIT_REFUSED);
        assert_int_equal(f->list.hits[1].status, 400);
        assert_int_equal(f->list.hits[2].stage, HIT_TO_BEGIN);
        if (!strstr(f->list.hits[1].why, cases[i].why))
            fail_msg("%s: %s", cases[i].hit, f->list.hits[1].why);
    }
}

static void test_a_text_may_be_so_long_and_no_longer(void **state)
{
    static const struct {
        const char *key;
        size_t max;
    } cases[] = {{"title", 2048}, {"referrer", 4096}, {"query", 4096}, {"language", 1024}};

    static char body[8192];
    struct list_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t len = cases[i].max; len <= cases[i].max + 1; len++) {
            static char text[4100];

            memset(text, 'x', len);
            text[len] = '\0';
            (void)snprintf(body, sizeof(body), "{\"path\":\"/a\",\"%s\":\"%s\"}", cases[i].key,
                           text);
            assert_int_equal(read_own(f, body), ERR_OK);
            assert_int_equal(f->list.hits[0].stage,
                             len > cases[i].max ? HIT_REFUSED : HIT_TO_BEGIN);
        }
        assert_non_null(strstr(f->list.hits[0].why, "is too long: at most"));
    }
}

static void test_an_event_has_a_name_properties_and_a_value(void **state)
{
    struct list_fixture *f = *state;
    const struct hit_request *hit =
        read_one(f, "{\"event\":\"buy\",\"value\":59.9,\"properties\":{\"plan\":\"year\",\"n\":3,"
                    "\"x\":0.1,\"new\":true,\"none\":\"\"}}");
    const struct event *event = &hit->claim.event;

    assert_slice(event->name, "buy");
    assert_true(event->has_value && event->value > 59.8 && event->value < 60);
    assert_int_equal(event->property_count, 5);
    assert_slice(event->properties[0].name, "plan");
    assert_slice(event->properties[0].value, "year");
    assert_slice(event->properties[1].value, "3");
    assert_slice(event->properties[2].value, "0.1");
    assert_slice(event->properties[3].value, "true");
    assert_slice(event->properties[4].value, "");
    assert_false(hit->claim.has_page);
    assert_true(read_one(f, "{\"event\":\"buy\",\"path\":\"/shop\"}")->claim.has_page);
}

static void test_sizes_come_in_three_forms(void **state)
{
    static const struct {
        const char *size;
        const char *text;
    } cases[] = {
        {"\"1920,1080\"", "1920,1080"},           {"1920", "1920"}, {"390.5", "390"},
        {"[1920,1080.5,1.5,7,7]", "1920,1080,1"}, {"[]", ""},       {"1e300", ""},
    };
    struct list_fixture *f = *state;
    char body[64];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(body, sizeof(body), "{\"path\":\"/a\",\"size\":%s}", cases[i].size);
        assert_slice(read_one(f, body)->claim.screen, cases[i].text);
    }
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, list_set_up, list_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_hit_may_come_alone_in_a_list_or_in_an_object),
        CASE(test_a_body_that_is_no_list_of_hits_is_refused_as_a_whole),
        CASE(test_more_hits_than_500_are_refused),
        CASE(test_lists_without_end_are_refused),
        CASE(test_texts_may_be_all_commas),
        CASE(test_a_hit_that_is_wrong_is_refused_alone_and_told_why),
        CASE(test_a_text_may_be_so_long_and_no_longer),
        CASE(test_an_event_has_a_name_properties_and_a_value),
        CASE(test_sizes_come_in_three_forms),
    };

    return cmocka_run_group_tests_name("hit_list", tests, NULL, NULL);
}
