/* MaxMind DB files that a test's Python module wrote (support/mmdb.py): sound, cut and damaged. */
#include "count/country_mmdb.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "count/country_code.h"
#include "support/cmocka.h"
#include "support/temp_folder.h"

static struct temp_folder folder;

/* Debian 12's libmaxminddb forgets memory when it refuses a file with damaged metadata. */
const char *__lsan_default_suppressions(void); /* NOLINT(bugprone-reserved-identifier): its name */

const char *__lsan_default_suppressions(void) /* NOLINT(bugprone-reserved-identifier): its name */
{
    return "leak:libmaxminddb.so";
}

static const char *look_up(const struct country_mmdb *mmdb, const char *text)
{
    static char letters[3];
    struct address address;
    uint16_t code;

    assert_true(address_parse(slice_str(text), &address));
    code = country_mmdb_find(mmdb, &address);
    memset(letters, 0, sizeof(letters));
    if (code != COUNTRY_NONE)
        country_code_write(code, letters);
    return letters;
}

static void test_the_country_is_where_each_maker_puts_it(void **state)
{
    static const struct {
        const char *path;
        const char *address;
        const char *country;
    } cases[] = {
        {MMDB_FOLDER "/maxmind.mmdb", "8.8.8.8", "US"},
        {MMDB_FOLDER "/maxmind.mmdb", "::ffff:8.8.8.8", "US"},
        {MMDB_FOLDER "/maxmind.mmdb", "8.8.9.0", ""},
        {MMDB_FOLDER "/maxmind.mmdb", "193.0.6.139", "NL"},
        {MMDB_FOLDER "/maxmind.mmdb", "2a00:1450::1", "IE"},
        {MMDB_FOLDER "/maxmind.mmdb", "2a00:1451::", ""},
        {MMDB_FOLDER "/maxmind.mmdb", "2a02:ffff::", "DE"},
        /* Who registered an address says nothing about where it is. */
        {MMDB_FOLDER "/maxmind.mmdb", "5.1.0.1", ""},
        {MMDB_FOLDER "/maxmind.mmdb", "5.2.0.1", ""}, /* EU */
        {MMDB_FOLDER "/maxmind.mmdb", "5.3.0.1", ""}, /* a number */
        {MMDB_FOLDER "/maxmind.mmdb", "5.4.0.1", ""}, /* de */
        {MMDB_FOLDER "/maxmind.mmdb", "5.5.0.1", ""}, /* GBR */
        {MMDB_FOLDER "/maxmind.mmdb", "5.6.0.1", ""}, /* a list */
        {MMDB_FOLDER "/ipinfo.mmdb", "8.8.8.8", "US"},
        {MMDB_FOLDER "/ipinfo-old.mmdb", "8.8.8.8", "US"},
        {MMDB_FOLDER "/ipv4.mmdb", "8.8.8.8", "US"},
        {MMDB_FOLDER "/ipv4.mmdb", "2a00:1450::1", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct country_mmdb *mmdb;

        assert_int_equal(country_mmdb_open(cases[i].path, &mmdb, NULL), ERR_OK);
        if (strcmp(look_up(mmdb, cases[i].address), cases[i].country) != 0)
            fail_msg("%s in %s", cases[i].address, cases[i].path);
        country_mmdb_close(mmdb);
    }
}

static void test_a_file_tells_what_it_is(void **state)
{
    struct country_mmdb *mmdb;
    size_t networks;

    (void)state;
    assert_int_equal(country_mmdb_open(MMDB_FOLDER "/maxmind.mmdb", &mmdb, NULL), ERR_OK);
    assert_string_equal(country_mmdb_kind(mmdb), "GeoLite2-Country");
    assert_int_equal(country_mmdb_made_unix_s(mmdb), 1750000000);
    assert_int_equal(country_mmdb_check(mmdb, &networks, NULL), ERR_OK);
    assert_int_equal(networks, 5);
    country_mmdb_close(mmdb);
}

static void test_a_file_without_countries_is_refused(void **state)
{
    struct country_mmdb *mmdb;
    struct err_info info = {""};

    (void)state;
    assert_int_equal(country_mmdb_open(MMDB_FOLDER "/owners.mmdb", &mmdb, &info), ERR_CONFIG);
    assert_string_equal(info.text, MMDB_FOLDER "/owners.mmdb: has no countries; it calls itself "
                                               "GeoLite2-ASN");
}

static size_t read_file(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = read(fd, out, size);

    assert_in_range(len, 1, size - 1);
    assert_int_equal(close(fd), 0);
    return (size_t)len;
}

/* Opens such a file, and looks up what can be looked up: an error or not, but no crash. */
static enum err try_bytes(const char *bytes, size_t len, struct err_info *info)
{
    static const char *const addresses[] = {"8.8.8.8", "193.0.6.139", "5.3.0.1", "2a02::1", "::1"};
    struct country_mmdb *mmdb;
    char path[128];
    size_t networks;
    enum err err;
    int fd;

    (void)snprintf(path, sizeof(path), "%s/bytes.mmdb", folder.path);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, bytes, len), len);
    assert_int_equal(close(fd), 0);
    err = country_mmdb_open(path, &mmdb, info);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
        (void)look_up(mmdb, addresses[i]);
    if (country_mmdb_check(mmdb, &networks, info) == ERR_OK)
        assert_true(networks > 0);
    country_mmdb_close(mmdb);
    return ERR_OK;
}

static void test_a_file_cut_anywhere_is_refused(void **state)
{
    char bytes[8192];
    size_t len = read_file(MMDB_FOLDER "/maxmind.mmdb", bytes, sizeof(bytes));

    (void)state;
    assert_int_equal(try_bytes(bytes, len, NULL), ERR_OK);
    for (size_t cut = 0; cut < len; cut++) {
        struct err_info info = {""};

        assert_int_equal(try_bytes(bytes, cut, &info), ERR_CONFIG);
        assert_non_null(strstr(info.text, "/bytes.mmdb: "));
    }
}

static void test_a_damaged_byte_anywhere_does_no_harm(void **state)
{
    static const char values[] = {0, 1, 0x7f, '\x80', '\xff'};
    char bytes[8192];
    size_t len = read_file(MMDB_FOLDER "/maxmind.mmdb", bytes, sizeof(bytes));

    (void)state;
    for (size_t i = 0; i < len; i++) {
        char sound = bytes[i];

        bytes[i] = values[i % sizeof(values)];
        (void)try_bytes(bytes, len, NULL);
        bytes[i] = sound;
    }
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
        cmocka_unit_test(test_the_country_is_where_each_maker_puts_it),
        cmocka_unit_test(test_a_file_tells_what_it_is),
        cmocka_unit_test(test_a_file_without_countries_is_refused),
        cmocka_unit_test(test_a_file_cut_anywhere_is_refused),
        cmocka_unit_test(test_a_damaged_byte_anywhere_does_no_harm),
    };

    return cmocka_run_group_tests_name("country_mmdb", tests, set_up, tear_down);
}
