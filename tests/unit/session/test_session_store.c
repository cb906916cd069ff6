/* What ends a session, and what does not. */
#include "session_fixture.h"
#include "store/memory_db.h"
#include "support/cmocka.h"

#define HOUR   3600
#define DAY    (24 * HOUR)
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define ADA    "00112233445566ff"
#define BOB    "0123456789abcdef"

static struct session_fixture f;
static struct session_owner ada;

static int set_up(void **state)
{
    (void)state;
    session_fixture_init(&f);
    ada = owner_of_login(ADA);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    session_fixture_fini(&f);
    return 0;
}

/* Clocks of processes, in milliseconds, after the session began. */
static const int64_t wrong_clocks[] = {0, -10 * DAY_MS, -INT64_C(90) * 1000, 10 * DAY_MS};
#define WRONG_CLOCKS (sizeof(wrong_clocks) / sizeof(wrong_clocks[0]))

static void set_clocks(int64_t wrong_ms)
{
    for (int i = 0; i < PROCESSES; i++)
        f.processes[i].wrong_ms = wrong_ms;
}

/* S07: alive a second before the limit, dead a second after it, whatever the processes' clocks. */
static void test_an_idle_session_ends_by_the_clock_of_the_store(void **state)
{
    struct session fresh = session_of("ada", HOUR, DAY);

    (void)state;
    for (size_t i = 0; i < WRONG_CLOCKS; i++) {
        struct secret used;
        struct secret unused;

        set_clocks(0);
        assert_int_equal(begin(&f, 0, &ada, &fresh, &used), ERR_OK);
        assert_int_equal(begin(&f, 0, &ada, &fresh, &unused), ERR_OK);
        set_clocks(wrong_clocks[i]);
        pass_s(&f, HOUR - 1);
        assert_int_equal(find(&f, 1, SESSION_OF_LOGIN, &used, NULL), ERR_OK);
        pass_s(&f, 2);
        assert_int_equal(find(&f, 1, SESSION_OF_LOGIN, &unused, NULL), ERR_NOT_FOUND);
        assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &used, NULL), ERR_OK);
    }
}

/* S07 */
static void test_a_session_that_is_used_ends_at_its_absolute_time(void **state)
{
    struct session fresh = session_of("ada", HOUR, 3 * HOUR);

    (void)state;
    for (size_t i = 0; i < WRONG_CLOCKS; i++) {
        struct secret secret;
        int64_t passed_s = 0;

        set_clocks(0);
        assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
        set_clocks(wrong_clocks[i]);
        for (; passed_s < 3 * HOUR - 600; passed_s += 600) {
            pass_s(&f, 600);
            assert_int_equal(find(&f, (int)(passed_s / 600 % 2), SESSION_OF_LOGIN, &secret, NULL),
                             ERR_OK);
        }
        pass_s(&f, 3 * HOUR - 1 - passed_s);
        assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secret, NULL), ERR_OK);
        pass_s(&f, 2);
        assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secret, NULL), ERR_NOT_FOUND);
    }
}

static void test_a_clock_that_was_set_back_does_not_stop_touches(void **state)
{
    struct session fresh = session_of("ada", HOUR, 30 * DAY);
    struct secret secret;
    struct told told;

    (void)state;
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
    set_clocks(-10 * DAY_MS);
    for (int i = 0; i < 10; i++) {
        pass_s(&f, HOUR - 10);
        assert_int_equal(find(&f, i % 2, SESSION_OF_LOGIN, &secret, &told), ERR_OK);
    }
}

static uint64_t version_of_record(const struct secret *secret)
{
    struct slice keys[SESSION_BEGIN_KEYS];
    char room[SESSION_BEGIN_KEYS * SESSION_KEY_BYTES];

    session_keys_begin(&ada, secret, keys, room);
    return memory_record_look(f.db, keys[1], clock_unix_ms(&f.loop.clock)).version;
}

static void test_a_session_is_written_at_most_once_a_minute(void **state)
{
    struct session fresh = session_of("ada", DAY, 30 * DAY);
    struct secret secret;
    struct told told;
    uint64_t version;

    (void)state;
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
    version = version_of_record(&secret);
    pass_s(&f, SESSION_TOUCH_S - 1);
    assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secret, NULL), ERR_OK);
    assert_true(version_of_record(&secret) == version);
    pass_s(&f, 1);
    assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secret, NULL), ERR_OK);
    assert_true(version_of_record(&secret) != version);
    version = version_of_record(&secret);
    assert_int_equal(find(&f, 1, SESSION_OF_LOGIN, &secret, &told), ERR_OK);
    assert_int_equal(told.seen_s, clock_unix_ms(&f.loop.clock) / 1000);
    assert_int_equal(told.version, 1);
    assert_true(version_of_record(&secret) == version);
}

/* S08: what was ended in a process is not found in another one, from the answer on; and using it
 * does not bring it back. */
static void test_a_session_that_was_ended_is_found_in_no_process(void **state)
{
    struct session fresh = session_of("ada", HOUR, DAY);
    char hash[SECRET_HASH_TEXT + 1];
    struct secret secret;
    struct secret other;
    struct told told;

    (void)state;
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
    assert_int_equal(begin(&f, 1, &ada, &fresh, &other), ERR_OK);
    assert_int_equal(find(&f, 1, SESSION_OF_LOGIN, &secret, NULL), ERR_OK);
    hash_of(&secret, SESSION_OF_LOGIN, hash);
    assert_int_equal(end(&f, 0, &ada, hash), ERR_OK);
    for (int i = 0; i < PROCESSES; i++) {
        assert_int_equal(find(&f, i, SESSION_OF_LOGIN, &secret, NULL), ERR_NOT_FOUND);
        assert_int_equal(update(&f, i, SESSION_OF_LOGIN, &secret, 1, "{}", &told), ERR_NOT_FOUND);
        assert_false(told.has_session);
        assert_int_equal(end(&f, i, &ada, hash), ERR_NOT_FOUND);
        assert_int_equal(find(&f, i, SESSION_OF_LOGIN, &other, NULL), ERR_OK);
    }
    assert_int_equal(end(&f, 0, &ada, ""), ERR_NOT_FOUND);
    assert_int_equal(end(&f, 0, &ada, "../../../../../../../../../../../../../../x"),
                     ERR_NOT_FOUND);
    assert_true(version_of_record(&secret) == RECORD_ABSENT);
}

/* S05: a new token at each login; one that was used begins nothing any more. */
static void test_a_token_begins_one_session(void **state)
{
    struct session fresh = session_of("ada", HOUR, DAY);
    char hash[SECRET_HASH_TEXT + 1];
    struct told told = {.count = 0};
    struct secret secret;

    (void)state;
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
    assert_non_null(session_create(f.processes[1].sessions, &ada, &secret, &fresh, on_done, &told));
    assert_int_equal(wait_for(&f, &told), ERR_INVALID);
    hash_of(&secret, SESSION_OF_LOGIN, hash);
    assert_int_equal(end_all(&f, 0, &ada, ""), ERR_OK);
    told = (struct told){.count = 0};
    assert_non_null(session_create(f.processes[1].sessions, &ada, &secret, &fresh, on_done, &told));
    assert_int_equal(wait_for(&f, &told), ERR_INVALID);
    assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secret, NULL), ERR_NOT_FOUND);
}

/* S10 */
static void check_limit(const struct session_owner *owner, size_t max)
{
    static struct secret secrets[SESSION_MAX_OF_APP + 1];
    struct session fresh = session_of("ada", HOUR, DAY);
    struct told told;

    for (size_t i = 0; i <= max; i++) {
        assert_int_equal(begin(&f, (int)i % 2, owner, &fresh, &secrets[i]), ERR_OK);
        assert_int_equal(find(&f, 0, owner->realm, &secrets[0], NULL),
                         i < max ? ERR_OK : ERR_NOT_FOUND);
    }
    for (size_t i = 1; i <= max; i++)
        assert_int_equal(find(&f, 1, owner->realm, &secrets[i], NULL), ERR_OK);
    assert_int_equal(list(&f, 1, owner, &told), ERR_OK);
    assert_int_equal(told.listed, max);
}

static void test_one_session_too_many_ends_the_oldest(void **state)
{
    struct session_owner app;

    (void)state;
    session_owner_of_app(&app, SLICE("shop"), SLICE("ada"));
    check_limit(&ada, SESSION_MAX_OF_LOGIN);
    check_limit(&app, SESSION_MAX_OF_APP);
}

/* Who knows a password alone ends nobody's session with it, and has few places of his own. */
static void test_pending_logins_end_only_each_other(void **state)
{
    struct session pending = session_of("ada", SESSION_PENDING_S, SESSION_PENDING_S);
    struct session fresh = session_of("ada", HOUR, DAY);
    struct secret full[SESSION_MAX_OF_LOGIN];
    struct secret secrets[SESSION_MAX_PENDING + 2];

    (void)state;
    pending.strength = SESSION_PENDING;
    for (size_t i = 0; i < SESSION_MAX_OF_LOGIN; i++)
        assert_int_equal(begin(&f, 0, &ada, &fresh, &full[i]), ERR_OK);
    for (size_t i = 0; i < SESSION_MAX_PENDING + 2; i++)
        assert_int_equal(begin(&f, (int)i % 2, &ada, &pending, &secrets[i]), ERR_OK);
    for (size_t i = 0; i < SESSION_MAX_OF_LOGIN; i++)
        assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &full[i], NULL), ERR_OK);
    for (size_t i = 0; i < SESSION_MAX_PENDING + 2; i++)
        assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secrets[i], NULL),
                         i < 2 ? ERR_NOT_FOUND : ERR_OK);
}

/* S10, whatever lifetimes the settings give, and however many of the list have ended. */
static void test_short_sessions_have_the_same_limit(void **state)
{
    struct session fresh = session_of("ada", SESSION_PENDING_S / 2, SESSION_PENDING_S / 2);
    struct secret secret;
    struct told told;

    (void)state;
    for (size_t i = 0; i < (size_t)2 * SESSION_MAX_OF_APP; i++)
        assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
    assert_int_equal(list(&f, 0, &ada, &told), ERR_OK);
    assert_int_equal(told.listed, SESSION_MAX_OF_LOGIN);
}

static void test_an_update_is_done_on_the_version_that_was_read(void **state)
{
    struct session fresh = session_of("ada", HOUR, DAY);
    struct secret secret;
    struct told told;

    (void)state;
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
    pass_s(&f, HOUR - 10);
    assert_int_equal(update(&f, 0, SESSION_OF_LOGIN, &secret, 1, "{ \"n\": 2 }", &told), ERR_OK);
    assert_int_equal(told.version, 2);
    assert_string_equal(told.data, "{ \"n\": 2 }");
    assert_int_equal(update(&f, 1, SESSION_OF_LOGIN, &secret, 1, "{\"n\":3}", &told), ERR_STALE);
    assert_int_equal(told.version, 2);
    assert_string_equal(told.data, "{ \"n\": 2 }");
    assert_int_equal(update(&f, 1, SESSION_OF_LOGIN, &secret, 2, "[3]", &told), ERR_INVALID);
    /* It was a use. */
    pass_s(&f, HOUR - 10);
    assert_int_equal(update(&f, 1, SESSION_OF_LOGIN, &secret, 2, "{\"n\":3}", &told), ERR_OK);
    assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secret, &told), ERR_OK);
    assert_int_equal(told.version, 3);
    assert_string_equal(told.data, "{\"n\":3}");
    assert_string_equal(told.user, "ada");
}

static void test_of_updates_at_the_same_time_one_is_done(void **state)
{
    struct session fresh = session_of("ada", HOUR, DAY);
    struct told told[PROCESSES] = {{.count = 0}};
    struct secret secret;

    (void)state;
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
    for (int i = 0; i < PROCESSES; i++)
        assert_non_null(session_update(f.processes[i].sessions, SESSION_OF_LOGIN, &secret, 1,
                                       i == 0 ? SLICE("{\"p\":0}") : SLICE("{\"p\":1}"), on_done,
                                       &told[i]));
    for (int i = 0; i < PROCESSES; i++)
        (void)wait_for(&f, &told[i]);
    assert_true((told[0].err == ERR_OK) != (told[1].err == ERR_OK));
    assert_int_equal(told[0].err + told[1].err, ERR_STALE);
    assert_string_equal(told[0].data, told[1].data);
}

/* S09 */
static void test_sessions_are_listed_and_all_but_one_ended(void **state)
{
    struct session fresh = session_of("ada", HOUR, DAY);
    struct secret secrets[4];
    char hashes[4][SECRET_HASH_TEXT + 1];
    struct told told;

    (void)state;
    assert_int_equal(list(&f, 0, &ada, &told), ERR_OK);
    assert_int_equal(told.listed, 0);
    assert_int_equal(end_all(&f, 0, &ada, ""), ERR_OK);
    for (int i = 0; i < 4; i++) {
        fresh.idle_s = i == 0 ? SESSION_MIN_IDLE_S : HOUR;
        assert_int_equal(begin(&f, i % 2, &ada, &fresh, &secrets[i]), ERR_OK);
        hash_of(&secrets[i], SESSION_OF_LOGIN, hashes[i]);
        pass_s(&f, 20);
    }
    assert_int_equal(list(&f, 0, &ada, &told), ERR_OK);
    assert_int_equal(told.listed, 3); /* the first one was idle for too long */
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(told.hashes[i], hashes[3 - i]);
    assert_int_equal(end_all(&f, 0, &ada, hashes[2]), ERR_OK);
    assert_int_equal(list(&f, 1, &ada, &told), ERR_OK);
    assert_int_equal(told.listed, 1);
    for (int i = 0; i < 4; i++)
        assert_int_equal(find(&f, 1, SESSION_OF_LOGIN, &secrets[i], NULL),
                         i == 2 ? ERR_OK : ERR_NOT_FOUND);
    assert_int_equal(end_all(&f, 0, &ada, hashes[2]), ERR_OK);
    assert_int_equal(find(&f, 1, SESSION_OF_LOGIN, &secrets[2], NULL), ERR_OK);
    assert_int_equal(end_all(&f, 0, &ada, hashes[1]), ERR_OK); /* not there: none is kept */
    assert_int_equal(find(&f, 1, SESSION_OF_LOGIN, &secrets[2], NULL), ERR_NOT_FOUND);
}

/* An application's sessions are none of Footfall's own users, nor of another application. */
static void test_realms_and_owners_are_apart(void **state)
{
    struct session fresh = session_of("ada", HOUR, DAY);
    struct session_owner owners[4];
    struct secret secret;
    struct secret login;
    struct told told;

    (void)state;
    session_owner_of_app(&owners[0], SLICE("shop"), SLICE("ada"));
    session_owner_of_app(&owners[1], SLICE("shopa"), SLICE("da"));
    session_owner_of_app(&owners[2], SLICE("blog"), SLICE("ada"));
    session_owner_of_app(&owners[3], SLICE("shop"), SLICE("bob"));
    for (size_t i = 1; i < 4; i++)
        assert_string_not_equal(owners[0].id, owners[i].id);
    assert_int_equal(begin(&f, 0, &owners[0], &fresh, &secret), ERR_OK);
    assert_int_equal(begin(&f, 0, &ada, &fresh, &login), ERR_OK);
    assert_int_equal(find(&f, 0, SESSION_OF_APP, &secret, NULL), ERR_OK);
    assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secret, NULL), ERR_NOT_FOUND);
    assert_int_equal(find(&f, 0, SESSION_OF_APP, &login, NULL), ERR_NOT_FOUND);
    assert_int_equal(update(&f, 0, SESSION_OF_LOGIN, &secret, 1, "{}", &told), ERR_NOT_FOUND);
    for (size_t i = 1; i < 4; i++) {
        assert_int_equal(list(&f, 0, &owners[i], &told), ERR_OK);
        assert_int_equal(told.listed, 0);
        assert_int_equal(end_all(&f, 0, &owners[i], ""), ERR_OK);
    }
    /* The owner in a token is not secret; with another one it is no token any more. */
    secret.owner[0] ^= 1;
    assert_int_equal(find(&f, 0, SESSION_OF_APP, &secret, NULL), ERR_NOT_FOUND);
    secret.owner[0] ^= 1;
    assert_int_equal(find(&f, 0, SESSION_OF_APP, &secret, NULL), ERR_OK);
}

static bool is_in(struct slice bytes, const void *needle, size_t len)
{
    return bytes.len >= len && memmem(bytes.ptr, bytes.len, needle, len) != NULL;
}

/* S02: nothing that is in the store lets anybody in. S13: what is looked up is a hash. */
static void test_the_store_does_not_know_tokens(void **state)
{
    struct session fresh = session_of("ada", HOUR, DAY);
    char text[SECRET_TEXT + 1];
    struct hashmap_entry *entry;
    struct secret secret;

    (void)state;
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
    secret_format(&secret, text);
    assert_int_equal(f.db->records.count, 3);
    for (size_t i = 0; (entry = hashmap_next(&f.db->records, &i));) {
        const struct memory_record *record = entry->value;

        /* The owner in front is not secret: ten letters, and part of the eleventh. */
        assert_false(is_in(record->key, text + 11, 12));
        assert_false(is_in(record->value, text + 11, 12));
        assert_false(is_in(record->key, secret.random, 8));
        assert_false(is_in(record->value, secret.random, 8));
    }
}

static void test_what_is_not_sound_is_not_begun(void **state)
{
    struct session fresh = session_of("", HOUR, DAY);
    struct secret secret;

    (void)state;
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_INVALID);
    fresh = session_of("ada", DAY, HOUR);
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_INVALID);
    assert_int_equal(f.db->records.count, 0);
}

#define TEST(fn_) cmocka_unit_test_setup_teardown(fn_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_idle_session_ends_by_the_clock_of_the_store),
        TEST(test_a_session_that_is_used_ends_at_its_absolute_time),
        TEST(test_a_clock_that_was_set_back_does_not_stop_touches),
        TEST(test_a_session_is_written_at_most_once_a_minute),
        TEST(test_a_session_that_was_ended_is_found_in_no_process),
        TEST(test_a_token_begins_one_session),
        TEST(test_one_session_too_many_ends_the_oldest),
        TEST(test_pending_logins_end_only_each_other),
        TEST(test_short_sessions_have_the_same_limit),
        TEST(test_an_update_is_done_on_the_version_that_was_read),
        TEST(test_of_updates_at_the_same_time_one_is_done),
        TEST(test_sessions_are_listed_and_all_but_one_ended),
        TEST(test_realms_and_owners_are_apart),
        TEST(test_the_store_does_not_know_tokens),
        TEST(test_what_is_not_sound_is_not_begun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
