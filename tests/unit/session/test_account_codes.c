/* Codes: for the first user (A06), and to set a new password with (A07). */
#include <stdio.h>

#include "account_fixture.h"
#include "base/ascii.h"
#include "session/account_setup.h"
#include "support/cmocka.h"

static int set_up(void **state)
{
    static struct account_fixture f;

    account_fixture_init(&f);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    account_fixture_fini(*state);
    return 0;
}

/* ---- setup codes ---------------------------------------------------------------------------- */

static enum err make_code(struct account_fixture *f, int process, char *out)
{
    struct answer answer = {.told = 0};
    enum err err;

    assert_non_null(account_make_setup_code(f->processes[process].accounts, on_code, &answer));
    assert_int_equal(answer.told, 0);
    err = wait_for(f, &answer);
    assert_true(strlen(answer.code) < SETUP_CODE_TEXT);
    memcpy(out, answer.code, SETUP_CODE_TEXT);
    return err;
}

static struct account_call *begin_claim(struct account_fixture *f, int process, const char *email,
                                        const char *code, struct answer *answer)
{
    struct user user = new_user(email, ROLE_OWNER);

    return account_add(f->processes[process].accounts, &user, slice_str(code), false, on_user,
                       answer);
}

static enum err claim(struct account_fixture *f, int process, const char *code)
{
    struct answer answer = {.told = 0};

    assert_non_null(begin_claim(f, process, "ada@example.org", code, &answer));
    return wait_for(f, &answer);
}

static void test_a_code_is_three_groups_of_four_letters(void **state)
{
    struct account_fixture *f = *state;
    char code[SETUP_CODE_TEXT];
    char other[SETUP_CODE_TEXT];
    struct record record;

    assert_int_equal(make_code(f, 0, code), ERR_OK);
    assert_int_equal(strlen(code), 14);
    for (size_t i = 0; i < 14; i++) {
        if (i % 5 == 4)
            assert_int_equal(code[i], '-');
        else
            assert_non_null(strchr("abcdefghijklmnopqrstuvwxyz234567", code[i]));
    }
    assert_int_equal(make_code(f, 0, other), ERR_OK);
    assert_string_not_equal(code, other);
    /* The store knows no code (S02). */
    record = look_at(f, SETUP_KEY);
    assert_true(record.value.len > 0);
    assert_null(memmem(record.value.ptr, record.value.len, code, 4));
}

static void test_a_code_makes_the_first_user_once(void **state)
{
    struct account_fixture *f = *state;
    char code[SETUP_CODE_TEXT];
    char other[SETUP_CODE_TEXT];

    assert_int_equal(make_code(f, 0, code), ERR_OK);
    assert_int_equal(make_code(f, 1, other), ERR_OK);
    assert_int_equal(claim(f, 1, code), ERR_OK);
    assert_int_equal(look_at(f, SETUP_KEY).version, RECORD_ABSENT);
    assert_int_equal(claim(f, 0, code), ERR_STALE);
    assert_int_equal(claim(f, 0, other), ERR_STALE);
    assert_int_equal(make_code(f, 0, code), ERR_STALE);
}

static void test_a_code_may_be_typed_in_as_it_pleases(void **state)
{
    struct account_fixture *f = *state;
    char code[SETUP_CODE_TEXT];
    char typed[64];

    assert_int_equal(make_code(f, 0, code), ERR_OK);
    for (char *c = code; *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    }
    (void)snprintf(typed, sizeof(typed), " %.4s %.4s-- %.4s ", code, code + 5, code + 10);
    assert_int_equal(claim(f, 0, typed), ERR_OK);
}

static void test_a_wrong_code_makes_nobody(void **state)
{
    static const char *const others[] = {"abcd-efgh-ijkl", "-",    "abcd",
                                         "abcd-efgh-ijk1", "äääö", "abcd-efgh-ijkl-mnop"};
    struct account_fixture *f = *state;
    char code[SETUP_CODE_TEXT];

    assert_int_equal(claim(f, 0, "abcd-efgh-ijkl"), ERR_NOT_FOUND);
    assert_int_equal(make_code(f, 0, code), ERR_OK);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_int_equal(claim(f, 0, others[i]), ERR_NOT_FOUND);
    code[0] = code[0] == 'a' ? 'b' : 'a';
    assert_int_equal(claim(f, 0, code), ERR_NOT_FOUND);
    assert_int_equal(look_at(f, USERS_KEY).version, RECORD_ABSENT);
}

/* A06: valid for an hour, each for its own. */
static void test_a_code_ends(void **state)
{
    struct account_fixture *f = *state;
    char first[SETUP_CODE_TEXT];
    char second[SETUP_CODE_TEXT];

    assert_int_equal(make_code(f, 0, first), ERR_OK);
    pass_s(f, SETUP_CODE_TTL_S / 2);
    assert_int_equal(make_code(f, 1, second), ERR_OK);
    pass_s(f, SETUP_CODE_TTL_S / 2);
    assert_int_equal(claim(f, 0, first), ERR_NOT_FOUND);
    pass_s(f, SETUP_CODE_TTL_S / 2 - 2);
    assert_int_equal(claim(f, 0, second), ERR_OK);
}

static void test_all_codes_end_with_their_record(void **state)
{
    struct account_fixture *f = *state;
    char code[SETUP_CODE_TEXT];

    assert_int_equal(make_code(f, 0, code), ERR_OK);
    pass_s(f, SETUP_CODE_TTL_S + 1);
    assert_int_equal(look_at(f, SETUP_KEY).version, RECORD_ABSENT);
    assert_int_equal(claim(f, 0, code), ERR_NOT_FOUND);
}

static void test_eight_codes_are_good_and_a_ninth_ends_the_oldest(void **state)
{
    struct account_fixture *f = *state;
    char codes[SETUP_MAX_CODES + 1][SETUP_CODE_TEXT];
    char hash[SECRET_HASH_TEXT + 1];

    for (int i = 0; i <= SETUP_MAX_CODES; i++) {
        assert_int_equal(make_code(f, i % PROCESSES, codes[i]), ERR_OK);
        pass_s(f, 1);
    }
    for (int i = 0; i <= SETUP_MAX_CODES; i++) {
        assert_true(setup_code_hash(slice_str(codes[i]), hash));
        assert_int_equal(setup_code_is_in(look_at(f, SETUP_KEY).value, hash, now_s(f)), i > 0);
    }
    assert_int_equal(claim(f, 0, codes[0]), ERR_NOT_FOUND);
    assert_int_equal(claim(f, 1, codes[1]), ERR_OK);
}

/* A06: two claims, one wins; with the same code, and with one each. */
static void test_of_two_claims_at_the_same_moment_one_wins(void **state)
{
    static const char *const emails[] = {"ada@example.org", "bob@example.org"};

    (void)state;
    for (int codes = 1; codes <= 2; codes++) {
        struct answer answers[PROCESSES] = {{.told = 0}};
        char code[2][SETUP_CODE_TEXT];
        struct account_fixture f;
        int winner;

        account_fixture_init(&f);
        assert_int_equal(make_code(&f, 0, code[0]), ERR_OK);
        assert_int_equal(make_code(&f, 1, code[1]), ERR_OK);
        for (int i = 0; i < PROCESSES; i++)
            assert_non_null(begin_claim(&f, i, emails[i], code[i % codes], &answers[i]));
        (void)wait_for(&f, &answers[0]);
        (void)wait_for(&f, &answers[1]);
        winner = answers[0].err == ERR_OK ? 0 : 1;
        assert_int_equal(answers[winner].err, ERR_OK);
        assert_int_equal(answers[1 - winner].err, ERR_STALE);
        assert_int_equal(find_user(&f, 0, emails[winner], NULL), ERR_OK);
        assert_int_equal(find_user(&f, 0, emails[1 - winner], NULL), ERR_NOT_FOUND);
        account_fixture_fini(&f);
    }
}

/* ---- resets --------------------------------------------------------------------------------- */

static enum err make_reset(struct account_fixture *f, const char *who, struct secret *out)
{
    struct answer answer = {.told = 0};
    enum err err;

    assert_non_null(account_make_reset(f->processes[0].accounts, slice_str(who), on_code, &answer));
    err = wait_for(f, &answer);
    if (err == ERR_OK)
        assert_true(secret_parse(slice_str(answer.code), out));
    return err;
}

static enum err reset(struct account_fixture *f, int process, const struct secret *code,
                      struct answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    assert_non_null(
        account_reset(f->processes[process].accounts, code, OTHER_PASSWORD, on_user, answer));
    return wait_for(f, answer);
}

static enum err add_second_factor(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    (void)info;
    user->has_totp = true;
    user->totp_len = 3;
    return ERR_OK;
}

/* A07: single use, ends all sessions, does not bypass the second factor. */
static void test_a_reset_sets_the_password_once_and_ends_all_sessions(void **state)
{
    struct account_fixture *f = *state;
    struct secret session;
    struct answer answer;
    struct secret code;

    assert_int_equal(make_reset(f, "ada@example.org", &code), ERR_NOT_FOUND);
    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, &answer), ERR_OK);
    assert_int_equal(
        change_user(f, 0, "ada@example.org", add_second_factor, NULL, ACCOUNT_NOTHING_ELSE, NULL),
        ERR_OK);
    assert_int_equal(log_in(f, 0, answer.user.id, NULL, NULL, "", &session), ERR_OK);
    assert_int_equal(make_reset(f, "ada@example.org", &code), ERR_OK);
    assert_true(is_logged_in(f, 1, &session));
    pass_s(f, 10);
    assert_int_equal(reset(f, 1, &code, &answer), ERR_OK);
    assert_string_equal(answer.user.password, OTHER_PASSWORD);
    assert_int_equal(answer.user.password_s, now_s(f));
    assert_true(answer.user.has_totp);
    assert_false(is_logged_in(f, 0, &session));
    assert_int_equal(reset(f, 1, &code, &answer), ERR_NOT_FOUND);
}

static void test_of_two_resets_at_the_same_moment_one_is_done(void **state)
{
    struct account_fixture *f = *state;
    struct answer answers[PROCESSES] = {{.told = 0}};
    struct secret code;

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(make_reset(f, "ada@example.org", &code), ERR_OK);
    for (int i = 0; i < PROCESSES; i++)
        assert_non_null(
            account_reset(f->processes[i].accounts, &code, OTHER_PASSWORD, on_user, &answers[i]));
    (void)wait_for(f, &answers[0]);
    (void)wait_for(f, &answers[1]);
    assert_true((answers[0].err == ERR_OK) != (answers[1].err == ERR_OK));
    assert_true(answers[0].err == ERR_NOT_FOUND || answers[1].err == ERR_NOT_FOUND);
}

/* A07: at most an hour. */
static void test_a_reset_ends_and_a_new_one_replaces_it(void **state)
{
    struct account_fixture *f = *state;
    struct answer answer;
    struct secret first;
    struct secret second;

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(make_reset(f, "ada@example.org", &first), ERR_OK);
    assert_int_equal(make_reset(f, "ada@example.org", &second), ERR_OK);
    assert_int_equal(reset(f, 0, &first, &answer), ERR_NOT_FOUND);
    pass_s(f, RESET_TTL_S - 2);
    assert_int_equal(reset(f, 0, &second, &answer), ERR_OK);
    assert_int_equal(make_reset(f, "ada@example.org", &first), ERR_OK);
    pass_s(f, RESET_TTL_S + 1);
    assert_int_equal(reset(f, 0, &first, &answer), ERR_NOT_FOUND);
}

static void test_a_reset_ends_with_its_user_and_with_a_new_password(void **state)
{
    struct account_fixture *f = *state;
    struct answer answer;
    struct secret code;
    char name[] = "Bob";

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(add_user(f, 0, "bob@example.org", ROLE_VIEWER, NULL), ERR_OK);
    assert_int_equal(make_reset(f, "bob@example.org", &code), ERR_OK);
    assert_int_equal(
        change_user(f, 1, "bob@example.org", new_password, NULL, ACCOUNT_NOTHING_ELSE, NULL),
        ERR_OK);
    assert_int_equal(reset(f, 0, &code, &answer), ERR_NOT_FOUND);
    assert_int_equal(make_reset(f, "bob@example.org", &code), ERR_OK);
    assert_int_equal(
        change_user(f, 1, "bob@example.org", rename_user, name, ACCOUNT_NOTHING_ELSE, NULL),
        ERR_OK);
    assert_int_equal(reset(f, 0, &code, &answer), ERR_OK);
    assert_int_equal(make_reset(f, "bob@example.org", &code), ERR_OK);
    assert_int_equal(remove_user(f, 1, "bob@example.org", NULL), ERR_OK);
    assert_int_equal(reset(f, 0, &code, &answer), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)
        TEST(test_a_code_is_three_groups_of_four_letters),
        TEST(test_a_code_makes_the_first_user_once),
        TEST(test_a_code_may_be_typed_in_as_it_pleases),
        TEST(test_a_wrong_code_makes_nobody),
        TEST(test_a_code_ends),
        TEST(test_all_codes_end_with_their_record),
        TEST(test_eight_codes_are_good_and_a_ninth_ends_the_oldest),
        cmocka_unit_test(test_of_two_claims_at_the_same_moment_one_wins),
        TEST(test_a_reset_sets_the_password_once_and_ends_all_sessions),
        TEST(test_of_two_resets_at_the_same_moment_one_is_done),
        TEST(test_a_reset_ends_and_a_new_one_replaces_it),
        TEST(test_a_reset_ends_with_its_user_and_with_a_new_password),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
