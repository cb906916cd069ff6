/* Users in the store: found, added, changed and removed, by any process. */
#include "session/account_store.h"

#include <stdio.h>

#include "account_fixture.h"
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

/* ---- finding -------------------------------------------------------------------------------- */

static void test_a_user_is_found_by_id_and_by_email_in_any_case(void **state)
{
    struct account_fixture *f = *state;
    struct answer added;
    struct answer found;

    assert_int_equal(add_user(f, 0, "Ada@Example.org", ROLE_OWNER, &added), ERR_OK);
    assert_string_equal(added.user.email, "ada@example.org");
    assert_int_equal(find_user(f, 1, "ADA@example.ORG", &found), ERR_OK);
    assert_string_equal(found.user.id, added.user.id);
    assert_string_equal(found.user.password, SOME_PASSWORD);
    assert_int_equal(find_user(f, 1, added.user.id, &found), ERR_OK);
    assert_string_equal(found.user.email, "ada@example.org");
}

static void test_nobody_else_is_found(void **state)
{
    static const char *const others[] = {"bob@example.org",  "ada",  "",     "ada@",
                                         "0123456789abcdef", "@",    "0123", "../users/accounts",
                                         "a d@example.org",  "users"};
    struct account_fixture *f = *state;
    char long_one[400];

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(find_user(f, 0, others[i], NULL), ERR_NOT_FOUND);
        assert_int_equal(change_user(f, 0, others[i], demote, NULL, ACCOUNT_NOTHING_ELSE, NULL),
                         ERR_NOT_FOUND);
        assert_int_equal(remove_user(f, 0, others[i], NULL), ERR_NOT_FOUND);
    }
    memset(long_one, 'x', sizeof(long_one));
    long_one[200] = '@';
    long_one[sizeof(long_one) - 1] = '\0';
    assert_int_equal(find_user(f, 0, long_one, NULL), ERR_NOT_FOUND);
}

static void check_any(struct account_fixture *f, bool is_any)
{
    struct answer answer = {.told = 0};

    assert_non_null(account_any(f->processes[1].accounts, on_any, &answer));
    assert_int_equal(answer.told, 0);
    assert_int_equal(wait_for(f, &answer), ERR_OK);
    assert_int_equal(answer.is_any, is_any);
}

static uint64_t operations_of_find(struct account_fixture *f, const char *who, enum err expected)
{
    struct store_stats before;
    struct store_stats after;

    store_get_stats(f->processes[0].store, &before);
    assert_int_equal(find_user(f, 0, who, NULL), expected);
    store_get_stats(f->processes[0].store, &after);
    return after.operations - before.operations;
}

/* A04: the store is asked as often, so that the time does not tell whether there is such a user. */
static void test_nobody_is_looked_for_as_long_as_somebody(void **state)
{
    struct account_fixture *f = *state;

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(operations_of_find(f, "ada@example.org", ERR_OK), 2);
    assert_int_equal(operations_of_find(f, "eve@example.org", ERR_NOT_FOUND), 2);
}

static void test_whether_there_is_any(void **state)
{
    struct account_fixture *f = *state;

    check_any(f, false);
    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    check_any(f, true);
}

static void list(struct account_fixture *f, struct answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    assert_non_null(account_list(f->processes[1].accounts, on_users, answer));
    assert_int_equal(wait_for(f, answer), ERR_OK);
}

static void test_users_are_listed_in_the_order_of_their_emails(void **state)
{
    struct account_fixture *f = *state;
    struct answer answer;

    list(f, &answer);
    assert_int_equal(answer.count, 0);
    assert_int_equal(add_user(f, 0, "carol@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(add_user(f, 1, "ada@example.org", ROLE_VIEWER, NULL), ERR_OK);
    assert_int_equal(add_user(f, 0, "Bob@example.org", ROLE_NONE, NULL), ERR_OK);
    list(f, &answer);
    assert_int_equal(answer.count, 3);
    assert_string_equal(answer.listed[0], "ada@example.org");
    assert_string_equal(answer.listed[1], "bob@example.org");
    assert_string_equal(answer.listed[2], "carol@example.org");
}

/* ---- adding --------------------------------------------------------------------------------- */

static void test_an_email_belongs_to_one_user_in_any_case(void **state)
{
    struct account_fixture *f = *state;
    struct answer answer;

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(add_user(f, 1, "ADA@Example.Org", ROLE_VIEWER, &answer), ERR_INVALID);
    assert_non_null(strstr(answer.why, "e-mail"));
    assert_false(answer.has_user);
    assert_int_equal(remove_user(f, 0, "ada@example.org", &answer), ERR_INVALID);
    assert_int_equal(add_user(f, 1, "bob@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(remove_user(f, 0, "ada@example.org", &answer), ERR_OK);
    assert_false(answer.has_user);
    assert_int_equal(add_user(f, 1, "ADA@Example.Org", ROLE_VIEWER, NULL), ERR_OK);
}

static void test_of_two_with_the_same_email_at_the_same_moment_one_is_added(void **state)
{
    struct account_fixture *f = *state;
    struct user users[] = {new_user("bob@example.org", ROLE_VIEWER),
                           new_user("BOB@example.org", ROLE_EDITOR)};
    struct answer answers[PROCESSES] = {{.told = 0}};

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    for (int i = 0; i < PROCESSES; i++)
        assert_non_null(account_add(f->processes[i].accounts, &users[i], SLICE(""), false, on_user,
                                    &answers[i]));
    (void)wait_for(f, &answers[0]);
    (void)wait_for(f, &answers[1]);
    assert_true((answers[0].err == ERR_OK) != (answers[1].err == ERR_OK));
    assert_true(answers[0].err == ERR_INVALID || answers[1].err == ERR_INVALID);
}

static void test_who_cannot_be_a_user_is_refused(void **state)
{
    struct account_fixture *f = *state;
    struct user users[] = {new_user("ada", ROLE_OWNER), new_user("ada@example.org", ROLE_OWNER),
                           new_user("ada@example.org", ROLE_OWNER)};

    users[1].name[0] = '\n';
    users[2].recovery_count = RECOVERY_CODES + 1;
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        struct answer answer = {.told = 0};

        assert_non_null(
            account_add(f->processes[0].accounts, &users[i], SLICE(""), false, on_user, &answer));
        assert_int_equal(answer.told, 0);
        assert_int_equal(wait_for(f, &answer), ERR_INVALID);
        assert_true(answer.why[0] != '\0');
    }
}

static void test_the_first_user_is_an_owner_of_all_sites(void **state)
{
    struct account_fixture *f = *state;
    struct user user = new_user("eve@example.org", ROLE_OWNER);
    struct answer answer = {.told = 0};

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_EDITOR, &answer), ERR_INVALID);
    assert_true(answer.why[0] != '\0');
    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    memset(&answer, 0, sizeof(answer));
    assert_non_null(
        account_add(f->processes[1].accounts, &user, SLICE(""), true, on_user, &answer));
    assert_int_equal(wait_for(f, &answer), ERR_STALE);
}

static void test_there_are_as_many_users_as_the_limit_says(void **state)
{
    struct account_fixture *f = *state;
    struct answer answer;
    char email[32];

    for (int i = 0; i < USER_MAX; i++) {
        (void)snprintf(email, sizeof(email), "user%d@example.org", i);
        assert_int_equal(add_user(f, i % 2, email, i == 0 ? ROLE_OWNER : ROLE_NONE, NULL), ERR_OK);
    }
    assert_int_equal(add_user(f, 0, "more@example.org", ROLE_NONE, &answer), ERR_INVALID);
    list(f, &answer);
    assert_int_equal(answer.count, USER_MAX);
}

/* ---- changing ------------------------------------------------------------------------------- */

static void test_a_change_holds_in_every_process_with_its_answer(void **state)
{
    struct account_fixture *f = *state;
    struct answer answer;
    char name[] = "Countess";

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(
        change_user(f, 0, "ada@example.org", rename_user, name, ACCOUNT_NOTHING_ELSE, &answer),
        ERR_OK);
    assert_string_equal(answer.user.name, "Countess");
    assert_int_equal(find_user(f, 1, "ada@example.org", &answer), ERR_OK);
    assert_string_equal(answer.user.name, "Countess");
}

static enum err take_over(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    (void)info;
    memset(user->id, '0', USER_ID_TEXT);
    (void)snprintf(user->email, sizeof(user->email), "eve@example.org");
    return ERR_OK;
}

static enum err refuse(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    user->is_disabled = true;
    err_info_set(info, "not today");
    return ERR_INVALID;
}

static void test_an_edit_changes_no_id_and_may_refuse(void **state)
{
    struct account_fixture *f = *state;
    struct answer answer;
    char name[] = "a\nb";

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(
        change_user(f, 0, "ada@example.org", take_over, NULL, ACCOUNT_NOTHING_ELSE, &answer),
        ERR_OK);
    assert_string_equal(answer.user.email, "ada@example.org");
    assert_int_equal(
        change_user(f, 0, "ada@example.org", refuse, NULL, ACCOUNT_NOTHING_ELSE, &answer),
        ERR_INVALID);
    assert_string_equal(answer.why, "not today");
    assert_int_equal(
        change_user(f, 0, "ada@example.org", rename_user, name, ACCOUNT_NOTHING_ELSE, &answer),
        ERR_INVALID);
    assert_int_equal(find_user(f, 1, "ada@example.org", &answer), ERR_OK);
    assert_false(answer.user.is_disabled);
}

static enum err count_up(void *ctx, struct user *user, struct err_info *info)
{
    ++*(unsigned *)ctx;
    (void)info;
    user->totp_step++;
    return ERR_OK;
}

static void test_changes_of_two_processes_at_the_same_moment_are_both_done(void **state)
{
    struct account_fixture *f = *state;
    struct answer answers[PROCESSES] = {{.told = 0}};
    struct answer found;
    unsigned edits = 0;

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    for (int i = 0; i < PROCESSES; i++)
        assert_non_null(account_change(f->processes[i].accounts, SLICE("ada@example.org"), count_up,
                                       &edits, ACCOUNT_NOTHING_ELSE, on_user, &answers[i]));
    assert_int_equal(wait_for(f, &answers[0]), ERR_OK);
    assert_int_equal(wait_for(f, &answers[1]), ERR_OK);
    assert_true(edits > PROCESSES); /* one of them was planned again */
    assert_int_equal(find_user(f, 1, "ada@example.org", &found), ERR_OK);
    assert_int_equal(found.user.totp_step, PROCESSES);
}

/* ---- the last owner ------------------------------------------------------------------------- */

static void check_stays(struct account_fixture *f, const char *who)
{
    struct answer answer;

    assert_int_equal(change_user(f, 0, who, demote, NULL, ACCOUNT_NOTHING_ELSE, &answer),
                     ERR_INVALID);
    assert_non_null(strstr(answer.why, "last owner"));
    assert_int_equal(change_user(f, 1, who, disable, NULL, ACCOUNT_NOTHING_ELSE, &answer),
                     ERR_INVALID);
    assert_int_equal(remove_user(f, 0, who, &answer), ERR_INVALID);
    assert_non_null(strstr(answer.why, "last owner"));
}

static void test_the_last_owner_is_not_removed_demoted_or_disabled(void **state)
{
    struct account_fixture *f = *state;
    enum role owner = ROLE_OWNER;

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(add_user(f, 0, "bob@example.org", ROLE_EDITOR, NULL), ERR_OK);
    check_stays(f, "ada@example.org");
    /* A disabled owner is none that counts. */
    assert_int_equal(add_user(f, 0, "carol@example.org", ROLE_OWNER, NULL), ERR_OK);
    assert_int_equal(
        change_user(f, 1, "carol@example.org", disable, NULL, ACCOUNT_NOTHING_ELSE, NULL), ERR_OK);
    check_stays(f, "ada@example.org");
    /* With another one he may go; then that one is the last. */
    assert_int_equal(
        change_user(f, 1, "bob@example.org", set_role, &owner, ACCOUNT_NOTHING_ELSE, NULL), ERR_OK);
    assert_int_equal(change_user(f, 1, "ada@example.org", demote, NULL, ACCOUNT_NOTHING_ELSE, NULL),
                     ERR_OK);
    check_stays(f, "bob@example.org");
    assert_int_equal(remove_user(f, 0, "ada@example.org", NULL), ERR_OK);
    assert_int_equal(remove_user(f, 0, "carol@example.org", NULL), ERR_OK);
    check_stays(f, "bob@example.org");
}

static void test_of_two_last_owners_who_go_at_the_same_moment_one_stays(void **state)
{
    static const char *const who[] = {"ada@example.org", "bob@example.org"};
    struct account_fixture *f = *state;

    for (int way = 0; way < 2; way++) {
        struct answer answers[PROCESSES] = {{.told = 0}};

        for (int i = 0; i < PROCESSES; i++)
            (void)add_user(f, i, who[i], ROLE_OWNER, NULL);
        assert_non_null(
            account_remove(f->processes[0].accounts, slice_str(who[0]), on_user, &answers[0]));
        assert_non_null(
            way == 0
                ? account_remove(f->processes[1].accounts, slice_str(who[1]), on_user, &answers[1])
                : account_change(f->processes[1].accounts, slice_str(who[1]), disable, NULL,
                                 ACCOUNT_NOTHING_ELSE, on_user, &answers[1]));
        (void)wait_for(f, &answers[0]);
        (void)wait_for(f, &answers[1]);
        assert_true((answers[0].err == ERR_OK) != (answers[1].err == ERR_OK));
        assert_true(answers[0].err == ERR_INVALID || answers[1].err == ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)
        TEST(test_a_user_is_found_by_id_and_by_email_in_any_case),
        TEST(test_nobody_else_is_found),
        TEST(test_nobody_is_looked_for_as_long_as_somebody),
        TEST(test_whether_there_is_any),
        TEST(test_users_are_listed_in_the_order_of_their_emails),
        TEST(test_an_email_belongs_to_one_user_in_any_case),
        TEST(test_of_two_with_the_same_email_at_the_same_moment_one_is_added),
        TEST(test_who_cannot_be_a_user_is_refused),
        TEST(test_the_first_user_is_an_owner_of_all_sites),
        TEST(test_there_are_as_many_users_as_the_limit_says),
        TEST(test_a_change_holds_in_every_process_with_its_answer),
        TEST(test_an_edit_changes_no_id_and_may_refuse),
        TEST(test_changes_of_two_processes_at_the_same_moment_are_both_done),
        TEST(test_the_last_owner_is_not_removed_demoted_or_disabled),
        TEST(test_of_two_last_owners_who_go_at_the_same_moment_one_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
