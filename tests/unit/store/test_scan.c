/* What scans are made of: keys of counters as bytes, and whose shard a record is in. */
#include <stdio.h>

#include "store/counter.h"
#include "store/record.h"
#include "support/cmocka.h"

static void test_the_key_of_a_counter_can_be_read_back(void **state)
{
    static const struct counter counters[] = {
        {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")},
        {SLICE_INIT("default"), DIMENSION_PAGE, SLICE_INIT("")},
        {SLICE_INIT("a"), DIMENSION_PAGE, SLICE_INIT("/a/b")},
        {SLICE_INIT("a"), DIMENSION_PAGE, SLICE_INIT("a\0b\0")},
    };
    char text[COUNTER_KEY_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        struct counter back;

        assert_true(counter_parse_key(counter_key(&counters[i], text), &back));
        assert_true(slice_eq(back.site, counters[i].site));
        assert_int_equal(back.dimension, counters[i].dimension);
        assert_true(slice_eq(back.value, counters[i].value));
    }
}

static void test_bytes_that_are_no_key_of_a_counter_are_not_taken_for_one(void **state)
{
    static const struct slice none[] = {
        SLICE_INIT(""),     SLICE_INIT("default"),   SLICE_INIT("\0"),
        SLICE_INIT("\0\0"), SLICE_INIT("default\0"), SLICE_INIT("\0\1/"),
    };
    struct counter counter;

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_false(counter_parse_key(none[i], &counter));
}

static void test_a_record_is_where_its_owner_is(void **state)
{
    static const struct {
        struct slice key;
        struct slice owner;
    } cases[] = {
        {SLICE_INIT("hit/default/2f9c"), SLICE_INIT("default")},
        {SLICE_INIT("hit/default/a/b"), SLICE_INIT("default")},
        {SLICE_INIT("hit/default/"), SLICE_INIT("default")},
        {SLICE_INIT("salt/2026-11-25"), SLICE_INIT("2026-11-25")},
        {SLICE_INIT("alone"), SLICE_INIT("alone")},
        {SLICE_INIT("hit//x"), SLICE_INIT("")},
        {SLICE_INIT("/"), SLICE_INIT("")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (!slice_eq(record_owner(cases[i].key), cases[i].owner))
            fail_msg("%s", cases[i].key.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_key_of_a_counter_can_be_read_back),
        cmocka_unit_test(test_bytes_that_are_no_key_of_a_counter_are_not_taken_for_one),
        cmocka_unit_test(test_a_record_is_where_its_owner_is),
    };

    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
