#include "support/cmocka.h"

#include "base/strbuf.h"
#include "http/client_address.h"

struct address_case {
    const char *peer; /* NULL: a unix socket's */
    const char *x_forwarded_for;
    const char *forwarded;
    const char *client;
};

/* Trusted: 10.0.0.0/8, 2001:db8:ffff::/48, unix. */
static const struct address_case cases[] = {
    {"192.0.2.9", NULL, NULL, "192.0.2.9"},
    {"192.0.2.9", "192.0.2.1", NULL, "192.0.2.9"},
    {"192.0.2.9", NULL, "for=192.0.2.1", "192.0.2.9"},
    {"10.0.0.1", NULL, NULL, "10.0.0.1"},
    {"10.0.0.1", "192.0.2.1", NULL, "192.0.2.1"},
    {"10.0.0.1", "192.0.2.7, 192.0.2.1", NULL, "192.0.2.1"},
    {"10.0.0.1", "192.0.2.1, 10.0.0.2", NULL, "192.0.2.1"},
    {"10.0.0.1", "192.0.2.7, 192.0.2.1, 10.0.0.2,10.0.0.3", NULL, "192.0.2.1"},
    {"10.0.0.1", "10.0.0.3, 10.0.0.2", NULL, "10.0.0.3"},
    {"10.0.0.1", "192.0.2.1:4711", NULL, "192.0.2.1"},
    {"10.0.0.1", "[2001:db8::1]:4711", NULL, "2001:db8::1"},
    {"10.0.0.1", "2001:db8::1", NULL, "2001:db8::1"},
    {"10.0.0.1", "::ffff:192.0.2.1", NULL, "192.0.2.1"},
    {"2001:db8:ffff::1", "2001:db8::1, 2001:db8:ffff::2", NULL, "2001:db8::1"},
    {NULL, "192.0.2.1", NULL, "192.0.2.1"},
    /* A malformed element ends the walk at the hop that named it. */
    {"10.0.0.1", "nonsense", NULL, "10.0.0.1"},
    {"10.0.0.1", "", NULL, "10.0.0.1"},
    {"10.0.0.1", "192.0.2.1, ", NULL, "10.0.0.1"},
    {"10.0.0.1", "192.0.2.1, nonsense, 10.0.0.2", NULL, "10.0.0.2"},
    {"10.0.0.1", "192.0.2.1, unknown", NULL, "10.0.0.1"},
    {"10.0.0.1", "192.0.2.300", NULL, "10.0.0.1"},
    {"10.0.0.1", "192.0.2.1 192.0.2.2", NULL, "10.0.0.1"},
    /* RFC 7239. */
    {"10.0.0.1", NULL, "for=192.0.2.1", "192.0.2.1"},
    {"10.0.0.1", NULL, "For=\"192.0.2.1\"", "192.0.2.1"},
    {"10.0.0.1", NULL, "for=\"[2001:db8::1]:4711\"", "2001:db8::1"},
    {"10.0.0.1", NULL, "for=192.0.2.1;proto=https;by=10.0.0.1", "192.0.2.1"},
    {"10.0.0.1", NULL, "proto=https; for=192.0.2.1", "192.0.2.1"},
    {"10.0.0.1", NULL, "for=192.0.2.7, for=192.0.2.1", "192.0.2.1"},
    {"10.0.0.1", NULL, "for=192.0.2.1, for=10.0.0.2;proto=http", "192.0.2.1"},
    {"10.0.0.1", NULL, "for=192.0.2.1 , for=10.0.0.2", "192.0.2.1"},
    {"10.0.0.1", NULL, "for=192.0.2.1, for=_hidden", "10.0.0.1"},
    {"10.0.0.1", NULL, "for=192.0.2.1, for=unknown, for=10.0.0.2", "10.0.0.2"},
    {"10.0.0.1", NULL, "for=192.0.2.1, proto=http", "10.0.0.1"},
    {"10.0.0.1", NULL, "for=\"192.0.2.1", "10.0.0.1"},
    {"10.0.0.1", NULL, "host=\"a, for=192.0.2.7\", for=192.0.2.1", "192.0.2.1"},
    {"10.0.0.1", NULL, "host=\"a\\\"\", for=192.0.2.1", "10.0.0.1"},
    {"10.0.0.1", NULL, "for=", "10.0.0.1"},
    {"10.0.0.1", NULL, "for", "10.0.0.1"},
    {"10.0.0.1", NULL, "", "10.0.0.1"},
    {"10.0.0.1", NULL, "for=192.0.2.1 for=192.0.2.2", "10.0.0.1"},
    /* Both: only what they agree on. */
    {"10.0.0.1", "192.0.2.1", "for=192.0.2.1", "192.0.2.1"},
    {"10.0.0.1", "192.0.2.1", "for=192.0.2.7", "10.0.0.1"},
    {"10.0.0.1", "192.0.2.1", "nonsense", "10.0.0.1"},
};

static struct address parse(const char *text)
{
    struct address address = {.is_unix = true};

    if (text)
        assert_true(address_parse(slice_str(text), &address));
    return address;
}

static void only_the_trusted_are_believed(void **state)
{
    struct address_set trusted;

    (void)state;
    assert_int_equal(
        address_set_parse(SLICE("10.0.0.0/8, 2001:db8:ffff::/48, unix"), &trusted, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct address peer = parse(cases[i].peer);
        struct address expected = parse(cases[i].client);
        struct address client = client_address(&peer, slice_str(cases[i].x_forwarded_for),
                                               slice_str(cases[i].forwarded), &trusted);

        assert_memory_equal(client.bytes, expected.bytes, sizeof(client.bytes));
        assert_int_equal(client.is_unix, expected.is_unix);
    }
}

static void longer_chains_than_any_honest_one_are_not_walked(void **state)
{
    struct address_set trusted;
    struct address peer = parse("10.0.0.1");
    struct address client;
    char text[2048];
    struct strbuf chain;

    (void)state;
    assert_int_equal(address_set_parse(SLICE("10.0.0.0/8"), &trusted, NULL), ERR_OK);
    strbuf_init_fixed(&chain, text, sizeof(text));
    strbuf_append(&chain, SLICE("192.0.2.1"));
    for (int i = 0; i < 100; i++)
        strbuf_append(&chain, SLICE(", 10.0.0.2"));
    client = client_address(&peer, strbuf_slice(&chain), slice_of(NULL, 0), &trusted);
    assert_int_equal(client.bytes[12], 10);
}

static const struct {
    const char *peer; /* NULL: a unix socket */
    const char *proto;
    bool is_secure;
} schemes[] = {
    {"10.0.0.1", "https", true},        {"10.0.0.1", "HTTPS", true},
    {"10.0.0.1", "https, https", true}, {NULL, "https", true},
    {"10.0.0.1", NULL, false},          {"10.0.0.1", "", false},
    {"10.0.0.1", ",", false},           {"10.0.0.1", "http", false},
    {"10.0.0.1", "httpss", false},      {"10.0.0.1", "wss", false},
    {"10.0.0.1", "https, http", false}, /* the first one may be the client's */
    {"10.0.0.1", "http, https", false}, {"192.0.2.1", "https", false}, /* says so itself */
};

static void the_scheme_is_what_all_of_the_trusted_say(void **state)
{
    struct address_set trusted;

    (void)state;
    assert_int_equal(address_set_parse(SLICE("10.0.0.0/8, unix"), &trusted, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        struct address peer = parse(schemes[i].peer);

        assert_int_equal(client_is_secure(&peer, slice_str(schemes[i].proto), &trusted),
                         schemes[i].is_secure);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_trusted_are_believed),
        cmocka_unit_test(longer_chains_than_any_honest_one_are_not_walked),
        cmocka_unit_test(the_scheme_is_what_all_of_the_trusted_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
