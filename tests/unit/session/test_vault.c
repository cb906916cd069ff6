#include "session/vault.h"

#include "base/random.h"
#include "support/cmocka.h"

#define KEY_A "0123456789abcdef0123456789abcdef"
#define KEY_B "fedcba9876543210fedcba9876543210"

static const struct slice purpose = SLICE_INIT("totp/00112233445566ff");

static struct vault vault_of(struct slice setting)
{
    struct vault vault;
    struct err_info info = {""};

    assert_int_equal(vault_from_setting(setting, &vault, &info), ERR_OK);
    assert_string_equal(info.text, "");
    return vault;
}

static void assert_opens(const struct vault *vault, struct slice sealed, struct slice plain)
{
    unsigned char opened[VAULT_MAX_PLAIN];
    size_t len = 99;

    assert_int_equal(vault_open(vault, purpose, sealed, opened, &len), ERR_OK);
    assert_true(slice_eq(slice_of(opened, len), plain));
}

static void assert_refused(const struct vault *vault, struct slice for_purpose, struct slice sealed)
{
    unsigned char opened[VAULT_MAX_PLAIN];
    size_t len = 99;

    assert_int_equal(vault_open(vault, for_purpose, sealed, opened, &len), ERR_INVALID);
    assert_int_equal(len, 0);
}

/* A09 */
static void test_what_was_sealed_is_opened_at_any_length(void **state)
{
    const struct vault vault = vault_of(SLICE(KEY_A));
    unsigned char plain[VAULT_MAX_PLAIN];
    unsigned char sealed[VAULT_MAX_SEALED];

    (void)state;
    random_bytes(plain, sizeof(plain));
    for (size_t len = 0; len <= VAULT_MAX_PLAIN; len++) {
        size_t sealed_len = vault_seal(&vault, purpose, slice_of(plain, len), sealed);

        assert_int_equal(sealed_len, len + VAULT_OVERHEAD);
        assert_opens(&vault, slice_of(sealed, sealed_len), slice_of(plain, len));
        if (len >= 8)
            assert_null(memmem(sealed, sealed_len, plain, len));
    }
}

static void test_two_seals_of_the_same_differ(void **state)
{
    const struct vault vault = vault_of(SLICE(KEY_A));
    unsigned char one[VAULT_MAX_SEALED];
    unsigned char two[VAULT_MAX_SEALED];
    size_t len = vault_seal(&vault, purpose, SLICE("secret"), one);

    (void)state;
    assert_int_equal(vault_seal(&vault, purpose, SLICE("secret"), two), len);
    assert_memory_not_equal(one + 1, two + 1, 24);
    assert_memory_not_equal(one + 25, two + 25, len - 25);
}

static void test_each_changed_bit_is_noticed(void **state)
{
    const struct vault vault = vault_of(SLICE(KEY_A "," KEY_B));
    unsigned char sealed[VAULT_MAX_SEALED];
    size_t len = vault_seal(&vault, purpose, SLICE("twenty bytes of text"), sealed);

    (void)state;
    for (size_t bit = 0; bit < len * 8; bit++) {
        sealed[bit / 8] ^= (unsigned char)(1U << bit % 8);
        assert_refused(&vault, purpose, slice_of(sealed, len));
        sealed[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    assert_opens(&vault, slice_of(sealed, len), SLICE("twenty bytes of text"));
}

static void test_other_lengths_are_refused(void **state)
{
    const struct vault vault = vault_of(SLICE(KEY_A));
    unsigned char sealed[VAULT_MAX_SEALED + 2] = {0};
    size_t len = vault_seal(&vault, purpose, SLICE("twenty bytes of text"), sealed);

    (void)state;
    for (size_t other = 0; other <= sizeof(sealed); other++) {
        if (other != len)
            assert_refused(&vault, purpose, slice_of(sealed, other));
    }
    assert_refused(&vault, purpose, slice_of(NULL, 0));
}

static void test_another_purpose_is_refused(void **state)
{
    const struct vault vault = vault_of(SLICE(KEY_A));
    unsigned char sealed[VAULT_MAX_SEALED];
    size_t len = vault_seal(&vault, purpose, SLICE("secret"), sealed);

    (void)state;
    assert_refused(&vault, SLICE("totp/00112233445566fe"), slice_of(sealed, len));
    assert_refused(&vault, SLICE("totp/00112233445566f"), slice_of(sealed, len));
    assert_refused(&vault, SLICE(""), slice_of(sealed, len));
}

static void test_keys(void **state)
{
    static const struct {
        struct slice seals;
        struct slice opens;
        bool is_opened;
    } cases[] = {
        {SLICE_INIT(KEY_A), SLICE_INIT(KEY_A), true},
        {SLICE_INIT(KEY_A), SLICE_INIT(KEY_B), false},
        {SLICE_INIT(KEY_A), SLICE_INIT(KEY_B "," KEY_A), true},
        {SLICE_INIT(KEY_A), SLICE_INIT(KEY_A "," KEY_B), true},
        {SLICE_INIT(KEY_A), SLICE_INIT(KEY_A "x"), false},
        {SLICE_INIT(KEY_A), SLICE_INIT(" " KEY_B " , " KEY_A "\n"), true},
        /* the new one seals */
        {SLICE_INIT(KEY_B "," KEY_A), SLICE_INIT(KEY_B), true},
        {SLICE_INIT(KEY_B "," KEY_A), SLICE_INIT(KEY_A), false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct vault seals = vault_of(cases[i].seals);
        const struct vault opens = vault_of(cases[i].opens);
        unsigned char sealed[VAULT_MAX_SEALED];
        size_t len = vault_seal(&seals, purpose, SLICE("secret"), sealed);

        if (cases[i].is_opened)
            assert_opens(&opens, slice_of(sealed, len), SLICE("secret"));
        else
            assert_refused(&opens, purpose, slice_of(sealed, len));
    }
}

static void test_a_key_of_the_first_start(void **state)
{
    unsigned char key[VAULT_KEY_BYTES];
    unsigned char sealed[VAULT_MAX_SEALED];
    struct vault vault;
    size_t len;

    (void)state;
    random_bytes(key, sizeof(key));
    vault_from_key(key, &vault);
    assert_int_equal(vault.old_count, 0);
    len = vault_seal(&vault, purpose, SLICE("secret"), sealed);
    assert_opens(&vault, slice_of(sealed, len), SLICE("secret"));
    key[31] ^= 1;
    vault_from_key(key, &vault);
    assert_refused(&vault, purpose, slice_of(sealed, len));
}

/* A setting came later, and then was changed: three keys are about. */
static void test_a_key_of_the_first_start_opens_after_all(void **state)
{
    static const struct slice settings[] = {SLICE_INIT(KEY_A), SLICE_INIT(KEY_B "," KEY_A)};
    unsigned char key[VAULT_KEY_BYTES];
    unsigned char sealed[VAULT_MAX_SEALED];
    struct vault first;
    size_t len;

    (void)state;
    random_bytes(key, sizeof(key));
    vault_from_key(key, &first);
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        struct vault before = vault_of(SLICE(KEY_A));
        struct vault vault = vault_of(settings[i]);

        vault_add_old_key(key, &vault);
        len = vault_seal(&first, purpose, SLICE("secret"), sealed);
        assert_opens(&vault, slice_of(sealed, len), SLICE("secret"));
        len = vault_seal(&before, purpose, SLICE("secret"), sealed);
        assert_opens(&vault, slice_of(sealed, len), SLICE("secret"));
        len = vault_seal(&vault, purpose, SLICE("secret"), sealed);
        assert_refused(&first, purpose, slice_of(sealed, len));
    }
}

static void test_settings_that_are_refused_are_not_told(void **state)
{
    static char long_one[VAULT_MAX_TEXT + 2];
    static const struct slice cases[] = {
        SLICE_INIT(""),
        SLICE_INIT("0123456789abcdef0123456789abcde"),
        SLICE_INIT("  0123456789abcdef0123456789abcde  "),
        SLICE_INIT(","),
        SLICE_INIT(KEY_A ","),
        SLICE_INIT("," KEY_A),
        SLICE_INIT(KEY_A ",0123456789abcdef"),
        SLICE_INIT(KEY_A "," KEY_B ","),
        SLICE_INIT(KEY_A "," KEY_B "," KEY_A),
        {long_one, VAULT_MAX_TEXT + 1},
        {NULL, 0},
    };
    struct vault vault;

    (void)state;
    memset(long_one, 'x', VAULT_MAX_TEXT + 1);
    (void)vault_of(slice_of(long_one, VAULT_MAX_TEXT));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};

        assert_int_equal(vault_from_setting(cases[i], &vault, &info), ERR_CONFIG);
        assert_string_not_equal(info.text, "");
        assert_null(strstr(info.text, "0123"));
        assert_int_equal(vault_from_setting(cases[i], &vault, NULL), ERR_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_sealed_is_opened_at_any_length),
        cmocka_unit_test(test_two_seals_of_the_same_differ),
        cmocka_unit_test(test_each_changed_bit_is_noticed),
        cmocka_unit_test(test_other_lengths_are_refused),
        cmocka_unit_test(test_another_purpose_is_refused),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_a_key_of_the_first_start),
        cmocka_unit_test(test_a_key_of_the_first_start_opens_after_all),
        cmocka_unit_test(test_settings_that_are_refused_are_not_told),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
