#include "session/recovery.h"

#include <stdio.h>

#include "base/random.h"
#include "session/base32.h"
#include "support/cmocka.h"

/* RFC 4648, section 10, without padding. */
static void test_base32(void **state)
{
    static const struct {
        const char *bytes;
        const char *text;
    } cases[] = {
        {"", ""},
        {"f", "MY"},
        {"fo", "MZXQ"},
        {"foo", "MZXW6"},
        {"foob", "MZXW6YQ"},
        {"fooba", "MZXW6YTB"},
        {"foobar", "MZXW6YTBOI"},
    };

    char text[32];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        base32_encode((const unsigned char *)cases[i].bytes, strlen(cases[i].bytes), text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(strlen(text), BASE32_TEXT(strlen(cases[i].bytes)));
    }
}

/* A09: 80 bits, so among 1,000 none is twice, and each letter stands everywhere. */
static void test_codes_are_random(void **state)
{
    enum { CODES = 1000 };

    static char codes[CODES][RECOVERY_CODE_TEXT];
    bool seen[RECOVERY_CODE_TEXT - 1][128] = {{false}};

    (void)state;
    for (size_t i = 0; i < CODES; i++) {
        recovery_make(codes[i]);
        assert_int_equal(strlen(codes[i]), RECOVERY_CODE_TEXT - 1);
        for (size_t at = 0; at < RECOVERY_CODE_TEXT - 1; at++)
            seen[at][(unsigned char)codes[i][at]] = true;
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(codes[i], codes[j]);
    }
    for (size_t at = 0; at < RECOVERY_CODE_TEXT - 1; at++) {
        const char *letters = at % 5 == 4 ? "-" : "abcdefghijklmnopqrstuvwxyz234567";
        size_t count = 0;

        for (size_t c = 0; c < 128; c++)
            count += seen[at][c];
        assert_int_equal(count, strlen(letters));
        for (const char *c = letters; *c; c++)
            assert_true(seen[at][(unsigned char)*c]);
    }
}

static void test_however_it_is_written_it_is_the_same(void **state)
{
    static const char *const same[] = {
        "abcd-efgh-ijkl-2345", "ABCD-EFGH-IJKL-2345",           "abcdefghijkl2345",
        "abcd efgh ijkl 2345", " \tAbCd--eFgH- ijkl-2345\r\n-",
    };
    unsigned char first[RECOVERY_HASH_BYTES];
    unsigned char hash[RECOVERY_HASH_BYTES];

    (void)state;
    assert_true(recovery_hash(slice_str(same[0]), first));
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        assert_true(recovery_hash(slice_str(same[i]), hash));
        assert_true(recovery_hash_is(hash, first));
    }
    assert_true(recovery_hash(SLICE("abcd-efgh-ijkl-2346"), hash));
    assert_false(recovery_hash_is(hash, first));
}

static void test_what_is_none_has_no_hash(void **state)
{
    static const struct slice none[] = {
        SLICE_INIT(""),
        SLICE_INIT("-"),
        SLICE_INIT("abcd-efgh-ijkl-234"),
        SLICE_INIT("abcd-efgh-ijkl-23456"),
        SLICE_INIT("abcd-efgh-ijkl-2340"),
        SLICE_INIT("abcd-efgh-ijkl-2341"),
        SLICE_INIT("abcd-efgh-ijkl-2348"),
        SLICE_INIT("abcd-efgh-ijkl-234\0"),
        SLICE_INIT("abcd_efgh_ijkl_2345"),
        SLICE_INIT("abcd-efgh-ijkl-23\xc3\xa4"),
        {NULL, 0},
    };
    unsigned char hash[RECOVERY_HASH_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_false(recovery_hash(none[i], hash));
}

/* BLAKE2b-128 of the letters, keyed: records that are there already stay right. Made with Python's
 * hashlib.blake2b(b"abcdefghijkl2345", digest_size=16, key=b"footfall recovery".ljust(32, b"\0")).
 */
static void test_the_hash_is_always_the_same(void **state)
{
    unsigned char hash[RECOVERY_HASH_BYTES];
    char hex[2 * RECOVERY_HASH_BYTES + 1];

    (void)state;
    assert_true(recovery_hash(SLICE("abcd-efgh-ijkl-2345"), hash));
    for (size_t i = 0; i < RECOVERY_HASH_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    assert_string_equal(hex, "14230aacedbfd44d8e55cd2d79f59ca1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base32),
        cmocka_unit_test(test_codes_are_random),
        cmocka_unit_test(test_however_it_is_written_it_is_the_same),
        cmocka_unit_test(test_what_is_none_has_no_hash),
        cmocka_unit_test(test_the_hash_is_always_the_same),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
