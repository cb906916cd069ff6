#include "session/totp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "support/cmocka.h"

static const unsigned char rfc_secret[TOTP_SECRET_BYTES + 1] = "12345678901234567890";

static void assert_step(struct slice code, int64_t now_s, int64_t last_step, int64_t expected)
{
    int64_t step = -1;

    assert_int_equal(totp_find_step(rfc_secret, code, now_s, last_step, &step), expected >= 0);
    assert_int_equal(step, expected);
}

/* A09: RFC 6238, appendix B, its codes of eight digits cut to the last six. */
static void test_codes_of_the_rfc(void **state)
{
    static const struct {
        int64_t now_s;
        struct slice code;
    } cases[] = {
        {59, SLICE_INIT("287082")},         {1111111109, SLICE_INIT("081804")},
        {1111111111, SLICE_INIT("050471")}, {1234567890, SLICE_INIT("005924")},
        {2000000000, SLICE_INIT("279037")}, {20000000000, SLICE_INIT("353130")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_step(cases[i].code, cases[i].now_s, 0, cases[i].now_s / TOTP_STEP_S);
}

/* A09: a step before and a step after; each once. The code is of step 37037036, from 1111111080 to
 * 1111111109. */
static void test_window_and_last_step(void **state)
{
    static const struct {
        int64_t now_s;
        int64_t last_step;
        int64_t expected;
    } cases[] = {
        {1111111080, 0, 37037036},
        {1111111109, 0, 37037036},
        {1111111110, 0, 37037036},
        {1111111139, 0, 37037036}, /* a step late */
        {1111111140, 0, -1},
        {1111111079, 0, 37037036},
        {1111111050, 0, 37037036}, /* a step early */
        {1111111049, 0, -1},
        {1111111109, 37037035, 37037036},
        {1111111109, 37037036, -1},
        {1111111109, 37037037, -1},
        {1111111139, 37037036, -1},
        {1111111109, INT64_MAX, -1},
        {1111111109, INT64_MIN, 37037036},
        {-1, INT64_MIN, -1},
        {-1111111109, INT64_MIN, -1},
        {INT64_MIN, INT64_MIN, -1},
        {INT64_MAX, INT64_MIN, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_step(SLICE("081804"), cases[i].now_s, cases[i].last_step, cases[i].expected);
}

/* At the beginning of time there is no step before. RFC 4226, appendix D: 755224 is of step 0. */
static void test_the_first_steps(void **state)
{
    (void)state;
    assert_step(SLICE("755224"), 0, -1, 0);
    assert_step(SLICE("287082"), 0, -1, 1);
    assert_step(SLICE("359152"), 0, -1, -1);        /* of step 2 */
    assert_step(SLICE("094451"), 0, INT64_MIN, -1); /* of step 2^64 - 1, which is -1 */
}

static void test_what_is_no_code(void **state)
{
    static const struct slice none[] = {
        SLICE_INIT(""),
        SLICE_INIT("      "),
        SLICE_INIT("08180"),
        SLICE_INIT("0818040"),
        SLICE_INIT("81804"),
        SLICE_INIT("00081804"),
        SLICE_INIT("081804\0"),
        SLICE_INIT("08180\0"),
        SLICE_INIT("08180a"),
        SLICE_INIT("+81804"),
        SLICE_INIT("081-804"),
        SLICE_INIT("\xd9\xa0\xd9\xa8\xd9\xa1\xd9\xa8\xd9\xa0\xd9\xa4"), /* Arabic digits */
        {NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_step(none[i], 1111111109, 0, -1);
    assert_step(SLICE(" 081 804 "), 1111111109, 0, 37037036);
    assert_step(SLICE("0 8\t1 8 0 4"), 1111111109, 0, 37037036);
}

/* Of all codes just those of the window are right. */
static void test_of_a_million_codes_three_are_right(void **state)
{
    char code[16];
    int64_t step;
    int right = 0;

    (void)state;
    for (int i = 0; i < 1000000; i++) {
        (void)snprintf(code, sizeof(code), "%06d", i);
        right += totp_find_step(rfc_secret, slice_str(code), 1111111109, 0, &step);
    }
    assert_int_equal(right, 3);
}

/* What the program oathtool makes of a secret at a time. */
static struct slice ask_oathtool(const char *secret_text, int64_t at_s, char out[static 16])
{
    char command[128];
    FILE *pipe;
    size_t len;

    (void)snprintf(command, sizeof(command), "oathtool --totp --base32 --now=@%" PRId64 " %s", at_s,
                   secret_text);
    pipe = popen(command, "r"); // NOLINT(cert-env33-c): digits and letters of ours only
    assert_non_null(pipe);
    len = fread(out, 1, 15, pipe);
    assert_int_equal(pclose(pipe), 0);
    assert_int_equal(len, TOTP_DIGITS + 1);
    assert_int_equal(out[TOTP_DIGITS], '\n');
    return slice_of(out, TOTP_DIGITS);
}

/* A09, with an oracle. */
static void test_codes_of_oathtool(void **state)
{
    (void)state;
    for (int i = 0; i < 150; i++) {
        unsigned char secret[TOTP_SECRET_BYTES];
        char text[TOTP_SECRET_TEXT];
        char room[16];
        int64_t at_s = (int64_t)(random_nonzero_u64() % 16000000000U);
        int64_t now_s = at_s + (int64_t)(i % 3 - 1) * TOTP_STEP_S;
        struct slice code;
        int64_t step = -1;

        totp_make_secret(secret);
        totp_secret_text(secret, text);
        assert_int_equal(strlen(text), TOTP_SECRET_TEXT - 1);
        code = ask_oathtool(text, at_s, room);
        if (now_s < 0)
            continue;
        assert_true(totp_find_step(secret, code, now_s, -1, &step));
        /* Two steps of a window have the same code once in a million. */
        assert_in_range(step, at_s / TOTP_STEP_S, now_s / TOTP_STEP_S + TOTP_WINDOW);
    }
}

static void test_uri(void **state)
{
    static const struct {
        struct slice issuer;
        struct slice account;
        const char *uri;
    } cases[] = {
        {SLICE_INIT("Footfall"), SLICE_INIT("eva@example.org"),
         "otpauth://totp/Footfall:eva%40example.org"
         "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Footfall"},
        {SLICE_INIT("a: b&c"), SLICE_INIT("x?y=1&z#\xc3\xa4-._~%+/\0\x7f"),
         "otpauth://totp/a%3A%20b%26c:x%3Fy%3D1%26z%23%C3%A4-._~%25%2B%2F%00%7F"
         "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=a%3A%20b%26c"},
    };
    struct strbuf out;

    (void)state;
    strbuf_init(&out, 1000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        strbuf_clear(&out);
        totp_append_uri(&out, rfc_secret, cases[i].issuer, cases[i].account);
        strbuf_append_char(&out, '\0');
        assert_false(out.failed);
        assert_string_equal(out.ptr, cases[i].uri);
    }
    strbuf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes_of_the_rfc),
        cmocka_unit_test(test_window_and_last_step),
        cmocka_unit_test(test_the_first_steps),
        cmocka_unit_test(test_what_is_no_code),
        cmocka_unit_test(test_of_a_million_codes_three_are_right),
        cmocka_unit_test(test_codes_of_oathtool),
        cmocka_unit_test(test_uri),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
