/* Users: what they may do, and their records. */
#include "session/user.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "store/record.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

#define COUNT(array_) (sizeof(array_) / sizeof((array_)[0]))

static struct user some_user(void)
{
    struct user user = {
        .email = "ada@example.org",
        .name = "Ada \"the\" Countess \xc3\xa9",
        .language = "pt-BR",
        .password = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
        .created_s = 1700000000,
        .password_s = 1700000001,
        .has_totp = true,
        .totp = {0, 1, 2, 255},
        .totp_len = 4,
        .totp_step = 56666666,
        .recovery = {{1}, {2}},
        .recovery_count = 2,
    };

    user_make_id(user.id);
    assert_int_equal(user_grant(&user, SLICE("*"), ROLE_VIEWER), ERR_OK);
    assert_int_equal(user_grant(&user, SLICE("blog"), ROLE_OWNER), ERR_OK);
    return user;
}

/* ---- roles ---------------------------------------------------------------------------------- */

static void test_roles_have_names(void **state)
{
    static const char *const names[] = {"none", "viewer", "editor", "owner"};
    static const char *const others[] = {"", "Owner", "owner ", "owne", "owners", "admin"};
    enum role role = ROLE_NONE;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(role_parse(slice_str(names[i]), &role), ERR_OK);
        assert_int_equal(role, i);
        assert_string_equal(role_name(role), names[i]);
    }
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(role_parse(slice_str(others[i]), &role), ERR_INVALID);
}

static void test_a_user_may_the_most_of_what_was_granted(void **state)
{
    static const struct {
        enum role all;
        enum role blog;
        enum role on_blog;
        enum role on_shop;
        bool is_admin;
    } rows[] = {
        {ROLE_NONE, ROLE_NONE, ROLE_NONE, ROLE_NONE, false},
        {ROLE_NONE, ROLE_VIEWER, ROLE_VIEWER, ROLE_NONE, false},
        {ROLE_NONE, ROLE_OWNER, ROLE_OWNER, ROLE_NONE, false},
        {ROLE_VIEWER, ROLE_EDITOR, ROLE_EDITOR, ROLE_VIEWER, false},
        {ROLE_EDITOR, ROLE_VIEWER, ROLE_EDITOR, ROLE_EDITOR, false},
        {ROLE_OWNER, ROLE_NONE, ROLE_OWNER, ROLE_OWNER, true},
        {ROLE_OWNER, ROLE_VIEWER, ROLE_OWNER, ROLE_OWNER, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct user user = {.grant_count = 0};

        assert_int_equal(user_grant(&user, SLICE("blog"), rows[i].blog), ERR_OK);
        assert_int_equal(user_grant(&user, SLICE("*"), rows[i].all), ERR_OK);
        assert_int_equal(user_role(&user, SLICE("blog")), rows[i].on_blog);
        assert_int_equal(user_role(&user, SLICE("shop")), rows[i].on_shop);
        assert_int_equal(user_is_admin(&user), rows[i].is_admin);
    }
}

static void test_grants_are_replaced_taken_away_and_limited(void **state)
{
    struct user user = {.grant_count = 0};
    char site[USER_MAX_SITE + 1];

    (void)state;
    for (unsigned i = 0; i < USER_MAX_GRANTS; i++) {
        (void)snprintf(site, sizeof(site), "site-%u", i);
        assert_int_equal(user_grant(&user, slice_str(site), ROLE_VIEWER), ERR_OK);
    }
    assert_int_equal(user_grant(&user, SLICE("more"), ROLE_VIEWER), ERR_INVALID);
    assert_int_equal(user_grant(&user, SLICE("site-3"), ROLE_EDITOR), ERR_OK);
    assert_int_equal(user_role(&user, SLICE("site-3")), ROLE_EDITOR);
    assert_int_equal(user_grant(&user, SLICE("site-0"), ROLE_NONE), ERR_OK);
    assert_int_equal(user.grant_count, USER_MAX_GRANTS - 1);
    assert_int_equal(user_role(&user, SLICE("site-0")), ROLE_NONE);
    assert_int_equal(user_role(&user, SLICE("site-63")), ROLE_VIEWER);
    assert_int_equal(user_grant(&user, SLICE("more"), ROLE_VIEWER), ERR_OK);
}

static void test_grants_are_for_ids_of_sites(void **state)
{
    static const char *const sound[] = {"*", "default", "a", "a-b_c0"};
    static const char *const others[] = {
        "",
        "**",
        "a/b",
        "A",
        "a b",
        "\"",
        "a-name-that-is-longer-than-64-letters-by-one-is-none-of-any-site0"};
    struct user user = {.grant_count = 0};

    (void)state;
    for (size_t i = 0; i < COUNT(sound); i++)
        assert_int_equal(user_grant(&user, slice_str(sound[i]), ROLE_VIEWER), ERR_OK);
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(user_grant(&user, slice_str(others[i]), ROLE_VIEWER), ERR_INVALID);
}

/* ---- texts ---------------------------------------------------------------------------------- */

static void test_emails(void **state)
{
    static const struct {
        const char *text;
        const char *email; /* NULL: refused */
    } rows[] = {
        {"ada@example.org", "ada@example.org"},
        {"Ada.L+x@Example.ORG", "ada.l+x@example.org"},
        {"a@b", "a@b"},
        {"J\xc3\x96RG@example.org", "j\xc3\x96rg@example.org"}, /* ASCII only */
        {"\"quoted\"@example.org", "\"quoted\"@example.org"},
        {"", NULL},
        {"ada", NULL},
        {"@", NULL},
        {"@example.org", NULL},
        {"ada@", NULL},
        {"ada@example@org", NULL},
        {"ada@@example.org", NULL},
        {" ada@example.org", NULL},
        {"ada@example.org\n", NULL},
        {"a\tda@example.org", NULL},
        {"ad\x7f@example.org", NULL},
        {"ad\xff@example.org", NULL},
    };

    char out[USER_MAX_EMAIL + 1];
    struct err_info info;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum err err = user_email_check(slice_str(rows[i].text), out, &info);

        assert_int_equal(err, rows[i].email ? ERR_OK : ERR_INVALID);
        if (rows[i].email)
            assert_string_equal(out, rows[i].email);
    }
    assert_int_equal(user_email_check(slice_of("a@b\0c", 5), out, NULL), ERR_INVALID);
}

static void test_lengths_have_an_end(void **state)
{
    char text[USER_MAX_EMAIL + 1];
    char out[USER_MAX_EMAIL + 1];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[10] = '@';
    assert_int_equal(user_email_check(slice_of(text, USER_MAX_EMAIL), out, NULL), ERR_OK);
    assert_int_equal(strlen(out), USER_MAX_EMAIL);
    assert_int_equal(user_email_check(slice_of(text, sizeof(text)), out, NULL), ERR_INVALID);
    assert_int_equal(user_name_check(slice_of(text, USER_MAX_NAME), NULL), ERR_OK);
    assert_int_equal(user_name_check(slice_of(text, USER_MAX_NAME + 1), NULL), ERR_INVALID);
    assert_int_equal(user_name_check(SLICE(""), NULL), ERR_OK);
    assert_int_equal(user_name_check(SLICE("a\nb"), NULL), ERR_INVALID);
    assert_int_equal(user_name_check(SLICE("\xc3"), NULL), ERR_INVALID);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void test_keys_are_in_one_shard(void **state)
{
    char room[USER_KEY_BYTES];
    char other_room[USER_KEY_BYTES];
    char id[USER_ID_TEXT + 1];
    struct slice key;

    (void)state;
    user_make_id(id);
    assert_true(user_id_is_sound(slice_str(id)));
    key = user_key(slice_str(id), room);
    assert_true(slice_starts_with(key, SLICE("user/accounts/")));
    assert_true(slice_eq(record_owner(key), ACCOUNTS));
    key = user_email_key(SLICE("ada@example.org"), room);
    assert_true(slice_eq(record_owner(key), ACCOUNTS));
    assert_true(slice_eq(record_owner(USERS_KEY), ACCOUNTS));
    assert_true(slice_eq(key, user_email_key(SLICE("ada@example.org"), other_room)));
    assert_false(slice_eq(key, user_email_key(SLICE("bob@example.org"), other_room)));
    /* Who reads keys does not read addresses. */
    assert_null(memmem(key.ptr, key.len, "ada", 3));
}

/* ---- records -------------------------------------------------------------------------------- */

/* To be freed. */
static struct strbuf encoded(const struct user *user)
{
    struct strbuf json;

    strbuf_init(&json, RECORD_MAX_VALUE);
    user_encode(user, &json);
    assert_false(json.failed);
    return json;
}

static void check_same(const struct user *read, const struct user *user)
{
    assert_string_equal(read->id, user->id);
    assert_string_equal(read->email, user->email);
    assert_string_equal(read->name, user->name);
    assert_string_equal(read->language, user->language);
    assert_string_equal(read->password, user->password);
    assert_int_equal(read->grant_count, user->grant_count);
    for (size_t i = 0; i < user->grant_count; i++)
        assert_int_equal(user_role(read, slice_str(user->grants[i].site)),
                         user_role(user, slice_str(user->grants[i].site)));
    assert_int_equal(read->is_disabled, user->is_disabled);
    assert_int_equal(read->created_s, user->created_s);
    assert_int_equal(read->password_s, user->password_s);
    assert_int_equal(read->has_totp, user->has_totp);
    assert_int_equal(read->totp_len, user->totp_len);
    assert_memory_equal(read->totp, user->totp, sizeof(user->totp));
    assert_int_equal(read->totp_step, user->totp_step);
    assert_int_equal(read->recovery_count, user->recovery_count);
    assert_memory_equal(read->recovery, user->recovery, sizeof(user->recovery));
}

static void check_round_trip(const struct user *user)
{
    struct strbuf json = encoded(user);
    struct strbuf again;
    struct user read;

    assert_int_equal(user_decode(strbuf_slice(&json), &read, NULL), ERR_OK);
    check_same(&read, user);
    again = encoded(&read);
    assert_true(slice_eq(strbuf_slice(&json), strbuf_slice(&again)));
    strbuf_fini(&again);
    strbuf_fini(&json);
}

static void test_a_record_is_read_as_it_was_written(void **state)
{
    struct user user = some_user();

    (void)state;
    check_round_trip(&user);
    user.is_disabled = true;
    user.has_totp = false;
    user.totp_len = 0;
    memset(user.totp, 0, sizeof(user.totp));
    user.recovery_count = 0;
    memset(user.recovery, 0, sizeof(user.recovery));
    user.grant_count = 0;
    user.password[0] = '\0';
    check_round_trip(&user);
}

static void fill(char *text, size_t size, char c)
{
    memset(text, c, size - 1);
    text[size - 1] = '\0';
}

static void test_the_largest_user_fits_into_a_record(void **state)
{
    struct user user = some_user();

    (void)state;
    fill(user.email, sizeof(user.email), '"');
    user.email[1] = '@';
    fill(user.name, sizeof(user.name), '\\');
    fill(user.language, sizeof(user.language), 'x');
    fill(user.password, sizeof(user.password), '"');
    user.grant_count = 0;
    for (unsigned i = 0; i < USER_MAX_GRANTS; i++) {
        char site[USER_MAX_SITE + 1];

        (void)snprintf(site, sizeof(site), "%064u", i);
        assert_int_equal(user_grant(&user, slice_str(site), ROLE_EDITOR), ERR_OK);
    }
    user.totp_len = sizeof(user.totp);
    memset(user.totp, 0xff, sizeof(user.totp));
    user.recovery_count = RECOVERY_CODES;
    user.created_s = user.password_s = user.totp_step = INT64_MAX;
    check_round_trip(&user);
}

/* What a record is without a change, and changes that make it none. */
#define BASE                                                                                       \
    "{\"id\":\"0123456789abcdef\",\"email\":\"a@b\",\"name\":\"\",\"language\":\"\","              \
    "\"password\":\"\",\"disabled\":false,\"created\":1,\"password_set\":2,\"totp_step\":0,"       \
    "\"grants\":{\"*\":\"owner\"},\"recovery\":[]}"

static void test_what_is_no_record_of_a_user_is_refused(void **state)
{
    static const struct {
        const char *from; /* NULL: appended behind the first brace */
        const char *to;
    } rows[] = {
        {"0123456789abcdef", "0123456789abcdeF"},
        {"0123456789abcdef", "0123456789abcde"},
        {"\"a@b\"", "\"A@b\""},
        {"\"a@b\"", "\"ab\""},
        {"\"a@b\"", "7"},
        {"\"name\":\"\"", "\"name\":\"\\u0007\""},
        {"\"name\":\"\"", "\"name\":\"\\u0000\""},
        {"\"name\":\"\"", "\"nam\":\"\""},
        {"\"name\":\"\",", ""},
        {"\"language\":\"\"", "\"language\":\"d e\""},
        {"\"language\":\"\"", "\"language\":\"1234567890123\""},
        {"\"disabled\":false", "\"disabled\":0"},
        {"\"disabled\":false", "\"disabled\":null"},
        {"\"created\":1", "\"created\":-1"},
        {"\"created\":1", "\"created\":1.5"},
        {"\"created\":1", "\"created\":99999999999999999999"},
        {"\"created\":1", "\"created\":\"1\""},
        {"{\"*\":\"owner\"}", "[]"},
        {"{\"*\":\"owner\"}", "{\"*\":\"none\"}"},
        {"{\"*\":\"owner\"}", "{\"*\":\"root\"}"},
        {"{\"*\":\"owner\"}", "{\"*\":3}"},
        {"{\"*\":\"owner\"}", "{\"A\":\"owner\"}"},
        {"{\"*\":\"owner\"}", "{\"*\":\"owner\",\"*\":\"owner\"}"},
        {"\"recovery\":[]", "\"recovery\":{}"},
        {"\"recovery\":[]", "\"recovery\":[1]"},
        {"\"recovery\":[]", "\"recovery\":[\"AAAA\"]"},
        {"\"recovery\":[]", "\"recovery\":[\"?\"]"},
        {NULL, "\"totp\":\"\","},
        {NULL, "\"totp\":\"!\","},
        {NULL, "\"totp\":7,"},
        {NULL, "\"more\":1,"},
        {NULL, "\"name\":\"\","},
        {"]}", "]}x"},
        {"]}", "]"},
    };

    char json[2048];
    struct user user;

    (void)state;
    assert_int_equal(user_decode(SLICE(BASE), &user, NULL), ERR_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *from = rows[i].from ? rows[i].from : "{";
        const char *at = strstr(BASE, from);
        struct err_info info = {""};

        assert_non_null(at);
        (void)snprintf(json, sizeof(json), "%.*s%s%s%s", (int)(at - BASE), BASE,
                       rows[i].from ? "" : "{", rows[i].to, at + strlen(from));
        assert_int_equal(user_decode(slice_str(json), &user, &info), ERR_INVALID);
        assert_true(info.text[0] != '\0');
    }
    assert_int_equal(user_decode(SLICE(""), &user, NULL), ERR_INVALID);
    assert_int_equal(user_decode(SLICE("[]"), &user, NULL), ERR_INVALID);
    assert_int_equal(user_decode(SLICE("\xff\x00"), &user, NULL), ERR_INVALID);
}

static void test_who_could_not_be_read_again_is_not_sound(void **state)
{
    struct user user = some_user();

    (void)state;
    assert_int_equal(user_check(&user, NULL), ERR_OK);
    user.totp_len = 0;
    assert_int_equal(user_check(&user, NULL), ERR_INVALID);
    user = some_user();
    user.language[0] = ' ';
    assert_int_equal(user_check(&user, NULL), ERR_INVALID);
    user = some_user();
    user.email[0] = 'A';
    assert_int_equal(user_check(&user, NULL), ERR_INVALID);
    user = some_user();
    user.created_s = -1;
    assert_int_equal(user_check(&user, NULL), ERR_INVALID);
    user = some_user();
    user.grants[0].site[0] = '\0';
    assert_int_equal(user_check(&user, NULL), ERR_INVALID);
    user = some_user();
    user.recovery_count = RECOVERY_CODES + 1;
    assert_int_equal(user_check(&user, NULL), ERR_INVALID);
}

/* ---- memory --------------------------------------------------------------------------------- */

/* The library takes the want of memory for a fault of the text now and then. */
static void test_without_memory_nothing_half_is_written_or_read(void **state)
{
    struct user user = some_user();
    struct strbuf whole = encoded(&user);
    bool has_failed = true;

    (void)state;
    for (size_t k = 1; has_failed; k++) {
        struct strbuf json;

        strbuf_init(&json, RECORD_MAX_VALUE);
        failing_malloc_at(k);
        user_encode(&user, &json);
        has_failed = failing_malloc_stop();
        assert_true(json.failed || slice_eq(strbuf_slice(&json), strbuf_slice(&whole)));
        assert_true(has_failed || !json.failed);
        strbuf_fini(&json);
    }
    has_failed = true;
    for (size_t k = 1; has_failed; k++) {
        struct user read;
        enum err err;

        failing_malloc_at(k);
        err = user_decode(strbuf_slice(&whole), &read, NULL);
        has_failed = failing_malloc_stop();
        assert_true(has_failed || err == ERR_OK);
        if (err == ERR_OK)
            check_same(&read, &user);
    }
    strbuf_fini(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles_have_names),
        cmocka_unit_test(test_a_user_may_the_most_of_what_was_granted),
        cmocka_unit_test(test_grants_are_replaced_taken_away_and_limited),
        cmocka_unit_test(test_grants_are_for_ids_of_sites),
        cmocka_unit_test(test_emails),
        cmocka_unit_test(test_lengths_have_an_end),
        cmocka_unit_test(test_keys_are_in_one_shard),
        cmocka_unit_test(test_a_record_is_read_as_it_was_written),
        cmocka_unit_test(test_the_largest_user_fits_into_a_record),
        cmocka_unit_test(test_what_is_no_record_of_a_user_is_refused),
        cmocka_unit_test(test_who_could_not_be_read_again_is_not_sound),
        cmocka_unit_test(test_without_memory_nothing_half_is_written_or_read),
    };

    random_init();
    json_set_alloc_funcs(malloc, free); /* those of this program, which fail */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
