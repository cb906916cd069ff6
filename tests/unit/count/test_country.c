#include "count/country.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "count/country_places.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"
#include "support/temp_folder.h"

#define MAXMIND MMDB_FOLDER "/maxmind.mmdb"

static struct temp_folder folder;

static void put(const char *name, const char *text)
{
    char path[256];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", folder.path, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char *look_up(const struct countries *countries, const char *text)
{
    static char code[3];
    struct address address;

    assert_true(address_parse(slice_str(text), &address));
    memset(code, 0, sizeof(code));
    (void)countries_find(countries, &address, code);
    return code;
}

static void test_a_file_and_a_folder_have_countries(void **state)
{
    struct countries *countries;
    struct countries_description description;
    size_t ranges;

    (void)state;
    assert_int_equal(countries_open(MAXMIND, &countries, NULL), ERR_OK);
    assert_string_equal(look_up(countries, "8.8.8.8"), "US");
    countries_describe(countries, &description);
    assert_string_equal(description.path, MAXMIND);
    assert_string_equal(description.kind, "GeoLite2-Country");
    assert_int_equal(description.made_unix_s, 1750000000);
    assert_int_equal(countries_check(countries, &ranges, NULL), ERR_OK);
    assert_int_equal(ranges, 5);
    countries_close(countries);

    put("geoip", "0,4294967295,DE\n");
    put("geoip6", "::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,FR\n");
    assert_int_equal(countries_open(folder.path, &countries, NULL), ERR_OK);
    assert_string_equal(look_up(countries, "8.8.8.8"), "DE");
    assert_string_equal(look_up(countries, "::ffff:8.8.8.8"), "DE");
    assert_string_equal(look_up(countries, "2a00::1"), "FR");
    countries_describe(countries, &description);
    assert_string_equal(description.path, folder.path);
    assert_string_equal(description.kind, "tor-geoipdb");
    assert_true(description.made_unix_s > 1750000000);
    assert_int_equal(countries_check(countries, &ranges, NULL), ERR_OK);
    assert_int_equal(ranges, 2);
    countries_close(countries);
}

static void test_addresses_that_are_nobodys_place_have_no_country(void **state)
{
    static const char *const nowhere[] = {
        "0.0.0.0",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.1.1",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "fe80::1",
        "fc00::1",
        "fd00::1",
        "ff02::1",
        "2001:db8::1",
        "64:ff9b::8.8.8.8",
    };
    static const char *const somewhere[] = {
        "1.0.0.0",     "9.255.255.255", "11.0.0.0",    "100.63.255.255",  "100.128.0.0",
        "126.0.0.1",   "128.0.0.0",     "172.15.0.1",  "172.32.0.0",      "192.167.0.1",
        "192.169.0.0", "198.17.0.1",    "198.20.0.0",  "223.255.255.255", "2000::1",
        "3fff:ffff::", "2001:db7::1",   "2001:db9::1",
    };
    static const struct address unix_socket = {.is_unix = true};
    struct countries *countries;
    char code[2] = {'?', '?'};

    (void)state;
    put("geoip", "0,4294967295,DE\n");
    put("geoip6", "::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,DE\n");
    assert_int_equal(countries_open(folder.path, &countries, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
        if (look_up(countries, nowhere[i])[0] != '\0')
            fail_msg("%s", nowhere[i]);
    }
    for (size_t i = 0; i < sizeof(somewhere) / sizeof(somewhere[0]); i++) {
        if (strcmp(look_up(countries, somewhere[i]), "DE") != 0)
            fail_msg("%s", somewhere[i]);
    }
    assert_false(countries_find(countries, &unix_socket, code));
    assert_memory_equal(code, "??", 2);
    countries_close(countries);
}

static void test_without_data_no_address_has_a_country(void **state)
{
    struct countries *countries;
    struct countries_description description;
    size_t ranges = 1;

    (void)state;
    assert_int_equal(countries_open(COUNTRIES_NONE, &countries, NULL), ERR_OK);
    assert_string_equal(look_up(countries, "8.8.8.8"), "");
    countries_describe(countries, &description);
    assert_null(description.path);
    assert_null(description.kind);
    assert_int_equal(description.made_unix_s, 0);
    assert_int_equal(countries_check(countries, &ranges, NULL), ERR_OK);
    assert_int_equal(ranges, 0);
    countries_close(countries);
    countries_close(NULL);
}

static void assert_refused(const char *path, const char *why)
{
    struct countries *countries = NULL;
    struct err_info info = {""};

    assert_int_equal(countries_open(path, &countries, &info), ERR_CONFIG);
    assert_null(countries);
    if (!strstr(info.text, why))
        fail_msg("%s: %s", path, info.text);
    assert_int_equal(countries_open(path, &countries, NULL), ERR_CONFIG);
}

static void test_what_cannot_be_opened_says_why(void **state)
{
    char path[128];
    char *long_path = calloc(1, 5000);

    (void)state;
    assert_non_null(long_path);
    assert_refused("/nowhere/at/all.mmdb", "/nowhere/at/all.mmdb: No such file or directory");
    assert_refused("/dev/null", "/dev/null: is not a file");
    memset(long_path, '/', 4999);
    assert_refused(long_path, "");
    free(long_path);

    put("empty.mmdb", "");
    (void)snprintf(path, sizeof(path), "%s/empty.mmdb", folder.path);
    assert_refused(path, "/empty.mmdb: is empty");
    assert_int_equal(truncate(path, 257 << 20), 0);
    assert_refused(path, "/empty.mmdb: is over 256 MiB");
    put("text.mmdb", "1,2,DE\n");
    (void)snprintf(path, sizeof(path), "%s/text.mmdb", folder.path);
    assert_refused(path, "/text.mmdb: ");
    (void)snprintf(path, sizeof(path), "%s/pipe.mmdb", folder.path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(path, "/pipe.mmdb: is not a file");
}

static void test_both_tables_have_to_be_there_and_sound(void **state)
{
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/geoip6", folder.path);
    put("geoip", "1,2,DE\n");
    (void)unlink(path);
    assert_refused(folder.path, "/geoip6: No such file or directory");
    put("geoip6", "1,2,DE\n");
    assert_refused(folder.path, "geoip6 line 1 is not a range of addresses and its country");
    put("geoip6", "::1,::2,DE");
    assert_refused(folder.path, "geoip6 ends within a line");
    put("geoip6", "::1,::2,DE\n");
    put("geoip", "");
    assert_refused(folder.path, "/geoip: is empty");
}

static void test_damage_that_opening_missed_is_found_by_the_check(void **state)
{
    struct countries *countries;
    struct err_info info = {""};
    size_t ranges;

    (void)state;
    put("geoip", "1,2,DE\n");
    put("geoip6", "::1,::2,DE\n::2,::3,DE\n");
    assert_int_equal(countries_open(folder.path, &countries, NULL), ERR_OK);
    assert_int_equal(countries_check(countries, &ranges, &info), ERR_CONFIG);
    assert_string_equal(info.text, "geoip6 line 2 has a range that is not behind the ones before");
    countries_close(countries);
}

static void make_folders(const char *root, const char *path)
{
    char whole[256];

    (void)snprintf(whole, sizeof(whole), "%s%s/", root, path);
    for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(whole, 0700);
        *slash = '/';
    }
}

static void test_the_best_of_the_usual_places_is_taken(void **state)
{
    /* Each is better than the ones before it. */
    static const char *const places[] = {
        "/usr/share/tor/geoip",
        "/usr/share/GeoIP/ipinfo_lite.mmdb",
        "/usr/share/GeoIP/dbip-country-lite-2026-05.mmdb",
        "/usr/share/GeoIP/dbip-country-lite-2026-06.mmdb",
        "/var/lib/GeoIP/dbip-country-lite.mmdb",
        "/usr/share/GeoIP/GeoLite2-City.mmdb",
        "/usr/share/GeoIP/GeoLite2-Country.mmdb",
        "/var/lib/GeoIP/GeoLite2-Country.mmdb",
    };
    struct temp_folder root;
    char *found;
    char command[128];

    (void)state;
    temp_folder_make(&root);
    assert_int_equal(country_places_find(root.path, &found), ERR_NOT_FOUND);
    make_folders(root.path, "/usr/share/tor");
    make_folders(root.path, "/usr/share/GeoIP");
    make_folders(root.path, "/var/lib/GeoIP");
    assert_int_equal(country_places_find(root.path, &found), ERR_NOT_FOUND);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char path[256];

        (void)snprintf(path, sizeof(path), "%s%s", root.path, places[i]);
        assert_int_equal(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
        assert_int_equal(country_places_find(root.path, &found), ERR_OK);
        if (i == 0)
            path[strlen(path) - strlen("/geoip")] = '\0'; /* the folder of both tables */
        assert_string_equal(found, path);
        free(found);
    }
    (void)snprintf(command, sizeof(command), "rm -r '%s'", root.path);
    assert_int_equal(system(command), 0);
}

static void test_no_setting_is_what_is_in_the_usual_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct countries *countries;
        struct countries_description description;
        char *found = NULL;
        enum err err = country_places_find("", &found);

        assert_int_equal(countries_open(i == 0 ? NULL : "", &countries, NULL), ERR_OK);
        countries_describe(countries, &description);
        assert_int_equal(description.path != NULL, err == ERR_OK);
        if (found)
            assert_string_equal(description.path, found);
        free(found);
        countries_close(countries);
    }
}

static void open_without_memory(const char *path)
{
    for (size_t k = 1;; k++) {
        struct countries *countries = NULL;
        struct err_info info = {""};
        enum err err;
        bool has_failed;

        failing_malloc_at(k);
        err = countries_open(path, &countries, &info);
        has_failed = failing_malloc_stop();
        countries_close(countries);
        if (!has_failed) {
            assert_int_equal(err, ERR_OK);
            return;
        }
        assert_int_equal(err, ERR_NO_MEMORY);
        assert_true(info.text[0] != '\0');
    }
}

static void test_each_allocation_may_fail(void **state)
{
    (void)state;
    put("geoip", "1,2,DE\n");
    put("geoip6", "::1,::2,DE\n");
    open_without_memory(folder.path);
    open_without_memory(MAXMIND);
    open_without_memory(COUNTRIES_NONE);
}

static int set_up(void **state)
{
    (void)state;
    temp_folder_make(&folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_folder_remove(&folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_and_a_folder_have_countries),
        cmocka_unit_test(test_addresses_that_are_nobodys_place_have_no_country),
        cmocka_unit_test(test_without_data_no_address_has_a_country),
        cmocka_unit_test(test_what_cannot_be_opened_says_why),
        cmocka_unit_test(test_both_tables_have_to_be_there_and_sound),
        cmocka_unit_test(test_damage_that_opening_missed_is_found_by_the_check),
        cmocka_unit_test(test_the_best_of_the_usual_places_is_taken),
        cmocka_unit_test(test_no_setting_is_what_is_in_the_usual_places),
        cmocka_unit_test(test_each_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("country", tests, set_up, tear_down);
}
