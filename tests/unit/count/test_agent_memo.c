#include "count/agent_memo.h"

#include <stdio.h>

#include "support/cmocka.h"

static const struct slice firefox = SLICE_INIT("Mozilla/5.0 (X11; Linux x86_64) Firefox/127.0");

static int set_up(void **state)
{
    *state = agent_memo_create();
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    agent_memo_destroy(*state);
    agent_memo_destroy(NULL);
    return 0;
}

static void test_an_agent_is_kept_with_its_texts(void **state)
{
    struct agent_memo *memo = *state;
    const struct agent *first = agent_memo_find(memo, firefox);

    assert_non_null(first);
    assert_int_equal(agent_memo_count(memo), 1);
    assert_non_null(agent_memo_find(memo, SLICE("Opera/9.80")));
    assert_ptr_equal(agent_memo_find(memo, firefox), first);
    assert_int_equal(agent_memo_count(memo), 2);
    assert_true(slice_eq(first->browser, SLICE("Firefox")));
    assert_true(slice_eq(first->browser_version, SLICE("Firefox 127")));
    assert_true(slice_eq(first->system_version, SLICE("Linux")));
}

static void test_no_agent_is_kept_like_any_other(void **state)
{
    struct agent_memo *memo = *state;
    const struct agent *none = agent_memo_find(memo, (struct slice){NULL, 0});

    assert_int_equal(none->bot, BOT_NO_AGENT);
    assert_ptr_equal(agent_memo_find(memo, SLICE("")), none);
    assert_int_equal(agent_memo_count(memo), 1);
}

static void test_long_agents_are_parsed_each_time(void **state)
{
    struct agent_memo *memo = *state;
    char text[AGENT_MAX_BYTES + 1];
    struct agent first;

    memset(text, ' ', sizeof(text));
    memcpy(text, firefox.ptr, firefox.len);
    first = *agent_memo_find(memo, slice_of(text, sizeof(text)));
    assert_int_equal(agent_memo_count(memo), 0);
    text[AGENT_MAX_BYTES] = 'x';
    assert_memory_not_equal(agent_memo_find(memo, slice_of(text, sizeof(text)))->digest,
                            first.digest, AGENT_DIGEST_BYTES);
    assert_non_null(agent_memo_find(memo, slice_of(text, AGENT_MAX_BYTES)));
    assert_int_equal(agent_memo_count(memo), 1);
}

/* So many agents of `len` bytes, all different; the most that were kept at a time. */
static size_t find_many(struct agent_memo *memo, size_t count, size_t len)
{
    size_t most = 0;

    for (size_t i = 0; i < count; i++) {
        char text[AGENT_MAX_BYTES];

        memset(text, '.', sizeof(text));
        (void)snprintf(text, sizeof(text), "agent %zu", i);
        assert_non_null(agent_memo_find(memo, slice_of(text, len)));
        if (agent_memo_count(memo) > most)
            most = agent_memo_count(memo);
    }
    return most;
}

static void test_at_the_ceiling_all_are_forgotten(void **state)
{
    struct agent_memo *memo = *state;

    assert_int_equal(find_many(memo, AGENT_MEMO_MAX_AGENTS + 10, 12), AGENT_MEMO_MAX_AGENTS);
    assert_int_equal(agent_memo_count(memo), 10);
}

static void test_long_texts_reach_the_ceiling_of_bytes_first(void **state)
{
    struct agent_memo *memo = *state;
    size_t most = find_many(memo, AGENT_MEMO_MAX_AGENTS, AGENT_MAX_BYTES);

    assert_in_range(most, AGENT_MEMO_MAX_BYTES / 1024, AGENT_MEMO_MAX_BYTES / AGENT_MAX_BYTES);
    assert_true(slice_eq(agent_memo_find(memo, firefox)->browser, SLICE("Firefox")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_agent_is_kept_with_its_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_agent_is_kept_like_any_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_agents_are_parsed_each_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_at_the_ceiling_all_are_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_texts_reach_the_ceiling_of_bytes_first, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
