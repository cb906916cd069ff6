/* Calls that are canceled, stores that go, and memory that runs out. */
#include "session_fixture.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

#define ADA "00112233445566ff"

enum { CREATE, FIND, UPDATE, LIST, END, END_ALL, CALLS };

/* Each call once, on sessions of their own. */
struct calls {
    struct secret fresh;
    struct secret secrets[CALLS];
    struct told told[CALLS];
    struct session_call *calls[CALLS];
};

static void prepare(struct session_fixture *f, const struct session_owner *owner, struct calls *c)
{
    struct session fresh = session_of("ada", 3600, 86400);

    memset(c, 0, sizeof(*c));
    secret_make(&c->fresh, slice_str(owner->id));
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(begin(f, 0, owner, &fresh, &c->secrets[i]), ERR_OK);
    pass_s(f, 300); /* a find touches */
}

static struct session_call *start(struct session_store *sessions, const struct session_owner *owner,
                                  struct calls *c, int i)
{
    struct session fresh = session_of("ada", 3600, 86400);
    char hash[SECRET_HASH_TEXT + 1];

    hash_of(&c->secrets[i], SESSION_OF_LOGIN, hash);
    switch (i) {
    case CREATE:
        return session_create(sessions, owner, &c->fresh, &fresh, on_done, &c->told[i]);
    case FIND:
        return session_find(sessions, SESSION_OF_LOGIN, &c->secrets[i], SLICE(""), on_found,
                            &c->told[i]);
    case UPDATE:
        return session_update(sessions, SESSION_OF_LOGIN, &c->secrets[i], 1, SLICE("{}"), on_done,
                              &c->told[i]);
    case LIST:
        return session_list(sessions, owner, on_listed, &c->told[i]);
    case END:
        return session_end(sessions, owner, slice_str(hash), on_done, &c->told[i]);
    default:
        return session_end_all(sessions, owner, slice_str(hash), on_done, &c->told[i]);
    }
}

/* One of them, so that each has all its steps, or all of them together. */
static void start_some(struct session_fixture *f, const struct session_owner *owner,
                       struct calls *c, int which)
{
    for (int i = 0; i < CALLS; i++) {
        if (i == which || which == CALLS)
            c->calls[i] = start(f->processes[0].sessions, owner, c, i);
    }
}

/* @return  false when all had been told before */
static bool stop_after(int turns, int which, bool is_canceled)
{
    struct session_owner owner = owner_of_login(ADA);
    unsigned told_before[CALLS];
    struct session_fixture f;
    bool is_under_way = false;
    struct calls c;

    session_fixture_init(&f);
    prepare(&f, &owner, &c);
    start_some(&f, &owner, &c, which);
    for (int i = 0; i < turns; i++)
        virtual_loop_turn(&f.loop);
    for (int i = 0; i < CALLS; i++) {
        told_before[i] = c.told[i].count;
        if (!c.calls[i] || c.told[i].count > 0)
            continue;
        is_under_way = true;
        if (is_canceled)
            session_call_cancel(c.calls[i]);
    }
    if (!is_canceled) {
        session_store_destroy(f.processes[0].sessions);
        f.processes[0].sessions = NULL;
    }
    virtual_loop_pass(&f.loop, 10000);
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(c.told[i].count, told_before[i]);
    if (is_canceled) /* the others go on */
        assert_int_equal(find(&f, 0, SESSION_OF_LOGIN, &c.secrets[END_ALL], NULL), ERR_OK);
    session_fixture_fini(&f);
    return is_under_way;
}

static void test_whoever_cancels_is_not_told(void **state)
{
    (void)state;
    for (int which = 0; which <= CALLS; which++) {
        int turns = 0;

        while (stop_after(turns, which, true))
            turns++;
        assert_true(turns >= 2); /* there are some states in which it is not told yet */
    }
}

static void test_nobody_is_told_when_the_store_of_sessions_goes(void **state)
{
    (void)state;
    for (int which = 0; which <= CALLS; which++) {
        int turns = 0;

        while (stop_after(turns, which, false))
            turns++;
        (void)stop_after(turns + 1, which, false); /* a touch is still on its way */
    }
}

/* ---- memory --------------------------------------------------------------------------------- */

static bool is_expected(enum err err)
{
    return err == ERR_OK || err == ERR_NO_MEMORY || err == ERR_UNAVAILABLE || err == ERR_BUSY ||
           err == ERR_UNKNOWN;
}

/* What was told to be done is done, and what was told to be not, not. */
static void check_after(struct session_fixture *f, const struct session_owner *owner,
                        struct calls *c, int which)
{
    enum err err = c->calls[which] ? c->told[which].err : ERR_BUSY;
    struct told told;

    if (err == ERR_UNKNOWN)
        return;
    if (which == CREATE)
        assert_int_equal(find(f, 1, SESSION_OF_LOGIN, &c->fresh, NULL),
                         err == ERR_OK ? ERR_OK : ERR_NOT_FOUND);
    if (which == UPDATE) {
        assert_int_equal(find(f, 1, SESSION_OF_LOGIN, &c->secrets[which], &told), ERR_OK);
        assert_int_equal(told.version, err == ERR_OK ? 2 : 1);
    }
    if (which == END)
        assert_int_equal(find(f, 1, SESSION_OF_LOGIN, &c->secrets[which], NULL),
                         err == ERR_OK ? ERR_NOT_FOUND : ERR_OK);
    if (which == LIST && err == ERR_OK)
        assert_int_equal(c->told[which].listed, CALLS);
    if (which == END_ALL) {
        assert_int_equal(list(f, 1, owner, &told), ERR_OK);
        assert_int_equal(told.listed, err == ERR_OK ? 1 : CALLS);
    }
}

/* @return  false when it asks for memory less than k times */
static bool run_without_memory(size_t k, int which, bool is_for_good)
{
    struct session_owner owner = owner_of_login(ADA);
    struct session_fixture f;
    struct calls c;
    bool has_failed;

    session_fixture_init(&f);
    prepare(&f, &owner, &c);
    (is_for_good ? failing_malloc_from : failing_malloc_at)(k);
    start_some(&f, &owner, &c, which);
    virtual_loop_settle(&f.loop);
    virtual_loop_pass(&f.loop, 500);
    has_failed = failing_malloc_stop();
    virtual_loop_pass(&f.loop, 60000);
    for (int i = 0; i < CALLS; i++) {
        assert_int_equal(c.told[i].count, c.calls[i] ? 1 : 0);
        assert_true(is_expected(c.told[i].err));
    }
    check_after(&f, &owner, &c, which);
    session_fixture_fini(&f);
    return has_failed;
}

static void test_every_call_is_told_without_memory(void **state)
{
    (void)state;
    for (int which = 0; which < CALLS; which++) {
        for (size_t k = 1; run_without_memory(k, which, false); k++) {
        }
        for (size_t k = 1; run_without_memory(k, which, true); k++) {
        }
    }
}

static void test_it_is_made_without_memory(void **state)
{
    struct session_fixture f;

    (void)state;
    session_fixture_init(&f);
    for (size_t k = 1;; k++) {
        struct store_env env = {
            .timers = &f.loop.timers, .clock = &f.loop.clock, .timeout_ms = 1000};
        struct session_store *sessions;
        bool has_failed;

        failing_malloc_at(k);
        sessions = session_store_create(f.processes[0].store, &env, f.processes[0].changer);
        has_failed = failing_malloc_stop();
        assert_true((sessions == NULL) == has_failed);
        session_store_destroy(sessions);
        if (!has_failed)
            break;
    }
    session_store_destroy(NULL);
    session_call_cancel(NULL);
    session_fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whoever_cancels_is_not_told),
        cmocka_unit_test(test_nobody_is_told_when_the_store_of_sessions_goes),
        cmocka_unit_test(test_every_call_is_told_without_memory),
        cmocka_unit_test(test_it_is_made_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
