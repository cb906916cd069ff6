/* Hits in JSON: who may say what, in both dialects. */
#include <stdio.h>

#include "hit_list_fixture.h"
#include "support/cmocka.h"

static void test_whoever_has_no_token_tells_of_himself(void **state)
{
    struct list_fixture *f = *state;
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
    struct list_fixture *f = *state;

    for (size_t i = 0; i < sizeof(hits) / sizeof(hits[0]); i++) {
        assert_int_equal(read_own(f, hits[i]), ERR_OK);
        assert_int_equal(f->list.hits[0].stage, HIT_REFUSED);
        assert_int_equal(f->list.hits[0].status, 401);
        assert_non_null(strstr(f->list.hits[0].why, "need an API token"));
    }
    assert_int_equal(read_one(f, "{\"path\":\"/a\",\"time\":1699999700}")->unix_s, NOW_S - 300);
}

static void test_whoever_has_the_token_tells_of_others(void **state)
{
    struct list_fixture *f = *state;
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
    struct list_fixture *f = *state;
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

static void test_goatcounters_hits_are_read(void **state)
{
    struct list_fixture *f = *state;
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
    struct list_fixture *f = *state;

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

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, list_set_up, list_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_whoever_has_no_token_tells_of_himself),
        CASE(test_what_needs_the_token_is_refused_without_it),
        CASE(test_whoever_has_the_token_tells_of_others),
        CASE(test_a_time_is_not_before_ten_years_and_not_after_now),
        CASE(test_goatcounters_hits_are_read),
        CASE(test_goatcounters_terms_hold_for_all_hits),
    };

    return cmocka_run_group_tests_name("hit_senders", tests, NULL, NULL);
}
