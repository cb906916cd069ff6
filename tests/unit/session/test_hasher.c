#include "session/hasher.h"

#include <sodium.h>

#include "base/random.h"
#include "gated_password.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"
#include "support/test_loop.h"

#define ALL (HASHER_THREADS + HASHER_MAX_WAITING)

/* What became of an order. */
struct outcome {
    volatile bool is_told;
    int times;
    enum err err;
    bool is_right;
    char hash[PASSWORD_HASH_TEXT]; /* "": none */
    struct fixture *fixture;
    bool destroys; /* the hasher, when it is told */
    struct hash_order **cancels;
};

struct fixture {
    struct test_loop loop;
    struct hasher *hasher;
    struct hash_order *orders[ALL + 1];
    struct outcome outcomes[ALL + 1];
};

static void begin(struct fixture *f, bool is_real)
{
    *f = (struct fixture){.hasher = NULL};
    gated_password_reset(is_real);
    test_loop_init(&f->loop);
    f->hasher = hasher_create(&f->loop.uv);
    assert_non_null(f->hasher);
    for (size_t i = 0; i <= ALL; i++)
        f->outcomes[i].fixture = f;
}

static void finish(struct fixture *f)
{
    hasher_destroy(f->hasher);
    test_loop_fini(&f->loop);
}

static void on_done(void *ctx, enum err err, bool is_right, const char *hash)
{
    struct outcome *outcome = ctx;

    outcome->is_told = true;
    outcome->times++;
    outcome->err = err;
    outcome->is_right = is_right;
    if (hash)
        memcpy(outcome->hash, hash, strlen(hash) + 1);
    if (outcome->cancels)
        hash_order_cancel(*outcome->cancels);
    if (outcome->destroys) {
        hasher_destroy(outcome->fixture->hasher);
        outcome->fixture->hasher = NULL;
    }
}

static void wait_told(struct fixture *f, size_t i)
{
    assert_true(test_loop_wait(&f->loop, &f->outcomes[i].is_told));
    assert_int_equal(f->outcomes[i].times, 1);
}

/* The i-th order, a check. The texts are overwritten at once. */
static void order_check(struct fixture *f, size_t i, const char *password, const char *hash)
{
    char password_text[PASSWORD_MAX_BYTES] = "";
    char hash_text[PASSWORD_HASH_TEXT] = "";
    enum err err = ERR_UNKNOWN;

    memcpy(password_text, password, strlen(password));
    memcpy(hash_text, hash, strlen(hash));
    f->orders[i] = hasher_check(f->hasher, slice_str(password_text), hash_text, on_done,
                                &f->outcomes[i], &err);
    memset(password_text, 'x', sizeof(password_text) - 1);
    memset(hash_text, 'x', sizeof(hash_text) - 1);
    assert_non_null(f->orders[i]);
    assert_int_equal(err, ERR_OK);
    assert_false(f->outcomes[i].is_told);
}

static void order_hash(struct fixture *f, size_t i, const char *password)
{
    enum err err = ERR_UNKNOWN;

    f->orders[i] = hasher_hash(f->hasher, slice_str(password), on_done, &f->outcomes[i], &err);
    assert_non_null(f->orders[i]);
    assert_int_equal(err, ERR_OK);
}

static size_t count_told(const struct fixture *f)
{
    size_t count = 0;

    for (size_t i = 0; i <= ALL; i++)
        count += (size_t)f->outcomes[i].times;
    return count;
}

/* ---- with libsodium ------------------------------------------------------------------------- */

/* A03: hashes are made, checked, and made anew when they cost too little; A04: the dummy. */
static void test_real_hashes(void **state)
{
    struct fixture f;
    char old[PASSWORD_HASH_TEXT];

    (void)state;
    begin(&f, true);
    assert_int_equal(crypto_pwhash_str(old, "tea for two", strlen("tea for two"), 1, 8192), 0);
    order_hash(&f, 0, "tea for two");
    wait_told(&f, 0);
    assert_int_equal(f.outcomes[0].err, ERR_OK);
    order_check(&f, 1, "tea for two", f.outcomes[0].hash);
    order_check(&f, 2, "tea for three", f.outcomes[0].hash);
    order_check(&f, 3, "tea for two", old);
    order_check(&f, 4, "tea for three", old);
    order_check(&f, 5, "tea for two", password_dummy_hash());
    for (size_t i = 1; i <= 5; i++) {
        wait_told(&f, i);
        assert_int_equal(f.outcomes[i].err, ERR_OK);
        assert_int_equal(f.outcomes[i].is_right, i == 1 || i == 3);
        assert_int_equal(f.outcomes[i].hash[0] != '\0', i == 3);
    }
    assert_false(password_wants_rehash(f.outcomes[3].hash));
    assert_true(password_is(SLICE("tea for two"), f.outcomes[3].hash));
    finish(&f);
}

/* ---- limits --------------------------------------------------------------------------------- */

/* A03: two at once, 32 wait, and the next is told so at once. */
static void test_two_at_once_and_32_wait(void **state)
{
    struct fixture f;
    enum err err = ERR_OK;

    (void)state;
    begin(&f, false);
    for (size_t i = 0; i < ALL; i++)
        order_check(&f, i, "a", i % 2 ? "a" : "b");
    assert_true(gated_password_wait_begun(HASHER_THREADS));
    assert_int_equal(hasher_busy(f.hasher), ALL);
    assert_null(hasher_check(f.hasher, SLICE("a"), "a", on_done, &f.outcomes[ALL], &err));
    assert_int_equal(err, ERR_BUSY);
    assert_null(hasher_hash(f.hasher, SLICE("a"), on_done, &f.outcomes[ALL], &err));
    assert_int_equal(err, ERR_BUSY);

    gated_password_let(ALL);
    for (size_t i = 0; i < ALL; i++) {
        wait_told(&f, i);
        assert_int_equal(f.outcomes[i].is_right, i % 2);
    }
    assert_int_equal(hasher_busy(f.hasher), 0);
    assert_int_equal(gated_password_seen().most_working, HASHER_THREADS);
    assert_int_equal(f.outcomes[ALL].times, 0);
    gated_password_let(1);
    order_check(&f, ALL, "a", "a");
    wait_told(&f, ALL);
    finish(&f);
}

static void test_the_first_goes_first(void **state)
{
    static const char *const passwords[] = {"0", "1", "2", "3", "4", "5"};
    struct fixture f;

    (void)state;
    begin(&f, false);
    for (size_t i = 0; i < 6; i++)
        order_hash(&f, i, passwords[i]);
    assert_true(gated_password_wait_begun(HASHER_THREADS));
    for (size_t i = HASHER_THREADS; i < 6; i++) {
        gated_password_let(1);
        assert_true(gated_password_wait_begun(i + 1));
        assert_true(slice_eq(gated_password_seen().last_password, slice_str(passwords[i])));
    }
    gated_password_let(HASHER_THREADS);
    for (size_t i = 0; i < 6; i++)
        wait_told(&f, i);
    finish(&f);
}

/* Counting goes first, and signals go to the loop's thread. */
static void test_threads_are_nice_and_take_no_signals(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, false);
    gated_password_let(2);
    order_hash(&f, 0, "a");
    order_hash(&f, 1, "a");
    wait_told(&f, 0);
    wait_told(&f, 1);
    assert_true(gated_password_seen().least_niceness >= 10);
    assert_false(gated_password_seen().has_taken_signal);
    finish(&f);
}

/* ---- passwords ------------------------------------------------------------------------------ */

static void on_done_look(void *ctx, enum err err, bool is_right, const char *hash)
{
    struct slice password = gated_password_seen().last_password;
    struct outcome *outcome = ctx;

    (void)err;
    (void)is_right;
    (void)hash;
    /* The order lives until this call ends. */
    assert_int_equal(password.len, strlen("tea for two"));
    assert_true(sodium_is_zero((const unsigned char *)password.ptr, password.len));
    outcome->is_told = true;
    outcome->times++;
}

static void test_a_password_is_wiped_when_it_was_hashed(void **state)
{
    struct fixture f;
    enum err err;

    (void)state;
    begin(&f, false);
    gated_password_let(1);
    assert_non_null(hasher_check(f.hasher, SLICE("tea for two"), "tea for two", on_done_look,
                                 &f.outcomes[0], &err));
    wait_told(&f, 0);
    finish(&f);
}

/* A01: the length has its cap before anything is hashed. */
static void test_too_long_is_nobodys(void **state)
{
    static char text[PASSWORD_MAX_BYTES + 1];
    struct fixture f;
    enum err err = ERR_OK;

    (void)state;
    begin(&f, false);
    memset(text, 'a', sizeof(text));
    gated_password_let(3);
    assert_null(hasher_hash(f.hasher, slice_of(text, sizeof(text)), on_done, &f.outcomes[0], &err));
    assert_int_equal(err, ERR_INVALID);

    assert_non_null(
        hasher_check(f.hasher, slice_of(text, sizeof(text)), "a", on_done, &f.outcomes[0], &err));
    wait_told(&f, 0);
    assert_false(f.outcomes[0].is_right);
    assert_string_equal(gated_password_seen().last_hash, password_dummy_hash());
    assert_int_equal(gated_password_seen().last_password.len, 0);

    assert_non_null(hasher_check(f.hasher, slice_of(text, sizeof(text) - 1), "a", on_done,
                                 &f.outcomes[1], &err));
    wait_told(&f, 1);
    assert_int_equal(gated_password_seen().last_password.len, PASSWORD_MAX_BYTES);

    text[PASSWORD_HASH_TEXT] = '\0'; /* a hash of one letter too many */
    assert_non_null(hasher_check(f.hasher, SLICE("a"), text, on_done, &f.outcomes[2], &err));
    wait_told(&f, 2);
    assert_string_equal(gated_password_seen().last_hash, password_dummy_hash());
    finish(&f);
}

/* ---- who is not told ------------------------------------------------------------------------ */

static void test_one_that_waits_is_cancelled(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, false);
    for (size_t i = 0; i < 6; i++)
        order_hash(&f, i, "a");
    assert_true(gated_password_wait_begun(2));
    hash_order_cancel(f.orders[5]); /* the last, */
    hash_order_cancel(f.orders[2]); /* the first */
    hash_order_cancel(f.orders[3]); /* and the one that is now the first; one is left */
    assert_int_equal(hasher_busy(f.hasher), 3);
    order_hash(&f, 6, "a");
    gated_password_let(4);
    wait_told(&f, 0);
    wait_told(&f, 1);
    wait_told(&f, 4);
    wait_told(&f, 6);
    assert_int_equal(count_told(&f), 4);
    assert_int_equal(gated_password_seen().begun, 4);
    hash_order_cancel(NULL);
    finish(&f);
}

static void test_one_at_work_is_cancelled(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, false);
    for (size_t i = 0; i < 3; i++)
        order_hash(&f, i, "a");
    assert_true(gated_password_wait_begun(2));
    hash_order_cancel(f.orders[0]);
    assert_int_equal(hasher_busy(f.hasher), 3);
    gated_password_let(3);
    wait_told(&f, 1);
    wait_told(&f, 2);
    while (hasher_busy(f.hasher) > 0)
        test_loop_turn(&f.loop);
    assert_int_equal(count_told(&f), 2);
    finish(&f);
}

/* One that was worked on, but not told yet, is cancelled by the one that is told first. */
static void test_one_that_is_done_is_cancelled(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, false);
    order_hash(&f, 0, "a");
    order_hash(&f, 1, "a");
    f.outcomes[0].cancels = &f.orders[1];
    f.outcomes[1].cancels = &f.orders[0];
    assert_true(gated_password_wait_begun(2));
    gated_password_let(2);
    while (hasher_busy(f.hasher) > 0)
        test_loop_turn(&f.loop);
    assert_int_equal(count_told(&f), 1);
    finish(&f);
}

/* ---- the end -------------------------------------------------------------------------------- */

/* It would never return if it waited for the two at work. */
static void test_destroyed_with_work_in_flight(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, false);
    for (size_t i = 0; i < 6; i++)
        order_hash(&f, i, "a");
    assert_true(gated_password_wait_begun(2));
    hasher_destroy(f.hasher);
    test_loop_turn(&f.loop);
    assert_int_equal(gated_password_seen().working, 2);
    gated_password_let(2);
    test_loop_fini(&f.loop);
    assert_int_equal(count_told(&f), 0);
    assert_int_equal(gated_password_seen().begun, 2);
}

static void test_destroyed_by_who_is_told(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, false);
    for (size_t i = 0; i < 6; i++) {
        order_hash(&f, i, "a");
        f.outcomes[i].destroys = true;
    }
    gated_password_let(6);
    while (f.hasher)
        test_loop_turn(&f.loop);
    test_loop_fini(&f.loop);
    assert_int_equal(count_told(&f), 1);
}

static void test_destroyed_without_work(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, false);
    finish(&f);
    hasher_destroy(NULL);
}

/* ---- without memory ------------------------------------------------------------------------- */

static void test_no_memory_for_orders(void **state)
{
    struct fixture f;
    struct hash_order *order = NULL;
    enum err err = ERR_OK;

    (void)state;
    begin(&f, false);
    failing_malloc_at(1);
    assert_null(hasher_create(&f.loop.uv));
    assert_true(failing_malloc_stop());
    failing_malloc_at(1);
    assert_null(hasher_check(f.hasher, SLICE("a"), "a", on_done, &f.outcomes[0], &err));
    assert_true(failing_malloc_stop());
    assert_int_equal(err, ERR_NO_MEMORY);
    failing_malloc_at(1);
    assert_null(hasher_hash(f.hasher, SLICE("a"), on_done, &f.outcomes[0], &err));
    assert_true(failing_malloc_stop());
    assert_int_equal(err, ERR_NO_MEMORY);
    assert_int_equal(hasher_busy(f.hasher), 0);

    gated_password_let(1);
    failing_malloc_at(2); /* one allocation is all an order needs */
    order = hasher_hash(f.hasher, SLICE("a"), on_done, &f.outcomes[0], &err);
    assert_false(failing_malloc_stop());
    assert_non_null(order);
    wait_told(&f, 0);
    finish(&f);
}

/* Without the first thread nothing goes; without the second all goes, one by one. */
static void test_no_threads(void **state)
{
    struct fixture f;
    enum err err = ERR_OK;

    (void)state;
    begin(&f, false);
    gated_password_fail_threads(1);
    assert_null(hasher_hash(f.hasher, SLICE("a"), on_done, &f.outcomes[0], &err));
    assert_int_equal(err, ERR_NO_MEMORY);
    order_hash(&f, 0, "a");
    gated_password_fail_threads(1);
    order_hash(&f, 1, "a");
    assert_true(gated_password_wait_begun(1));
    gated_password_let(2);
    wait_told(&f, 0);
    wait_told(&f, 1);
    assert_int_equal(gated_password_seen().most_working, 1);
    finish(&f);
}

static void test_no_memory_for_hashes(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, false);
    gated_password_set_out_of_memory(true);
    gated_password_let(6);
    order_hash(&f, 0, "a");
    wait_told(&f, 0);
    assert_int_equal(f.outcomes[0].err, ERR_NO_MEMORY);
    assert_string_equal(f.outcomes[0].hash, "");

    /* Who is right is right; the new hash has to wait for another time. */
    gated_password_set_old(true);
    order_check(&f, 1, "a", "a");
    wait_told(&f, 1);
    assert_int_equal(f.outcomes[1].err, ERR_OK);
    assert_true(f.outcomes[1].is_right);
    assert_string_equal(f.outcomes[1].hash, "");

    gated_password_set_out_of_memory(false);
    order_check(&f, 2, "a", "a");
    wait_told(&f, 2);
    assert_string_equal(f.outcomes[2].hash, "a");
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_hashes),
        cmocka_unit_test(test_two_at_once_and_32_wait),
        cmocka_unit_test(test_the_first_goes_first),
        cmocka_unit_test(test_threads_are_nice_and_take_no_signals),
        cmocka_unit_test(test_a_password_is_wiped_when_it_was_hashed),
        cmocka_unit_test(test_too_long_is_nobodys),
        cmocka_unit_test(test_one_that_waits_is_cancelled),
        cmocka_unit_test(test_one_at_work_is_cancelled),
        cmocka_unit_test(test_one_that_is_done_is_cancelled),
        cmocka_unit_test(test_destroyed_with_work_in_flight),
        cmocka_unit_test(test_destroyed_by_who_is_told),
        cmocka_unit_test(test_destroyed_without_work),
        cmocka_unit_test(test_no_memory_for_orders),
        cmocka_unit_test(test_no_threads),
        cmocka_unit_test(test_no_memory_for_hashes),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
