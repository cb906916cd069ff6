#include "store/forgotten.h"

#include <stdio.h>

#include "base/random.h"
#include "support/cmocka.h"

struct seen {
    int64_t views;
    size_t sites;
    char site[64];
};

static void on_lost(void *ctx, struct slice site, int64_t views)
{
    struct seen *seen = ctx;

    seen->sites++;
    seen->views += views;
    (void)snprintf(seen->site, sizeof(seen->site), "%.*s", SLICE_ARG(site));
}

static struct seen look(const struct forgotten *f)
{
    struct seen seen = {0};

    forgotten_each_lost(f, on_lost, &seen);
    return seen;
}

static void test_what_is_not_lost_is_not_told(void **state)
{
    struct forgotten f;

    (void)state;
    forgotten_init(&f);
    forgotten_add(&f, 1, SLICE("a"), 5);
    forgotten_lose(&f, 1);
    assert_int_equal(look(&f).sites, 0);
    forgotten_fini(&f);
}

static void test_few_commits_are_told_exactly_and_once(void **state)
{
    struct forgotten f;

    (void)state;
    forgotten_init(&f);
    for (uint64_t n = 1; n <= 10; n++)
        forgotten_add(&f, n, SLICE("a"), 3);
    forgotten_add(&f, 10, SLICE("b"), 100);
    forgotten_lose(&f, 10);
    assert_int_equal(look(&f).views, 0);
    forgotten_lose(&f, 7);
    assert_int_equal(look(&f).views, 9 + 100);
    forgotten_lose(&f, 7); /* the same loss again */
    assert_int_equal(look(&f).views, 9 + 100);
    forgotten_lose(&f, 4);
    assert_int_equal(look(&f).views, 18 + 100);
    forgotten_reset(&f);
    forgotten_add(&f, 1, SLICE("a"), 7);
    forgotten_lose(&f, 0);
    assert_int_equal(look(&f).views, 25 + 100);
    assert_int_equal(look(&f).sites, 2);
    forgotten_fini(&f);
}

/* Of a long history the bound is near for what is near, and never below the truth. */
static void test_a_long_history_is_bounded(void **state)
{
    static const uint64_t last_numbers[] = {99999, 99990, 99000, 90000, 50000, 0};
    const uint64_t count = 100000;

    (void)state;
    for (size_t i = 0; i < sizeof(last_numbers) / sizeof(last_numbers[0]); i++) {
        struct forgotten f;
        int64_t truth = (int64_t)(count - last_numbers[i]);
        int64_t told;

        forgotten_init(&f);
        for (uint64_t n = 1; n <= count; n++)
            forgotten_add(&f, n, SLICE("a"), 1);
        forgotten_lose(&f, last_numbers[i]);
        told = look(&f).views;
        assert_in_range(told, truth, 4 * truth + 16);
        forgotten_fini(&f);
    }
}

static void test_too_many_sites_share_an_entry(void **state)
{
    struct forgotten f;

    (void)state;
    forgotten_init(&f);
    for (uint64_t n = 1; n <= FORGOTTEN_MAX_SITES + 10; n++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "site-%u", (unsigned)n);
        forgotten_add(&f, n, slice_str(name), 1);
    }
    assert_int_equal(f.sites.count, FORGOTTEN_MAX_SITES + 1);
    forgotten_lose(&f, FORGOTTEN_MAX_SITES + 5);
    assert_string_equal(look(&f).site, "(other)");
    assert_int_equal(look(&f).views, 5);
    forgotten_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_lost_is_not_told),
        cmocka_unit_test(test_few_commits_are_told_exactly_and_once),
        cmocka_unit_test(test_a_long_history_is_bounded),
        cmocka_unit_test(test_too_many_sites_share_an_entry),
    };

    random_init();
    return cmocka_run_group_tests_name("forgotten", tests, NULL, NULL);
}
