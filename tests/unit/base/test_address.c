#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "support/cmocka.h"

/* The 16 bytes of what inet_pton calls `ipv6`. */
static void assert_is(const struct address *address, const char *ipv6)
{
    unsigned char expected[16];

    assert_int_equal(inet_pton(AF_INET6, ipv6, expected), 1);
    assert_false(address->is_unix);
    assert_memory_equal(address->bytes, expected, sizeof(expected));
}

static void test_addresses_are_parsed_with_and_without_port_and_zone(void **state)
{
    static const struct {
        const char *text;
        const char *ipv6;
    } cases[] = {
        {"192.0.2.1", "::ffff:192.0.2.1"},
        {"192.0.2.1:8080", "::ffff:192.0.2.1"},
        {"0.0.0.0", "::ffff:0.0.0.0"},
        {"255.255.255.255:65535", "::ffff:255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"2001:db8::1", "2001:db8::1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"::1:8080", "::1:8080"}, /* no port: it cannot be told from the address */
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"fe80::1%eth0", "fe80::1"},
        {"[fe80::1%eth0]:443", "fe80::1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct address address;

        if (!address_parse(slice_str(cases[i].text), &address))
            fail_msg("%s was refused", cases[i].text);
        assert_is(&address, cases[i].ipv6);
    }
}

static void test_what_only_begins_like_an_address_is_refused(void **state)
{
    static const struct slice cases[] = {
        SLICE_INIT(""),
        SLICE_INIT(" "),
        SLICE_INIT(":"),
        SLICE_INIT("::1 "),
        SLICE_INIT(" 192.0.2.1"),
        SLICE_INIT("192.0.2.1\n"),
        SLICE_INIT("192.0.2"),
        SLICE_INIT("192.0.2.1.5"),
        SLICE_INIT("192.0.2.256"),
        SLICE_INIT("192.0.2.01"),
        SLICE_INIT("0xc0.0.2.1"),
        SLICE_INIT("3221225985"),
        SLICE_INIT("-1.0.0.0"),
        SLICE_INIT("192.0.2.1:"),
        SLICE_INIT("192.0.2.1:http"),
        SLICE_INIT("192.0.2.1:123456"),
        SLICE_INIT("192.0.2.1:8 "),
        SLICE_INIT("192.0.2.1%eth0"),
        SLICE_INIT("192.0.2.1/24"),
        SLICE_INIT("127.0.0.1\0.evil.example"),
        SLICE_INIT("127.0.0.1\0"),
        SLICE_INIT("\0"),
        SLICE_INIT("::1\0"),
        SLICE_INIT("::1%"),
        SLICE_INIT("%eth0"),
        SLICE_INIT("1::2::3"),
        SLICE_INIT("1:2:3:4:5:6:7:8:9"),
        SLICE_INIT("12345::"),
        SLICE_INIT("::g"),
        SLICE_INIT("["),
        SLICE_INIT("[]"),
        SLICE_INIT("]"),
        SLICE_INIT("[::1"),
        SLICE_INIT("::1]"),
        SLICE_INIT("[::1]x"),
        SLICE_INIT("[::1]:"),
        SLICE_INIT("[::1]:80x"),
        SLICE_INIT("[::1]]:80"),
        SLICE_INIT("[[::1]]"),
        SLICE_INIT("[192.0.2.1]"),
        SLICE_INIT("[::1%]"),
        SLICE_INIT("unknown"),
        SLICE_INIT("_hidden"),
        SLICE_INIT("localhost"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct address address;

        if (address_parse(cases[i], &address))
            fail_msg("\"%.*s\" was taken", SLICE_ARG(cases[i]));
    }
}

static void test_a_text_longer_than_any_address_is_refused(void **state)
{
    char text[300];
    struct address address;

    (void)state;
    memset(text, '1', sizeof(text));
    assert_false(address_parse(slice_of(text, sizeof(text)), &address));
    memset(text, ':', sizeof(text));
    assert_false(address_parse(slice_of(text, sizeof(text)), &address));
}

static void test_a_socket_address_becomes_an_address(void **state)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct address address;

    (void)state;
    in.sin_addr.s_addr = htonl(0xc0000201);
    address = address_from_sockaddr((const struct sockaddr *)&in);
    assert_is(&address, "::ffff:192.0.2.1");
    in6.sin6_addr.s6_addr[15] = 1;
    address = address_from_sockaddr((const struct sockaddr *)&in6);
    assert_is(&address, "::1");
    assert_true(address_from_sockaddr((const struct sockaddr *)&un).is_unix);
}

static void test_a_set_has_the_addresses_of_its_networks(void **state)
{
    static const struct {
        const char *set;
        const char *address; /* "unix": a unix socket */
        bool is_in;
    } cases[] = {
        {"none", "127.0.0.1", false},
        {"none", "unix", false},
        {"", "::1", false},
        {"unix", "unix", true},
        {"unix", "::", false},
        {"0.0.0.0/0, ::/0", "unix", false},
        {"127.0.0.1", "127.0.0.1", true},
        {"127.0.0.1", "127.0.0.2", false},
        {"127.0.0.1", "::ffff:127.0.0.1", true},
        {"127.0.0.1", "::1", false},
        {"127.0.0.0/8", "127.255.255.255", true},
        {"127.0.0.0/8", "128.0.0.0", false},
        {"127.9.9.9/8", "127.1.1.1", true}, /* bits behind the prefix do not matter */
        {"10.0.0.0/9", "10.127.255.255", true},
        {"10.0.0.0/9", "10.128.0.0", false},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.129/32", "192.0.2.129", true},
        {"192.0.2.129/31", "192.0.2.128", true},
        {"0.0.0.0/0", "255.1.2.3", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "192.0.2.1", true},
        {"::ffff:10.0.0.0/104", "10.1.2.3", true},
        {"::ffff:10.0.0.0/104", "11.1.2.3", false},
        {"2001:db8::/32", "2001:db8:ffff::", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"::1/128", "::1", true},
        {"::1/127", "::", true},
        {" 10.0.0.0/8 ,\t::1,unix", "10.0.0.1", true},
        {" 10.0.0.0/8 ,\t::1,unix", "::1", true},
        {" 10.0.0.0/8 ,\t::1,unix", "unix", true},
        {" 10.0.0.0/8 ,\t::1,unix", "192.0.2.1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct address address = {.is_unix = true};
        struct address_set set;

        assert_int_equal(address_set_parse(slice_str(cases[i].set), &set, NULL), ERR_OK);
        if (strcmp(cases[i].address, "unix") != 0)
            assert_true(address_parse(slice_str(cases[i].address), &address));
        if (address_set_has(&set, &address) != cases[i].is_in)
            fail_msg("\"%s\" and %s", cases[i].set, cases[i].address);
    }
}

static void test_a_set_with_a_mistake_in_it_is_refused_and_says_which(void **state)
{
    static const struct {
        const char *text;
        const char *named;
    } cases[] = {
        {",", "\"\""},
        {"10.0.0.0/8,,::1", "\"\""},
        {"10.0.0.0/8, evil", "\"evil\""},
        {"10.0.0.0/33", "\"10.0.0.0/33\""},
        {"10.0.0.0/", "\"10.0.0.0/\""},
        {"10.0.0.0/-1", "\"10.0.0.0/-1\""},
        {"10.0.0.0/+8", "\"10.0.0.0/+8\""},
        {"10.0.0.0/0008", "\"10.0.0.0/0008\""},
        {"10.0.0.0/8/8", "\"10.0.0.0/8/8\""},
        {"10.0.0.0/ 8", "\"10.0.0.0/ 8\""},
        {"::/129", "\"::/129\""},
        {"/8", "\"/8\""},
        /* A port makes the prefix count from elsewhere: /8 would be all of IPv4. */
        {"10.0.0.0:80/8", "\"10.0.0.0:80/8\""},
        {"10.0.0.1:80", "\"10.0.0.1:80\""},
        {"[::1]/8", "\"[::1]/8\""},
        {"none,unix", "\"none\""},
        {"UNIX", "\"UNIX\""},
        {"localhost", "\"localhost\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct address_set set = {.count = 77};
        struct err_info info = {""};

        if (address_set_parse(slice_str(cases[i].text), &set, &info) != ERR_INVALID)
            fail_msg("\"%s\" was taken", cases[i].text);
        assert_int_equal(set.count, 77);
        if (!strstr(info.text, cases[i].named))
            fail_msg("\"%s\": %s", cases[i].text, info.text);
    }
}

static void test_a_set_has_64_networks_and_no_more(void **state)
{
    char text[ADDRESS_MAX_NETWORKS * 4 + 8] = "";
    struct address_set set;

    (void)state;
    for (int i = 0; i < ADDRESS_MAX_NETWORKS; i++)
        strcat(text, i > 0 ? ",::1" : "::1");
    assert_int_equal(address_set_parse(slice_str(text), &set, NULL), ERR_OK);
    assert_int_equal(set.count, ADDRESS_MAX_NETWORKS);
    strcat(text, ",::1");
    assert_int_equal(address_set_parse(slice_str(text), &set, NULL), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_are_parsed_with_and_without_port_and_zone),
        cmocka_unit_test(test_what_only_begins_like_an_address_is_refused),
        cmocka_unit_test(test_a_text_longer_than_any_address_is_refused),
        cmocka_unit_test(test_a_socket_address_becomes_an_address),
        cmocka_unit_test(test_a_set_has_the_addresses_of_its_networks),
        cmocka_unit_test(test_a_set_with_a_mistake_in_it_is_refused_and_says_which),
        cmocka_unit_test(test_a_set_has_64_networks_and_no_more),
    };

    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
