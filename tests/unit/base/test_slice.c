#include "base/slice.h"

#include "support/cmocka.h"

static void test_slices_are_equal_by_their_bytes(void **state)
{
    (void)state;
    assert_true(slice_eq(SLICE("a\0b"), slice_of("a\0bc", 3)));
    assert_false(slice_eq(SLICE("a\0b"), SLICE("a\0c")));
    assert_false(slice_eq(SLICE("a"), SLICE("ab")));
    assert_true(slice_eq(SLICE(""), slice_of(NULL, 0)));
}

static void test_the_slice_of_no_string_is_nothing(void **state)
{
    (void)state;
    assert_null(slice_str(NULL).ptr);
    assert_int_equal(slice_str(NULL).len, 0);
    assert_non_null(slice_str("").ptr);
    assert_int_equal(slice_str("abc").len, 3);
}

static void test_a_slice_starts_with_its_beginnings(void **state)
{
    (void)state;
    assert_true(slice_starts_with(SLICE("abc"), SLICE("abc")));
    assert_true(slice_starts_with(SLICE("abc"), SLICE("a")));
    assert_true(slice_starts_with(SLICE("abc"), slice_of(NULL, 0)));
    assert_true(slice_starts_with(slice_of(NULL, 0), SLICE("")));
    assert_false(slice_starts_with(SLICE("abc"), SLICE("abcd")));
    assert_false(slice_starts_with(SLICE("abc"), SLICE("b")));
}

static void test_the_rest_begins_where_it_is_told(void **state)
{
    (void)state;
    assert_true(slice_eq(slice_from(SLICE("abc"), 0), SLICE("abc")));
    assert_true(slice_eq(slice_from(SLICE("abc"), 2), SLICE("c")));
    assert_int_equal(slice_from(SLICE("abc"), 3).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices_are_equal_by_their_bytes),
        cmocka_unit_test(test_the_slice_of_no_string_is_nothing),
        cmocka_unit_test(test_a_slice_starts_with_its_beginnings),
        cmocka_unit_test(test_the_rest_begins_where_it_is_told),
    };

    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
