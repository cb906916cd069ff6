#include "count/histogram.h"

#include "support/cmocka.h"

static void test_each_value_goes_into_the_first_bucket_that_holds_it(void **state)
{
    static const struct {
        uint64_t value;
        size_t bucket;
    } cases[] = {
        {0, 0},      {1, 0},      {2, 1},       {3, 2},           {4, 2},
        {5, 3},      {4096, 12},  {4097, 13},   {32768, 15},      {32769, 16},
        {65536, 16}, {65537, 16}, {100000, 16}, {UINT64_MAX, 16},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct histogram histogram = {.count = 0};

        histogram_add(&histogram, cases[i].value);
        for (size_t k = 0; k < HISTOGRAM_BUCKETS; k++)
            assert_int_equal(histogram.buckets[k], k == cases[i].bucket);
        assert_int_equal(histogram.count, 1);
        assert_int_equal(histogram.sum, cases[i].value);
    }
}

static void test_counts_and_sums_add_up(void **state)
{
    struct histogram histogram = {.count = 0};

    (void)state;
    for (uint64_t i = 1; i <= 100; i++)
        histogram_add(&histogram, i);
    assert_int_equal(histogram.count, 100);
    assert_int_equal(histogram.sum, 5050);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_value_goes_into_the_first_bucket_that_holds_it),
        cmocka_unit_test(test_counts_and_sums_add_up),
    };

    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
