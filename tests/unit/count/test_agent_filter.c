#include "count/agent_filter.h"

#include <stdio.h>

#include "support/cmocka.h"

static bool holds(const struct agent_candidates *candidates, size_t rule)
{
    return agent_candidates_next(candidates, rule, rule + 1) == rule;
}

/* At the start, in the middle and at the end of an agent. */
static void assert_found(const struct agent_mark *mark)
{
    static const char *const around[][2] = {{"", " x"}, {"x ", " x"}, {"x ", ""}};

    for (size_t i = 0; i < 3; i++) {
        char text[512];
        int len = snprintf(text, sizeof(text), "%s%.*s%s", around[i][0], mark->length,
                           agent_texts + mark->text, around[i][1]);
        struct agent_candidates candidates;

        agent_filter(slice_of(text, (size_t)len), &candidates);
        assert_true(holds(&candidates, mark->rule));
    }
}

static void test_every_mark_is_found(void **state)
{
    size_t count = agent_buckets[1 << AGENT_BUCKET_BITS];

    (void)state;
    assert_true(count > 2000);
    for (size_t i = 0; i < count; i++)
        assert_found(&agent_marks[i]);
}

static void test_rules_without_marks_are_always_candidates(void **state)
{
    struct agent_candidates candidates;

    (void)state;
    agent_filter(SLICE(""), &candidates);
    for (size_t i = 0; i < agent_unmarked_count; i++)
        assert_true(holds(&candidates, agent_unmarked[i]));
}

static void test_an_agent_leaves_few_candidates(void **state)
{
    struct agent_candidates candidates;
    size_t count = 0;

    (void)state;
    agent_filter(SLICE("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                       "Gecko) Chrome/120.0.0.0 Safari/537.36"),
                 &candidates);
    for (size_t i = 0; i < agent_rule_ends.bots; i++)
        count += holds(&candidates, i);
    assert_in_range(count, 1, 30);
}

static void test_candidates_are_walked_in_order(void **state)
{
    struct agent_candidates candidates = {{0}};

    (void)state;
    assert_int_equal(agent_candidates_next(&candidates, 0, AGENT_MAX_RULES), AGENT_MAX_RULES);
    candidates.words[0] = UINT64_C(1) | UINT64_C(1) << 63;
    candidates.words[2] = UINT64_C(1) << 5;
    assert_int_equal(agent_candidates_next(&candidates, 0, 200), 0);
    assert_int_equal(agent_candidates_next(&candidates, 1, 200), 63);
    assert_int_equal(agent_candidates_next(&candidates, 1, 63), 63);
    assert_int_equal(agent_candidates_next(&candidates, 64, 200), 133);
    assert_int_equal(agent_candidates_next(&candidates, 64, 133), 133);
    assert_int_equal(agent_candidates_next(&candidates, 64, 130), 130);
    assert_int_equal(agent_candidates_next(&candidates, 134, 200), 200);
    assert_int_equal(agent_candidates_next(&candidates, 200, 200), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_mark_is_found),
        cmocka_unit_test(test_rules_without_marks_are_always_candidates),
        cmocka_unit_test(test_an_agent_leaves_few_candidates),
        cmocka_unit_test(test_candidates_are_walked_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
