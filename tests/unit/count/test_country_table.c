#include "count/country_table.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "count/country_code.h"
#include "support/cmocka.h"

/* The country of an address as two letters; "" when there is none. */
static const char *look_up(const struct country_table *table, struct country_key address)
{
    static char letters[3];
    uint16_t code = country_table_find(table, address);

    memset(letters, 0, sizeof(letters));
    if (code != COUNTRY_NONE)
        country_code_write(code, letters);
    return letters;
}

static const char *look_up_ipv4(const struct country_table *table, uint32_t address)
{
    return look_up(table, (struct country_key){0, address});
}

static struct country_key key_of(const char *text)
{
    struct address address;
    enum country_family family;

    assert_true(address_parse(slice_str(text), &address));
    return country_key_of(&address, &family);
}

static void test_ranges_have_their_countries_and_gaps_have_none(void **state)
{
    struct slice text = SLICE("# comment\n#\n10,19,DE\n20,20,FR\n30,30,??\n31,39,DE\n"
                              "4294967290,4294967295,UK\n");

    static const struct {
        uint32_t address;
        const char *country;
    } cases[] = {
        {0, ""},  {9, ""},          {10, "DE"},         {19, "DE"},         {20, "FR"},
        {21, ""}, {29, ""},         {30, ""},           {31, "DE"},         {39, "DE"},
        {40, ""}, {4294967289, ""}, {4294967290, "GB"}, {4294967295, "GB"},
    };
    struct country_table table;
    size_t ranges;

    (void)state;
    assert_int_equal(country_table_init(&table, COUNTRY_IPV4, text, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(look_up_ipv4(&table, cases[i].address), cases[i].country);
    assert_int_equal(country_table_check(&table, &ranges, NULL), ERR_OK);
    assert_int_equal(ranges, 5);
    country_table_fini(&table);
}

static void test_ipv6_ranges_may_be_of_any_addresses(void **state)
{
    struct slice text = SLICE("::,::1,US\n2001:200::,2001:200:134:ffff:ffff:ffff:ffff:ffff,JP\n"
                              "2001:506:8::,2001:506:9::3,US\n2001:506:9::4,2001:506:9::5,BR\n"
                              "ffff::,FFFF:ffff:ffff:ffff:ffff:ffff:ffff:ffff,DE\n");
    static const char *const cases[][2] = {
        {"::", "US"},
        {"::1", "US"},
        {"::2", ""},
        {"2001:1ff:ffff::", ""},
        {"2001:200::", "JP"},
        {"2001:200:134:ffff:ffff:ffff:ffff:ffff", "JP"},
        {"2001:200:135::", ""},
        {"2001:506:8:ffff:ffff:ffff:ffff:ffff", "US"},
        {"2001:506:9::3", "US"},
        {"2001:506:9::4", "BR"},
        {"2001:506:9::5", "BR"},
        {"2001:506:9::6", ""},
        {"fffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
        {"ffff::", "DE"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "DE"},
    };
    struct country_table table;

    (void)state;
    assert_int_equal(country_table_init(&table, COUNTRY_IPV6, text, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(look_up(&table, key_of(cases[i][0])), cases[i][1]);
    country_table_fini(&table);
}

static void test_what_is_no_table_says_where(void **state)
{
    static const struct {
        enum country_family family;
        struct slice text;
        const char *why;
    } cases[] = {
        {COUNTRY_IPV4, {NULL, 0}, "no ranges"},
        {COUNTRY_IPV4, SLICE_INIT(""), "no ranges"},
        {COUNTRY_IPV4, SLICE_INIT("# comment"), "no ranges"},
        {COUNTRY_IPV4, SLICE_INIT("# comment\n"), "no ranges"},
        {COUNTRY_IPV4, SLICE_INIT("1,2,DE"), "ends within a line"},
        {COUNTRY_IPV4, SLICE_INIT("1,2,DE\n3,4,D"), "ends within a line"},
        {COUNTRY_IPV4, SLICE_INIT("# a\n# b\n1,2\n"), "line 3 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("\n1,2,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("1,2,DEU\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("1,2,D\n\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("1,2,\n\n\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("1,2,DE\r\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("1,2,\n3,4,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("1,2,\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("1, 2,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("-1,2,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("1,4294967296,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("1,99999999999,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("::,::1,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("1.0.0.0,1.0.0.1,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("\xab\xcd\xefMaxMind.com\n"), "line 1 is not a range"},
        {COUNTRY_IPV4, SLICE_INIT("2,1,DE\n"), "line 1 has a range that ends before it begins"},
        {COUNTRY_IPV6, SLICE_INIT("1,2,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("::1,::,DE\n"), "line 1 has a range that ends before"},
        {COUNTRY_IPV6, SLICE_INIT("1::2::3,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT(":::,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT(":1,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("1:,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("1::2:,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("12345::,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("1:2:3:4:5:6:7,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("1:2:3:4:5:6:7:8:,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("1:2:3:4:5:6:7:8:9,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("1:2:3:4:5:6:7:8::,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("1::2:3:4:5:6:7:8,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("::ffff:1.2.3.4,4::,DE\n"), "line 1 is not a range"},
        {COUNTRY_IPV6, SLICE_INIT("fe80::1%eth0,fe81::,DE\n"), "line 1 is not a range"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct country_table table;
        struct err_info info = {""};

        assert_int_equal(country_table_init(&table, cases[i].family, cases[i].text, &info),
                         ERR_INVALID);
        if (!strstr(info.text, cases[i].why))
            fail_msg("%.*s: %s", SLICE_ARG(cases[i].text), info.text);
    }
}

/* A table of many blocks: the ranges of 10 addresses each, with gaps of 10. */
static void make_lines(struct strbuf *text, unsigned count)
{
    strbuf_init(text, 1 << 20);
    for (unsigned i = 0; i < count; i++)
        strbuf_printf(text, "%u,%u,%s\n", i * 20, i * 20 + 9, i % 2 == 0 ? "DE" : "FR");
    assert_false(text->failed);
}

static struct slice text_of(const struct strbuf *text)
{
    return slice_of(text->ptr, text->len);
}

static void test_every_address_is_found_in_a_table_of_any_length(void **state)
{
    (void)state;
    for (unsigned count = 1; count < 2000; count = count * 3 / 2 + 1) {
        struct strbuf text;
        struct country_table table;

        make_lines(&text, count);
        assert_int_equal(country_table_init(&table, COUNTRY_IPV4, text_of(&text), NULL), ERR_OK);
        for (unsigned address = 0; address < count * 20 + 20; address++) {
            const char *country = address / 20 % 2 == 0 ? "DE" : "FR";

            if (address % 20 >= 10 || address >= count * 20)
                country = "";
            assert_string_equal(look_up_ipv4(&table, address), country);
        }
        country_table_fini(&table);
        strbuf_fini(&text);
    }
}

static void test_lines_out_of_order_are_found_by_the_check_at_least(void **state)
{
    static const struct {
        const char *lines;
        const char *why;
    } cases[] = {
        {"9,9,DE\n1,2,DE\n", "line 2 has a range that is not behind"},
        {"1,5,DE\n5,6,DE\n", "line 2 has a range that is not behind"},
        {"1,5,DE\n1,5,DE\n", "line 2 has a range that is not behind"},
        {"1,5,DE\n9,8,DE\n", "line 2 has a range that ends before"},
        {"1,5,DE\n# comment\n", "line 2 is not a range"},
        {"1,5,DE\n\n", "line 2 is not a range"},
        {"1,5,DE\nrubbish\n", "line 2 is not a range"},
        {"0,4294967295,DE\n0,1,DE\n", "line 2 has a range that is not behind"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct country_table table;
        struct err_info info = {""};
        size_t ranges;

        assert_int_equal(country_table_init(&table, COUNTRY_IPV4, slice_str(cases[i].lines), NULL),
                         ERR_OK);
        for (uint32_t address = 0; address < 12; address++)
            (void)look_up_ipv4(&table, address);
        assert_int_equal(country_table_check(&table, &ranges, &info), ERR_INVALID);
        if (!strstr(info.text, cases[i].why))
            fail_msg("%s: %s", cases[i].lines, info.text);
        country_table_fini(&table);
    }
}

static void test_disorder_of_whole_blocks_and_long_lines_are_refused(void **state)
{
    struct country_table table;
    struct err_info info = {""};
    struct strbuf text;
    char *long_line;

    (void)state;
    make_lines(&text, 1000);
    assert_true(strbuf_reserve(&text, text.len)); /* so that what is appended stays where it is */
    strbuf_append(&text, text_of(&text));
    assert_int_equal(country_table_init(&table, COUNTRY_IPV4, text_of(&text), &info), ERR_INVALID);
    assert_non_null(strstr(info.text, "not behind"));
    strbuf_fini(&text);

    make_lines(&text, 1000);
    long_line = malloc(8192);
    assert_non_null(long_line);
    memset(long_line, '1', 8192);
    strbuf_append(&text, slice_of(long_line, 8192));
    strbuf_append(&text, SLICE("\n"));
    assert_int_equal(country_table_init(&table, COUNTRY_IPV4, text_of(&text), &info), ERR_INVALID);
    assert_string_equal(info.text, "line 1001 is too long");
    free(long_line);
    strbuf_fini(&text);
}

static void test_a_text_that_changes_gives_wrong_answers_and_no_worse(void **state)
{
    struct country_table table;
    struct strbuf text;

    (void)state;
    make_lines(&text, 2000);
    assert_int_equal(country_table_init(&table, COUNTRY_IPV4, text_of(&text), NULL), ERR_OK);
    memset(text.ptr, '7', text.len);
    assert_string_equal(look_up_ipv4(&table, 20000), "");
    memset(text.ptr, '\n', text.len);
    for (uint32_t address = 0; address < 40000; address += 99)
        assert_string_equal(look_up_ipv4(&table, address), "");
    country_table_fini(&table);
    strbuf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_have_their_countries_and_gaps_have_none),
        cmocka_unit_test(test_ipv6_ranges_may_be_of_any_addresses),
        cmocka_unit_test(test_what_is_no_table_says_where),
        cmocka_unit_test(test_every_address_is_found_in_a_table_of_any_length),
        cmocka_unit_test(test_lines_out_of_order_are_found_by_the_check_at_least),
        cmocka_unit_test(test_disorder_of_whole_blocks_and_long_lines_are_refused),
        cmocka_unit_test(test_a_text_that_changes_gives_wrong_answers_and_no_worse),
    };

    return cmocka_run_group_tests_name("country_table", tests, NULL, NULL);
}
