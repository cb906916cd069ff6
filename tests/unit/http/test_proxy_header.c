#include "support/cmocka.h"

#include <stdlib.h>

#include "http/proxy_header.h"

#define V2 "\r\n\r\n\0\r\nQUIT\n"

/* 192.0.2.1:4711 to 192.0.2.2:80 */
#define FOUR "\xc0\x00\x02\x01\xc0\x00\x02\x02\x12\x67\x00\x50"

/* 2001:db8::1 to 2001:db8::2 */
#define SIX_BEGIN "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
#define SIX       SIX_BEGIN "\x01" SIX_BEGIN "\x02\x12\x67\x00\x50"

#define Z54                                                                                        \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
    "\0\0\0\0\0\0\0\0"
#define UNIX Z54 Z54 Z54 Z54

struct header_case {
    struct slice bytes;
    enum proxy_header_result result;
    const char *source; /* for ADDRESS; "unix" for none */
};

#define CASE(result_, text_, source_)                                                              \
    {                                                                                              \
        {text_, sizeof(text_) - 1}, result_, source_                                               \
    }
#define IS(text_, source_) CASE(PROXY_HEADER_ADDRESS, text_, source_)
#define LOCAL(text_)       CASE(PROXY_HEADER_LOCAL, text_, NULL)
#define BAD(text_)         CASE(PROXY_HEADER_INVALID, text_, NULL)
#define MORE(text_)        CASE(PROXY_HEADER_MORE, text_, NULL)

/* Each is the header alone; the test puts more behind it. */
static const struct header_case cases[] = {
    IS("PROXY TCP4 192.0.2.1 192.0.2.2 4711 80\r\n", "192.0.2.1"),
    IS("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"),
    IS("PROXY TCP6 2001:db8::1 2001:db8::2 4711 80\r\n", "2001:db8::1"),
    IS("PROXY TCP6 ::ffff:192.0.2.1 ::1 0 0\r\n", "192.0.2.1"),
    LOCAL("PROXY UNKNOWN\r\n"),
    LOCAL("PROXY UNKNOWN anything at all\r\n"),
    BAD("PROXY \r\n"),
    BAD("PROXY TCP4\r\n"),
    BAD("PROXY TCP5 192.0.2.1 192.0.2.2 4711 80\r\n"),
    BAD("PROXY UDP4 192.0.2.1 192.0.2.2 4711 80\r\n"),
    BAD("PROXY tcp4 192.0.2.1 192.0.2.2 4711 80\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 4711\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 4711 80 \r\n"),
    BAD("PROXY TCP4  192.0.2.1 192.0.2.2 4711 80\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 4711 65536\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 4711 080\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 4711 -1\r\n"),
    BAD("PROXY TCP4 2001:db8::1 2001:db8::2 4711 80\r\n"),
    BAD("PROXY TCP6 192.0.2.1 192.0.2.2 4711 80\r\n"),
    BAD("PROXY TCP4 192.0.2.1:1 192.0.2.2 4711 80\r\n"),
    BAD("PROXY TCP6 [2001:db8::1] 2001:db8::2 4711 80\r\n"),
    BAD("PROXY TCP6 fe80::1%1 2001:db8::2 4711 80\r\n"),
    BAD("PROXY TCP4 192.0.2.1 nonsense 4711 80\r\n"),
    BAD("PROXY TCP4 192.0.2.1 192.0.2.2 4711 80\n"),
    BAD("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535 "
        "...................................................\r\n"),
    BAD("GET / HTTP/1.1\r\n"),
    BAD("proxy TCP4"),
    BAD("PROXYTCP4"),
    BAD("\r\n\r\n\0\r\nQUIT\r"),
    IS(V2 "\x21\x11\x00\x0c" FOUR, "192.0.2.1"),
    IS(V2 "\x21\x21\x00\x24" SIX, "2001:db8::1"),
    IS(V2 "\x21\x11\x00\x10" FOUR "\x04\x00\x01\x00", "192.0.2.1"),
    IS(V2 "\x21\x31\x00\xd8" UNIX, "unix"),
    LOCAL(V2 "\x20\x00\x00\x00"),
    LOCAL(V2 "\x20\x11\x00\x0c" FOUR),
    LOCAL(V2 "\x21\x00\x00\x00"),
    LOCAL(V2 "\x21\x00\x00\x04\x04\x00\x01\x00"),
    BAD(V2 "\x11\x11\x00\x0c"),
    BAD(V2 "\x31\x11\x00\x0c"),
    BAD(V2 "\x22\x11\x00\x0c"),
    BAD(V2 "\x21\x11\x00\x0b"
           "\xc0\x00\x02\x01\xc0\x00\x02\x02\x12\x67\x00"),
    BAD(V2 "\x21\x12\x00\x0c" FOUR),
    BAD(V2 "\x21\x41\x00\x00"),
    BAD(V2 "\x21\x11\x02\x09"),
    BAD(V2 "\x21\x11\xff\xff"),
    MORE(""),
    MORE("P"),
    MORE("PROXY"),
    MORE("PROXY TCP4 192.0.2.1"),
    MORE("PROXY UNKNOWN\r"),
    MORE("\r\n"),
    MORE(V2),
    MORE(V2 "\x21\x11\x00"),
    MORE(V2 "\x21\x11\x00\x0c"),
    MORE(V2 "\x21\x11\x02\x08"),
};

static void check_source(const struct header_case *c, const struct address *source)
{
    struct address expected = {.is_unix = true};

    if (strcmp(c->source, "unix") != 0)
        assert_true(address_parse(slice_str(c->source), &expected));
    assert_int_equal(source->is_unix, expected.is_unix);
    assert_memory_equal(source->bytes, expected.bytes, sizeof(expected.bytes));
}

static void check(const struct header_case *c, struct slice behind)
{
    size_t len = c->bytes.len + behind.len;
    char *bytes = malloc(len ? len : 1); /* of the exact size, for the sanitizers */
    struct address source = {0};
    size_t used = 0;

    memcpy(bytes, c->bytes.ptr, c->bytes.len);
    memcpy(bytes + c->bytes.len, behind.ptr, behind.len);
    assert_int_equal(proxy_header_parse(slice_of(bytes, len), &source, &used), c->result);
    free(bytes);
    if (c->result == PROXY_HEADER_ADDRESS || c->result == PROXY_HEADER_LOCAL)
        assert_int_equal(used, c->bytes.len);
    if (c->result == PROXY_HEADER_ADDRESS)
        check_source(c, &source);
}

static void headers_of_both_versions_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(&cases[i], SLICE(""));
        if (cases[i].result != PROXY_HEADER_MORE)
            check(&cases[i], SLICE("GET / HTTP/1.1\r\n"));
    }
}

static void sound_headers_ask_for_more_until_their_last_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].result == PROXY_HEADER_INVALID)
            continue;
        for (size_t len = 0; len < cases[i].bytes.len; len++) {
            struct header_case part = {.bytes = {cases[i].bytes.ptr, len},
                                       .result = PROXY_HEADER_MORE};

            check(&part, SLICE(""));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_both_versions_are_read),
        cmocka_unit_test(sound_headers_ask_for_more_until_their_last_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
