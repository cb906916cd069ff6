#include "support/cmocka.h"

#include "http/chunked.h"

#define MAX_BODY_BYTES 1024

struct chunked_case {
    struct slice bytes;
    enum chunked_result result;
    const char *body; /* when whole */
    size_t rest;      /* bytes behind a whole body */
};

#define CASE(result_, text_, body_, rest_)                                                         \
    {                                                                                              \
        {text_, sizeof(text_) - 1}, result_, body_, rest_                                          \
    }
#define WHOLE(text_, body_) CASE(CHUNKED_WHOLE, text_, body_, 0)
#define MORE(text_)         CASE(CHUNKED_MORE, text_, NULL, 0)
#define BAD(text_)          CASE(CHUNKED_MALFORMED, text_, NULL, 0)
#define LONG(text_)         CASE(CHUNKED_TOO_LONG, text_, NULL, 0)

#define X64                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X256                X64 X64 X64 X64
#define X1K                 X256 X256 X256 X256

static const struct chunked_case cases[] = {
    WHOLE("0\r\n\r\n", ""),
    WHOLE("5\r\nabcde\r\n0\r\n\r\n", "abcde"),
    WHOLE("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
    WHOLE("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
    WHOLE("a\r\n0123456789\r\n00\r\n\r\n", "0123456789"),
    WHOLE("0000000000000005\r\nabcde\r\n0\r\n\r\n", "abcde"),
    WHOLE("5;a=b\r\nabcde\r\n0;c\r\n\r\n", "abcde"),
    WHOLE("5;\r\nabcde\r\n0\r\n\r\n", "abcde"),
    WHOLE("5;" X64 X64 X64 "\r\nabcde\r\n0\r\n\r\n", "abcde"),
    WHOLE("5\r\n\r\n0\r\n\r\n0\r\n\r\n", "\r\n0\r\n"),
    WHOLE("0\r\nA: b\r\nC: d\r\n\r\n", ""),
    WHOLE("400\r\n" X1K "\r\n0\r\n\r\n", X1K),
    CASE(CHUNKED_WHOLE, "1\r\na\r\n0\r\n\r\nGET /", "a", 5),
    MORE(""),
    MORE("5"),
    MORE("5\r"),
    MORE("5\r\nabc"),
    MORE("5\r\nabcde"),
    MORE("5\r\nabcde\r\n"),
    MORE("0\r\n"),
    MORE("0\r\n\r"),
    MORE("0\r\nA: b\r\n"),
    BAD("\r\n"),
    BAD(";a\r\n"),
    BAD("g\r\n"),
    BAD("0x5\r\n"),
    BAD("-5\r\n"),
    BAD("+5\r\n"),
    BAD(" 5\r\n"),
    BAD("5 \r\n"),
    BAD("5_0\r\n"),
    BAD("5\n"),
    BAD("5\ra"),
    BAD("5\0\r\n"),
    BAD("00000000000000005\r\n"),
    BAD("5;a\n"),
    BAD("5;a\rb"),
    BAD("5;a\0b"),
    BAD("5;" X256 "x\r\n"),
    BAD("5\r\nabcdef"),
    BAD("5\r\nabcde\n"),
    BAD("5\r\nabcde\r\r"),
    BAD("0\r\n\n"),
    BAD("0\r\n\rx"),
    BAD("0\r\n a: b\r\n"),
    BAD("0\r\n: b\r\n"),
    BAD("0\r\nA: b\n"),
    BAD("0\r\nA: b\rc"),
    LONG("401\r\n"),
    LONG("ffffffffffffffff\r\n"),
    LONG("400\r\n" X1K "\r\n1\r\n"),
};

#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

static void check(const struct chunked_case *c, enum chunked_result result,
                  const struct strbuf *body, size_t used)
{
    assert_int_equal(result, c->result);
    if (result != CHUNKED_WHOLE)
        return;
    assert_int_equal(c->bytes.len - used, c->rest);
    assert_true(slice_eq(strbuf_slice(body), slice_str(c->body)));
}

static void bodies_are_decoded_as_a_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        struct chunked chunked = {0};
        struct strbuf body;
        size_t used;
        enum chunked_result result;

        strbuf_init(&body, MAX_BODY_BYTES);
        result = chunked_decode(&chunked, cases[i].bytes, &body, &used);
        check(&cases[i], result, &body, used);
        strbuf_fini(&body);
    }
}

static void bodies_are_decoded_the_same_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        struct chunked chunked = {0};
        struct strbuf body;
        size_t at = 0;
        enum chunked_result result = CHUNKED_MORE;

        strbuf_init(&body, MAX_BODY_BYTES);
        while (at < cases[i].bytes.len && result == CHUNKED_MORE) {
            size_t used;

            result = chunked_decode(&chunked, slice_of(cases[i].bytes.ptr + at, 1), &body, &used);
            assert_int_equal(used, 1);
            at++;
        }
        check(&cases[i], result, &body, at);
        strbuf_fini(&body);
    }
}

static void trailers_are_bounded_all_together(void **state)
{
    struct chunked chunked = {.state = CHUNKED_TRAILER};
    struct slice line = SLICE("A: 89\r\n"); /* 5 bytes that count */
    struct strbuf body;
    size_t used;

    (void)state;
    strbuf_init(&body, MAX_BODY_BYTES);
    for (int i = 0; i < CHUNKED_MAX_TRAILER_BYTES / 5; i++)
        assert_int_equal(chunked_decode(&chunked, line, &body, &used), CHUNKED_MORE);
    assert_int_equal(chunked_decode(&chunked, line, &body, &used), CHUNKED_MALFORMED);
    strbuf_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_decoded_as_a_whole),
        cmocka_unit_test(bodies_are_decoded_the_same_byte_by_byte),
        cmocka_unit_test(trailers_are_bounded_all_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
