#include "support/cmocka.h"

#include <stdlib.h>

#include "http/guard.h"

static const struct guard_limits limits = {
    .head_bytes = 256,
    .target_bytes = 64,
    .field_count = 5,
};

struct guard_case {
    struct slice bytes;
    size_t head_len; /* for GUARD_WHOLE */
    enum guard_result result;
    int status; /* for GUARD_REFUSED */
};

#define CASE(result_, status_, text_, head_)                                                       \
    {                                                                                              \
        SLICE_INIT(text_), sizeof(head_) - 1, result_, status_                                     \
    }
#define WHOLE(text_)            CASE(GUARD_WHOLE, 0, text_, text_)
#define WHOLE_AND(text_, more_) CASE(GUARD_WHOLE, 0, text_ more_, text_)
#define MORE(text_)             CASE(GUARD_MORE, 0, text_, "")
#define REFUSED(status_, text_) CASE(GUARD_REFUSED, status_, text_, "")

#define LINE                    "GET / HTTP/1.1\r\n"
#define X64                     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X256                    X64 X64 X64 X64

static const struct guard_case cases[] = {
    WHOLE(LINE "\r\n"),
    WHOLE(LINE "Host: a\r\n\r\n"),
    WHOLE("\r\n" LINE "Host: a\r\n\r\n"),
    WHOLE("\r\n\r\n" LINE "\r\n"),
    WHOLE_AND(LINE "Host: a\r\n\r\n", "GET"),
    WHOLE_AND(LINE "\r\n", "\n\r\0 anything"),
    WHOLE(LINE "a:\r\nb:\r\nc:\r\nd:\r\ne:\r\n\r\n"),
    MORE(""),
    MORE("\r"),
    MORE("\r\n"),
    MORE("G"),
    MORE("GET / HTTP/1.1\r"),
    MORE(LINE),
    MORE(LINE "Host"),
    MORE(LINE "Host: a\r\n\r"),
    REFUSED(400, LINE "Host: a\n\r\n"),
    REFUSED(400, LINE "Host: a\r\n\n"),
    REFUSED(400, "\n"),
    REFUSED(400, "GET / HTTP/1.1\n"),
    REFUSED(400, "GET / HTTP/1.1\rH"),
    REFUSED(400, LINE "a: b\rc\r\n"),
    REFUSED(400, LINE "a: b\r\r\n"),
    REFUSED(400, LINE "\rx"),
    REFUSED(400, LINE "a: b\0c\r\n"),
    REFUSED(400, LINE "a: b\0c"),
    REFUSED(400, LINE "a: b\r\n c\r\n"),
    REFUSED(400, LINE "a: b\r\n\tc\r\n"),
    REFUSED(400, LINE " a: b\r\n"),
    REFUSED(400, LINE ": b\r\n"),
    REFUSED(400, "\r\n\r\n\r\n"),
    REFUSED(400, " GET"),
    REFUSED(400, "\x16\x03\x01"),
    REFUSED(400, "\0"),
    REFUSED(400, "nonsense\r\n"),
    REFUSED(501, "BREW / HTTP/1.1\r\n"),
    REFUSED(505, "GET / HTTP/2.0\r\n"),
    REFUSED(505, "GET /\r\n"),
    REFUSED(414, "GET /" X64 " HTTP/1.1\r\n"),
    REFUSED(414, "GET /" X64 X64),
    REFUSED(414, "GET /" X256),
    REFUSED(431, LINE "a: " X256 "\r\n"),
    REFUSED(431, LINE "a: " X256),
    REFUSED(431, LINE "a:\r\nb:\r\nc:\r\nd:\r\ne:\r\nf:\r\n"),
};

#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

static void check(const struct guard_case *c, enum guard_result result, const struct slice *head,
                  const struct refusal *refusal)
{
    assert_int_equal(result, c->result);
    if (result == GUARD_WHOLE)
        assert_int_equal(head->len, c->head_len);
    if (result == GUARD_REFUSED) {
        assert_int_equal(refusal->status, c->status);
        assert_non_null(refusal->reason);
    }
}

static void heads_are_judged_as_a_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        struct guard guard = {0};
        struct slice head;
        struct refusal refusal;
        enum guard_result result = guard_scan(&guard, cases[i].bytes, &limits, &head, &refusal);

        check(&cases[i], result, &head, &refusal);
    }
}

static void heads_are_judged_the_same_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        struct guard guard = {0};
        struct slice head;
        struct refusal refusal;
        enum guard_result result = GUARD_MORE;

        for (size_t len = 1; len <= cases[i].bytes.len && result == GUARD_MORE; len++) {
            /* A copy of the exact size: a sanitizer sees a read behind what has arrived. */
            char *bytes = malloc(len);

            memcpy(bytes, cases[i].bytes.ptr, len);
            result = guard_scan(&guard, slice_of(bytes, len), &limits, &head, &refusal);
            free(bytes);
        }
        check(&cases[i], result, &head, &refusal);
    }
}

static void request_line_is_found_behind_empty_lines(void **state)
{
    struct slice bytes = SLICE("\r\nPOST /a HTTP/1.0\r\n\r\n");
    struct guard guard = {0};
    struct slice head;
    struct refusal refusal;
    struct request_line line;

    (void)state;
    assert_int_equal(guard_scan(&guard, bytes, &limits, &head, &refusal), GUARD_WHOLE);
    line = guard_request_line(&guard, bytes);
    assert_int_equal(line.method, HTTP_POST);
    assert_int_equal(line.minor_version, 0);
    assert_true(slice_eq(line.target, SLICE("/a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_judged_as_a_whole),
        cmocka_unit_test(heads_are_judged_the_same_byte_by_byte),
        cmocka_unit_test(request_line_is_found_behind_empty_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
