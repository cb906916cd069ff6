/* Sessions begin and end in the commit that changes their user. */
#include <stdlib.h>

#include "account_fixture.h"
#include "support/cmocka.h"

struct place {
    struct account_fixture f;
    char ada[USER_ID_TEXT + 1]; /* an owner of all sites */
    char bob[USER_ID_TEXT + 1]; /* a viewer */
};

static int set_up(void **state)
{
    static struct place place;
    struct answer answer;

    account_fixture_init(&place.f);
    assert_int_equal(add_user(&place.f, 0, "ada@example.org", ROLE_OWNER, &answer), ERR_OK);
    memcpy(place.ada, answer.user.id, sizeof(place.ada));
    assert_int_equal(add_user(&place.f, 0, "bob@example.org", ROLE_VIEWER, &answer), ERR_OK);
    memcpy(place.bob, answer.user.id, sizeof(place.bob));
    *state = &place;
    return 0;
}

static int tear_down(void **state)
{
    account_fixture_fini(&((struct place *)*state)->f);
    return 0;
}

static const struct login_before nothing_before = {.hash = SLICE_INIT("")};

static void hash_of(const struct secret *secret, char out[static SECRET_HASH_TEXT + 1])
{
    secret_hash(secret, SECRET_LOGIN, out);
}

/* ---- beginning ------------------------------------------------------------------------------ */

static void test_a_login_holds_in_every_process(void **state)
{
    struct place *p = *state;
    struct secret secret;
    struct secret stranger;

    assert_int_equal(log_in(&p->f, 0, p->bob, NULL, NULL, "", &secret), ERR_OK);
    assert_true(is_logged_in(&p->f, 0, &secret));
    assert_true(is_logged_in(&p->f, 1, &secret));
    secret_make(&stranger, slice_str(p->bob));
    assert_false(is_logged_in(&p->f, 1, &stranger));
}

static void test_nobody_and_the_disabled_do_not_log_in(void **state)
{
    static const char *const nobody[] = {"0123456789abcdef", "bob@example.org", ""};
    struct place *p = *state;
    struct secret secret;

    for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
        assert_int_equal(log_in(&p->f, 0, nobody[i], NULL, NULL, "", &secret), ERR_NOT_FOUND);
    assert_int_equal(change_user(&p->f, 1, p->bob, disable, NULL, ACCOUNT_NOTHING_ELSE, NULL),
                     ERR_OK);
    assert_int_equal(log_in(&p->f, 0, p->bob, NULL, NULL, "", &secret), ERR_INVALID);
    assert_false(is_logged_in(&p->f, 0, &secret));
}

static enum err refuse(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    user->totp_step = 7;
    err_info_set(info, "no");
    return ERR_INVALID;
}

static void test_an_edit_that_refuses_begins_and_changes_nothing(void **state)
{
    struct place *p = *state;
    struct secret secret;
    struct answer answer;

    assert_int_equal(log_in(&p->f, 0, p->bob, refuse, NULL, "", &secret), ERR_INVALID);
    assert_false(is_logged_in(&p->f, 0, &secret));
    assert_int_equal(find_user(&p->f, 0, p->bob, &answer), ERR_OK);
    assert_int_equal(answer.user.totp_step, 0);
}

static void test_a_login_does_not_change_what_a_user_may_do(void **state)
{
    struct place *p = *state;
    enum role owner = ROLE_OWNER;
    struct secret secret;
    struct answer answer;

    assert_int_equal(log_in(&p->f, 0, p->bob, set_role, &owner, "", &secret), ERR_INVALID);
    assert_int_equal(log_in(&p->f, 0, p->bob, disable, NULL, "", &secret), ERR_INVALID);
    assert_int_equal(find_user(&p->f, 0, p->bob, &answer), ERR_OK);
    assert_int_equal(user_role(&answer.user, SLICE("*")), ROLE_VIEWER);
    assert_false(answer.user.is_disabled);
}

/* S05: the old token is dead with the answer that has the new one. */
static void test_a_login_ends_the_session_that_it_replaces(void **state)
{
    struct place *p = *state;
    char hash[SECRET_HASH_TEXT + 1];
    struct secret other;
    struct secret before;
    struct secret after;

    assert_int_equal(log_in(&p->f, 0, p->bob, NULL, NULL, "", &other), ERR_OK);
    assert_int_equal(log_in(&p->f, 0, p->bob, NULL, NULL, "", &before), ERR_OK);
    hash_of(&before, hash);
    assert_int_equal(log_in(&p->f, 1, p->bob, NULL, NULL, hash, &after), ERR_OK);
    assert_false(is_logged_in(&p->f, 0, &before));
    assert_true(is_logged_in(&p->f, 0, &after));
    assert_true(is_logged_in(&p->f, 0, &other));
    /* One that is no session of his is passed over. */
    assert_int_equal(log_in(&p->f, 1, p->ada, NULL, NULL, hash, &before), ERR_OK);
    assert_true(is_logged_in(&p->f, 0, &after));
}

static enum err log_in_after(struct account_fixture *f, int process, const char *id,
                             const struct login_before *before, const struct session *fresh,
                             struct secret *secret)
{
    struct answer answer = {.told = 0};

    secret_make(secret, slice_str(id));
    assert_non_null(account_login(f->processes[process].accounts, slice_str(id), NULL, NULL, before,
                                  secret, fresh, on_user, &answer));
    return wait_for(f, &answer);
}

/* S05: turning a second factor on or off, a new password. */
static void test_a_login_may_end_all_others(void **state)
{
    struct place *p = *state;
    char hash[SECRET_HASH_TEXT + 1];
    struct login_before before = {.hash = slice_of(hash, SECRET_HASH_TEXT),
                                  .must_be_there = true,
                                  .also = ACCOUNT_END_SESSIONS};
    struct session fresh = new_session();
    struct secret secrets[3];

    assert_int_equal(log_in(&p->f, 0, p->bob, NULL, NULL, "", &secrets[0]), ERR_OK);
    assert_int_equal(log_in(&p->f, 0, p->bob, NULL, NULL, "", &secrets[1]), ERR_OK);
    hash_of(&secrets[1], hash);
    assert_int_equal(log_in_after(&p->f, 1, p->bob, &before, &fresh, &secrets[2]), ERR_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(is_logged_in(&p->f, 0, &secrets[i]), i == 2);
    /* It is over: nothing goes on from it, and nobody loses anything by the try. */
    assert_int_equal(log_in_after(&p->f, 1, p->bob, &before, &fresh, &secrets[0]), ERR_NOT_FOUND);
    for (int i = 0; i < 3; i++)
        assert_int_equal(is_logged_in(&p->f, 0, &secrets[i]), i == 2);
}

/* S10 */
static void test_one_session_too_many_ends_the_oldest(void **state)
{
    struct secret secrets[SESSION_MAX_OF_LOGIN + 1];
    struct place *p = *state;

    for (int i = 0; i <= SESSION_MAX_OF_LOGIN; i++) {
        assert_int_equal(log_in(&p->f, i % PROCESSES, p->bob, NULL, NULL, "", &secrets[i]), ERR_OK);
        pass_s(&p->f, 1);
    }
    for (int i = 0; i <= SESSION_MAX_OF_LOGIN; i++)
        assert_int_equal(is_logged_in(&p->f, 0, &secrets[i]), i > 0);
}

/* ---- at the same moment --------------------------------------------------------------------- */

/* As the second factor does it: a step is taken once. */
static enum err use_step(void *ctx, struct user *user, struct err_info *info)
{
    int64_t step = *(const int64_t *)ctx;

    if (user->totp_step >= step) {
        err_info_set(info, "this code was used");
        return ERR_INVALID;
    }
    user->totp_step = step;
    return ERR_OK;
}

/* A09: two processes, the same code, one wins. */
static void test_a_step_of_the_second_factor_lets_one_in(void **state)
{
    struct answer answers[PROCESSES] = {{.told = 0}};
    struct session fresh = new_session();
    struct secret secrets[PROCESSES];
    struct place *p = *state;
    int64_t step = 56666666;
    int winner;

    for (int i = 0; i < PROCESSES; i++) {
        secret_make(&secrets[i], slice_str(p->bob));
        assert_non_null(account_login(p->f.processes[i].accounts, slice_str(p->bob), use_step,
                                      &step, &nothing_before, &secrets[i], &fresh, on_user,
                                      &answers[i]));
    }
    (void)wait_for(&p->f, &answers[0]);
    (void)wait_for(&p->f, &answers[1]);
    winner = answers[0].err == ERR_OK ? 0 : 1;
    assert_int_equal(answers[winner].err, ERR_OK);
    assert_int_equal(answers[1 - winner].err, ERR_INVALID);
    assert_string_equal(answers[1 - winner].why, "this code was used");
    assert_true(is_logged_in(&p->f, 0, &secrets[winner]));
    assert_false(is_logged_in(&p->f, 0, &secrets[1 - winner]));
}

/* How far a login has come when the user is disabled by another process. */
static void test_who_is_disabled_in_between_is_not_logged_in(void **state)
{
    (void)state;
    for (unsigned turns = 0; turns < 8; turns++) {
        struct answer login = {.told = 0};
        struct answer change = {.told = 0};
        struct session fresh = new_session();
        struct secret secret;
        struct answer bob;
        struct account_fixture f;

        account_fixture_init(&f);
        assert_int_equal(add_user(&f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
        assert_int_equal(add_user(&f, 1, "bob@example.org", ROLE_VIEWER, &bob), ERR_OK);
        secret_make(&secret, slice_str(bob.user.id));
        assert_non_null(account_login(f.processes[0].accounts, slice_str(bob.user.id), NULL, NULL,
                                      &nothing_before, &secret, &fresh, on_user, &login));
        for (unsigned i = 0; i < turns; i++)
            virtual_loop_turn(&f.loop);
        assert_non_null(account_change(f.processes[1].accounts, slice_str(bob.user.id), disable,
                                       NULL, ACCOUNT_NOTHING_ELSE, on_user, &change));
        assert_int_equal(wait_for(&f, &change), ERR_OK);
        (void)wait_for(&f, &login);
        assert_true(login.err == ERR_OK || login.err == ERR_INVALID);
        /* Whoever was first: S09, once both are done there is no session. */
        assert_false(is_logged_in(&f, 0, &secret));
        account_fixture_fini(&f);
    }
}

static void turn(struct account_fixture *f, int turns)
{
    for (int i = 0; i < turns; i++)
        virtual_loop_turn(&f->loop);
}

/* A renewal, and `turns` turns later (before: negative) another process ends all sessions. */
static void renew_and_end_all(struct account_fixture *f, const char *id, int turns)
{
    struct answer renewal = {.told = 0};
    struct answer change = {.told = 0};
    struct session fresh = new_session();
    char hash[SECRET_HASH_TEXT + 1];
    const struct login_before before = {.hash = slice_of(hash, SECRET_HASH_TEXT),
                                        .must_be_there = true};
    struct secret secrets[2];

    assert_int_equal(log_in(f, 0, id, NULL, NULL, "", &secrets[0]), ERR_OK);
    hash_of(&secrets[0], hash);
    secret_make(&secrets[1], slice_str(id));
    for (int step = 0; step < 2; step++) {
        if (step == (turns < 0 ? 0 : 1))
            assert_non_null(account_change(f->processes[1].accounts, slice_str(id), NULL, NULL,
                                           ACCOUNT_END_SESSIONS, on_user, &change));
        else
            assert_non_null(account_login(f->processes[0].accounts, slice_str(id), NULL, NULL,
                                          &before, &secrets[1], &fresh, on_user, &renewal));
        if (step == 0)
            turn(f, abs(turns));
    }
    assert_int_equal(wait_for(f, &change), ERR_OK);
    (void)wait_for(f, &renewal);
    assert_true(renewal.err == ERR_OK || renewal.err == ERR_NOT_FOUND);
    for (int i = 0; i < 2; i++)
        assert_false(is_logged_in(f, 0, &secrets[i]));
}

static void test_what_goes_on_from_a_session_ends_with_it(void **state)
{
    struct place *p = *state;

    for (int turns = -8; turns < 8; turns++)
        renew_and_end_all(&p->f, p->bob, turns);
}

/* ---- ending --------------------------------------------------------------------------------- */

/* S09: disabling and removing end all at once; a new password when that is asked for. */
static void test_changes_end_all_sessions_of_the_user_alone(void **state)
{
    static const struct {
        account_edit_fn *edit; /* NULL: removed */
        enum account_also also;
        bool is_logged_in;
    } rows[] = {
        {new_password, ACCOUNT_NOTHING_ELSE, true}, {new_password, ACCOUNT_END_SESSIONS, false},
        {demote, ACCOUNT_NOTHING_ELSE, true},       {demote, ACCOUNT_END_SESSIONS, false},
        {disable, ACCOUNT_NOTHING_ELSE, false},     {NULL, ACCOUNT_NOTHING_ELSE, false},
    };
    struct place *p = *state;
    struct secret ada;

    assert_int_equal(log_in(&p->f, 0, p->ada, NULL, NULL, "", &ada), ERR_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct secret secrets[2];
        struct answer carol;

        assert_int_equal(add_user(&p->f, 0, "carol@example.org", ROLE_VIEWER, &carol), ERR_OK);
        for (int k = 0; k < 2; k++)
            assert_int_equal(log_in(&p->f, k, carol.user.id, NULL, NULL, "", &secrets[k]), ERR_OK);
        assert_int_equal(rows[i].edit ? change_user(&p->f, 1, carol.user.id, rows[i].edit, NULL,
                                                    rows[i].also, NULL)
                                      : remove_user(&p->f, 1, carol.user.id, NULL),
                         ERR_OK);
        for (int k = 0; k < 2; k++)
            assert_int_equal(is_logged_in(&p->f, k, &secrets[k]), rows[i].is_logged_in);
        assert_true(is_logged_in(&p->f, 0, &ada));
        if (rows[i].edit)
            assert_int_equal(remove_user(&p->f, 1, carol.user.id, NULL), ERR_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)
        TEST(test_a_login_holds_in_every_process),
        TEST(test_nobody_and_the_disabled_do_not_log_in),
        TEST(test_an_edit_that_refuses_begins_and_changes_nothing),
        TEST(test_a_login_does_not_change_what_a_user_may_do),
        TEST(test_a_login_ends_the_session_that_it_replaces),
        TEST(test_a_login_may_end_all_others),
        TEST(test_one_session_too_many_ends_the_oldest),
        TEST(test_a_step_of_the_second_factor_lets_one_in),
        cmocka_unit_test(test_who_is_disabled_in_between_is_not_logged_in),
        TEST(test_what_goes_on_from_a_session_ends_with_it),
        TEST(test_changes_end_all_sessions_of_the_user_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
