/* Hits in JSON: what is read, and what is refused. No store. */
#include <stdio.h>
#include <stdlib.h>

#include "support/cmocka.h"
#include "web/hit_list.h"

#define NOW_S INT64_C(1700000000) /* 2023-11-14T22:13:20Z */

struct fixture {
    struct arena arena;
    struct address address;
    struct hit_sender sender;
    struct hit_list list;
    struct err_info info;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    arena_init(&f->arena, 8192, HIT_LIST_MAX_BYTES);
    f->sender = (struct hit_sender){
        .refusal = 401,
        .claim = {.user_agent = SLICE("Own/1"), .languages = SLICE("de"), .address = &f->address},
        .host = SLICE("own.example"),
        .site = SLICE(""),
        .now_unix_s = NOW_S,
    };
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    arena_fini(&f->arena);
    free(f);
    return 0;
}

static enum err read_in(struct fixture *f, const struct hit_dialect *dialect, const char *body)
{
    f->info.text[0] = '\0';
    arena_reset(&f->arena);
    return hit_list_read(dialect, slice_str(body), &f->sender, &f->arena, &f->list, &f->info);
}

static enum err read_own(struct fixture *f, const char *body)
{
    return read_in(f, &hit_dialect_own, body);
}

/* The one hit of a body, which is none to be refused. */
static const struct hit_request *read_one(struct fixture *f, const char *body)
{
    if (read_own(f, body) != ERR_OK || f->list.hits[0].stage != HIT_TO_BEGIN)
        fail_msg("%s: %s", body, f->list.hits ? f->list.hits[0].why : f->info.text);
    return &f->list.hits[0].request;
}

static void assert_slice(struct slice text, const char *expected)
{
    if (!slice_eq(text, slice_str(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(text), expected);
}

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
    struct fixture *f = *state;

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
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(read_own(f, cases[i].body), ERR_INVALID);
        if (!strstr(f->info.text, cases[i].why))
            fail_msg("%s: %s", cases[i].body, f->info.text);
    }
}

static void test_more_hits_than_500_are_refused(void **state)
{
    static char body[64 * (HIT_LIST_MAX + 2)];
    struct fixture *f = *state;

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

/* A list in a list in a list …, as deep as it goes, and as many of them as fit. */
static void test_lists_without_end_are_refused(void **state)
{
    static char body[1 << 20];
    struct fixture *f = *state;

    memset(body, '[', sizeof(body) - 1);
    assert_int_equal(read_own(f, body), ERR_INVALID);
    for (size_t i = 0; i + 3 < sizeof(body); i += 3)
        memcpy(body + i + 1, "[],", 3);
    body[sizeof(body) - 1] = '\0';
    body[sizeof(body) - 2] = ']';
    body[sizeof(body) - 3] = ' ';
    assert_int_equal(read_own(f, body), ERR_INVALID);
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
    struct fixture *f = *state;
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
    struct fixture *f = *state;

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

static void test_whoever_has_no_token_tells_of_himself(void **state)
{
    struct fixture *f = *state;
    const struct hit_request *hit = read_one(
        f, "{\"path\":\"/a?utm_source=x\",\"title\":\"A\",\"referrer\":\"https://b.example/\","
           "\"query\":\"q=1\",\"size\":[1920,1080,2],\"id\":\"x-1\",\"bot\":150}");

    assert_slice(hit->page.path, "/a");
    assert_slice(hit->claim.title, "A");
    assert_slice(hit->claim.referrer, "https://b.example/");
    assert_slice(hit->claim.query, "q=1");
    assert_slice(hit->claim.screen, "1920,1080,2");
    assert_slice(hit->id, "x-1");
    assert_int_equal(hit->claim.bot_hint, 150);
    assert_slice(hit->claim.user_agent, "Own/1");
    assert_slice(hit->claim.languages, "de");
    assert_ptr_equal(hit->claim.address, &f->address);
    assert_false(hit->claim.is_told);
    assert_slice(hit->host, "own.example");
    assert_int_equal(hit->unix_s, NOW_S);
    assert_slice(read_one(f, "{\"url\":\"https://www.Other.example/a\"}")->host, "other.example");
    assert_slice(read_one(f, "{\"path\":\"/a\",\"language\":\"fr\"}")->claim.languages, "fr");
}

static void test_what_needs_the_token_is_refused_without_it(void **state)
{
    static const char *const hits[] = {
        "{\"path\":\"/a\",\"ip\":\"192.0.2.1\"}",
        "{\"path\":\"/a\",\"user_agent\":\"curl\"}",
        "{\"path\":\"/a\",\"time\":1699999699}",
        "{\"path\":\"/a\",\"time\":\"2023-11-14T22:08:19Z\"}",
        "{\"path\":\"/a\",\"time\":-1}",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(hits) / sizeof(hits[0]); i++) {
        assert_int_equal(read_own(f, hits[i]), ERR_OK);
        assert_int_equal(f->list.hits[0].stage, HIT_REFUSED);
        assert_int_equal(f->list.hits[0].status, 401);
        assert_non_null(strstr(f->list.hits[0].why, "need the API token"));
    }
    assert_int_equal(read_one(f, "{\"path\":\"/a\",\"time\":1699999700}")->unix_s, NOW_S - 300);
}

static void test_whoever_has_the_token_tells_of_others(void **state)
{
    struct fixture *f = *state;
    const struct hit_request *hit;

    f->sender.has_token = true;
    hit = read_one(f, "{\"path\":\"/a\",\"ip\":\"192.0.2.1\",\"user_agent\":\"Other/1\","
                      "\"language\":\"fr\",\"time\":\"2020-02-29T12:00:00+02:00\"}");
    assert_true(hit->claim.is_told);
    assert_slice(hit->claim.user_agent, "Other/1");
    assert_slice(hit->claim.languages, "fr");
    assert_memory_equal(hit->claim.address->bytes + 12, "\xc0\0\2\1", 4);
    assert_int_equal(hit->unix_s, 1582970400);
    assert_slice(hit->host, "");
    hit = read_one(f, "{\"path\":\"/a\"}");
    assert_null(hit->claim.address);
    assert_int_equal(hit->claim.user_agent.len, 0);
    assert_int_equal(read_own(f, "{\"path\":\"/a\",\"ip\":\"localhost\"}"), ERR_OK);
    assert_non_null(strstr(f->list.hits[0].why, "ip is no address"));
}

static void test_a_time_is_not_before_ten_years_and_not_after_now(void **state)
{
    static const struct {
        int64_t sent;
        int64_t taken; /* 0: refused */
    } cases[] = {
        {NOW_S + 61, 0},
        {NOW_S + 60, NOW_S},
        {NOW_S + 1, NOW_S},
        {NOW_S, NOW_S},
        {NOW_S - 1, NOW_S - 1},
        {NOW_S - HIT_MAX_AGE_S, NOW_S - HIT_MAX_AGE_S},
        {NOW_S - HIT_MAX_AGE_S - 1, 0},
        {0, 0},
        {-999999999999, 0},
    };
    struct fixture *f = *state;
    char body[64];

    f->sender.has_token = true;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(body, sizeof(body), "{\"path\":\"/a\",\"time\":%lld}",
                       (long long)cases[i].sent);
        assert_int_equal(read_own(f, body), ERR_OK);
        if (cases[i].taken == 0)
            assert_int_equal(f->list.hits[0].stage, HIT_REFUSED);
        else
            assert_int_equal(f->list.hits[0].request.unix_s, cases[i].taken);
    }
}

static void test_an_event_has_a_name_properties_and_a_value(void **state)
{
    struct fixture *f = *state;
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
    struct fixture *f = *state;
    char body[64];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(body, sizeof(body), "{\"path\":\"/a\",\"size\":%s}", cases[i].size);
        assert_slice(read_one(f, body)->claim.screen, cases[i].text);
    }
}

/* ---- GoatCounter's ------------------------------------------------------------------------- */

static void test_goatcounters_hits_are_read(void **state)
{
    struct fixture *f = *state;
    const struct run_hit *hits;

    f->sender.has_token = true;
    f->sender.site = SLICE("blog");
    assert_int_equal(
        read_in(f, &hit_dialect_goatcounter,
                "{\"hits\":[{\"path\":\"/a\",\"title\":\"A\",\"event\":false,\"ref\":\"b.example\","
                "\"size\":[1920,1080,2],\"query\":\"q\",\"bot\":0,\"user_agent\":\"Agent\","
                "\"location\":\"NL\",\"ip\":\"::1\",\"created_at\":\"2023-11-01T00:00:00Z\"},"
                "{\"path\":\"/buy now\",\"event\":true,\"session\":\"s1\",\"ref\":\"\","
                "\"created_at\":\"0001-01-01T00:00:00Z\",\"size\":null},{\"path\":\"/c\"}]}"),
        ERR_OK);
    hits = f->list.hits;
    assert_int_equal(hits[0].stage, HIT_TO_BEGIN);
    assert_slice(hits[0].request.claim.country, "NL");
    assert_slice(hits[0].request.claim.referrer, "b.example");
    assert_slice(hits[0].request.site, "blog");
    assert_int_equal(hits[0].request.unix_s, 1698796800);
    assert_slice(hits[1].request.claim.event.name, "buy now");
    assert_slice(hits[1].request.claim.session, "s1");
    assert_false(hits[1].request.claim.has_page);
    assert_int_equal(hits[1].request.unix_s, NOW_S);
    assert_int_equal(hits[2].stage, HIT_REFUSED);
    assert_non_null(strstr(hits[2].why, "no_sessions"));
}

static void test_goatcounters_terms_hold_for_all_hits(void **state)
{
    static const struct {
        const char *body;
        bool is_wanted;
        const char *why; /* NULL: it is taken */
    } cases[] = {
        {"{\"no_sessions\":true,\"hits\":[{\"path\":\"/a\"}]}", false, NULL},
        {"{\"no_sessions\":true,\"filter\":[\"ip\"],\"hits\":[{\"path\":\"/a\"}]}", false, NULL},
        {"{\"no_sessions\":true,\"filter\":null,\"hits\":[{\"path\":\"/a\"}]}", false, NULL},
        {"{\"no_sessions\":true,\"filter\":[],\"hits\":[{\"path\":\"/a\"}]}", true, NULL},
        {"{\"filter\":[\"bot\"],\"hits\":[{\"path\":\"/a\"}]}", false, "unknown value in filter"},
        {"{\"filter\":[7],\"hits\":[{\"path\":\"/a\"}]}", false, "unknown value in filter"},
        {"{\"filter\":\"ip\",\"hits\":[{\"path\":\"/a\"}]}", false, "filter has to be a list"},
        {"{\"hits\":[]}", false, "no hits"},
        {"{}", false, "no hits"},
        {"[{\"path\":\"/a\"}]", false, "no hits"},
        {"{\"sessions\":false,\"hits\":[{\"path\":\"/a\"}]}", false, "are known"},
    };
    struct fixture *f = *state;

    f->sender.has_token = true;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum err err = read_in(f, &hit_dialect_goatcounter, cases[i].body);

        assert_int_equal(err, cases[i].why ? ERR_INVALID : ERR_OK);
        if (!cases[i].why) {
            assert_int_equal(f->list.hits[0].stage, HIT_TO_BEGIN);
            assert_int_equal(f->list.hits[0].request.claim.is_wanted, cases[i].is_wanted);
        } else if (!strstr(f->info.text, cases[i].why)) {
            fail_msg("%s: %s", cases[i].body, f->info.text);
        }
    }
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_hit_may_come_alone_in_a_list_or_in_an_object),
        CASE(test_a_body_that_is_no_list_of_hits_is_refused_as_a_whole),
        CASE(test_more_hits_than_500_are_refused),
        CASE(test_lists_without_end_are_refused),
        CASE(test_a_hit_that_is_wrong_is_refused_alone_and_told_why),
        CASE(test_a_text_may_be_so_long_and_no_longer),
        CASE(test_whoever_has_no_token_tells_of_himself),
        CASE(test_what_needs_the_token_is_refused_without_it),
        CASE(test_whoever_has_the_token_tells_of_others),
        CASE(test_a_time_is_not_before_ten_years_and_not_after_now),
        CASE(test_an_event_has_a_name_properties_and_a_value),
        CASE(test_sizes_come_in_three_forms),
        CASE(test_goatcounters_hits_are_read),
        CASE(test_goatcounters_terms_hold_for_all_hits),
    };

    return cmocka_run_group_tests_name("hit_list", tests, NULL, NULL);
}
