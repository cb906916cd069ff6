#include "count/campaign.h"

#include "support/cmocka.h"

/* What is not named is empty. */
struct expected {
    const char *source;
    const char *medium;
    const char *name;
    const char *term;
    const char *content;
    const char *hint;
};

static void check(const char *query, const char *part, struct slice told, const char *expected)
{
    if (!slice_eq(told, slice_str(expected)))
        fail_msg("\"%s\": %s \"%.*s\", not \"%s\"", query, part, SLICE_ARG(told),
                 expected ? expected : "");
}

static void check_all(const char *query, const struct campaign *told,
                      const struct expected *expected)
{
    check(query, "source", told->source, expected->source);
    check(query, "medium", told->medium, expected->medium);
    check(query, "name", told->name, expected->name);
    check(query, "term", told->term, expected->term);
    check(query, "content", told->content, expected->content);
    check(query, "hint", told->hint, expected->hint);
}

static void test_campaigns(void **state)
{
    static const struct {
        const char *query;
        struct expected expected;
    } cases[] = {
        {"", {.source = ""}},
        {"a=b&c", {.source = ""}},
        {"utm_source=newsletter&utm_medium=email&utm_campaign=May+sale&utm_term=a%20b&utm_content="
         "x",
         {.source = "newsletter", "email", "May sale", "a b", "x", ""}},
        {"?utm_source=a", {.source = "a"}},
        {"a=b&UTM_SOURCE=a&c", {.source = "a"}},
        /* Sources are folded as referrers are. */
        {"utm_source=google", {.source = "Google"}},
        {"utm_source=Hacker%20News", {.source = "Hacker News"}},
        {"utm_source=chatgpt.com", {.source = "ChatGPT"}},
        {"utm_source=https%3A%2F%2Fwww.Other.example%2Fa", {.source = "other.example"}},
        /* Which one holds. */
        {"ref=a", {.source = "a"}},
        {"src=a", {.source = "a"}},
        {"source=a", {.source = "a"}},
        {"source=a&src=b&ref=c&utm_source=d", {.source = "d"}},
        {"source=a&src=b&ref=c", {.source = "c"}},
        {"utm_source=&ref=c", {.source = "c"}},
        {"utm_source=a&utm_source=b", {.source = "a"}},
        {"campaign=a", {.name = "a"}},
        {"campaign=a&utm_campaign=b", {.name = "b"}},
        {"mtm_source=a&mtm_campaign=b&mtm_keyword=c", {.source = "a", .name = "b", .term = "c"}},
        {"pk_campaign=a&pk_kwd=b", {.name = "a", .term = "b"}},
        /* Clicks that are paid for, and others. */
        {"gclid=x", {.source = "Google", .medium = "cpc"}},
        {"wbraid=x", {.source = "Google", .medium = "cpc"}},
        {"gbraid=x", {.source = "Google", .medium = "cpc"}},
        {"dclid=x", {.source = "Google", .medium = "display"}},
        {"msclkid=x", {.source = "Bing", .medium = "cpc"}},
        {"ttclid=x", {.source = "TikTok", .medium = "cpc"}},
        {"twclid=x", {.source = "X", .medium = "cpc"}},
        {"li_fat_id=x", {.source = "LinkedIn", .medium = "cpc"}},
        {"yclid=x", {.source = "Yandex", .medium = "cpc"}},
        {"gclid=x&utm_medium=paid", {.source = "Google", .medium = "paid"}},
        {"gclid=x&utm_source=partner", {.source = "partner", .medium = "cpc"}},
        {"fbclid=x", {.hint = "Facebook"}},
        {"fbclid=x&utm_source=ig", {.source = "Instagram", .hint = "Facebook"}},
        {"gclid=", {.source = ""}},
        /* What may not be counted. */
        {"utm_source=%ff", {.source = ""}},
        {"utm_source=%0a", {.source = ""}},
        {"utm_source=a%00b", {.source = ""}},
        {"utm_source=%zz&utm_medium=m", {.medium = "m"}},
        {"utm_source=+&utm_medium=+m+", {.medium = "m"}},
        {"utm_source=caf\xe9", {.source = ""}},
        {"utm_id=1&mc_cid=2&_ga=3", {.source = ""}},
    };
    struct arena arena;

    (void)state;
    arena_init(&arena, 4096, SIZE_MAX);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice query = arena_dup(&arena, slice_str(cases[i].query));
        struct campaign campaign;

        assert_int_equal(campaign_read(query, &arena, &campaign), ERR_OK);
        check_all(cases[i].query, &campaign, &cases[i].expected);
    }
    arena_fini(&arena);
}

static size_t name_len(struct slice query, struct arena *arena)
{
    struct campaign campaign;

    assert_int_equal(campaign_read(query, arena, &campaign), ERR_OK);
    return campaign.name.len;
}

static void test_parts_have_a_greatest_length(void **state)
{
    const struct slice key = SLICE("utm_campaign=");
    const size_t encoded = (size_t)3 * CAMPAIGN_MAX;
    char query[1024];
    char *value = query + key.len;
    struct arena arena;

    (void)state;
    arena_init(&arena, 4096, SIZE_MAX);
    memcpy(query, key.ptr, key.len);
    memset(value, 'a', CAMPAIGN_MAX + 1);
    assert_int_equal(name_len(slice_of(query, key.len + CAMPAIGN_MAX), &arena), CAMPAIGN_MAX);
    assert_int_equal(name_len(slice_of(query, key.len + CAMPAIGN_MAX + 1), &arena), 0);
    for (size_t i = 0; i <= CAMPAIGN_MAX; i++)
        memcpy(value + 3 * i, "%61", 3);
    assert_int_equal(name_len(slice_of(query, key.len + encoded), &arena), CAMPAIGN_MAX);
    assert_int_equal(name_len(slice_of(query, key.len + encoded + 3), &arena), 0);
    arena_fini(&arena);
}

static void test_only_what_is_encoded_needs_memory(void **state)
{
    struct slice query = SLICE("utm_source=partner&utm_medium=email");
    struct campaign campaign;
    struct arena nothing;

    (void)state;
    arena_init(&nothing, 16, 0);
    assert_int_equal(campaign_read(query, &nothing, &campaign), ERR_OK);
    assert_ptr_equal(campaign.source.ptr, query.ptr + 11);
    assert_int_equal(campaign_read(slice_of(NULL, 0), &nothing, &campaign), ERR_OK);
    assert_int_equal(campaign.source.len, 0);
    assert_int_equal(campaign_read(SLICE("utm_source=a+b"), &nothing, &campaign), ERR_NO_MEMORY);
    assert_int_equal(campaign_read(SLICE("utm_term=a+b"), &nothing, &campaign), ERR_NO_MEMORY);
    arena_fini(&nothing);
}

static void test_the_link_comes_before_the_referrer_and_a_hint_behind_it(void **state)
{
    static const struct {
        const char *query;
        const char *referrer;
        const char *source;
    } cases[] = {
        {"", "", ""},
        {"", "Instagram", "Instagram"},
        {"utm_source=partner", "Instagram", "partner"},
        {"fbclid=x", "Instagram", "Instagram"},
        {"fbclid=x", "", "Facebook"},
        {"gclid=x", "other.example", "Google"},
    };
    struct arena arena;

    (void)state;
    arena_init(&arena, 4096, SIZE_MAX);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct campaign campaign;

        assert_int_equal(campaign_read(slice_str(cases[i].query), &arena, &campaign), ERR_OK);
        check(cases[i].query, "source of the visit",
              campaign_source(&campaign, slice_str(cases[i].referrer)), cases[i].source);
    }
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_campaigns),
        cmocka_unit_test(test_parts_have_a_greatest_length),
        cmocka_unit_test(test_only_what_is_encoded_needs_memory),
        cmocka_unit_test(test_the_link_comes_before_the_referrer_and_a_hint_behind_it),
    };

    return cmocka_run_group_tests_name("campaign", tests, NULL, NULL);
}
