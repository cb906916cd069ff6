/* API tokens: made, found, used, listed and revoked, by any process (S14). */
#include "session/api_token.h"

#include <stdio.h>

#include "account_fixture.h"
#include "session/api_token_part.h"
#include "session/user.h"
#include "store/memory_db.h"
#include "support/cmocka.h"

#define COUNT(array_) (sizeof(array_) / sizeof((array_)[0]))
#define OWNER         "0123456789abcdef"

static char maker[USER_ID_TEXT + 1]; /* an owner, who makes them */

static int set_up(void **state)
{
    static struct account_fixture f;
    struct answer answer;

    account_fixture_init(&f);
    assert_int_equal(add_user(&f, 0, "maker@example.org", ROLE_OWNER, &answer), ERR_OK);
    memcpy(maker, answer.user.id, sizeof(maker));
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    account_fixture_fini(*state);
    return 0;
}

static struct api_token new_token(const char *name, int64_t expires_s)
{
    struct api_token token = {
        .scopes = SCOPE_COUNT | SCOPE_STATS, .site = "blog", .expires_s = expires_s};

    memcpy(token.user, maker, sizeof(maker));
    (void)snprintf(token.name, sizeof(token.name), "%s", name);
    return token;
}

static enum err add_token(struct account_fixture *f, int process, const struct api_token *fresh,
                          struct secret *secret, struct answer *answer)
{
    secret_make(secret, SLICE(OWNER));
    memset(answer, 0, sizeof(*answer));
    assert_non_null(api_token_add(f->processes[process].tokens, secret, fresh, on_token, answer));
    assert_int_equal(answer->told, 0);
    return wait_for(f, answer);
}

static enum err add(struct account_fixture *f, int process, const char *name, int64_t expires_s,
                    struct secret *secret, char *id)
{
    struct api_token fresh = new_token(name, expires_s);
    struct answer answer;
    enum err err = add_token(f, process, &fresh, secret, &answer);

    if (id)
        memcpy(id, answer.token.id, sizeof(answer.token.id));
    return err;
}

static enum err find(struct account_fixture *f, int process, const struct secret *secret,
                     struct answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    assert_non_null(api_token_find(f->processes[process].tokens, secret, on_token, answer));
    assert_int_equal(answer->told, 0);
    return wait_for(f, answer);
}

static bool is_good(struct account_fixture *f, int process, const struct secret *secret)
{
    struct answer answer;
    enum err err = find(f, process, secret, &answer);

    assert_true(err == ERR_OK || err == ERR_NOT_FOUND);
    return err == ERR_OK;
}

static enum err revoke(struct account_fixture *f, int process, const char *id,
                       struct answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    assert_non_null(
        api_token_revoke(f->processes[process].tokens, slice_str(id), on_token, answer));
    assert_int_equal(answer->told, 0);
    return wait_for(f, answer);
}

static size_t list(struct account_fixture *f, struct answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    assert_non_null(api_token_list(f->processes[1].tokens, on_tokens, answer));
    assert_int_equal(wait_for(f, answer), ERR_OK);
    return answer->count;
}

/* ---- scopes --------------------------------------------------------------------------------- */

static void test_scopes(void **state)
{
    static const struct {
        const char *text;
        unsigned scopes; /* 0: refused */
        const char *again;
    } rows[] = {
        {"count", SCOPE_COUNT, "count"},
        {"stats,count", SCOPE_COUNT | SCOPE_STATS, "count,stats"},
        {" export , sessions ", SCOPE_EXPORT | SCOPE_SESSIONS, "sessions,export"},
        {"sites,sites", SCOPE_SITES, "sites"},
        {"count,stats,sites,sessions,export", 31, "count,stats,sites,sessions,export"},
        {"share", SCOPE_SHARE, "share"},
        {"", 0, ""},
        {",", 0, ""},
        {"count,", 0, ""},
        {",count", 0, ""},
        {"Count", 0, ""},
        {"counts", 0, ""},
        {"count stats", 0, ""},
        {"all", 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char room[64];
        struct err_info info = {""};
        struct strbuf out;
        unsigned scopes = 0;
        enum err err = api_scopes_parse(slice_str(rows[i].text), &scopes, &info);

        assert_int_equal(err, rows[i].scopes ? ERR_OK : ERR_INVALID);
        assert_int_equal(scopes, rows[i].scopes);
        assert_int_equal(info.text[0] != '\0', err != ERR_OK);
        strbuf_init_fixed(&out, room, sizeof(room));
        api_scopes_format(scopes, &out);
        assert_true(slice_eq(strbuf_slice(&out), slice_str(rows[i].again)));
    }
}

/* ---- making and finding --------------------------------------------------------------------- */

static void test_a_token_is_found_in_every_process(void **state)
{
    struct account_fixture *f = *state;
    struct answer answer;
    struct secret secret;
    struct secret stranger;
    char text[SECRET_TEXT + 1];
    char id[API_TOKEN_ID_TEXT + 1];
    size_t position = 0;

    assert_int_equal(add(f, 0, "backup", 0, &secret, id), ERR_OK);
    assert_true(api_token_id_is_sound(slice_str(id)));
    for (int i = 0; i < PROCESSES; i++) {
        assert_int_equal(find(f, i, &secret, &answer), ERR_OK);
        assert_string_equal(answer.token.id, id);
        assert_string_equal(answer.token.name, "backup");
        assert_string_equal(answer.token.site, "blog");
        assert_string_equal(answer.token.user, maker);
        assert_int_equal(answer.token.scopes, SCOPE_COUNT | SCOPE_STATS);
        assert_int_equal(answer.token.created_s, now_s(f));
        assert_int_equal(answer.token.expires_s, 0);
    }
    secret_make(&stranger, SLICE(OWNER));
    assert_int_equal(find(f, 0, &stranger, &answer), ERR_NOT_FOUND);
    /* S02: the store does not know it. */
    secret_format(&secret, text);
    for (const struct hashmap_entry *entry; (entry = hashmap_next(&f->db->records, &position));) {
        const struct memory_record *record = entry->value;

        assert_null(memmem(entry->key.ptr, entry->key.len, text + 12, 20));
        if (record->value.len > 0)
            assert_null(memmem(record->value.ptr, record->value.len, text + 12, 20));
    }
}

/* S14: a token is no session, and the other way round. */
static void test_a_token_is_no_login_and_a_login_no_token(void **state)
{
    struct account_fixture *f = *state;
    struct secret token;
    struct secret login;
    struct answer user;

    assert_int_equal(add_user(f, 0, "ada@example.org", ROLE_OWNER, &user), ERR_OK);
    assert_int_equal(log_in(f, 0, user.user.id, NULL, NULL, "", &login), ERR_OK);
    assert_int_equal(add(f, 0, "backup", 0, &token, NULL), ERR_OK);
    assert_false(is_logged_in(f, 0, &token));
    assert_false(is_good(f, 0, &login));
}

static void test_what_cannot_be_a_token_is_refused(void **state)
{
    struct account_fixture *f = *state;
    struct api_token tokens[9];
    int64_t now = now_s(f);
    struct secret secret;
    struct answer answer;

    for (size_t i = 0; i < COUNT(tokens); i++)
        tokens[i] = new_token("x", 0);
    tokens[0].name[0] = '\0';
    tokens[1].name[0] = '\n';
    tokens[2].scopes = 0;
    tokens[3].scopes = 1U << 6;
    tokens[4].site[0] = '\0';
    tokens[5].site[0] = '/';
    tokens[6].user[0] = 'x';
    tokens[7].expires_s = now;
    tokens[8].expires_s = now + 1 + (int64_t)API_TOKEN_MAX_TTL_S;
    for (size_t i = 0; i < COUNT(tokens); i++) {
        assert_int_equal(add_token(f, 0, &tokens[i], &secret, &answer), ERR_INVALID);
        assert_true(answer.why[0] != '\0');
    }
    assert_int_equal(list(f, &answer), 0);
    assert_int_equal(add(f, 0, "x", now + (int64_t)API_TOKEN_MAX_TTL_S, &secret, NULL), ERR_OK);
    tokens[0] = new_token("from the command line", 0);
    tokens[0].user[0] = '\0';
    (void)snprintf(tokens[0].site, sizeof(tokens[0].site), "*");
    assert_int_equal(add_token(f, 0, &tokens[0], &secret, &answer), ERR_OK);
}

static void test_a_token_ends(void **state)
{
    struct account_fixture *f = *state;
    char id[API_TOKEN_ID_TEXT + 1];
    struct answer answer;
    struct secret secret;

    assert_int_equal(add(f, 0, "short", now_s(f) + 600, &secret, id), ERR_OK);
    for (int i = 0; i < 9; i++) {
        pass_s(f, 65);
        assert_true(is_good(f, i % PROCESSES, &secret)); /* uses that are noted lengthen nothing */
    }
    pass_s(f, 600 - 9 * 65 - 1);
    assert_true(is_good(f, 1, &secret));
    pass_s(f, 2);
    assert_false(is_good(f, 0, &secret));
    assert_int_equal(list(f, &answer), 0);
    assert_int_equal(revoke(f, 0, id, &answer), ERR_NOT_FOUND);
}

/* Who is disabled or gone has left no way in; what the command line made is nobody's. */
static void test_a_token_is_worth_as_much_as_its_maker(void **state)
{
    struct account_fixture *f = *state;
    struct api_token fresh = new_token("of nobody", 0);
    struct secret of_bob;
    struct secret of_nobody;
    struct answer answer;
    struct answer bob;

    fresh.user[0] = '\0';
    assert_int_equal(add_token(f, 0, &fresh, &of_nobody, &answer), ERR_OK);
    assert_int_equal(add_user(f, 0, "bob@example.org", ROLE_OWNER, &bob), ERR_OK);
    memcpy(fresh.user, bob.user.id, sizeof(fresh.user));
    assert_int_equal(add_token(f, 0, &fresh, &of_bob, &answer), ERR_OK);
    assert_true(is_good(f, 1, &of_bob));
    assert_int_equal(change_user(f, 0, bob.user.id, disable, NULL, ACCOUNT_NOTHING_ELSE, NULL),
                     ERR_OK);
    assert_false(is_good(f, 1, &of_bob));
    assert_int_equal(change_user(f, 0, bob.user.id, enable, NULL, ACCOUNT_NOTHING_ELSE, NULL),
                     ERR_OK);
    assert_true(is_good(f, 1, &of_bob));
    assert_int_equal(remove_user(f, 0, bob.user.id, NULL), ERR_OK);
    assert_false(is_good(f, 1, &of_bob));
    assert_true(is_good(f, 1, &of_nobody));
}

static void test_tokens_have_a_limit_and_those_that_ended_make_room(void **state)
{
    struct account_fixture *f = *state;
    char id[API_TOKEN_ID_TEXT + 1];
    struct answer answer;
    struct secret secret;
    struct secret first;

    assert_int_equal(add(f, 0, "first", 0, &first, NULL), ERR_OK);
    for (int i = 1; i < API_TOKEN_MAX; i++)
        assert_int_equal(add(f, i % PROCESSES, "x", i == 7 ? now_s(f) + 60 : 0, &secret, NULL),
                         ERR_OK);
    assert_int_equal(add(f, 0, "more", 0, &secret, NULL), ERR_INVALID);
    assert_int_equal(list(f, &answer), API_TOKEN_MAX);
    pass_s(f, 61);
    assert_int_equal(list(f, &answer), API_TOKEN_MAX - 1);
    assert_int_equal(add(f, 0, "more", 0, &secret, id), ERR_OK);
    assert_int_equal(add(f, 0, "more", 0, &secret, NULL), ERR_INVALID);
    assert_int_equal(revoke(f, 1, id, &answer), ERR_OK);
    assert_int_equal(add(f, 0, "more", 0, &secret, NULL), ERR_OK);
    assert_true(is_good(f, 1, &first));
}

static void test_tokens_made_at_the_same_moment_are_all_there(void **state)
{
    struct account_fixture *f = *state;
    struct answer answers[PROCESSES] = {{.told = 0}};
    struct api_token fresh = new_token("x", 0);
    struct secret secrets[PROCESSES];
    struct answer answer;

    for (int i = 0; i < PROCESSES; i++) {
        secret_make(&secrets[i], SLICE(OWNER));
        assert_non_null(
            api_token_add(f->processes[i].tokens, &secrets[i], &fresh, on_token, &answers[i]));
    }
    for (int i = 0; i < PROCESSES; i++)
        assert_int_equal(wait_for(f, &answers[i]), ERR_OK);
    assert_string_not_equal(answers[0].token.id, answers[1].token.id);
    assert_int_equal(list(f, &answer), PROCESSES);
    for (int i = 0; i < PROCESSES; i++)
        assert_true(is_good(f, 1 - i, &secrets[i]));
}

/* ---- listing and revoking ------------------------------------------------------------------- */

static void test_tokens_are_listed_the_oldest_first_and_revoked_by_id(void **state)
{
    static const char *const names[] = {"zeta", "alpha", "mid"};
    struct account_fixture *f = *state;
    struct secret secrets[3];
    struct answer answer;
    char ids[3][API_TOKEN_ID_TEXT + 1];

    for (int i = 0; i < 3; i++)
        assert_int_equal(add(f, i % PROCESSES, names[i], 0, &secrets[i], ids[i]), ERR_OK);
    assert_int_equal(list(f, &answer), 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(answer.listed[i], names[i]);
    assert_true(is_good(f, 0, &secrets[1]));
    assert_int_equal(revoke(f, 1, ids[1], &answer), ERR_OK);
    assert_string_equal(answer.token.name, "alpha");
    for (int i = 0; i < PROCESSES; i++)
        assert_false(is_good(f, i, &secrets[1]));
    assert_int_equal(revoke(f, 0, ids[1], &answer), ERR_NOT_FOUND);
    assert_int_equal(list(f, &answer), 2);
    assert_string_equal(answer.listed[0], "zeta");
    assert_string_equal(answer.listed[1], "mid");
    assert_true(is_good(f, 0, &secrets[0]));
    assert_true(is_good(f, 0, &secrets[2]));
}

static void test_nothing_else_is_revoked(void **state)
{
    static const char *const others[] = {"", "00000000", "0000000", "0000000G", "../../x", "*"};
    struct account_fixture *f = *state;
    struct secret secret;
    struct answer answer;

    assert_int_equal(add(f, 0, "x", 0, &secret, NULL), ERR_OK);
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(revoke(f, 0, others[i], &answer), ERR_NOT_FOUND);
    assert_true(is_good(f, 0, &secret));
}

static void test_a_token_is_revoked_once(void **state)
{
    struct account_fixture *f = *state;
    struct answer answers[PROCESSES] = {{.told = 0}};
    char id[API_TOKEN_ID_TEXT + 1];
    struct secret secret;

    assert_int_equal(add(f, 0, "x", 0, &secret, id), ERR_OK);
    for (int i = 0; i < PROCESSES; i++)
        assert_non_null(
            api_token_revoke(f->processes[i].tokens, slice_str(id), on_token, &answers[i]));
    (void)wait_for(f, &answers[0]);
    (void)wait_for(f, &answers[1]);
    assert_true((answers[0].err == ERR_OK) != (answers[1].err == ERR_OK));
    assert_true(answers[0].err == ERR_NOT_FOUND || answers[1].err == ERR_NOT_FOUND);
}

/* ---- links ---------------------------------------------------------------------------------- */

static enum err add_link(struct account_fixture *f, const char *site, int64_t expires_s,
                         struct secret *secret, char *id)
{
    struct api_token fresh = new_token("a client", expires_s);
    struct answer answer;
    enum err err;

    fresh.scopes = SCOPE_SHARE;
    (void)snprintf(fresh.site, sizeof(fresh.site), "%s", site);
    err = add_token(f, 0, &fresh, secret, &answer);
    if (id)
        memcpy(id, answer.token.id, sizeof(answer.token.id));
    return err;
}

static size_t list_links(struct account_fixture *f, const char *site, struct answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    assert_non_null(
        api_token_list_links(f->processes[1].tokens, slice_str(site), on_tokens, answer));
    assert_int_equal(wait_for(f, answer), ERR_OK);
    return answer->count;
}

static enum err revoke_link(struct account_fixture *f, const char *site, const char *id)
{
    struct answer answer = {.told = 0};

    assert_non_null(api_token_revoke_link(f->processes[1].tokens, slice_str(site), slice_str(id),
                                          on_token, &answer));
    return wait_for(f, &answer);
}

static void test_links_are_listed_and_revoked_by_their_site(void **state)
{
    struct account_fixture *f = *state;
    char link_id[API_TOKEN_ID_TEXT + 1];
    char token_id[API_TOKEN_ID_TEXT + 1];
    struct answer answer;
    struct secret other;
    struct secret token;
    struct secret link;

    assert_int_equal(add_link(f, "blog", 0, &link, link_id), ERR_OK);
    assert_int_equal(add_link(f, "shop", 0, &other, NULL), ERR_OK);
    assert_int_equal(add(f, 0, "backup", 0, &token, token_id), ERR_OK);
    assert_int_equal(find(f, 1, &link, &answer), ERR_OK);
    assert_int_equal(answer.token.scopes, SCOPE_SHARE);
    assert_string_equal(answer.token.site, "blog");
    assert_int_equal(list(f, &answer), 1);
    assert_int_equal(list_links(f, "blog", &answer), 1);
    assert_int_equal(list_links(f, "shop", &answer), 1);
    assert_int_equal(list_links(f, "none", &answer), 0);
    assert_int_equal(revoke(f, 1, link_id, &answer), ERR_NOT_FOUND);
    assert_int_equal(revoke_link(f, "shop", link_id), ERR_NOT_FOUND);
    assert_int_equal(revoke_link(f, "blog", token_id), ERR_NOT_FOUND);
    assert_int_equal(revoke_link(f, "blog", link_id), ERR_OK);
    assert_int_equal(revoke_link(f, "blog", link_id), ERR_NOT_FOUND);
    assert_false(is_good(f, 0, &link));
    assert_true(is_good(f, 0, &other) && is_good(f, 0, &token));
    assert_int_equal(list_links(f, "blog", &answer), 0);
}

static void test_what_cannot_be_a_link_is_refused(void **state)
{
    struct account_fixture *f = *state;
    struct api_token both = new_token("x", 0);
    struct answer answer = {.told = 0};
    struct secret secret;

    both.scopes = SCOPE_SHARE | SCOPE_STATS;
    assert_int_equal(add_token(f, 0, &both, &secret, &answer), ERR_INVALID);
    assert_int_equal(add_link(f, "*", 0, &secret, NULL), ERR_INVALID);
    assert_int_equal(revoke_link(f, "*", "00000000"), ERR_NOT_FOUND);
    assert_int_equal(revoke_link(f, "a/b", "00000000"), ERR_NOT_FOUND);
    assert_int_equal(revoke_link(f, "blog", "no id"), ERR_NOT_FOUND);
    memset(&answer, 0, sizeof(answer));
    assert_non_null(api_token_list_links(f->processes[0].tokens, SLICE("*"), on_tokens, &answer));
    assert_int_equal(wait_for(f, &answer), ERR_NOT_FOUND);
}

/* Editors of a site take no room from the owners of all. */
static void test_links_of_a_site_have_a_limit_of_their_own(void **state)
{
    struct account_fixture *f = *state;
    struct secret secret;
    struct secret last;

    for (int i = 0; i < API_TOKEN_MAX; i++)
        assert_int_equal(add_link(f, "blog", i == 0 ? now_s(f) + 60 : 0, &last, NULL), ERR_OK);
    assert_int_equal(add_link(f, "blog", 0, &secret, NULL), ERR_INVALID);
    assert_int_equal(add_link(f, "shop", 0, &secret, NULL), ERR_OK);
    assert_int_equal(add(f, 0, "backup", 0, &secret, NULL), ERR_OK);
    pass_s(f, 61);
    assert_int_equal(add_link(f, "blog", 0, &secret, NULL), ERR_OK);
    assert_true(is_good(f, 1, &last));
}

/* ---- the last use --------------------------------------------------------------------------- */

static void test_the_last_use_is_noted_once_a_minute(void **state)
{
    struct account_fixture *f = *state;
    struct answer answer;
    struct secret secret;
    int64_t first_s;

    assert_int_equal(add(f, 0, "x", 0, &secret, NULL), ERR_OK);
    first_s = now_s(f);
    assert_int_equal(find(f, 0, &secret, &answer), ERR_OK);
    assert_int_equal(answer.token.last_used_s, 0);
    pass_s(f, API_TOKEN_TOUCH_S - 5);
    assert_int_equal(find(f, 1, &secret, &answer), ERR_OK);
    assert_int_equal(answer.token.last_used_s, first_s);
    pass_s(f, 10);
    assert_int_equal(find(f, 1, &secret, &answer), ERR_OK);
    assert_int_equal(answer.token.last_used_s, first_s);
    pass_s(f, 1);
    assert_int_equal(find(f, 0, &secret, &answer), ERR_OK);
    assert_int_equal(answer.token.last_used_s, first_s + API_TOKEN_TOUCH_S + 5);
}

/* A use that is noted while the token is revoked does not bring it back, whatever comes first. */
static void test_a_use_brings_no_revoked_token_back(void **state)
{
    (void)state;
    for (unsigned turns = 0; turns < 10; turns++) {
        struct answer found = {.told = 0};
        struct answer revoked = {.told = 0};
        char id[API_TOKEN_ID_TEXT + 1];
        struct account_fixture f;
        struct secret secret;

        account_fixture_init(&f);
        assert_int_equal(add(&f, 0, "x", 0, &secret, id), ERR_OK);
        assert_non_null(api_token_revoke(f.processes[1].tokens, slice_str(id), on_token, &revoked));
        for (unsigned i = 0; i < turns; i++)
            virtual_loop_turn(&f.loop);
        assert_non_null(api_token_find(f.processes[0].tokens, &secret, on_token, &found));
        assert_int_equal(wait_for(&f, &revoked), ERR_OK);
        (void)wait_for(&f, &found);
        virtual_loop_pass(&f.loop, 5000);
        assert_false(is_good(&f, 0, &secret));
        account_fixture_fini(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)
        cmocka_unit_test(test_scopes),
        TEST(test_a_token_is_found_in_every_process),
        TEST(test_a_token_is_no_login_and_a_login_no_token),
        TEST(test_what_cannot_be_a_token_is_refused),
        TEST(test_a_token_ends),
        TEST(test_a_token_is_worth_as_much_as_its_maker),
        TEST(test_tokens_have_a_limit_and_those_that_ended_make_room),
        TEST(test_tokens_made_at_the_same_moment_are_all_there),
        TEST(test_tokens_are_listed_the_oldest_first_and_revoked_by_id),
        TEST(test_nothing_else_is_revoked),
        TEST(test_a_token_is_revoked_once),
        TEST(test_links_are_listed_and_revoked_by_their_site),
        TEST(test_what_cannot_be_a_link_is_refused),
        TEST(test_links_of_a_site_have_a_limit_of_their_own),
        TEST(test_the_last_use_is_noted_once_a_minute),
        cmocka_unit_test(test_a_use_brings_no_revoked_token_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
