/* Guesses over processes: any number of them gives no more than one would (A05). */
#include "session/guess.h"

#include <stdio.h>

#include "base/random.h"
#include "session/user.h"
#include "session_fixture.h"
#include "support/cmocka.h"

#define PARALLEL 40

struct asked {
    unsigned told;
    unsigned allowed;
    int64_t wait_ms;
};

static void on_guess(void *ctx, enum err err, int64_t wait_ms)
{
    struct asked *asked = ctx;

    assert_int_equal(err, ERR_OK);
    asked->told++;
    asked->allowed += wait_ms == 0 ? 1 : 0;
    asked->wait_ms = wait_ms;
}

static struct guess *take(struct session_fixture *f, int process, const char *user,
                          const char *source, struct asked *asked)
{
    struct process *p = &f->processes[process];
    const struct guess_bucket buckets[] = {
        {THROTTLE_USER, slice_str(user)},
        {THROTTLE_SOURCE, slice_str(source)},
        {THROTTLE_ALL, SLICE("")},
    };

    return guess_take(&p->guesses, buckets, 3, clock_unix_ms(&p->clock), on_guess, asked);
}

static void ask(struct session_fixture *f, int process, const char *user, const char *source,
                struct asked *asked)
{
    assert_non_null(take(f, process, user, source, asked));
}

static void wait_for_all(struct session_fixture *f, const struct asked *asked, unsigned count)
{
    for (int i = 0; i < 100000 && asked->told < count; i++)
        virtual_loop_pass(&f->loop, 1);
    assert_int_equal(asked->told, count);
}

static void test_processes_share_the_guesses(void **state)
{
    struct session_fixture f;
    struct asked asked = {0};

    (void)state;
    session_fixture_init(&f);
    for (int i = 0; i < PARALLEL; i++)
        ask(&f, i % PROCESSES, "ada@example.org", "192.0.2.0/24", &asked);
    wait_for_all(&f, &asked, PARALLEL);
    assert_int_equal(asked.allowed, 5);
    session_fixture_fini(&f);
}

/* Who has no guesses for one account takes none from the others' buckets. */
static void test_a_refused_guess_costs_nothing(void **state)
{
    struct session_fixture f;
    struct asked asked = {0};

    (void)state;
    session_fixture_init(&f);
    for (int i = 0; i < PARALLEL; i++)
        ask(&f, 0, "ada@example.org", "192.0.2.0/24", &asked);
    wait_for_all(&f, &asked, PARALLEL);
    /* Of the 20 of this network 15 are left. */
    for (int i = 0; i < PARALLEL; i++) {
        char user[32];

        (void)snprintf(user, sizeof(user), "user%d@example.org", i);
        ask(&f, 1, user, "192.0.2.0/24", &asked);
    }
    wait_for_all(&f, &asked, 2 * PARALLEL);
    assert_int_equal(asked.allowed, 20);
    session_fixture_fini(&f);
}

static void test_a_right_guess_is_given_back(void **state)
{
    struct session_fixture f;
    struct asked asked = {0};
    struct asked given = {0};
    const struct guess_bucket bucket = {THROTTLE_USER, SLICE("ada@example.org")};

    (void)state;
    session_fixture_init(&f);
    for (int i = 0; i < 4; i++)
        ask(&f, 0, "ada@example.org", "192.0.2.0/24", &asked);
    wait_for_all(&f, &asked, 4);
    assert_int_equal(asked.allowed, 4);
    assert_non_null(guess_succeed(&f.processes[1].guesses, &bucket,
                                  clock_unix_ms(&f.processes[1].clock), on_guess, &given));
    wait_for_all(&f, &given, 1);
    for (int i = 0; i < PARALLEL; i++)
        ask(&f, i % PROCESSES, "ada@example.org", "192.0.2.0/24", &asked);
    wait_for_all(&f, &asked, 4 + PARALLEL);
    assert_int_equal(asked.allowed, 4 + 5);
    session_fixture_fini(&f);
}

static void test_a_canceled_guess_is_not_told(void **state)
{
    struct session_fixture f;
    struct process *p;
    struct asked asked = {0};
    const struct guess_bucket bucket = {THROTTLE_CODE, SLICE("00112233445566ff")};

    (void)state;
    session_fixture_init(&f);
    p = &f.processes[0];
    guess_cancel(guess_take(&p->guesses, &bucket, 1, clock_unix_ms(&p->clock), on_guess, &asked));
    guess_cancel(NULL);
    pass_s(&f, 10);
    assert_int_equal(asked.told, 0);
    session_fixture_fini(&f);
}

static enum err plan_nothing(void *ctx, const struct record *now, size_t count,
                             struct change_writes *out)
{
    (void)ctx;
    (void)now;
    (void)count;
    (void)out;
    return ERR_OK;
}

static void on_other(void *ctx, enum err err)
{
    *(enum err *)ctx = err;
}

/* A flood of guesses leaves room for changes of all other kinds; an end, or who leaves, makes room.
 */
static void test_few_guesses_wait(void **state)
{
    struct session_fixture f;
    struct asked asked = {0};
    struct process *p;
    struct guess *last = NULL;
    const struct slice key = SLICE("user/accounts/00112233445566ff");
    const struct guess_bucket bucket = {THROTTLE_USER, SLICE("ada@example.org")};
    enum err other = ERR_BUSY;

    (void)state;
    session_fixture_init(&f);
    p = &f.processes[0];
    for (int i = 0; i < GUESS_MAX_WAITING; i++)
        last = take(&f, 0, "ada@example.org", "192.0.2.0/24", &asked);
    assert_non_null(last);
    assert_null(take(&f, 0, "bob@example.org", "192.0.3.0/24", &asked));
    assert_non_null(
        guess_succeed(&p->guesses, &bucket, clock_unix_ms(&p->clock), on_guess, &asked));
    assert_non_null(change_start(p->changer, store_shard_of(p->store, ACCOUNTS), &key, 1,
                                 plan_nothing, on_other, &other));
    ask(&f, 1, "bob@example.org", "192.0.3.0/24", &asked);
    guess_cancel(last);
    ask(&f, 0, "bob@example.org", "192.0.3.0/24", &asked);
    assert_null(take(&f, 0, "bob@example.org", "192.0.3.0/24", &asked));
    wait_for_all(&f, &asked, GUESS_MAX_WAITING + 2);
    assert_int_equal(other, ERR_OK);
    for (int i = 0; i < GUESS_MAX_WAITING; i++)
        ask(&f, 0, "ada@example.org", "192.0.2.0/24", &asked);
    wait_for_all(&f, &asked, 2 * GUESS_MAX_WAITING + 2);
    session_fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processes_share_the_guesses),
        cmocka_unit_test(test_a_refused_guess_costs_nothing),
        cmocka_unit_test(test_a_right_guess_is_given_back),
        cmocka_unit_test(test_a_canceled_guess_is_not_told),
        cmocka_unit_test(test_few_guesses_wait),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
