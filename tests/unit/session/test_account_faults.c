/* Users in the store when something goes wrong: garbage, calls that nobody waits for, no memory. */
#include <jansson.h>
#include <stdlib.h>

#include "account_fixture.h"
#include "session/account_setup.h"
#include "session/account_store_part.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

/* ---- all kinds of calls --------------------------------------------------------------------- */

struct act {
    struct account_fixture *f;
    char id[USER_ID_TEXT + 1]; /* of bob@example.org */
    struct secret reset;       /* of his */
    struct secret token;
    struct answer answer;
};

typedef struct account_call *act_fn(struct act *act);

#define ACCOUNTS_OF(act_) ((act_)->f->processes[0].accounts)
#define BOB               SLICE("bob@example.org")

static struct account_call *act_find(struct act *act)
{
    return account_find(ACCOUNTS_OF(act), BOB, on_user, &act->answer);
}

static struct account_call *act_find_nobody(struct act *act)
{
    return account_find(ACCOUNTS_OF(act), SLICE("nobody"), on_user, &act->answer);
}

static struct account_call *act_list(struct act *act)
{
    return account_list(ACCOUNTS_OF(act), on_users, &act->answer);
}

static struct account_call *act_any(struct act *act)
{
    return account_any(ACCOUNTS_OF(act), on_any, &act->answer);
}

static struct account_call *act_add(struct act *act)
{
    struct user user = new_user("carol@example.org", ROLE_OWNER);

    return account_add(ACCOUNTS_OF(act), &user, SLICE(""), false, on_user, &act->answer);
}

static struct account_call *act_change(struct act *act)
{
    return account_change(ACCOUNTS_OF(act), BOB, demote, NULL, ACCOUNT_END_SESSIONS, on_user,
                          &act->answer);
}

static struct account_call *act_disable(struct act *act)
{
    return account_change(ACCOUNTS_OF(act), slice_str(act->id), disable, NULL, ACCOUNT_NOTHING_ELSE,
                          on_user, &act->answer);
}

static struct account_call *act_remove(struct act *act)
{
    return account_remove(ACCOUNTS_OF(act), BOB, on_user, &act->answer);
}

static struct account_call *act_login(struct act *act)
{
    const struct login_before before = {.hash = SLICE("")};
    struct session fresh = new_session();

    secret_make(&act->token, slice_str(act->id));
    return account_login(ACCOUNTS_OF(act), slice_str(act->id), NULL, NULL, &before, &act->token,
                         &fresh, on_user, &act->answer);
}

static struct account_call *act_make_reset(struct act *act)
{
    return account_make_reset(ACCOUNTS_OF(act), BOB, on_code, &act->answer);
}

static struct account_call *act_reset(struct act *act)
{
    return account_reset(ACCOUNTS_OF(act), &act->reset, OTHER_PASSWORD, on_user, &act->answer);
}

static const struct {
    act_fn *begin;
    enum err err; /* when all is well */
} acts[] = {
    {act_find, ERR_OK},    {act_find_nobody, ERR_NOT_FOUND},
    {act_list, ERR_OK},    {act_any, ERR_OK},
    {act_add, ERR_OK},     {act_change, ERR_OK},
    {act_disable, ERR_OK}, {act_remove, ERR_OK},
    {act_login, ERR_OK},   {act_make_reset, ERR_OK},
    {act_reset, ERR_OK},
};

#define ACTS (sizeof(acts) / sizeof(acts[0]))

/* Ada and Bob look after users; he may reset his password. */
static void set_up(struct account_fixture *f, struct act *act)
{
    struct answer answer = {.told = 0};

    account_fixture_init(f);
    *act = (struct act){.f = f};
    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(add_user(f, 0, "bob@example.org", ROLE_OWNER, &answer), ERR_OK);
    memcpy(act->id, answer.user.id, sizeof(act->id));
    memset(&answer, 0, sizeof(answer));
    assert_non_null(account_make_reset(f->processes[0].accounts, BOB, on_code, &answer));
    assert_int_equal(wait_for(f, &answer), ERR_OK);
    assert_true(secret_parse(slice_str(answer.code), &act->reset));
}

/* ---- nobody waits --------------------------------------------------------------------------- */

static void test_a_call_is_canceled_at_any_moment(void **state)
{
    (void)state;
    for (size_t i = 0; i < ACTS; i++) {
        for (unsigned turns = 0; turns < 12; turns++) {
            struct account_fixture f;
            struct account_call *call;
            struct act act;

            set_up(&f, &act);
            call = acts[i].begin(&act);
            assert_non_null(call);
            for (unsigned k = 0; k < turns; k++)
                virtual_loop_turn(&f.loop);
            if (act.answer.told == 0) {
                account_call_cancel(call);
                virtual_loop_pass(&f.loop, 10000);
                assert_int_equal(act.answer.told, 0);
            }
            account_fixture_fini(&f);
        }
    }
    account_call_cancel(NULL);
}

static void test_the_store_is_destroyed_at_any_moment(void **state)
{
    (void)state;
    for (unsigned turns = 0; turns < 12; turns++) {
        struct account_fixture f;
        struct act all[ACTS];
        unsigned told = 0;

        set_up(&f, &all[0]);
        for (size_t i = 0; i < ACTS; i++) {
            all[i] = all[0];
            all[i].answer.told = 0;
            assert_non_null(acts[i].begin(&all[i]));
        }
        for (unsigned k = 0; k < turns; k++)
            virtual_loop_turn(&f.loop);
        for (size_t i = 0; i < ACTS; i++)
            told += all[i].answer.told;
        account_store_destroy(f.processes[0].accounts);
        f.processes[0].accounts = NULL;
        virtual_loop_pass(&f.loop, 10000);
        for (size_t i = 0; i < ACTS; i++)
            told -= all[i].answer.told;
        assert_int_equal(told, 0);
        account_fixture_fini(&f);
    }
}

static void on_user_destroy(void *ctx, enum err err, const char *why, const struct user *user)
{
    struct act *act = ctx;

    account_store_destroy(act->f->processes[0].accounts);
    act->f->processes[0].accounts = NULL;
    on_user(&act->answer, err, why, user);
}

static void test_who_is_told_may_destroy_the_store(void **state)
{
    struct account_fixture f;
    struct act act;

    (void)state;
    set_up(&f, &act);
    assert_non_null(account_change(f.processes[0].accounts, BOB, demote, NULL, ACCOUNT_NOTHING_ELSE,
                                   on_user_destroy, &act));
    assert_int_equal(wait_for(&f, &act.answer), ERR_OK);
    assert_true(act.answer.has_user);
    account_fixture_fini(&f);
}

static void test_calls_have_a_limit(void **state)
{
    static struct answer answers[ACCOUNT_MAX_CALLS];
    struct account_fixture f;
    struct account_store *accounts;

    (void)state;
    account_fixture_init(&f);
    accounts = f.processes[0].accounts;
    memset(answers, 0, sizeof(answers));
    for (size_t i = 0; i < ACCOUNT_MAX_CALLS; i++)
        assert_non_null(account_find(accounts, SLICE("nobody"), on_user, &answers[i]));
    assert_null(account_find(accounts, SLICE("nobody"), on_user, &answers[0]));
    virtual_loop_settle(&f.loop);
    for (size_t i = 0; i < ACCOUNT_MAX_CALLS; i++)
        assert_int_equal(answers[i].told, 1);
    answers[0].told = 0;
    assert_non_null(account_find(accounts, SLICE("nobody"), on_user, &answers[0]));
    assert_int_equal(wait_for(&f, &answers[0]), ERR_NOT_FOUND);
    account_fixture_fini(&f);
}

/* ---- garbage -------------------------------------------------------------------------------- */

static void test_a_list_of_users_that_cannot_be_read_lets_nobody_in(void **state)
{
    static const char *const garbage[] = {"x",
                                          "0123456789abcdef",
                                          "0123456789abcdef+",
                                          "0123456789abcdef-;",
                                          "0123456789abcdeF;",
                                          "0123456789abcdef;;",
                                          "{\"id\":\"0123456789abcdef\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        struct account_fixture f;
        struct answer answer = {.told = 0};

        account_fixture_init(&f);
        put(&f, USERS_KEY, garbage[i]);
        assert_int_equal(add_user(&f, 0, "ada@example.org", ROLE_OWNER, &answer), ERR_INVALID);
        assert_true(answer.why[0] != '\0');
        memset(&answer, 0, sizeof(answer));
        assert_non_null(account_make_setup_code(f.processes[0].accounts, on_code, &answer));
        assert_int_equal(wait_for(&f, &answer), ERR_INVALID);
        memset(&answer, 0, sizeof(answer));
        assert_non_null(account_any(f.processes[0].accounts, on_any, &answer));
        assert_int_equal(wait_for(&f, &answer), ERR_INVALID);
        memset(&answer, 0, sizeof(answer));
        assert_non_null(account_list(f.processes[0].accounts, on_users, &answer));
        assert_int_equal(wait_for(&f, &answer), ERR_INVALID);
        account_fixture_fini(&f);
    }
}

static void test_a_user_that_cannot_be_read_is_told_and_the_others_are_listed(void **state)
{
    char room[USER_KEY_BYTES];
    struct account_fixture f;
    struct answer answer;
    struct secret secret;
    struct act act;

    (void)state;
    set_up(&f, &act);
    put(&f, user_key(slice_str(act.id), room), "{}");
    assert_int_equal(find_user(&f, 0, "bob@example.org", &answer), ERR_INVALID);
    assert_true(answer.why[0] != '\0');
    assert_int_equal(change_user(&f, 0, act.id, demote, NULL, ACCOUNT_NOTHING_ELSE, NULL),
                     ERR_INVALID);
    assert_int_equal(log_in(&f, 0, act.id, NULL, NULL, "", &secret), ERR_INVALID);
    memset(&answer, 0, sizeof(answer));
    assert_non_null(account_list(f.processes[0].accounts, on_users, &answer));
    assert_int_equal(wait_for(&f, &answer), ERR_OK);
    assert_int_equal(answer.count, 1);
    assert_string_equal(answer.listed[0], "ada@example.org");
    account_fixture_fini(&f);
}

/* The record of somebody else in his place gives him nothing of it. */
static void test_a_record_of_somebody_else_is_refused(void **state)
{
    char room[USER_KEY_BYTES];
    char other_room[USER_KEY_BYTES];
    char json[RECORD_MAX_VALUE];
    struct account_fixture f;
    struct record record;
    struct answer ada;
    struct act act;

    (void)state;
    set_up(&f, &act);
    assert_int_equal(find_user(&f, 0, "ada@example.org", &ada), ERR_OK);
    record = look_at(&f, user_key(slice_str(ada.user.id), room));
    memcpy(json, record.value.ptr, record.value.len);
    json[record.value.len] = '\0';
    put(&f, user_key(slice_str(act.id), other_room), json);
    assert_int_equal(find_user(&f, 0, act.id, NULL), ERR_INVALID);
    put(&f, user_key(slice_str(act.id), other_room), NULL);
    assert_int_equal(find_user(&f, 0, "bob@example.org", NULL), ERR_NOT_FOUND);
    put(&f, user_email_key(BOB, other_room), "users");
    assert_int_equal(find_user(&f, 0, "bob@example.org", NULL), ERR_NOT_FOUND);
    put(&f, user_email_key(BOB, other_room), NULL);
    put(&f, USERS_KEY, "x"); /* not to be compared */
    account_fixture_fini(&f);
}

static void test_setup_codes_that_cannot_be_read_are_none(void **state)
{
    struct user user = new_user("ada@example.org", ROLE_OWNER);
    struct answer answer = {.told = 0};
    struct account_fixture f;
    char code[SECRET_TEXT + 1];

    (void)state;
    account_fixture_init(&f);
    put(&f, SETUP_KEY, "garbage");
    assert_non_null(account_add(f.processes[0].accounts, &user, SLICE("abcd-efgh-ijkl"), false,
                                on_user, &answer));
    assert_int_equal(wait_for(&f, &answer), ERR_NOT_FOUND);
    memset(&answer, 0, sizeof(answer));
    assert_non_null(account_make_setup_code(f.processes[0].accounts, on_code, &answer));
    assert_int_equal(wait_for(&f, &answer), ERR_OK);
    memcpy(code, answer.code, sizeof(code));
    memset(&answer, 0, sizeof(answer));
    assert_non_null(
        account_add(f.processes[0].accounts, &user, slice_str(code), false, on_user, &answer));
    assert_int_equal(wait_for(&f, &answer), ERR_OK);
    account_fixture_fini(&f);
}

/* ---- memory --------------------------------------------------------------------------------- */

/* One call; false when it never ran out of memory. */
static bool act_without_memory(size_t i, size_t k)
{
    struct account_fixture f;
    struct account_call *call;
    struct act act;
    bool has_failed;

    set_up(&f, &act);
    failing_malloc_at(k);
    call = acts[i].begin(&act);
    virtual_loop_settle(&f.loop);
    has_failed = failing_malloc_stop();
    if (call)
        (void)wait_for(&f, &act.answer);
    else
        assert_int_equal(act.answer.told, 0);
    if (!has_failed)
        assert_int_equal(act.answer.err, acts[i].err);
    virtual_loop_pass(&f.loop, 10000);
    account_fixture_fini(&f); /* looks whether all agrees */
    return has_failed;
}

static void test_without_memory_a_call_is_told_or_not_begun(void **state)
{
    (void)state;
    for (size_t i = 0; i < ACTS; i++) {
        for (size_t k = 1; act_without_memory(i, k); k++)
            assert_true(k < 2000);
    }
}

static void test_a_store_is_made_whole_or_not_at_all(void **state)
{
    struct account_fixture f;

    (void)state;
    account_fixture_init(&f);
    failing_malloc_at(1);
    assert_null(account_store_create(
        f.processes[0].store,
        &(struct store_env){.timers = &f.loop.timers, .clock = &f.loop.clock, .timeout_ms = 1000},
        f.processes[0].changer));
    assert_true(failing_malloc_stop());
    account_store_destroy(NULL);
    account_fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_call_is_canceled_at_any_moment),
        cmocka_unit_test(test_the_store_is_destroyed_at_any_moment),
        cmocka_unit_test(test_who_is_told_may_destroy_the_store),
        cmocka_unit_test(test_calls_have_a_limit),
        cmocka_unit_test(test_a_list_of_users_that_cannot_be_read_lets_nobody_in),
        cmocka_unit_test(test_a_user_that_cannot_be_read_is_told_and_the_others_are_listed),
        cmocka_unit_test(test_a_record_of_somebody_else_is_refused),
        cmocka_unit_test(test_setup_codes_that_cannot_be_read_are_none),
        cmocka_unit_test(test_without_memory_a_call_is_told_or_not_begun),
        cmocka_unit_test(test_a_store_is_made_whole_or_not_at_all),
    };

    json_set_alloc_funcs(malloc, free); /* those of this program, which fail */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
