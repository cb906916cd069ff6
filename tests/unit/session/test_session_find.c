/* How sessions are read: together. And what is made of garbage. */
#include "base/random.h"
#include "session_fixture.h"
#include "support/cmocka.h"
#include "support/scripted_store.h"

#define ADA "00112233445566ff"

/* As session_store_part.h has them. */
#define MAX_WAITING 4096
#define MAX_OF_READ 2048
#define MAX_READS   2

/* ---- a store whose answers the test gives --------------------------------------------------- */

struct scripted {
    struct virtual_loop loop;
    struct store *store;
    struct changer *changer;
    struct session_store *sessions;
};

static void scripted_init(struct scripted *s)
{
    struct store_env env;

    random_init();
    *s = (struct scripted){.store = NULL};
    virtual_loop_init(&s->loop);
    env =
        (struct store_env){.timers = &s->loop.timers, .clock = &s->loop.clock, .timeout_ms = 1000};
    s->store = scripted_open(&env);
    s->changer = changer_create(s->store, &env);
    s->sessions = session_store_create(s->store, &env, s->changer);
    assert_non_null(s->sessions);
}

static void scripted_fini(struct scripted *s)
{
    session_store_destroy(s->sessions);
    changer_destroy(s->changer);
    store_close(s->store);
    virtual_loop_fini(&s->loop);
}

static struct session_call *ask(struct scripted *s, struct told *told)
{
    struct secret secret;

    secret_make(&secret, SLICE(ADA));
    return session_find(s->sessions, SESSION_OF_LOGIN, &secret, SLICE(""), on_found, told);
}

/* Nothing of what the oldest read asks for is there. Returns how many keys it had. */
static size_t answer(struct scripted *s)
{
    static const struct record none[STORE_MAX_READ];
    struct store_op *op = scripted_take(s->store, OP_READ);
    size_t count = op->count;

    op_finish_records(op, ERR_OK, none);
    return count;
}

static void test_finds_of_one_turn_are_one_read(void **state)
{
    struct told told[10] = {{.count = 0}};
    struct scripted s;

    (void)state;
    scripted_init(&s);
    for (int i = 0; i < 10; i++)
        assert_non_null(ask(&s, &told[i]));
    assert_int_equal(scripted_waiting(s.store), 0); /* never inside the call */
    virtual_loop_settle(&s.loop);
    assert_int_equal(scripted_waiting(s.store), 1);
    assert_int_equal(answer(&s), 30);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(told[i].count, 1);
        assert_int_equal(told[i].err, ERR_NOT_FOUND);
    }
    scripted_fini(&s);
}

static void test_finds_wait_while_reads_are_in_flight_and_go_together(void **state)
{
    static struct told told[20];
    struct scripted s;

    (void)state;
    memset(told, 0, sizeof(told));
    scripted_init(&s);
    for (int i = 0; i < 20; i++) {
        assert_non_null(ask(&s, &told[i]));
        virtual_loop_settle(&s.loop);
    }
    assert_int_equal(scripted_waiting(s.store), MAX_READS);
    assert_int_equal(answer(&s), 3);
    virtual_loop_settle(&s.loop);
    assert_int_equal(scripted_waiting(s.store), MAX_READS);
    assert_int_equal(answer(&s), 3);
    assert_int_equal(answer(&s), 3 * (20 - MAX_READS));
    for (int i = 0; i < 20; i++)
        assert_int_equal(told[i].count, 1);
    scripted_fini(&s);
}

static void test_as_many_wait_as_there_is_room_for(void **state)
{
    static struct told told;
    struct session_call *last = NULL;
    struct scripted s;

    (void)state;
    told = (struct told){.count = 0};
    scripted_init(&s);
    for (int i = 0; i < MAX_WAITING; i++)
        assert_non_null(last = ask(&s, &told));
    assert_null(ask(&s, &told));
    session_call_cancel(last);
    assert_non_null(ask(&s, &told));
    assert_null(ask(&s, &told));
    virtual_loop_settle(&s.loop);
    assert_int_equal(scripted_waiting(s.store), MAX_READS);
    assert_non_null(ask(&s, &told));
    virtual_loop_settle(&s.loop);
    assert_int_equal(answer(&s), 3 * MAX_OF_READ);
    assert_int_equal(told.count, MAX_OF_READ);
    virtual_loop_settle(&s.loop);
    assert_int_equal(answer(&s), 3 * MAX_OF_READ);
    assert_int_equal(answer(&s), 3);
    assert_int_equal(told.count, MAX_WAITING + 1);
    scripted_fini(&s);
}

static void test_a_store_that_does_not_answer_is_unavailable(void **state)
{
    struct told told[3] = {{.count = 0}};
    struct scripted s;

    (void)state;
    scripted_init(&s);
    for (int i = 0; i < 3; i++) {
        assert_non_null(ask(&s, &told[i]));
        virtual_loop_settle(&s.loop);
    }
    virtual_loop_pass(&s.loop, 1000);
    assert_int_equal(told[0].err, ERR_UNAVAILABLE);
    assert_int_equal(told[1].err, ERR_UNAVAILABLE);
    assert_int_equal(told[2].count, 0);
    virtual_loop_pass(&s.loop, 1000);
    assert_int_equal(told[2].err, ERR_UNAVAILABLE);
    scripted_fini(&s);
}

/* Cancels another one of its read, and begins a new one. */
struct meddler {
    struct scripted *s;
    struct session_call *other;
    struct told told;
    struct told next;
};

static void on_meddling(void *ctx, enum err err, const struct session *session,
                        const struct record *extra)
{
    struct meddler *meddler = ctx;

    on_found(&meddler->told, err, session, extra);
    session_call_cancel(meddler->other);
    assert_non_null(ask(meddler->s, &meddler->next));
}

static void test_who_is_told_may_cancel_and_begin_others(void **state)
{
    struct told told = {.count = 0};
    struct meddler meddler = {.other = NULL};
    struct secret secret;
    struct scripted s;

    (void)state;
    scripted_init(&s);
    meddler.s = &s;
    secret_make(&secret, SLICE(ADA));
    assert_non_null(
        session_find(s.sessions, SESSION_OF_LOGIN, &secret, SLICE(""), on_meddling, &meddler));
    meddler.other = ask(&s, &told);
    virtual_loop_settle(&s.loop);
    assert_int_equal(answer(&s), 6);
    assert_int_equal(meddler.told.count, 1);
    assert_int_equal(told.count, 0);
    virtual_loop_settle(&s.loop);
    assert_int_equal(answer(&s), 3);
    assert_int_equal(meddler.next.count, 1);
    scripted_fini(&s);
}

/* S13: what is asked of the store is made of the hash. */
static void test_the_store_is_asked_by_hash(void **state)
{
    char text[SECRET_TEXT + 1];
    char hash[SECRET_HASH_TEXT + 1];
    struct told told = {.count = 0};
    struct secret secret;
    struct store_op *op;
    struct scripted s;

    (void)state;
    scripted_init(&s);
    secret_make(&secret, SLICE(ADA));
    secret_format(&secret, text);
    hash_of(&secret, SESSION_OF_LOGIN, hash);
    assert_non_null(session_find(s.sessions, SESSION_OF_LOGIN, &secret, SLICE("user/accounts/" ADA),
                                 on_found, &told));
    virtual_loop_settle(&s.loop);
    op = scripted_take(s.store, OP_READ);
    assert_int_equal(op->count, 4);
    assert_true(slice_eq(op->keys[0], SLICE("sessions/accounts/" ADA)));
    assert_true(slice_starts_with(op->keys[1], SLICE("session/accounts/" ADA "/")));
    assert_true(slice_starts_with(op->keys[2], SLICE("life/accounts/" ADA "/")));
    assert_true(slice_eq(op->keys[3], SLICE("user/accounts/" ADA)));
    for (int i = 1; i < 3; i++) {
        assert_non_null(memmem(op->keys[i].ptr, op->keys[i].len, hash, SECRET_HASH_TEXT));
        assert_null(memmem(op->keys[i].ptr, op->keys[i].len, text + 11, 12));
    }
    op_finish_records(op, ERR_UNAVAILABLE, NULL);
    assert_int_equal(told.err, ERR_UNAVAILABLE);
    scripted_fini(&s);
}

/* A session that is due is touched once, however many requests come meanwhile. */
static void test_a_session_is_touched_once_at_a_time(void **state)
{
    struct session fresh = session_of("ada", 3600, 86400);
    struct session_owner ada = owner_of_login(ADA);
    struct told told[5] = {{.count = 0}};
    struct store_stats before;
    struct store_stats after;
    struct session_fixture f;
    struct secret secret;

    (void)state;
    session_fixture_init(&f);
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
    pass_s(&f, 120);
    store_get_stats(f.processes[0].store, &before);
    for (int i = 0; i < 5; i++)
        assert_non_null(session_find(f.processes[0].sessions, SESSION_OF_LOGIN, &secret, SLICE(""),
                                     on_found, &told[i]));
    virtual_loop_settle(&f.loop);
    store_get_stats(f.processes[0].store, &after);
    assert_int_equal(after.operations - before.operations, 3); /* find; read and commit */
    for (int i = 0; i < 5; i++)
        assert_int_equal(told[i].err, ERR_OK);
    session_fixture_fini(&f);
}

/* ---- a store in memory ---------------------------------------------------------------------- */

static void test_one_more_record_is_told(void **state)
{
    struct session fresh = session_of("ada", 3600, 86400);
    struct session_owner ada = owner_of_login(ADA);
    char too_long[SESSION_KEY_BYTES + 1];
    struct told told = {.count = 0};
    struct session_fixture f;
    struct secret secret;

    (void)state;
    session_fixture_init(&f);
    put_record(&f, SLICE("user/accounts/" ADA), SLICE("her record"));
    assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
    assert_non_null(session_find(f.processes[1].sessions, SESSION_OF_LOGIN, &secret,
                                 SLICE("user/accounts/" ADA), on_found, &told));
    assert_int_equal(wait_for(&f, &told), ERR_OK);
    assert_string_equal(told.user, "ada");
    assert_string_equal(told.extra, "her record");
    assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secret, &told), ERR_OK);
    assert_false(told.has_extra);
    memset(too_long, 'x', sizeof(too_long));
    assert_null(session_find(f.processes[1].sessions, SESSION_OF_LOGIN, &secret,
                             slice_of(too_long, sizeof(too_long)), on_found, &told));
    session_fixture_fini(&f);
}

/* Each record in turn becomes something else: there is no session then, and it can be ended. */
static void test_garbage_is_no_session(void **state)
{
    static const struct {
        int record;
        struct slice value;
        bool is_named;
    } cases[] = {
        {0, {NULL, 0}, false},
        {0, SLICE_INIT(""), false},
        {0, SLICE_INIT("{\"sessions\":[]}"), false},
        {1, {NULL, 0}, true},
        {1, SLICE_INIT(""), true},
        {1, SLICE_INIT("{}\n{}"), true},
        {1, SLICE_INIT("\xff\xfe"), true},
        {2, {NULL, 0}, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct session fresh = session_of("ada", 3600, 86400);
        struct session_owner ada = owner_of_login(ADA);
        char room[SESSION_BEGIN_KEYS * SESSION_KEY_BYTES];
        struct slice keys[SESSION_BEGIN_KEYS];
        char hash[SECRET_HASH_TEXT + 1];
        struct session_fixture f;
        struct secret secret;
        struct told told;

        session_fixture_init(&f);
        assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
        session_keys_begin(&ada, &secret, keys, room);
        put_record(&f, keys[cases[i].record], cases[i].value);
        assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secret, NULL), ERR_NOT_FOUND);
        assert_int_equal(update(&f, 0, SESSION_OF_LOGIN, &secret, 1, "{}", &told), ERR_NOT_FOUND);
        assert_int_equal(list(&f, 0, &ada, &told), ERR_OK);
        assert_int_equal(told.listed, 0);
        hash_of(&secret, SESSION_OF_LOGIN, hash);
        assert_int_equal(end(&f, 0, &ada, hash), cases[i].is_named ? ERR_OK : ERR_NOT_FOUND);
        assert_int_equal(begin(&f, 0, &ada, &fresh, &secret), ERR_OK);
        assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &secret, NULL), ERR_OK);
        session_fixture_fini(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_of_one_turn_are_one_read),
        cmocka_unit_test(test_finds_wait_while_reads_are_in_flight_and_go_together),
        cmocka_unit_test(test_as_many_wait_as_there_is_room_for),
        cmocka_unit_test(test_a_store_that_does_not_answer_is_unavailable),
        cmocka_unit_test(test_who_is_told_may_cancel_and_begin_others),
        cmocka_unit_test(test_the_store_is_asked_by_hash),
        cmocka_unit_test(test_a_session_is_touched_once_at_a_time),
        cmocka_unit_test(test_one_more_record_is_told),
        cmocka_unit_test(test_garbage_is_no_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
