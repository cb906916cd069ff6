/* The tables of Debian's package tor-geoipdb. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "count/country.h"
#include "count/country_code.h"
#include "count/country_text.h"
#include "support/cmocka.h"

#define FOLDER "/usr/share/tor"

static void test_well_known_addresses_are_where_they_are(void **state)
{
    static const char *const cases[][2] = {
        {"8.8.8.8", "US"},              /* Google's resolver */
        {"193.0.6.139", "NL"},          /* RIPE NCC */
        {"141.20.1.1", "DE"},           /* Humboldt University, Berlin */
        {"133.11.1.1", "JP"},           /* the university of Tokyo */
        {"129.132.1.1", "CH"},          /* ETH Zurich */
        {"2001:67c:2e8:22::1", "NL"},   /* RIPE NCC */
        {"2001:200:dff:fff1::1", "JP"}, /* WIDE */
        {"2001:638::1", "DE"},          /* DFN */
        {"2001:620::1", "CH"},          /* SWITCH */
        {"::ffff:8.8.8.8", "US"},       /* as a socket of both families tells it */
    };
    struct countries *countries;

    (void)state;
    assert_int_equal(countries_open(FOLDER, &countries, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct address address;
        char code[3] = "";

        assert_true(address_parse(slice_str(cases[i][0]), &address));
        if (!countries_find(countries, &address, code) || strcmp(code, cases[i][1]) != 0)
            fail_msg("%s: %s", cases[i][0], code);
    }
    countries_close(countries);
}

/* What the file writes for an address, read by the C library. */
static struct address parse(const char *text)
{
    struct address address = {.bytes = {[10] = 0xff, [11] = 0xff}};
    uint32_t ipv4;

    if (strchr(text, ':')) {
        assert_int_equal(inet_pton(AF_INET6, text, address.bytes), 1);
        return address;
    }
    ipv4 = htonl((uint32_t)strtoul(text, NULL, 10));
    memcpy(address.bytes + 12, &ipv4, sizeof(ipv4));
    return address;
}

static void check_border(const struct country_text *tables, const char *text, const char *country)
{
    struct address address = parse(text);

    if (country_text_find(tables, &address) != country_code_read(slice_of(country, 2)))
        fail_msg("%s is not in %s", text, country);
}

static size_t check_borders(const struct country_text *tables, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[256];
    size_t count = 0;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        char first[64];
        char last[64];
        char country[3];

        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%63[^,],%63[^,],%2s", first, last, country), 3);
        check_border(tables, first, country);
        check_border(tables, last, country);
        count++;
    }
    (void)fclose(file);
    return count;
}

static void test_both_ends_of_every_range_have_its_country(void **state)
{
    struct country_text *tables;
    size_t ranges;
    size_t count;

    (void)state;
    assert_int_equal(country_text_open(FOLDER, &tables, NULL), ERR_OK);
    count = check_borders(tables, FOLDER "/geoip") + check_borders(tables, FOLDER "/geoip6");
    assert_int_equal(country_text_check(tables, &ranges, NULL), ERR_OK);
    assert_int_equal(ranges, count);
    assert_true(count > 100000);
    country_text_close(tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_known_addresses_are_where_they_are),
        cmocka_unit_test(test_both_ends_of_every_range_have_its_country),
    };

    if (access(FOLDER "/geoip", R_OK) != 0) {
        (void)fprintf(stderr, "tor-geoipdb is not installed\n");
        return 1;
    }
    return cmocka_run_group_tests_name("country_tor", tests, NULL, NULL);
}
