#include "base/log.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "support/captured_output.h"
#include "support/cmocka.h"

#define LINE_MAX_BYTES 4096

static struct captured_output capture;

/* Logs one event in `format` and gives its line, after checking that it is one. */
static struct slice line_of(enum log_format format, const struct log_field *fields, size_t count)
{
    struct slice line;

    log_setup(format, LOG_INFO);
    captured_output_start(&capture);
    log_write(LOG_INFO, "something happened", fields, count);
    line = captured_output_stop(&capture);
    assert_true(line.len > 0 && line.len <= LINE_MAX_BYTES);
    assert_ptr_equal(memchr(line.ptr, '\n', line.len), line.ptr + line.len - 1);
    return line;
}

/* The line without its time, which changes. */
static struct slice after_time(struct slice line)
{
    const char *level = memmem(line.ptr, line.len, "level", 5);

    assert_non_null(level);
    return slice_from(line, (size_t)(level - line.ptr));
}

static json_t *parse(struct slice line)
{
    json_error_t error;
    json_t *object =
        json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

    if (!object)
        fail_msg("%s: %.*s", error.text, SLICE_ARG(line));
    return object;
}

static void assert_text(const json_t *object, const char *key, struct slice expected)
{
    const json_t *value = json_object_get(object, key);

    assert_true(json_is_string(value));
    assert_true(slice_eq(slice_of(json_string_value(value), json_string_length(value)), expected));
}

static void test_logfmt_quotes_only_what_needs_it(void **state)
{
    const struct log_field fields[] = {
        LOG_INT("pid", -17),         LOG_STR("store", "sqlite:a.db"),
        LOG_STR("why", "two words"), LOG_STR("equation", "a=b"),
        LOG_STR("empty", ""),        LOG_STR("nothing", NULL),
        LOG_INT("least", INT64_MIN),
    };
    struct slice line = line_of(LOG_LOGFMT, fields, sizeof(fields) / sizeof(fields[0]));

    (void)state;
    assert_true(slice_starts_with(line, SLICE("time=2")));
    assert_true(slice_eq(after_time(line),
                         SLICE("level=info msg=\"something happened\" pid=-17 store=sqlite:a.db "
                               "why=\"two words\" equation=\"a=b\" empty=\"\" nothing=\"\" "
                               "least=-9223372036854775808\n")));
}

static void test_json_has_the_same_keys(void **state)
{
    const struct log_field fields[] = {LOG_INT("pid", 17), LOG_STR("why", "a \"quote\" \\ \x01")};
    json_t *object = parse(line_of(LOG_JSON, fields, 2));

    (void)state;
    assert_int_equal(json_object_size(object), 5);
    assert_int_equal(json_string_length(json_object_get(object, "time")), 24);
    assert_text(object, "level", SLICE("info"));
    assert_text(object, "msg", SLICE("something happened"));
    assert_text(object, "why", SLICE("a \"quote\" \\ \x01"));
    assert_int_equal(json_integer_value(json_object_get(object, "pid")), 17);
    json_decref(object);
}

static void test_no_value_forges_a_line_or_a_key(void **state)
{
    static const struct {
        struct slice value;
        struct slice logfmt;
    } cases[] = {
        {SLICE_INIT("a\nlevel=error msg=forged"), SLICE_INIT("\"a\\u000alevel=error msg=forged\"")},
        {SLICE_INIT("a\r\n"), SLICE_INIT("\"a\\u000d\\u000a\"")},
        {SLICE_INIT("a\" level=error x=\""), SLICE_INIT("\"a\\\" level=error x=\\\"\"")},
        {SLICE_INIT("a\\"), SLICE_INIT("\"a\\\\\"")},
        {SLICE_INIT("\",\"level\":\"error"), SLICE_INIT("\"\\\",\\\"level\\\":\\\"error\"")},
        {SLICE_INIT("\0"), SLICE_INIT("\"\\u0000\"")},
        {SLICE_INIT("\x1b[31m"), SLICE_INIT("\"\\u001b[31m\"")},
        {SLICE_INIT("\x7f"), SLICE_INIT("\"\\u007f\"")},
        {SLICE_INIT("\xc2\x85"), SLICE_INIT("\"\\u00c2\\u0085\"")}, /* next line, U+0085 */
        {SLICE_INIT("\xff\xfe"), SLICE_INIT("\"\\u00ff\\u00fe\"")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct log_field field = LOG_SLICE("v", cases[i].value);
        struct slice line = after_time(line_of(LOG_LOGFMT, &field, 1));
        const char *value = memmem(line.ptr, line.len, " v=", 3);
        json_t *object;

        assert_non_null(value);
        if (!slice_eq(slice_of(value + 3, (size_t)(line.ptr + line.len - 1 - (value + 3))),
                      cases[i].logfmt))
            fail_msg("%.*s", SLICE_ARG(line));
        object = parse(line_of(LOG_JSON, &field, 1));
        assert_text(object, "level", SLICE("info"));
        json_decref(object);
    }
}

/* Several fields of `value`; as JSON the line has to be parsed. */
static void log_many(struct slice value)
{
    const struct log_field fields[] = {
        LOG_SLICE("first", value),  LOG_SLICE("second", value), LOG_INT("number", INT64_MIN),
        LOG_SLICE("fourth", value), LOG_STR("fifth", "word"),   LOG_STR("sixth", "a b"),
        LOG_STR("seventh", "a\nb"),
    };
    json_t *object = parse(line_of(LOG_JSON, fields, 7));

    assert_text(object, "msg", SLICE("something happened"));
    json_decref(object);
    (void)line_of(LOG_LOGFMT, fields, 7);
}

static void test_a_line_that_would_be_too_long_is_cut_and_stays_whole(void **state)
{
    static const struct {
        char content;
        size_t bytes; /* that each takes in the line */
    } cases[] = {{'x', 1}, {' ', 1}, {'"', 2}, {'\n', 6}};

    static char text[2 * LINE_MAX_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memset(text, cases[i].content, sizeof(text));
        /* All lengths that end near the end of the line. */
        for (size_t len = 3900 / cases[i].bytes; len <= 4100 / cases[i].bytes; len++)
            log_many(slice_of(text, len));
        log_many(slice_of(text, sizeof(text)));
    }
}

static void test_what_is_below_the_level_is_not_written(void **state)
{
    struct slice lines;

    (void)state;
    log_setup(LOG_LOGFMT, LOG_WARN);
    captured_output_start(&capture);
    log_debug("no");
    log_info("no", LOG_INT("n", 1));
    log_warn("yes");
    log_error("yes", LOG_STR("who", "me"), LOG_INT("n", 2));
    lines = captured_output_stop(&capture);
    assert_null(memmem(lines.ptr, lines.len, "no", 2));
    assert_non_null(memmem(lines.ptr, lines.len, "level=warn msg=yes\n", 19));
    assert_non_null(memmem(lines.ptr, lines.len, "level=error msg=yes who=me n=2\n", 31));
}

static void test_a_log_that_is_off_writes_nothing(void **state)
{
    (void)state;
    log_off();
    captured_output_start(&capture);
    log_error("no");
    assert_int_equal(captured_output_stop(&capture).len, 0);
    log_setup(LOG_LOGFMT, LOG_INFO);
    captured_output_start(&capture);
    log_info("yes");
    assert_true(captured_output_stop(&capture).len > 0);
}

static void test_a_log_nobody_reads_does_no_harm(void **state)
{
    int real;

    (void)state;
    (void)fflush(stdout);
    log_setup(LOG_LOGFMT, LOG_INFO);
    real = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    assert_true(real >= 0);
    (void)close(STDOUT_FILENO);
    log_info("nobody reads this");
    assert_int_equal(dup2(real, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(real);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logfmt_quotes_only_what_needs_it),
        cmocka_unit_test(test_json_has_the_same_keys),
        cmocka_unit_test(test_no_value_forges_a_line_or_a_key),
        cmocka_unit_test(test_a_line_that_would_be_too_long_is_cut_and_stays_whole),
        cmocka_unit_test(test_what_is_below_the_level_is_not_written),
        cmocka_unit_test(test_a_log_that_is_off_writes_nothing),
        cmocka_unit_test(test_a_log_nobody_reads_does_no_harm),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
