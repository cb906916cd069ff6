/* The protocol of Redis: replies in pieces of any size, limits, commands, errors. */
#include <stdio.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "store/redis_command.h"
#include "store/redis_commit.h"
#include "store/redis_error.h"
#include "store/redis_reply.h"
#include "support/cmocka.h"

static struct redis_reader reader;

static int set_up(void **state)
{
    (void)state;
    return redis_reader_init(&reader) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    redis_reader_fini(&reader);
    return 0;
}

/* Values as text: "s:abc" "+:OK" "-:ERR" "i:5" "nil" "[s:a nil]". */
static void describe(struct strbuf *out, const struct redis_value *value)
{
    static const char *const names[] = {
        [REDIS_STRING] = "s:",  [REDIS_STATUS] = "+:", [REDIS_ERROR] = "-:",
        [REDIS_INTEGER] = "i:", [REDIS_NIL] = "nil",   [REDIS_ARRAY] = "["};

    strbuf_append(out, slice_str(names[value->type]));
    strbuf_append(out, value->text);
    if (value->type == REDIS_INTEGER)
        strbuf_append_int(out, value->integer);
    for (size_t i = 0; i < value->count; i++) {
        if (i > 0)
            strbuf_append_char(out, ' ');
        describe(out, &value->elements[i]);
    }
    if (value->type == REDIS_ARRAY)
        strbuf_append_char(out, ']');
}

/* Feeds `bytes` in two pieces, cut at `cut`; all replies, each followed by ";". */
static enum redis_read read_all(struct slice bytes, size_t cut, struct strbuf *out)
{
    const struct slice pieces[] = {slice_of(bytes.ptr, cut), slice_from(bytes, cut)};
    enum redis_read got = REDIS_READ_MORE;

    for (size_t i = 0; i < 2 && got != REDIS_READ_BROKEN; i++) {
        const struct redis_value *value;

        assert_true(redis_reader_feed(&reader, pieces[i]));
        while ((got = redis_reader_next(&reader, &value)) == REDIS_READ_REPLY) {
            describe(out, value);
            strbuf_append_char(out, ';');
        }
    }
    return got;
}

static void test_replies_are_the_same_wherever_they_are_cut(void **state)
{
    static const struct slice bytes =
        SLICE_INIT("+OK\r\n-NOSCRIPT No matching\r\n:-42\r\n$5\r\na\0b\r\n\r\n$0\r\n\r\n$-1\r\n"
                   "*0\r\n*-1\r\n*4\r\n$1\r\nx\r\n$-1\r\n:7\r\n+s\r\n"
                   "*2\r\n*2\r\n*1\r\n:1\r\n+b\r\n*0\r\n+end\r\n");
    static const struct slice expected =
        SLICE_INIT("+:OK;-:NOSCRIPT No matching;i:-42;s:a\0b\r\n;s:;nil;[];nil;"
                   "[s:x nil i:7 +:s];[[[i:1] +:b] []];+:end;");

    for (size_t cut = 0; cut <= bytes.len; cut++) {
        struct strbuf out;

        strbuf_init(&out, 4096);
        assert_int_equal(read_all(bytes, cut, &out), REDIS_READ_MORE);
        assert_int_equal(out.len, expected.len);
        assert_memory_equal(out.ptr, expected.ptr, expected.len);
        strbuf_fini(&out);
        tear_down(state);
        set_up(state);
    }
}

static void test_what_is_not_resp2_or_over_a_limit_is_broken(void **state)
{
    static const struct slice cases[] = {
        SLICE_INIT("hello\r\n"),
        SLICE_INIT("HTTP/1.1 400 Bad Request\r\n"),
        SLICE_INIT("%1\r\n+a\r\n+b\r\n"), /* RESP3 */
        SLICE_INIT(":12x\r\n"),
        SLICE_INIT(":99999999999999999999\r\n"),
        SLICE_INIT("$x\r\n"),
        SLICE_INIT("$-2\r\n"),
        SLICE_INIT("*-2\r\n"),
        SLICE_INIT("*99999999999\r\n"),
        SLICE_INIT("*65537\r\n"),
        SLICE_INIT("*1\r\n*65537\r\n"),
        SLICE_INIT("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n+a\r\n"), /* too deep */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct strbuf out;

        strbuf_init(&out, 4096);
        if (read_all(cases[i], cases[i].len, &out) != REDIS_READ_BROKEN)
            fail_msg("accepted: %s", cases[i].ptr);
        strbuf_fini(&out);
        tear_down(state);
        set_up(state);
    }
}

static void test_a_text_without_end_is_not_collected_for_ever(void **state)
{
    static const char zeros[65536];
    const struct redis_value *value;
    size_t fed = 0;

    (void)state;
    assert_true(redis_reader_feed(&reader, SLICE("$536870912\r\n")));
    while (redis_reader_feed(&reader, slice_of(zeros, sizeof(zeros)))) {
        assert_int_equal(redis_reader_next(&reader, &value), REDIS_READ_MORE);
        fed += sizeof(zeros);
        assert_in_range(fed, 1, 2 << 20);
    }
}

static void test_a_stored_result_and_a_full_read_are_within_the_limits(void **state)
{
    struct strbuf bytes;
    const struct redis_value *value;

    (void)state;
    strbuf_init(&bytes, 4 << 20);
    strbuf_append(&bytes, SLICE("*65536\r\n"));
    for (int i = 0; i < 65536; i++)
        strbuf_append(&bytes, SLICE("$3\r\nabc\r\n"));
    strbuf_printf(&bytes, "$%d\r\n%0*d\r\n", 16384 * 21, 16384 * 21, 0);
    assert_true(redis_reader_feed(&reader, strbuf_slice(&bytes)));
    assert_int_equal(redis_reader_next(&reader, &value), REDIS_READ_REPLY);
    assert_int_equal(value->count, 65536);
    assert_int_equal(redis_reader_next(&reader, &value), REDIS_READ_REPLY);
    assert_int_equal(value->text.len, 16384 * 21);
    strbuf_fini(&bytes);
}

static void test_commands_are_arrays_of_texts(void **state)
{
    static const char *const info[] = {"INFO", "memory"};
    static const struct slice expected =
        SLICE_INIT("*4\r\n$3\r\nSET\r\n$4\r\na\0b!\r\n$0\r\n\r\n$3\r\n-17\r\n"
                   "*2\r\n$4\r\nINFO\r\n$6\r\nmemory\r\n");
    struct strbuf out;

    (void)state;
    strbuf_init(&out, 4096);
    redis_command(&out, 4);
    redis_arg(&out, SLICE("SET"));
    redis_arg2(&out, SLICE("a\0b"), SLICE("!"));
    redis_arg(&out, slice_of(NULL, 0));
    redis_arg_int(&out, -17);
    redis_command_of(&out, info, 2);
    assert_int_equal(out.len, expected.len);
    assert_memory_equal(out.ptr, expected.ptr, expected.len);
    strbuf_fini(&out);
}

static void test_a_command_over_the_ceiling_fails_the_buffer(void **state)
{
    struct strbuf out;

    (void)state;
    strbuf_init(&out, 40);
    redis_command(&out, 2);
    redis_arg(&out, SLICE("0123456789012345678901234567890123456789"));
    assert_true(out.failed);
    strbuf_fini(&out);
}

static void test_errors_are_sorted_by_their_first_word(void **state)
{
    static const struct {
        const char *text;
        enum redis_verdict verdict;
    } cases[] = {
        {"NOSCRIPT No matching script. Please use EVAL.", REDIS_NOSCRIPT},
        {"LOADING Redis is loading the dataset in memory", REDIS_REFUSED},
        {"READONLY You can't write against a read only replica.", REDIS_REFUSED},
        {"MISCONF Redis is configured to save RDB snapshots, but", REDIS_REFUSED},
        {"OOM command not allowed when used memory > 'maxmemory'.", REDIS_REFUSED},
        {"BUSY Redis is busy running a script.", REDIS_REFUSED},
        {"NOAUTH Authentication required.", REDIS_REFUSED},
        {"WRONGPASS invalid username-password pair", REDIS_REFUSED},
        {"NOPERM this user has no permissions", REDIS_REFUSED},
        {"MASTERDOWN Link with MASTER is down", REDIS_REFUSED},
        {"NOREPLICAS Not enough good replicas to write.", REDIS_REFUSED},
        {"EXECABORT Transaction discarded", REDIS_REFUSED},
        {"CLUSTERDOWN The cluster is down", REDIS_REFUSED},
        {"MOVED 3999 127.0.0.1:6381", REDIS_REFUSED},
        {"WRONGTYPE Operation against a key", REDIS_UNKNOWN},
        {"ERR footfall:total:a: no such luck", REDIS_UNKNOWN},
        {"NOPROTO unsupported protocol version", REDIS_BUG},
        {"FROMTHEFUTURE nobody knows", REDIS_UNKNOWN},
        {"OOMX", REDIS_UNKNOWN},
        {"OOM", REDIS_REFUSED},
        {"loading", REDIS_UNKNOWN},
        {"", REDIS_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (redis_error_verdict(slice_str(cases[i].text)) != cases[i].verdict)
            fail_msg("%s", cases[i].text);
    }
}

static void test_integers_are_read_whole_or_not_at_all(void **state)
{
    static const struct {
        const char *text;
        bool is_good;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-1", true, -1},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"1 ", false, 0},
        {"0x1", false, 0},
        {"1e3", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t value = 0;

        assert_int_equal(redis_parse_int(slice_str(cases[i].text), &value), cases[i].is_good);
        if (cases[i].is_good)
            assert_true(value == cases[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replies_are_the_same_wherever_they_are_cut, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_resp2_or_over_a_limit_is_broken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_text_without_end_is_not_collected_for_ever, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_stored_result_and_a_full_read_are_within_the_limits,
                                        set_up, tear_down),
        cmocka_unit_test(test_commands_are_arrays_of_texts),
        cmocka_unit_test(test_a_command_over_the_ceiling_fails_the_buffer),
        cmocka_unit_test(test_errors_are_sorted_by_their_first_word),
        cmocka_unit_test(test_integers_are_read_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
