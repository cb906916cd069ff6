#include "support/cmocka.h"

#include "http/date.h"

static int64_t unix_now_ms;
static int reads;

static int64_t read_unix_ms(void *ctx)
{
    (void)ctx;
    reads++;
    return unix_now_ms;
}

static const struct clock test_clock = {.unix_ms = read_unix_ms};

static void expect(struct date_line *date, int64_t now_ms, const char *line)
{
    assert_true(slice_eq(date_line_get(date, &test_clock, now_ms), slice_str(line)));
}

static void date_is_in_the_format_of_rfc_9110(void **state)
{
    struct date_line date = {0};

    (void)state;
    unix_now_ms = 784111777000;
    expect(&date, 1, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    date = (struct date_line){0};
    unix_now_ms = 1709251199999;
    expect(&date, 1, "Date: Thu, 29 Feb 2024 23:59:59 GMT\r\n");
    date = (struct date_line){0};
    unix_now_ms = 4102444800000;
    expect(&date, 1, "Date: Fri, 01 Jan 2100 00:00:00 GMT\r\n");
}

static void date_is_written_anew_when_the_second_is_over(void **state)
{
    struct date_line date = {0};

    (void)state;
    reads = 0;
    unix_now_ms = 784111777600; /* 400 ms are left of this second */
    expect(&date, 1000, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    unix_now_ms += 399;
    expect(&date, 1399, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    assert_int_equal(reads, 1);
    unix_now_ms += 1;
    expect(&date, 1400, "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
    assert_int_equal(reads, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_is_in_the_format_of_rfc_9110),
        cmocka_unit_test(date_is_written_anew_when_the_second_is_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
