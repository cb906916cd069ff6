#include "session/secret.h"

#include "base/random.h"
#include "support/cmocka.h"

#define SECRET_BITS ((size_t)SECRET_RANDOM_BYTES * 8)

static void test_a_text_is_read_as_it_was_written(void **state)
{
    struct secret secret;
    struct secret read;
    char text[SECRET_TEXT + 1];
    char owner[SECRET_OWNER_TEXT + 1];

    (void)state;
    secret_make(&secret, SLICE("00112233445566ff"));
    secret_format(&secret, text);
    assert_int_equal(strlen(text), SECRET_TEXT);
    assert_true(secret_parse(slice_str(text), &read));
    assert_memory_equal(&read, &secret, sizeof(secret));
    secret_owner(&read, owner);
    assert_string_equal(owner, "00112233445566ff");
}

static void test_other_texts_are_refused(void **state)
{
    struct secret secret;
    char text[SECRET_TEXT + 1];

    (void)state;
    secret_make(&secret, SLICE("00112233445566ff"));
    secret_format(&secret, text);
    assert_false(secret_parse(SLICE(""), &secret));
    assert_false(secret_parse(slice_of(text, SECRET_TEXT - 1), &secret));
    for (size_t i = 0; i < SECRET_TEXT; i++) {
        char kept = text[i];

        text[i] = i % 2 ? '+' : '\0';
        assert_false(secret_parse(slice_of(text, SECRET_TEXT), &secret));
        text[i] = kept;
    }
    /* The last letter has four bits that no byte needs: four letters of 64 are right. */
    memcpy(text + SECRET_TEXT - 1, "B", 1);
    assert_false(secret_parse(slice_of(text, SECRET_TEXT), &secret));
}

static void test_secrets_of_kinds_have_other_hashes(void **state)
{
    struct secret secret;
    char one[SECRET_HASH_TEXT + 1];
    char two[SECRET_HASH_TEXT + 1];

    (void)state;
    secret_make(&secret, SLICE("00112233445566ff"));
    secret_hash(&secret, SECRET_LOGIN, one);
    secret_hash(&secret, SECRET_LOGIN, two);
    assert_int_equal(strlen(one), SECRET_HASH_TEXT);
    assert_string_equal(one, two);
    secret_hash(&secret, SECRET_API_TOKEN, two);
    assert_string_not_equal(one, two);
}

/* S01: each bit is as often set as not. Of 40,000 secrets a bit is set within five standard
 * deviations, 500, of half of them. */
static void test_bits_are_even(void **state)
{
    enum { SECRETS = 40000 };

    static unsigned set[SECRET_BITS];
    struct secret secret;

    (void)state;
    for (int i = 0; i < SECRETS; i++) {
        secret_make(&secret, SLICE(""));
        for (size_t bit = 0; bit < SECRET_BITS; bit++)
            set[bit] += (secret.random[bit / 8] >> (bit % 8)) & 1;
    }
    for (size_t bit = 0; bit < SECRET_BITS; bit++)
        assert_in_range(set[bit], SECRETS / 2 - 500, SECRETS / 2 + 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_is_read_as_it_was_written),
        cmocka_unit_test(test_other_texts_are_refused),
        cmocka_unit_test(test_secrets_of_kinds_have_other_hashes),
        cmocka_unit_test(test_bits_are_even),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
