#include "count/ranking.h"

#include <stdlib.h>

#include "support/cmocka.h"

#define SUMS 3000

static uint64_t next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static int in_order(const void *a, const void *b)
{
    const struct rollup_sum *one = a;
    const struct rollup_sum *two = b;

    if (one->metrics.visits != two->metrics.visits)
        return one->metrics.visits > two->metrics.visits ? -1 : 1;
    if (one->metrics.views != two->metrics.views)
        return one->metrics.views > two->metrics.views ? -1 : 1;
    return one->id < two->id ? -1 : 1;
}

static void test_the_largest_are_kept_in_order(void **state)
{
    static const size_t limits[] = {1, 2, 10, 127, 128, 129, 1000, SUMS, SUMS + 1};
    static struct rollup_sum sums[SUMS];
    uint64_t seed = 42;

    (void)state;
    for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++) {
        size_t expected = limits[l] < SUMS ? limits[l] : SUMS;
        struct ranking ranking;

        ranking_init(&ranking, METRIC_VISITS, limits[l]);
        for (size_t i = 0; i < SUMS; i++) {
            sums[i] = (struct rollup_sum){
                .id = i + 2,
                .metrics = {(int64_t)(next(&seed) % 7), (int64_t)(next(&seed) % 50) - 3, 0, 0, 0}};
            assert_int_equal(ranking_add(&ranking, &sums[i]), ERR_OK);
        }
        ranking_sort(&ranking);
        qsort(sums, SUMS, sizeof(sums[0]), in_order);
        assert_int_equal(ranking.count, expected);
        for (size_t i = 0; i < expected; i++)
            assert_int_equal(ranking.rows[i].id, sums[i].id);
        ranking_fini(&ranking);
    }
}

static void test_nothing_is_in_order_too(void **state)
{
    struct ranking ranking;

    (void)state;
    ranking_init(&ranking, METRIC_VIEWS, 10);
    ranking_sort(&ranking);
    assert_int_equal(ranking.count, 0);
    ranking_fini(&ranking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_largest_are_kept_in_order),
        cmocka_unit_test(test_nothing_is_in_order_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
