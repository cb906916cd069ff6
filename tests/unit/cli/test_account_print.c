#include "cli/account_print.h"

#include <stdlib.h>

#include "support/captured_output.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

static const struct api_token tokens[] = {
    {.id = "0a1b2c3d",
     .name = "importer",
     .scopes = SCOPE_COUNT | SCOPE_SESSIONS,
     .site = "blog",
     .created_s = 1700000000,
     .expires_s = 1795674853},
    {.id = "ffffffff",
     .name = "n \"quoted\" \xc3\xa9",
     .scopes = SCOPE_STATS,
     .site = "*",
     .user = "92699c442e5e6cf1",
     .created_s = 1700000000,
     .last_used_s = 1700000060},
    {.id = "00000000",
     .name = "old",
     .scopes = SCOPE_STATS,
     .site = "*",
     .user = "0000000000000000",
     .created_s = 1700000000},
};

static const struct user users[] = {
    {.id = "92699c442e5e6cf1",
     .email = "ann@example.com",
     .name = "Ann",
     .password = "$argon2id$SECRET",
     .totp = "SECRET",
     .has_totp = true,
     .grants = {{"*", ROLE_OWNER}},
     .grant_count = 1,
     .created_s = 1795674853,
     .password_s = 1795674853},
    {.id = "0f2da68ab47b7102",
     .email = "b@x",
     .is_disabled = true,
     .grants = {{"blog", ROLE_VIEWER}, {"shop", ROLE_EDITOR}},
     .grant_count = 2,
     .created_s = 1795674853},
    {.id = "0f2da68ab47b7103", .email = "c@x", .created_s = 1795674853},
};

static const struct listed_session logins[] = {
    {.hash = "HASH",
     .session = {.country = SLICE_INIT("DE"),
                 .device = SLICE_INIT("Firefox on Linux"),
                 .created_s = 1795674853,
                 .seen_s = 1795674900,
                 .expires_s = 1798266853,
                 .strength = SESSION_PASSWORD}},
    {.hash = "HASH2",
     .session = {.country = SLICE_INIT(""),
                 .device = SLICE_INIT(""),
                 .created_s = 1795674853,
                 .seen_s = 1795674853,
                 .expires_s = 1798266853,
                 .strength = SESSION_SECOND_FACTOR}},
};

typedef bool print_fn(void);

static const struct token_list token_list = {tokens, 3, users, 3};

static bool print_tokens(void)
{
    return token_print_list(&token_list);
}

static bool print_users(void)
{
    return user_print_list(users, 3);
}

static bool print_logins(void)
{
    return login_print_list(logins, 2);
}

static bool print_tokens_json(void)
{
    return token_print_list_json(&token_list);
}

static bool print_users_json(void)
{
    return user_print_list_json(users, 3);
}

static bool print_logins_json(void)
{
    return login_print_list_json(logins, 2);
}

static bool print_no_json(void)
{
    return user_print_list_json(NULL, 0);
}

static const struct {
    print_fn *print;
    const char *wanted;
} texts[] = {
    {print_tokens, "ID        SCOPES          SITE  EXPIRES           LAST USED         "
                   "MADE BY          NAME\n"
                   "0a1b2c3d  count,sessions  blog  2026-11-26 06:34  never             "
                   "command line     importer\n"
                   "ffffffff  stats           *     never             2023-11-14 22:14  "
                   "ann@example.com  n \"quoted\" \xc3\xa9\n"
                   "00000000  stats           *     never             never             "
                   "nobody any more  old\n"},
    {print_users,
     "EMAIL            STATE     FACTOR  CREATED           ROLES                           NAME\n"
     "ann@example.com  active    yes     2026-11-26 06:34  owner                           Ann\n"
     "b@x              disabled  no      2026-11-26 06:34  viewer of blog, editor of shop  -\n"
     "c@x              invited   no      2026-11-26 06:34  none                            -\n"},
    {print_logins,
     "BEGAN             LAST USED         ENDS              BY             COUNTRY  DEVICE\n"
     "2026-11-26 06:34  2026-11-26 06:35  2026-12-26 06:34  password       DE       "
     "Firefox on Linux\n"
     "2026-11-26 06:34  2026-11-26 06:34  2026-12-26 06:34  second factor  -        -\n"},
};

static const struct {
    print_fn *print;
    const char *wanted;
} documents[] = {
    {print_tokens_json,
     "{\"tokens\":[{\"id\":\"0a1b2c3d\",\"name\":\"importer\",\"scopes\":[\"count\",\"sessions\"],"
     "\"site\":\"blog\",\"user\":null,\"user_email\":null,\"created_unix_s\":1700000000,\"expires_"
     "unix_s\":1795674853,"
     "\"last_used_unix_s\":null},{\"id\":\"ffffffff\",\"name\":\"n \\\"quoted\\\" \xc3\xa9\","
     "\"scopes\":[\"stats\"],\"site\":\"*\",\"user\":\"92699c442e5e6cf1\","
     "\"user_email\":\"ann@example.com\",\"created_unix_s\":1700000000,\"expires_unix_s\":null,"
     "\"last_used_unix_s\":1700000060},{\"id\":\"00000000\",\"name\":\"old\",\"scopes\":[\"stats\"]"
     ","
     "\"site\":\"*\",\"user\":\"0000000000000000\",\"user_email\":null,\"created_unix_s\":"
     "1700000000,"
     "\"expires_unix_s\":null,\"last_used_unix_s\":null}]}\n"},
    {print_users_json,
     "{\"users\":[{\"id\":\"92699c442e5e6cf1\",\"email\":\"ann@example.com\",\"name\":\"Ann\","
     "\"language\":\"\",\"grants\":[{\"site\":\"*\",\"role\":\"owner\"}],\"disabled\":false,"
     "\"has_password\":true,\"second_factor\":true,\"created_unix_s\":1795674853,"
     "\"password_unix_s\":1795674853},{\"id\":\"0f2da68ab47b7102\",\"email\":\"b@x\",\"name\":\"\","
     "\"language\":\"\",\"grants\":[{\"site\":\"blog\",\"role\":\"viewer\"},{\"site\":\"shop\","
     "\"role\":\"editor\"}],\"disabled\":true,\"has_password\":false,\"second_factor\":false,"
     "\"created_unix_s\":1795674853,\"password_unix_s\":null},{\"id\":\"0f2da68ab47b7103\","
     "\"email\":\"c@x\",\"name\":\"\",\"language\":\"\",\"grants\":[],\"disabled\":false,"
     "\"has_password\":false,\"second_factor\":false,\"created_unix_s\":1795674853,"
     "\"password_unix_s\":null}]}\n"},
    {print_logins_json,
     "{\"sessions\":[{\"id\":\"HASH\",\"strength\":\"password\",\"country\":\"DE\",\"device\":"
     "\"Firefox on Linux\",\"created_unix_s\":1795674853,\"seen_unix_s\":1795674900,"
     "\"expires_unix_s\":1798266853},{\"id\":\"HASH2\",\"strength\":\"second factor\",\"country\":"
     "null,\"device\":null,\"created_unix_s\":1795674853,\"seen_unix_s\":1795674853,"
     "\"expires_unix_s\":1798266853}]}\n"},
    {print_no_json, "{\"users\":[]}\n"},
};

static void assert_prints(print_fn *print, const char *wanted)
{
    struct captured_output capture;
    struct slice shown;
    bool is_written;

    captured_output_start(&capture);
    is_written = print();
    shown = captured_output_stop(&capture);
    assert_true(is_written);
    assert_int_equal(shown.len, strlen(wanted));
    assert_memory_equal(shown.ptr, wanted, shown.len);
}

static void lists_are_in_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_prints(texts[i].print, texts[i].wanted);
}

/* S04, S14: nothing of a password, a second factor or a token is shown. */
static void json_is_one_document_without_secrets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
        assert_prints(documents[i].print, documents[i].wanted);
}

static void roles_on_many_sites_are_cut(void **state)
{
    static struct user user = {.email = "d@x", .grant_count = USER_MAX_GRANTS};
    struct captured_output capture;
    struct slice shown;
    const char *line;

    (void)state;
    for (size_t i = 0; i < USER_MAX_GRANTS; i++) {
        user.grants[i].role = ROLE_VIEWER;
        memset(user.grants[i].site, 'x', USER_MAX_SITE);
    }
    captured_output_start(&capture);
    assert_true(user_print_list(&user, 1));
    shown = captured_output_stop(&capture);
    line = memchr(shown.ptr, '\n', shown.len);
    assert_non_null(line);
    assert_non_null(memmem(line, (size_t)(shown.ptr + shown.len - line), "xxx...  -\n", 10));
    assert_true(shown.len < 300);
}

/* Either the whole document, or nothing and false. */
static void without_memory_nothing_is_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        bool has_failed = true;

        for (size_t k = 1; has_failed; k++) {
            struct captured_output capture;
            struct slice shown;
            bool is_written;

            captured_output_start(&capture);
            failing_malloc_at(k);
            is_written = documents[i].print();
            has_failed = failing_malloc_stop();
            shown = captured_output_stop(&capture);
            assert_true(has_failed || is_written);
            if (is_written)
                assert_int_equal(shown.len, strlen(documents[i].wanted));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_in_columns),
        cmocka_unit_test(json_is_one_document_without_secrets),
        cmocka_unit_test(roles_on_many_sites_are_cut),
        cmocka_unit_test(without_memory_nothing_is_shown),
    };

    json_set_alloc_funcs(malloc, free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
