#include "store/commit.h"

#include "support/cmocka.h"

static const struct counter total = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};

static enum err add(struct commit *commit, struct counter counter, int64_t delta)
{
    return commit_add(commit, &(struct addition){.counter = counter, .delta = delta});
}

static void test_what_is_added_is_copied(void **state)
{
    struct commit *commit = commit_create();
    char text[] = "text";
    struct slice slice = slice_of(text, 4);
    struct record_write write = {.key = slice, .value = slice, .expect_version = 7, .ttl_s = 9};

    (void)state;
    assert_non_null(commit);
    assert_int_equal(commit_write(commit, &write), ERR_OK);
    assert_int_equal(add(commit, (struct counter){slice, DIMENSION_PAGE, slice}, -3), ERR_OK);
    memset(text, 'x', sizeof(text));
    assert_true(slice_eq(commit->writes[0].key, SLICE("text")));
    assert_true(slice_eq(commit->writes[0].value, SLICE("text")));
    assert_int_equal(commit->writes[0].expect_version, 7);
    assert_int_equal(commit->writes[0].ttl_s, 9);
    assert_true(slice_eq(commit->additions[0].counter.site, SLICE("text")));
    assert_true(slice_eq(commit->additions[0].counter.value, SLICE("text")));
    assert_int_equal(commit->additions[0].delta, -3);
    commit_unref(commit);
}

static void test_a_write_of_nothing_deletes_and_one_of_an_empty_value_does_not(void **state)
{
    struct commit *commit = commit_create();
    struct record_write deletion = {.key = SLICE("k")};
    struct record_write empty = {.key = SLICE("k"), .value = SLICE(""), .ttl_s = 1};

    (void)state;
    assert_non_null(commit);
    assert_int_equal(commit_write(commit, &deletion), ERR_OK);
    assert_int_equal(commit_write(commit, &empty), ERR_OK);
    assert_null(commit->writes[0].value.ptr);
    assert_non_null(commit->writes[1].value.ptr);
    commit_unref(commit);
}

static void test_writes_beyond_the_limits_of_a_record_are_refused(void **state)
{
    static char bytes[RECORD_MAX_VALUE + 1];

    static const struct {
        size_t key;
        size_t value;
        uint32_t ttl_s;
        enum err err;
    } cases[] = {
        {0, 1, 1, ERR_INVALID},
        {1, 0, 1, ERR_OK},
        {RECORD_MAX_KEY, RECORD_MAX_VALUE, 1, ERR_OK},
        {RECORD_MAX_KEY + 1, 1, 1, ERR_INVALID},
        {1, RECORD_MAX_VALUE + 1, 1, ERR_INVALID},
        {1, 1, 0, ERR_INVALID},
        {1, 1, RECORD_MAX_TTL_S, ERR_OK},
        {1, 1, RECORD_MAX_TTL_S + 1, ERR_INVALID},
        {1, 1, UINT32_MAX - 1, ERR_INVALID},
        {1, 1, RECORD_FOREVER, ERR_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct commit *commit = commit_create();
        struct record_write write = {.key = slice_of(bytes, cases[i].key),
                                     .value = slice_of(bytes, cases[i].value),
                                     .ttl_s = cases[i].ttl_s};

        assert_non_null(commit);
        assert_int_equal(commit_write(commit, &write), cases[i].err);
        assert_int_equal(commit->write_count, cases[i].err == ERR_OK ? 1 : 0);
        commit_unref(commit);
    }
}

static void test_counters_beyond_their_limits_are_refused(void **state)
{
    static char bytes[COUNTER_MAX_VALUE + 1];

    static const struct {
        size_t site;
        size_t value;
        enum err err;
    } cases[] = {
        {0, 1, ERR_INVALID},
        {1, 0, ERR_OK},
        {COUNTER_MAX_SITE, COUNTER_MAX_VALUE, ERR_OK},
        {COUNTER_MAX_SITE + 1, 0, ERR_INVALID},
        {1, COUNTER_MAX_VALUE + 1, ERR_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct commit *commit = commit_create();
        struct counter counter = {.site = slice_of(bytes, cases[i].site),
                                  .dimension = DIMENSION_PAGE,
                                  .value = slice_of(bytes, cases[i].value)};

        assert_non_null(commit);
        assert_int_equal(add(commit, counter, 1), cases[i].err);
        assert_int_equal(commit->addition_count, cases[i].err == ERR_OK ? 1 : 0);
        commit_unref(commit);
    }
}

static void test_a_commit_takes_its_most_and_no_more(void **state)
{
    struct commit *commit = commit_create();
    struct record_write write = {.key = SLICE("k"), .value = SLICE("v"), .ttl_s = 1};

    (void)state;
    assert_non_null(commit);
    for (size_t i = 0; i < COMMIT_MAX_WRITES; i++)
        assert_int_equal(commit_write(commit, &write), ERR_OK);
    for (size_t i = 0; i < COMMIT_MAX_ADDITIONS; i++)
        assert_int_equal(add(commit, total, 1), ERR_OK);
    assert_int_equal(commit_write(commit, &write), ERR_INVALID);
    assert_int_equal(add(commit, total, 1), ERR_INVALID);
    assert_int_equal(commit->write_count, COMMIT_MAX_WRITES);
    assert_int_equal(commit->addition_count, COMMIT_MAX_ADDITIONS);
    commit_unref(commit);
}

static void test_a_cleared_commit_is_empty_and_can_be_filled_again(void **state)
{
    struct commit *commit = commit_create();

    (void)state;
    assert_non_null(commit);
    assert_int_equal(add(commit, total, 1), ERR_OK);
    commit->totals_wanted = 1;
    commit->number = 5;
    commit_clear(commit);
    assert_int_equal(commit->addition_count, 0);
    assert_int_equal(commit->totals_wanted, 0);
    assert_int_equal(commit->number, 0);
    assert_int_equal(add(commit, total, 2), ERR_OK);
    assert_int_equal(commit->additions[0].delta, 2);
    commit_unref(commit);
}

static void test_a_copy_has_the_content_without_the_identity_and_lives_alone(void **state)
{
    struct commit *commit = commit_create();
    struct record_write writes[] = {
        {.key = SLICE("a"), .value = SLICE("1"), .expect_version = 3, .ttl_s = 4},
        {.key = SLICE("b")},
    };
    struct commit *copy;

    (void)state;
    assert_non_null(commit);
    assert_int_equal(commit_write(commit, &writes[0]), ERR_OK);
    assert_int_equal(commit_write(commit, &writes[1]), ERR_OK);
    assert_int_equal(add(commit, total, 9), ERR_OK);
    commit->totals_wanted = 1;
    commit->number = 5;
    commit->version = 6;
    copy = commit_dup(commit);
    commit_unref(commit);
    assert_non_null(copy);
    assert_int_equal(copy->number, 0);
    assert_int_equal(copy->version, 0);
    assert_int_equal(copy->totals_wanted, 1);
    assert_int_equal(copy->write_count, 2);
    assert_true(slice_eq(copy->writes[0].value, SLICE("1")));
    assert_int_equal(copy->writes[0].expect_version, 3);
    assert_int_equal(copy->writes[0].ttl_s, 4);
    assert_null(copy->writes[1].value.ptr);
    assert_int_equal(copy->additions[0].delta, 9);
    commit_unref(copy);
}

static void test_the_last_reference_frees(void **state)
{
    struct commit *commit = commit_create();

    (void)state;
    assert_non_null(commit);
    assert_ptr_equal(commit_ref(commit), commit);
    commit_unref(commit);
    assert_int_equal(add(commit, total, 1), ERR_OK); /* it is still there */
    commit_unref(commit);
    commit_unref(NULL);
}

static void test_outcomes_have_names(void **state)
{
    static const char *const names[] = {
        [COMMIT_DONE] = "done",       [COMMIT_CONFLICT] = "conflict",
        [COMMIT_BEHIND] = "behind",   [COMMIT_NO_WRITER] = "no_writer",
        [COMMIT_AHEAD] = "ahead",     [COMMIT_REFUSED] = "refused",
        [COMMIT_UNKNOWN] = "unknown",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_string_equal(commit_status_name((enum commit_status)i), names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_added_is_copied),
        cmocka_unit_test(test_a_write_of_nothing_deletes_and_one_of_an_empty_value_does_not),
        cmocka_unit_test(test_writes_beyond_the_limits_of_a_record_are_refused),
        cmocka_unit_test(test_counters_beyond_their_limits_are_refused),
        cmocka_unit_test(test_a_commit_takes_its_most_and_no_more),
        cmocka_unit_test(test_a_cleared_commit_is_empty_and_can_be_filled_again),
        cmocka_unit_test(test_a_copy_has_the_content_without_the_identity_and_lives_alone),
        cmocka_unit_test(test_the_last_reference_frees),
        cmocka_unit_test(test_outcomes_have_names),
    };

    return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
