#include "process/listen_address.h"

#include "support/cmocka.h"

static const struct {
    const char *text;
    const char *host;
    uint16_t port;
} right[] = {
    {"localhost:8080", "localhost", 8080},
    {"192.0.2.1:80", "192.0.2.1", 80},
    {"[::1]:8080", "::1", 8080},
    {"[fe80::1%eth0]:1", "fe80::1%eth0", 1},
    {"[::]:8080", "", 8080},
    {"*:8080", "", 8080},
    {":8080", "", 8080},
    {"0.0.0.0:65535", "0.0.0.0", 65535},
    {"a-b.example:0", "a-b.example", 0},
};

static const char *const wrong[] = {
    "",
    "localhost",
    "8080",
    "localhost:",
    "localhost:x",
    "localhost:65536",
    "::1:8080",
    "[::1]",
    "[::1:8080",
    "localhost:-1",
    "local host:1",
    "http://localhost:80",
    "a/b:1",
    "localhost:8080 ",
    "unix:",
    "localhost:080808",
    "[]x:1",
};

static void right_addresses_are_taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        struct listen_address address;

        assert_int_equal(listen_address_parse(slice_str(right[i].text), &address, NULL), ERR_OK);
        assert_false(address.is_unix);
        assert_string_equal(address.host, right[i].host);
        assert_int_equal(address.port, right[i].port);
    }
}

static void wrong_addresses_are_refused_with_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct listen_address address;
        struct err_info info = {.text = ""};

        if (listen_address_parse(slice_str(wrong[i]), &address, &info) != ERR_INVALID)
            fail_msg("\"%s\" was taken", wrong[i]);
        assert_true(info.text[0] != '\0');
    }
}

static void a_unix_path_is_kept_whole_and_bounded(void **state)
{
    char text[5 + LISTEN_MAX_PATH + 1] = "unix:";
    struct listen_address address;

    (void)state;
    assert_int_equal(listen_address_parse(SLICE("unix:/run/a:b.sock"), &address, NULL), ERR_OK);
    assert_true(address.is_unix);
    assert_string_equal(address.path, "/run/a:b.sock");
    memset(text + 5, 'x', LISTEN_MAX_PATH);
    assert_int_equal(listen_address_parse(slice_of(text, 5 + LISTEN_MAX_PATH), &address, NULL),
                     ERR_INVALID);
    assert_int_equal(listen_address_parse(slice_of(text, 4 + LISTEN_MAX_PATH), &address, NULL),
                     ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_addresses_are_taken_apart),
        cmocka_unit_test(wrong_addresses_are_refused_with_a_reason),
        cmocka_unit_test(a_unix_path_is_kept_whole_and_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
