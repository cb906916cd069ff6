/* What people who are logged in see and change of themselves. */
#include <oath.h>
#include <stdio.h>
#include <stdlib.h>

#include "account_fixture.h"
#include "session/guess.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

#define MAX_FORM    (MAX_TOLD + 64)

#define HALF_DAY_MS (INT64_C(12) * 3600 * 1000)
#define OTHER       "a quite different one"

static const char post_paths[][40] = {
    "/sessions/end",
    "/sessions/end-others",
    "/account/name",
    "/account/password",
    "/account/second-factor/confirm",
    "/account/second-factor/off",
    "/account/second-factor/codes",
    "/users/add",
    "/users/role",
    "/users/disable",
    "/users/enable",
    "/users/end-sessions",
    "/users/reset",
    "/users/remove",
    "/tokens/add",
    "/tokens/revoke",
};

#define POST_PATHS (sizeof(post_paths) / sizeof(post_paths[0]))

/* C02: a form of no page, or of another login, does nothing. */
static void test_forged_forms_are_refused(void **state)
{
    struct account_fixture *a = *state;
    static const char *const fields[POST_PATHS] = {
        "hash=x",
        "",
        "name=Eve",
        ("current=" PASSWORD "&password=" OTHER),
        "sealed=x&code=1",
        "",
        "",
        "email=eve@example.org&role=owner&site=*",
        "id=x&site=*&role=owner",
        "id=x",
        "id=x",
        "id=x",
        "id=x",
        "id=x",
        "name=x&site=*&scope_count=1",
        "id=x",
    };

    ask_as(a, &a->owner);
    for (size_t i = 0; i < POST_PATHS; i++) {
        assert_int_equal(send_forged(a, post_paths[i], fields[i]), 403);
        assert_page_has(a, "The form is of another login.");
    }
}

/* A page of another site cannot send them, and nobody who is not logged in. */
static void test_only_who_is_logged_in(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, NULL);
    for (size_t i = 0; i < POST_PATHS; i++)
        assert_int_equal(send_form(a, post_paths[i], ""), 303);
    assert_int_equal(show(a, "/sessions", ""), 303);
    assert_leads_to(a, "/login?next=/sessions");
}

/* S09, S12 */
static void test_sessions(void **state)
{
    struct account_fixture *a = *state;
    struct person second = a->owner;
    char hash[MAX_TOLD];
    char fields[MAX_TOLD + 8];

    ask_as(a, NULL);
    assert_int_equal(send_form(a, "/login", "email=ada@example.org&password=" PASSWORD), 303);
    take_cookie(a, &second);
    ask_as(a, &a->owner);
    assert_int_equal(show(a, "/sessions", ""), 200);
    assert_has(&a->f->fake.headers, "Cache-Control: no-store");
    assert_page_has(a, "this one");
    assert_page_has(a, "<abbr title=\"Country of the address it began from\">DE</abbr>");
    assert_page_has(a, "<time datetime=\"2023-11-14T22:13Z\">2023-11-14 22:13 UTC</time>");
    cut_from_page(a, "name=\"hash\" value=\"", "\"", hash);
    (void)snprintf(fields, sizeof(fields), "hash=%s", hash);
    assert_int_equal(send_form(a, "/sessions/end", fields), 303);
    assert_leads_to(a, "/sessions?done=ended");
    assert_int_equal(count_sessions(a, &a->owner), 1);
    assert_int_equal(show(a, "/sessions", "done=ended"), 200);
    assert_page_has(a, "The session is ended.");
    assert_page_lacks(a, "End all other sessions");
    ask_as(a, NULL);
    a->who = &second;
    assert_int_equal(show(a, "/sessions", ""), 303);
}

static void test_end_other_sessions(void **state)
{
    struct account_fixture *a = *state;

    for (int i = 0; i < 3; i++) {
        ask_as(a, NULL);
        assert_int_equal(send_form(a, "/login", "email=ada@example.org&password=" PASSWORD), 303);
    }
    assert_int_equal(count_sessions(a, &a->owner), 4);
    ask_as(a, &a->owner);
    assert_int_equal(send_form(a, "/sessions/end-others", ""), 303);
    assert_leads_to(a, "/sessions?done=others");
    assert_int_equal(count_sessions(a, &a->owner), 1);
    assert_int_equal(show(a, "/sessions", ""), 200);
}

static void test_name(void **state)
{
    struct account_fixture *a = *state;

    ask_as(a, &a->viewer);
    assert_int_equal(send_form(a, "/account/name", "name=Vic+%3Cb%3E&language=pt-BR"), 303);
    assert_leads_to(a, "/account?done=name");
    assert_int_equal(show(a, "/account", "done=name"), 200);
    assert_page_has(a, "value=\"Vic &lt;b&gt;\"");
    assert_page_has(a, "value=\"pt-BR\"");
    assert_int_equal(send_form(a, "/account/name", "name=Vic&language=p!"), 400);
    assert_page_has(a, "A language is like de or pt-BR.");
    /* What was done is one of a few words. */
    assert_int_equal(show(a, "/account", "done=your+money+is+gone"), 200);
    assert_page_lacks(a, "money");
}

/* A08, S05 */
static void test_password(void **state)
{
    struct account_fixture *a = *state;
    struct person before = a->viewer;

    ask_as(a, NULL);
    assert_int_equal(send_form(a, "/login", "email=vic@example.org&password=" PASSWORD), 303);
    ask_as(a, &a->viewer);
    assert_int_equal(send_form(a, "/account/password", "current=wrong&password=" OTHER), 403);
    assert_page_has(a, "Your current password is another one.");
    assert_int_equal(
        send_form(a, "/account/password", "current=" PASSWORD "&password=vic@example.org"), 400);
    assert_int_equal(count_sessions(a, &a->viewer), 2);
    assert_int_equal(send_form(a, "/account/password", "current=" PASSWORD "&password=" OTHER),
                     303);
    assert_leads_to(a, "/account?done=password");
    take_cookie(a, &a->viewer);
    assert_int_equal(count_sessions(a, &a->viewer), 1);
    ask_as(a, &a->viewer);
    a->who = &before;
    assert_int_equal(show(a, "/account", ""), 303);
    ask_as(a, NULL);
    assert_int_equal(send_form(a, "/login", "email=vic@example.org&password=" PASSWORD), 403);
    assert_int_equal(send_form(a, "/login", "email=vic@example.org&password=" OTHER), 303);
}

/* A05: who guesses at the current password is slowed down. */
static void test_password_guesses(void **state)
{
    struct account_fixture *a = *state;
    int refused = 0;

    ask_as(a, &a->viewer);
    for (int i = 0; i < 8; i++)
        refused += send_form(a, "/account/password", "current=wrong&password=" OTHER) == 429;
    assert_int_equal(refused, 3);
}

static void on_guess(void *ctx, enum err err, int64_t wait_ms)
{
    assert_int_equal(err, ERR_OK);
    *(bool *)ctx = wait_ms > 0;
}

/* Takes all guesses that everybody has together. */
static void take_all_guesses(struct account_fixture *a)
{
    struct identity *identity = a->f->web.identity;
    const struct guess_bucket bucket = {THROTTLE_ALL, SLICE("")};
    bool is_empty = false;

    while (!is_empty) {
        assert_non_null(guess_take(&identity->guesses, &bucket, 1, clock_unix_ms(&a->f->loop.clock),
                                   on_guess, &is_empty));
        virtual_loop_settle(&a->f->loop);
    }
}

/* Where guesses pile up, the next one is told to come again, and all else goes on. */
static void test_more_guesses_than_may_wait(void **state)
{
    struct account_fixture *a = *state;
    struct guesses *guesses = &a->f->web.identity->guesses;
    static const char form[] = "email=ada@example.org&password=" PASSWORD;

    ask_as(a, NULL);
    guesses->waiting = GUESS_MAX_WAITING;
    assert_int_equal(send_form(a, "/login", form), 503);
    assert_has(&a->f->fake.headers, "Retry-After: 1\r\n");
    ask_as(a, &a->viewer);
    assert_int_equal(send_form(a, "/account/password", "current=" PASSWORD "&password=" OTHER),
                     503);
    assert_int_equal(send_form(a, "/logout", ""), 303);
    guesses->waiting = 0;
    ask_as(a, NULL);
    assert_int_equal(send_form(a, "/login", form), 303);
}

/* A05: whoever has logged in with this browser before does not wait for strangers. */
static void test_a_flood_of_strangers_keeps_no_owner_out(void **state)
{
    struct account_fixture *a = *state;
    static const char form[] = "email=ada@example.org&password=" PASSWORD;

    ask_as(a, NULL);
    assert_int_equal(send_form(a, "/login", form), 303);
    take_cookie(a, &a->owner);
    take_all_guesses(a);
    assert_int_equal(send_form(a, "/login", form), 429);
    a->who = &a->owner;
    assert_int_equal(send_form(a, "/login", form), 303);
}

/* ---- the second factor ---------------------------------------------------------------------- */

static void make_code(struct account_fixture *a, const char *secret, char out[static 7])
{
    char plain[64];
    char *bytes;
    size_t len;
    size_t n = 0;

    for (; *secret != '\0'; secret++) {
        if (*secret != ' ')
            plain[n++] = *secret;
    }
    assert_int_equal(oath_base32_decode(plain, n, &bytes, &len), OATH_OK);
    assert_int_equal(
        oath_totp_generate(bytes, len, clock_unix_ms(&a->f->loop.clock) / 1000, 30, 0, 6, out),
        OATH_OK);
    free(bytes);
}

/* Turns it on for the viewer. @param form  what was sent, to be sent again */
static void turn_on(struct account_fixture *a, char secret[static MAX_TOLD], char code[static 7],
                    char form[static MAX_FORM])
{
    char sealed[MAX_TOLD];

    ask_as(a, &a->viewer);
    assert_int_equal(show(a, "/account/second-factor/begin", ""), 200);
    assert_page_has(a, "<svg");
    cut_from_page(a, "<code class=\"code\">", "<", secret);
    cut_from_page(a, "name=\"sealed\" value=\"", "\"", sealed);
    assert_false(stored_user(a, &a->viewer).has_totp);
    make_code(a, secret, code);
    (void)snprintf(form, MAX_FORM, "sealed=%s&code=%s", sealed, code);
    assert_int_equal(send_form(a, "/account/second-factor/confirm", form), 200);
    take_cookie(a, &a->viewer);
}

/* A09, S05: on with a code, which is used up; a new login; ten codes, once. */
static void test_second_factor_on(void **state)
{
    struct account_fixture *a = *state;
    struct person before = a->viewer;
    struct person pending = a->viewer;
    struct user user;
    char recovery[MAX_TOLD];
    char secret[MAX_TOLD];
    char form[MAX_FORM];
    char code[7];

    turn_on(a, secret, code, form);
    cut_from_page(a, "<li>", "</li>", recovery);
    user = stored_user(a, &a->viewer);
    assert_true(user.has_totp);
    assert_int_equal(user.recovery_count, RECOVERY_CODES);
    assert_true(user.totp_step > 0);
    a->who = &before;
    assert_int_equal(show(a, "/account", ""), 303);
    ask_as(a, &a->viewer);
    assert_int_equal(show(a, "/account/second-factor", ""), 200);
    assert_page_has(a, "<strong>10</strong> recovery codes");
    assert_page_lacks(a, recovery);
    ask_as(a, NULL);
    assert_int_equal(send_form(a, "/login", "email=vic@example.org&password=" PASSWORD), 303);
    take_cookie(a, &pending);
    a->who = &pending;
    assert_int_equal(show(a, "/account", ""), 303);
    assert_int_equal(show(a, "/login/code", ""), 200);
    take_form_token(a);
    (void)snprintf(form, sizeof(form), "code=%s", code);
    assert_int_equal(send_form(a, "/login/code", form), 403);
}

static void test_second_factor_wrong_codes(void **state)
{
    struct account_fixture *a = *state;
    char sealed[MAX_TOLD];
    char form[MAX_TOLD + 32];

    ask_as(a, &a->viewer);
    assert_int_equal(show(a, "/account/second-factor/begin", ""), 200);
    cut_from_page(a, "name=\"sealed\" value=\"", "\"", sealed);
    (void)snprintf(form, sizeof(form), "sealed=%s&code=abcdef", sealed);
    assert_int_equal(send_form(a, "/account/second-factor/confirm", form), 403);
    assert_page_has(a, "The code is wrong.");
    /* Another user's form is none of his. */
    ask_as(a, &a->owner);
    assert_int_equal(send_form(a, "/account/second-factor/confirm", form), 400);
    /* Nor is one that is old. */
    ask_as(a, &a->viewer);
    virtual_loop_pass(&a->f->loop, (RECENT_S + 1) * 1000);
    assert_int_equal(send_form(a, "/account/second-factor/confirm", form), 400);
    assert_page_has(a, "This was begun too long ago.");
    assert_false(stored_user(a, &a->viewer).has_totp);
}

/* S11: what weakens an account wants the password anew. */
static void test_second_factor_off(void **state)
{
    struct account_fixture *a = *state;
    char secret[MAX_TOLD];
    char form[MAX_FORM];
    char code[7];

    turn_on(a, secret, code, form);
    ask_as(a, &a->viewer);
    assert_int_equal(send_form(a, "/account/second-factor/codes", ""), 200);
    assert_page_has(a, "The codes you had before are void.");
    virtual_loop_pass(&a->f->loop, (RECENT_S + 1) * 1000);
    assert_int_equal(send_form(a, "/account/second-factor/off", ""), 303);
    assert_leads_to(a, "/login?again=1&next=/account");
    assert_true(stored_user(a, &a->viewer).has_totp);
    virtual_loop_pass(&a->f->loop, 1000);
}

static void test_second_factor_off_at_once(void **state)
{
    struct account_fixture *a = *state;
    struct user user;
    char secret[MAX_TOLD];
    char form[MAX_FORM];
    char code[7];

    turn_on(a, secret, code, form);
    ask_as(a, &a->viewer);
    assert_int_equal(send_form(a, "/account/second-factor/off", ""), 303);
    assert_leads_to(a, "/account/second-factor?done=off");
    take_cookie(a, &a->viewer);
    user = stored_user(a, &a->viewer);
    assert_false(user.has_totp);
    assert_int_equal(user.recovery_count, 0);
    ask_as(a, &a->viewer);
    assert_int_equal(show(a, "/account/second-factor", "done=off"), 200);
    assert_page_has(a, "The second factor is turned off.");
    assert_int_equal(send_form(a, "/account/second-factor/off", ""), 400);
    assert_page_has(a, "There is no second factor");
    assert_int_equal(show(a, "/account", ""), 200);
}

#define NEW_KEY "fedcba9876543210fedcba9876543210"

/* The password is right: logs in, and gets the form for the code. */
static void begin_login(struct account_fixture *a, struct person *person)
{
    assert_int_equal(send_form(a, "/login", "email=vic@example.org&password=" PASSWORD), 303);
    take_cookie(a, person);
    a->who = person;
    assert_int_equal(show(a, "/login/code", ""), 200);
    take_form_token(a);
}

/* A05, A09: who knows the password alone does not keep the owner from giving his code. */
static void test_codes_of_a_browser_that_was_here_before_are_its_own(void **state)
{
    struct account_fixture *a = *state;
    struct person stranger = a->viewer;
    char secret[MAX_TOLD];
    char form[MAX_FORM];
    char code[7];
    int refused = 0;

    turn_on(a, secret, code, form);
    ask_as(a, NULL);
    begin_login(a, &stranger);
    for (int i = 0; i < 7; i++)
        refused += send_form(a, "/login/code", "code=000000") == 429;
    assert_int_equal(refused, 3); /* turning it on took one of five */
    ask_as(a, &a->viewer);
    begin_login(a, &a->viewer);
    virtual_loop_pass(&a->f->loop, INT64_C(30000)); /* the next step; no code has come back */
    make_code(a, secret, code);
    (void)snprintf(form, sizeof(form), "code=%s", code);
    a->who = &stranger;
    assert_int_equal(show(a, "/login/code", ""), 200);
    take_form_token(a);
    assert_int_equal(send_form(a, "/login/code", form), 429);
    a->who = &a->viewer;
    assert_int_equal(show(a, "/login/code", ""), 200);
    take_form_token(a);
    assert_int_equal(send_form(a, "/login/code", form), 303);
    assert_leads_to(a, "/dashboard");
}

static enum err edit_on(void *ctx, struct user *user, struct err_info *info)
{
    (void)ctx;
    (void)info;
    user->has_totp = true;
    user->totp_len = VAULT_OVERHEAD + TOTP_SECRET_BYTES;
    return ERR_OK;
}

static void on_turned_on(void *ctx, enum err err, const char *why, const struct user *user)
{
    (void)ctx;
    (void)why;
    (void)user;
    assert_int_equal(err, ERR_OK);
}

static void turn_on_elsewhere(struct account_fixture *a)
{
    assert_non_null(account_change(a->f->web.identity->accounts, slice_str(a->viewer.id), edit_on,
                                   NULL, ACCOUNT_NOTHING_ELSE, on_turned_on, NULL));
    virtual_loop_settle(&a->f->loop);
}

/* A09: while the password was being checked a second factor was turned on. */
static void test_a_login_under_way_does_not_pass_a_new_second_factor(void **state)
{
    struct account_fixture *a = *state;
    size_t before = count_sessions(a, &a->viewer);

    ask_as(a, NULL);
    a->meanwhile = turn_on_elsewhere;
    assert_int_equal(send_form(a, "/login", "email=vic@example.org&password=" PASSWORD), 403);
    assert_page_has(a, "The second factor has just been changed.");
    assert_int_equal(count_sessions(a, &a->viewer), before);
}

/* From now on a process with this setting answers. @return the one before */
static struct identity *switch_identity(struct account_fixture *a, const char *secret_key)
{
    struct identity *before = a->f->web.identity;
    struct identity_settings settings = before->settings;
    struct err_info info;

    settings.secret_key = secret_key;
    assert_int_equal(
        identity_create(&settings, a->f->store, &before->env, &a->f->web.identity, &info), ERR_OK);
    virtual_loop_settle(&a->f->loop);
    assert_true(a->f->web.identity->has_vault);
    return before;
}

/* True when his second factor opens with this setting alone. */
static bool is_sealed_with(struct account_fixture *a, const struct person *person,
                           const char *secret_key)
{
    struct user user = stored_user(a, person);
    unsigned char opened[VAULT_MAX_PLAIN];
    char purpose[5 + USER_ID_TEXT + 1];
    struct vault vault;
    struct err_info info;
    size_t len;

    (void)snprintf(purpose, sizeof(purpose), "totp/%s", user.id);
    assert_int_equal(vault_from_setting(slice_str(secret_key), &vault, &info), ERR_OK);
    return vault_open(&vault, slice_str(purpose), slice_of(user.totp, user.totp_len), opened,
                      &len) == ERR_OK;
}

/* What was sealed with the key in the store opens when one is set later, and is sealed anew with
 * that. */
static void set_a_secret_key_later(struct account_fixture *a, const char *secret_key,
                                   const char *seals)
{
    struct identity *first = switch_identity(a, NULL);
    struct person pending = a->viewer;
    struct identity *second;
    char secret[MAX_TOLD];
    char form[MAX_FORM];
    char code[7];

    turn_on(a, secret, code, form);
    assert_false(is_sealed_with(a, &a->viewer, seals));
    second = switch_identity(a, secret_key);
    ask_as(a, NULL);
    assert_int_equal(send_form(a, "/login", "email=vic@example.org&password=" PASSWORD), 303);
    assert_leads_to(a, "/dashboard");
    take_cookie(a, &pending);
    a->who = &pending;
    assert_int_equal(show(a, "/login/code", ""), 200);
    take_form_token(a);
    virtual_loop_pass(&a->f->loop, INT64_C(60000));
    make_code(a, secret, code);
    (void)snprintf(form, sizeof(form), "code=%s", code);
    assert_int_equal(send_form(a, "/login/code", form), 303);
    assert_true(is_sealed_with(a, &a->viewer, seals));
    identity_destroy(a->f->web.identity);
    identity_destroy(second);
    a->f->web.identity = first;
}

static void test_a_secret_key_that_is_set_later(void **state)
{
    set_a_secret_key_later(*state, NEW_KEY, NEW_KEY);
}

/* It was set, and changed, before he came again. */
static void test_a_secret_key_that_is_set_later_and_changed(void **state)
{
    set_a_secret_key_later(*state, NEW_KEY ",00112233445566778899aabbccddeeff", NEW_KEY);
}

/* S05, S08: the new session ends when the one before would have, and is the only one. */
static void test_second_factor_on_lengthens_nothing(void **state)
{
    struct account_fixture *a = *state;
    char secret[MAX_TOLD];
    char form[MAX_FORM];
    char code[7];

    ask_as(a, NULL);
    assert_int_equal(send_form(a, "/login", "email=vic@example.org&password=" PASSWORD), 303);
    assert_int_equal(count_sessions(a, &a->viewer), 2);
    virtual_loop_pass(&a->f->loop, INT64_C(300000));
    turn_on(a, secret, code, form);
    assert_int_equal(count_sessions(a, &a->viewer), 1);
    for (int i = 1; i < 2 * 30; i++) {
        virtual_loop_pass(&a->f->loop, HALF_DAY_MS);
        ask_as(a, &a->viewer);
    }
    virtual_loop_pass(&a->f->loop, HALF_DAY_MS - INT64_C(400000));
    assert_int_equal(show(a, "/account", ""), 200);
    virtual_loop_pass(&a->f->loop, INT64_C(200000));
    assert_int_equal(show(a, "/account", ""), 303);
}

/* ---- out of memory -------------------------------------------------------------------------- */

static void test_out_of_memory(void **state)
{
    struct account_fixture *a = *state;
    static const char *const pages[] = {"/sessions", "/account", "/account/second-factor/begin",
                                        "/users", "/tokens"};
    bool has_failed = true;

    ask_as(a, &a->owner);
    for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); p++) {
        has_failed = true;
        for (size_t k = 1; has_failed; k++) {
            prepare(a->f, HTTP_GET, pages[p], "")->req.fields[FIELD_COOKIE] =
                slice_str(a->owner.cookie);
            failing_malloc_at(k);
            (void)account_dispatch(a);
            has_failed = failing_malloc_stop();
            if (a->f->fake.status != 200)
                assert_true(has_failed && a->f->fake.status == 503);
        }
        assert_int_equal(a->f->fake.status, 200);
    }
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, account_set_up, account_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_forged_forms_are_refused),
        TEST(test_only_who_is_logged_in),
        TEST(test_sessions),
        TEST(test_end_other_sessions),
        TEST(test_name),
        TEST(test_password),
        TEST(test_password_guesses),
        TEST(test_more_guesses_than_may_wait),
        TEST(test_a_flood_of_strangers_keeps_no_owner_out),
        TEST(test_second_factor_on),
        TEST(test_second_factor_wrong_codes),
        TEST(test_second_factor_off),
        TEST(test_second_factor_off_at_once),
        TEST(test_second_factor_on_lengthens_nothing),
        TEST(test_codes_of_a_browser_that_was_here_before_are_its_own),
        TEST(test_a_login_under_way_does_not_pass_a_new_second_factor),
        TEST(test_a_secret_key_that_is_set_later),
        TEST(test_a_secret_key_that_is_set_later_and_changed),
        TEST(test_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
