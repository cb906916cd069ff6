#include "session/password.h"

#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/random.h"
#include "session/password_common.h"
#include "support/cmocka.h"

/* ---- which may be chosen -------------------------------------------------------------------- */

static const struct slice context[] = {
    SLICE_INIT("ada.lovelace@example.org"),
    SLICE_INIT("ada.lovelace"),
    SLICE_INIT("Ada Königin"),
    SLICE_INIT(""),
};

static bool may_be_chosen(struct slice password, struct err_info *info)
{
    enum err err = password_check_new(password, context, sizeof(context) / sizeof(*context), info);

    assert_true(err == ERR_OK || err == ERR_INVALID);
    return err == ERR_OK;
}

/* A01: lengths are bytes of UTF-8, and there are no rules about what is in a password. */
static void test_what_may_be_chosen(void **state)
{
    static const struct slice passwords[] = {
        SLICE_INIT("tea4two!"),
        SLICE_INIT("        "),
        SLICE_INIT("käsekäs"), /* 7 letters of 9 bytes */
        SLICE_INIT("\xF0\x9F\x8D\xB5\xF0\x9F\x8D\xB5"),
        SLICE_INIT("\xF0\x9F\x8D\xB5\xF0\x9F\x8D\xB5\xF0\x9F\x8D\xB5"), /* "" and three letters */
        SLICE_INIT("correct horse battery staple"),
        SLICE_INIT("footfall1234"),
        SLICE_INIT("ada.lovelace and tea"),
        SLICE_INIT("ada.lovelade"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(passwords) / sizeof(*passwords); i++)
        assert_true(may_be_chosen(passwords[i], NULL));
}

static void assert_refused(struct slice password, const char *why)
{
    struct err_info info = {""};

    assert_false(may_be_chosen(password, &info));
    assert_non_null(strstr(info.text, why));
}

/* A01 (lengths), A02 (common ones and names). */
static void test_what_is_refused(void **state)
{
    static const struct {
        struct slice password;
        const char *why;
    } rows[] = {
        {SLICE_INIT(""), "at least 8"},
        {SLICE_INIT("tea4tw!"), "at least 8"},
        {SLICE_INIT("tea4\0two!"), "UTF-8"},
        {SLICE_INIT("tea4two!\0"), "UTF-8"},
        {SLICE_INIT("tea4\xFFtwo"), "UTF-8"},
        {SLICE_INIT("tea4two\xC3"), "UTF-8"},
        {SLICE_INIT("tea4\xED\xA0\x80two"), "UTF-8"},
        {SLICE_INIT("password"), "commonest"},
        {SLICE_INIT("PassWord"), "commonest"},
        {SLICE_INIT("12345678"), "commonest"},
        {SLICE_INIT("QWERTYUIOP"), "commonest"},
        {SLICE_INIT("iLoveYou"), "commonest"},
        {SLICE_INIT("P@ssw0rd"), "commonest"},
        {SLICE_INIT("footfall"), "a name"},
        {SLICE_INIT("FootFall!"), "a name"},
        {SLICE_INIT("1footfall23"), "a name"},
        {SLICE_INIT("footfall\xC3\xA4\xF0\x9F\x8D\xB5\xE2\x82\xAC"), "a name"},
        {SLICE_INIT("ada.lovelace"), "a name"},
        {SLICE_INIT("ADA.LOVELACE@EXAMPLE.ORG"), "a name"},
        {SLICE_INIT("ada.lovelace@example.org1"), "a name"},
        {SLICE_INIT("ada königin42"), "a name"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_refused(rows[i].password, rows[i].why);
}

/* A01: both ends of the lengths. */
static void test_lengths(void **state)
{
    static const struct {
        size_t len;
        bool is_right;
    } rows[] = {{7, false}, {8, true}, {1024, true}, {1025, false}};

    char text[PASSWORD_MAX_BYTES + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i * i % 23);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_int_equal(may_be_chosen(slice_of(text, rows[i].len), NULL), rows[i].is_right);
}

/* ---- the table ------------------------------------------------------------------------------ */

static struct slice common_text(size_t i)
{
    uint32_t start = common_password_starts[i];

    return slice_of(common_password_texts + start, common_password_starts[i + 1] - start);
}

/* A02: at least 10,000, each found, in upper case too; nothing next to them is. */
static void test_the_common_ones_are_found(void **state)
{
    char text[PASSWORD_MAX_BYTES];

    (void)state;
    assert_true(common_password_count >= 10000);
    for (size_t i = 0; i < common_password_count; i++) {
        struct slice common = common_text(i);

        assert_in_range(common.len, PASSWORD_MIN_BYTES, PASSWORD_MAX_BYTES - 1);
        assert_true(i == 0 || slice_compare(common_text(i - 1), common) < 0);
        for (size_t j = 0; j < common.len; j++) {
            char c = common.ptr[j];

            assert_false(c >= 'A' && c <= 'Z');
            text[j] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        }
        text[common.len] = '\x7F';
        assert_true(password_is_common(common));
        assert_true(password_is_common(slice_of(text, common.len)));
        assert_false(password_is_common(slice_of(text, common.len + 1)));
    }
    assert_false(password_is_common(SLICE("")));
    assert_false(password_is_common(SLICE("\xFF\xFF")));
}

/* ---- hashes --------------------------------------------------------------------------------- */

/* A03: argon2id with 19 MiB, two passes and a salt of its own, in the PHC string format. */
static void test_a_hash_is_a_phc_string(void **state)
{
    static const char beginning[] = "$argon2id$v=19$m=19456,t=2,p=1$";

    enum { SALT_TEXT = 22, HASH_TEXT = 43 };

    char one[PASSWORD_HASH_TEXT];
    char two[PASSWORD_HASH_TEXT];

    (void)state;
    assert_int_equal(password_hash(SLICE("tea for two"), one), ERR_OK);
    assert_int_equal(password_hash(SLICE("tea for two"), two), ERR_OK);
    assert_int_equal(strlen(one), strlen(beginning) + SALT_TEXT + 1 + HASH_TEXT);
    assert_memory_equal(one, beginning, strlen(beginning));
    assert_int_equal(one[strlen(beginning) + SALT_TEXT], '$');
    assert_memory_not_equal(one + strlen(beginning), two + strlen(beginning), SALT_TEXT);
    assert_false(password_wants_rehash(one));
}

/* A01: nothing is cut off, no case is folded. */
static void test_only_the_password_is_right(void **state)
{
    static const struct slice wrong[] = {
        SLICE_INIT(
            "Tea\0for two, tea for two, tea for two, tea for two, tea for two, and me for yo"),
        SLICE_INIT(
            "tea\0for two, tea for two, tea for two, tea for two, tea for two, and me for you"),
        SLICE_INIT("Tea"),
        SLICE_INIT(""),
    };
    struct slice right =
        SLICE("Tea\0for two, tea for two, tea for two, tea for two, tea for two, and me for you");
    char hash[PASSWORD_HASH_TEXT];

    (void)state;
    assert_int_equal(password_hash(right, hash), ERR_OK);
    assert_true(password_is(right, hash));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_false(password_is(wrong[i], hash));
}

static void test_what_is_no_hash_is_of_no_password(void **state)
{
    static const char *const hashes[] = {
        "",
        "tea for two",
        "$argon2id$",
        "$argon2id$v=19$m=19456,t=2,p=1$",
        "$argon2id$v=19$m=19456,t=2,p=1$$",
        "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(hashes) / sizeof(*hashes); i++) {
        assert_false(password_is(SLICE("tea for two"), hashes[i]));
        assert_false(password_is(SLICE(""), hashes[i]));
        assert_true(password_wants_rehash(hashes[i]));
    }
}

/* A03: a hash of other costs is as right, and asks to be made anew. */
static void test_other_costs_want_a_rehash(void **state)
{
    static const struct {
        unsigned long long ops;
        size_t mem;
        int kind;
    } rows[] = {
        {1, PASSWORD_MEM_BYTES, crypto_pwhash_ALG_ARGON2ID13},
        {PASSWORD_OPS, PASSWORD_MEM_BYTES / 2, crypto_pwhash_ALG_ARGON2ID13},
        {3, 8192, crypto_pwhash_ALG_ARGON2I13},
    };

    char hash[PASSWORD_HASH_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(crypto_pwhash_str_alg(hash, "tea for two", strlen("tea for two"),
                                               rows[i].ops, rows[i].mem, rows[i].kind),
                         0);
        assert_true(password_is(SLICE("tea for two"), hash));
        assert_false(password_is(SLICE("tea for three"), hash));
        assert_true(password_wants_rehash(hash));
    }
}

/* A04: it costs what every other one does, and is nobody's. */
static void test_the_dummy_is_never_right(void **state)
{
    static const struct slice passwords[] = {
        SLICE_INIT(""),
        SLICE_INIT("password"),
        SLICE_INIT("dummy"),
        SLICE_INIT("footfall"),
    };

    (void)state;
    assert_false(password_wants_rehash(password_dummy_hash()));
    for (size_t i = 0; i < sizeof(passwords) / sizeof(*passwords); i++)
        assert_false(password_is(passwords[i], password_dummy_hash()));
}

/* From now on the process may map ten more megabytes. */
static void limit_memory(rlim_t most)
{
    unsigned long pages = 0;
    struct rlimit limit = {.rlim_cur = 0, .rlim_max = most};
    FILE *statm = fopen("/proc/self/statm", "re");

    assert_non_null(statm);
    assert_int_equal(fscanf(statm, "%lu", &pages), 1); /* NOLINT(cert-err34-c) */
    assert_int_equal(fclose(statm), 0);
    limit.rlim_cur = pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)10 << 20);
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
}

/* Without the 19 MiB nothing is hashed, and nobody is let in. */
static void test_out_of_memory(void **state)
{
    char hash[PASSWORD_HASH_TEXT];
    struct rlimit plenty;
    bool is_right;
    enum err hashed;

    (void)state;
    assert_int_equal(password_hash(SLICE("tea for two"), hash), ERR_OK);
    assert_int_equal(getrlimit(RLIMIT_AS, &plenty), 0);
    limit_memory(plenty.rlim_max);
    is_right = password_is(SLICE("tea for two"), hash);
    hashed = password_hash(SLICE("tea for two"), (char[PASSWORD_HASH_TEXT]){""});
    assert_int_equal(setrlimit(RLIMIT_AS, &plenty), 0);
    assert_false(is_right);
    assert_int_equal(hashed, ERR_NO_MEMORY);
    assert_true(password_is(SLICE("tea for two"), hash));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_may_be_chosen),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_the_common_ones_are_found),
        cmocka_unit_test(test_a_hash_is_a_phc_string),
        cmocka_unit_test(test_only_the_password_is_right),
        cmocka_unit_test(test_what_is_no_hash_is_of_no_password),
        cmocka_unit_test(test_other_costs_want_a_rehash),
        cmocka_unit_test(test_the_dummy_is_never_right),
        cmocka_unit_test(test_out_of_memory),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
