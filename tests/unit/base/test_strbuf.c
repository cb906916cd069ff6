#include "base/strbuf.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "support/cmocka.h"

static void assert_holds(const struct strbuf *buf, const char *text)
{
    assert_false(buf->failed);
    if (!slice_eq(strbuf_slice(buf), slice_str(text)))
        fail_msg("\"%.*s\" instead of \"%s\"", (int)buf->len, buf->ptr, text);
}

static void test_what_is_appended_stands_in_order(void **state)
{
    struct strbuf buf;

    (void)state;
    strbuf_init(&buf, 1000);
    assert_holds(&buf, "");
    strbuf_append(&buf, SLICE("one "));
    strbuf_append(&buf, SLICE(""));
    strbuf_append(&buf, slice_of(NULL, 0));
    strbuf_append_char(&buf, '2');
    strbuf_append_int(&buf, -3);
    strbuf_printf(&buf, " %s %d", "four", 5);
    strbuf_printf(&buf, "%s", "");
    assert_holds(&buf, "one 2-3 four 5");
    strbuf_fini(&buf);
    assert_holds(&buf, "");
}

static void test_a_buffer_fills_to_its_ceiling_and_not_a_byte_more(void **state)
{
    static const size_t ceilings[] = {0, 1, 63, 64, 65, 100, 128, 4096, 5000};

    (void)state;
    for (size_t i = 0; i < sizeof(ceilings) / sizeof(ceilings[0]); i++) {
        struct strbuf buf;

        strbuf_init(&buf, ceilings[i]);
        for (size_t k = 0; k < ceilings[i]; k++)
            strbuf_append_char(&buf, 'x');
        assert_false(buf.failed);
        assert_int_equal(buf.len, ceilings[i]);
        strbuf_append_char(&buf, 'y');
        assert_true(buf.failed);
        assert_int_equal(buf.len, ceilings[i]);
        assert_true(buf.capacity <= ceilings[i]);
        strbuf_fini(&buf);
    }
}

static void test_an_append_over_the_ceiling_is_dropped_whole_and_so_is_all_after_it(void **state)
{
    char storage[8];
    struct strbuf bufs[2];

    (void)state;
    strbuf_init(&bufs[0], sizeof(storage));
    strbuf_init_fixed(&bufs[1], storage, sizeof(storage));
    for (int i = 0; i < 2; i++) {
        strbuf_append(&bufs[i], SLICE("12345"));
        strbuf_append(&bufs[i], SLICE("6789"));
        assert_true(bufs[i].failed);
        strbuf_append(&bufs[i], SLICE("6"));
        strbuf_append_int(&bufs[i], 6);
        strbuf_printf(&bufs[i], "6");
        assert_true(slice_eq(strbuf_slice(&bufs[i]), SLICE("12345")));
        strbuf_clear(&bufs[i]);
        assert_holds(&bufs[i], "");
        strbuf_append(&bufs[i], SLICE("12345678"));
        assert_holds(&bufs[i], "12345678");
        strbuf_fini(&bufs[i]);
    }
}

static void test_printf_fills_a_buffer_to_its_last_byte(void **state)
{
    char storage[5] = "....!";
    struct strbuf bufs[2];

    (void)state;
    strbuf_init(&bufs[0], 4);
    strbuf_init_fixed(&bufs[1], storage, 4);
    for (int i = 0; i < 2; i++) {
        strbuf_printf(&bufs[i], "%d", 1234);
        assert_holds(&bufs[i], "1234");
        strbuf_printf(&bufs[i], "%s", "");
        assert_holds(&bufs[i], "1234");
        strbuf_printf(&bufs[i], "5");
        assert_true(bufs[i].failed);
        strbuf_fini(&bufs[i]);
    }
    assert_int_equal(storage[4], '!');
}

static void test_room_for_more_than_the_address_space_is_refused(void **state)
{
    static const size_t wishes[] = {SIZE_MAX, SIZE_MAX / 2 + 2, SIZE_MAX - 10};

    (void)state;
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        struct strbuf buf;

        strbuf_init(&buf, 1000);
        strbuf_append(&buf, SLICE("0123456789abcdef"));
        assert_false(strbuf_reserve(&buf, wishes[i]));
        assert_true(buf.failed);
        strbuf_fini(&buf);
    }
}

static void test_reserved_room_is_not_content(void **state)
{
    struct strbuf buf;

    (void)state;
    strbuf_init(&buf, 1000);
    assert_true(strbuf_reserve(&buf, 1000));
    assert_holds(&buf, "");
    assert_int_equal(buf.capacity, 1000);
    strbuf_fini(&buf);
}

static void test_numbers_are_written_in_decimal(void **state)
{
    static const int64_t numbers[] = {
        0, 1, -1, 9, 10, -10, 99, 100, 12345678901, INT32_MIN, INT64_MAX, INT64_MIN, INT64_MIN + 1,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        char expected[32];
        char text[20];

        (void)snprintf(expected, sizeof(expected), "%" PRId64, numbers[i]);
        assert_true(slice_eq(slice_of(text, format_int(text, numbers[i])), slice_str(expected)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_appended_stands_in_order),
        cmocka_unit_test(test_a_buffer_fills_to_its_ceiling_and_not_a_byte_more),
        cmocka_unit_test(test_an_append_over_the_ceiling_is_dropped_whole_and_so_is_all_after_it),
        cmocka_unit_test(test_printf_fills_a_buffer_to_its_last_byte),
        cmocka_unit_test(test_room_for_more_than_the_address_space_is_refused),
        cmocka_unit_test(test_reserved_room_is_not_content),
        cmocka_unit_test(test_numbers_are_written_in_decimal),
    };

    return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
