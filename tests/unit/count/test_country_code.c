#include "count/country_code.h"

#include <stdio.h>

#include "support/cmocka.h"

#define ISO_TABLE "/usr/share/zoneinfo/iso3166.tab"

static bool is_assigned(const char *letters)
{
    return country_code_read(slice_of(letters, 2)) != COUNTRY_NONE;
}

static void test_all_codes_and_no_others_are_countries(void **state)
{
    unsigned count = 0;

    (void)state;
    for (int first = 'A'; first <= 'Z'; first++) {
        for (int second = 'A'; second <= 'Z'; second++)
            count += is_assigned((char[]){(char)first, (char)second});
    }
    assert_int_equal(count, 249 + 2); /* XK and UK */
}

/* Another one's list of the same codes. */
static void test_they_are_those_of_the_time_zone_database(void **state)
{
    FILE *file = fopen(ISO_TABLE, "re");
    char line[256];
    unsigned count = 0;

    (void)state;
    if (!file)
        skip();
    while (fgets(line, sizeof(line), file)) {
        if (line[0] == '#')
            continue;
        if (!is_assigned(line))
            fail_msg("%s", line);
        count++;
    }
    (void)fclose(file);
    assert_int_equal(count, 249);
}

static void test_a_code_is_written_as_it_was_read(void **state)
{
    static const char *const cases[][2] = {
        {"DE", "DE"}, {"AD", "AD"}, {"ZW", "ZW"}, {"XK", "XK"}, {"GB", "GB"}, {"UK", "GB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[2];

        country_code_write(country_code_read(slice_of(cases[i][0], 2)), out);
        assert_memory_equal(out, cases[i][1], 2);
    }
}

static void test_everything_else_is_no_country(void **state)
{
    static const struct slice cases[] = {
        SLICE_INIT("??"),  SLICE_INIT("A1"),  SLICE_INIT("A2"), SLICE_INIT("O1"),
        SLICE_INIT("T1"),  SLICE_INIT("EU"),  SLICE_INIT("AP"), SLICE_INIT("AN"),
        SLICE_INIT("CS"),  SLICE_INIT("ZZ"),  SLICE_INIT("XX"), SLICE_INIT("de"),
        SLICE_INIT("De"),  SLICE_INIT(""),    SLICE_INIT("D"),  SLICE_INIT("DEU"),
        SLICE_INIT("D\0"), SLICE_INIT("\0E"), SLICE_INIT("[["), SLICE_INIT("\xc3\x84"),
        SLICE_INIT("@A"),  SLICE_INIT("A@"),  {NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(country_code_read(cases[i]), COUNTRY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_codes_and_no_others_are_countries),
        cmocka_unit_test(test_they_are_those_of_the_time_zone_database),
        cmocka_unit_test(test_a_code_is_written_as_it_was_read),
        cmocka_unit_test(test_everything_else_is_no_country),
    };

    return cmocka_run_group_tests_name("country_code", tests, NULL, NULL);
}
