/* Keys, fields and numbers of rollups as Redis has them. */
#include <string.h>

#include "store/redis_row.h"
#include "support/cmocka.h"

static void test_numbers_take_as_many_bytes_as_the_largest_needs(void **state)
{
    static const struct {
        struct metrics metrics;
        size_t width;
    } cases[] = {
        {{0, 0, 0, 0, 0}, 1},
        {{127, -128, 1, 2, 3}, 1},
        {{0, 0, 0, 0, 128}, 2},
        {{-129, 0, 0, 0, 0}, 2},
        {{32767, -32768, 5, 0, 0}, 2},
        {{0, 32768, 0, 0, 0}, 4},
        {{0, 0, INT32_MAX, INT32_MIN, 1}, 4},
        {{0, 0, 0, INT64_C(2147483648), 0}, 8},
        {{0, INT64_C(-2147483649), 0, 0, 0}, 8},
        {{INT64_MAX, INT64_MIN, -1, 1, 0}, 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t width = redis_metrics_width(&cases[i].metrics);
        char bytes[REDIS_METRICS * 8];
        struct metrics found;

        assert_int_equal(width, cases[i].width);
        for (; width <= 8; width *= 2) {
            char *end = redis_metrics_put(bytes, &cases[i].metrics, width);

            assert_ptr_equal(end, bytes + REDIS_METRICS * width);
            assert_true(redis_metrics_parse(slice_of(bytes, REDIS_METRICS * width), &found));
            assert_memory_equal(&found, &cases[i].metrics, sizeof(found));
        }
    }
}

static void test_other_lengths_are_no_numbers(void **state)
{
    static const char zeros[64];
    struct metrics found;

    (void)state;
    for (size_t len = 0; len <= sizeof(zeros); len++)
        assert_int_equal(redis_metrics_parse(slice_of(zeros, len), &found),
                         len == 5 || len == 10 || len == 20 || len == 40);
}

static void test_keys_and_fields_are_read_back_as_they_were_written(void **state)
{
    static const struct rollup rollups[] = {
        {SLICE_INIT("a"), 0, DIMENSION_TOTAL, VALUE_NONE, VALUE_NONE},
        {SLICE_INIT("my-site_2"), INT32_MAX, DIMENSION_BOT, VALUE_NONE, UINT64_MAX},
        {SLICE_INIT("a"), 20000, DIMENSION_PAGE, UINT64_MAX, VALUE_NONE},
        {SLICE_INIT("a"), 40000000, DIMENSION_BROWSER, 7, VALUE_OTHER},
        {SLICE_INIT("0123456789012345678901234567890123456789012345678901234567890123"), INT32_MAX,
         DIMENSION_BOT, 1, 2},
    };
    static const char *const keys[] = {"rollup:a:0:0", "rollup:my-site_2:2147483647:19",
                                       "within:a:20000:1", "within:a:40000000:11", NULL};
    const struct redis_prefix prefix = redis_prefix_of_shard(7);

    (void)state;
    for (size_t i = 0; i < sizeof(rollups) / sizeof(rollups[0]); i++) {
        char key_text[REDIS_LIST_KEY_BYTES];
        char field_text[REDIS_FIELD_BYTES];
        struct slice key = redis_list_key(&prefix, &rollups[i], key_text);
        struct slice field = redis_field(&rollups[i], field_text);
        struct rollup found;

        assert_memory_equal(key.ptr, "footfall:{07}:", 14);
        key = slice_from(key, 14);
        assert_true(!keys[i] || slice_eq(key, slice_str(keys[i])));
        assert_true(redis_list_parse(key, &found));
        assert_true(redis_field_parse(field, &found));
        assert_true(slice_eq(found.site, rollups[i].site));
        assert_int_equal(found.bucket, rollups[i].bucket);
        assert_int_equal(found.dimension, rollups[i].dimension);
        assert_true(found.page == rollups[i].page && found.value == rollups[i].value);
    }
}

static void test_other_keys_are_none_of_lists(void **state)
{
    static const char *const keys[] = {
        "",
        "rollup:",
        "rollup:a",
        "rollup:a:1",
        "rollup::1:1",
        "rollup:a::1",
        "rollup:a:1:",
        "rollup:a:1:20",
        "rollup:a:1:-1",
        "rollup:a:-1:1",
        "rollup:a:2147483648:1",
        "rollup:a:99999999999999999999:1",
        "rollup:a:1:1:",
        "rollup:a:1:1:1",
        "rollup:a:1x:1",
        "within:a:1:x",
        "without:a:1:1",
        "rollup:01234567890123456789012345678901234567890123456789012345678901234:1:1",
        "page:a",
    };
    struct rollup found;

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (redis_list_parse(slice_str(keys[i]), &found))
            fail_msg("%s", keys[i]);
    }
}

static void test_a_field_fits_its_kind_of_list(void **state)
{
    static const char bytes[24] = "\0\0\0\0\0\0\0\1";
    struct rollup of_site = {.page = VALUE_NONE};
    struct rollup within = {.page = VALUE_OTHER};

    (void)state;
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        assert_int_equal(redis_field_parse(slice_of(bytes, len), &of_site), len == 8);
        within.page = VALUE_OTHER;
        assert_int_equal(redis_field_parse(slice_of(bytes, len), &within), len == 16);
    }
    within.page = VALUE_OTHER;
    assert_false(redis_field_parse(slice_of(bytes + 8, 16), &within)); /* within no page */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_take_as_many_bytes_as_the_largest_needs),
        cmocka_unit_test(test_other_lengths_are_no_numbers),
        cmocka_unit_test(test_keys_and_fields_are_read_back_as_they_were_written),
        cmocka_unit_test(test_other_keys_are_none_of_lists),
        cmocka_unit_test(test_a_field_fits_its_kind_of_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
