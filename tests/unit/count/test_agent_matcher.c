#include "count/agent_matcher.h"

#include "count/agent_rules.h"
#include "support/cmocka.h"

static void test_every_pattern_compiles(void **state)
{
    struct agent_matcher *matcher = agent_matcher_create();
    size_t patterns = 0;

    (void)state;
    assert_non_null(matcher);
    for (size_t i = 0; i < agent_rule_ends.bots; i++) {
        struct agent_match match;

        if (agent_rules[i].pattern == 0)
            continue;
        patterns++;
        assert_int_equal(agent_matcher_match(matcher, &match, i, SLICE("\n")), ERR_NOT_FOUND);
    }
    assert_true(patterns > 500);
    agent_matcher_destroy(matcher);
    agent_matcher_destroy(NULL);
}

/* The rule with exactly this pattern. */
static size_t rule_of(const char *pattern)
{
    size_t i = 0;

    while (strcmp(agent_texts + agent_rules[i].pattern, pattern) != 0)
        assert_true(++i < agent_rule_ends.systems);
    return i;
}

static void test_groups_that_a_pattern_lacks_are_empty(void **state)
{
    struct agent_matcher *matcher = agent_matcher_create();
    struct slice long_version = SLICE("UCBrowser/12.3.4");
    struct agent_match match;

    (void)state;
    assert_int_equal(
        agent_matcher_match(matcher, &match,
                            rule_of("(UC? ?Browser|UCWEB|U3)[ /]?(\\d+)\\.(\\d+)\\.(\\d+)"),
                            long_version),
        ERR_OK);
    assert_true(slice_eq(match.groups[0], long_version));
    assert_true(slice_eq(match.groups[2], SLICE("12")));
    assert_int_equal(agent_matcher_match(matcher, &match, rule_of("(Safari)/\\d+"),
                                         SLICE("Mozilla Safari/12 x")),
                     ERR_OK);
    assert_true(slice_eq(match.groups[0], SLICE("Safari/12")));
    assert_true(slice_eq(match.groups[1], SLICE("Safari")));
    for (size_t i = 2; i < AGENT_MATCH_GROUPS; i++)
        assert_true(match.groups[i].ptr && match.groups[i].len == 0);
    agent_matcher_destroy(matcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pattern_compiles),
        cmocka_unit_test(test_groups_that_a_pattern_lacks_are_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
