/* Every allocation of the memo fails once, in turn. */
#include "count/agent_memo.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

static void test_a_memo_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    for (size_t k = 1;; k++) {
        struct agent_memo *memo;
        bool has_failed;

        failing_malloc_at(k);
        memo = agent_memo_create();
        has_failed = failing_malloc_stop();
        assert_true(has_failed ? !memo : memo != NULL);
        agent_memo_destroy(memo);
        if (!has_failed)
            break;
    }
}

static void test_an_agent_that_cannot_be_kept_is_told_all_the_same(void **state)
{
    static const struct slice firefox = SLICE_INIT("Mozilla/5.0 (X11; Linux) Firefox/127.0");

    (void)state;
    for (size_t k = 1;; k++) {
        struct agent_memo *memo = agent_memo_create();
        const struct agent *agent;
        bool has_failed;

        failing_malloc_at(k);
        agent = agent_memo_find(memo, firefox);
        has_failed = failing_malloc_stop();
        assert_non_null(agent);
        assert_true(slice_eq(agent->browser_version, SLICE("Firefox 127")));
        assert_int_equal(agent_memo_count(memo), has_failed ? 0 : 1);
        assert_non_null(agent_memo_find(memo, firefox));
        assert_int_equal(agent_memo_count(memo), 1);
        agent_memo_destroy(memo);
        if (!has_failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_memo_is_made_whole_or_not_at_all),
        cmocka_unit_test(test_an_agent_that_cannot_be_kept_is_told_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
