/* Every allocation on the way of a change fails once: it is done whole, or not at all and told so,
 * and the next one goes through. */
#include "change_fixture.h"

#include "support/cmocka.h"
#include "support/failing_malloc.h"

#define COUNT 3

static const char *const keys[COUNT] = {"ab", "bc", "d"};

/* @return how many were done, `of_b` of them to the record `b` */
static long run(struct change_fixture *f, struct deed *deeds, long *of_b)
{
    long done = 0;

    *of_b = 0;
    for (size_t i = 0; i < COUNT; i++)
        (void)try_begin(f, &deeds[i], keys[i]);
    virtual_loop_pass(&f->loop, DEADLINE_MS);
    for (size_t i = 0; i < COUNT; i++) {
        assert_null(deeds[i].change);
        if (!deeds[i].told)
            continue;
        assert_true(deeds[i].err == ERR_OK || deeds[i].err == ERR_UNAVAILABLE ||
                    deeds[i].err == ERR_NO_MEMORY);
        done += deeds[i].err == ERR_OK;
        *of_b += deeds[i].err == ERR_OK && i < 2;
    }
    return done;
}

static void test_a_change_is_done_whole_or_not_at_all(void **state)
{
    size_t k = 1;
    size_t failed = 0;
    bool has_failed;

    do {
        struct deed deeds[COUNT] = {{.kind = DEED_ADD}};
        struct deed last = {.kind = DEED_ADD};
        struct change_fixture *f;
        long done;
        long of_b;

        assert_int_equal(change_set_up_memory(state), 0);
        f = *state;
        failing_malloc_at(k++);
        done = run(f, deeds, &of_b);
        has_failed = failing_malloc_stop();
        failed += done < COUNT;
        assert_true(done == COUNT || has_failed);
        assert_true(changer_is_idle(f->changer));
        assert_int_equal(number_of(f, 'b'), of_b > 0 ? of_b : -1);
        for (size_t i = 0; i < COUNT; i++) {
            bool is_done = deeds[i].told && deeds[i].err == ERR_OK;

            if (i != 1)
                assert_int_equal(number_of(f, keys[i][0]), is_done ? 1 : -1);
        }
        begin(f, &last, "abcd");
        virtual_loop_pass(&f->loop, DEADLINE_MS);
        assert_told(&last, ERR_OK);
        assert_int_equal(number_of(f, 'b'), of_b + 1);
        assert_int_equal(change_tear_down(state), 0);
    } while (has_failed);
    assert_true(failed > 10);
}

static enum err plan_much(void *ctx, const struct record *now, size_t count,
                          struct change_writes *out)
{
    static const char much[RECORD_MAX_VALUE] = "1";
    enum err err = ERR_OK;

    (void)ctx;
    (void)now;
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = change_write(out, i, slice_of(much, i == 1 ? sizeof(much) : 1), 60);
    return err;
}

static void on_much(void *ctx, enum err err)
{
    *(enum err *)ctx = err;
}

/* Its commit takes the first of its values and has no room for the next, but others are in it. */
static void test_a_change_is_not_committed_in_part(void **state)
{
    static const struct slice keys_of_it[] = {SLICE_INIT("a"), SLICE_INIT("b"), SLICE_INIT("e")};
    size_t k = 1;
    bool has_failed;

    do {
        struct deed others[2] = {{.kind = DEED_ADD}};
        enum err err = ERR_BUSY;
        struct change_fixture *f;

        assert_int_equal(change_set_up_memory(state), 0);
        f = *state;
        begin(f, &others[0], "c");
        assert_non_null(change_start(f->changer, 0, keys_of_it, 3, plan_much, on_much, &err));
        begin(f, &others[1], "d");
        failing_malloc_at(k++);
        virtual_loop_pass(&f->loop, DEADLINE_MS);
        has_failed = failing_malloc_stop();
        assert_int_not_equal(err, ERR_BUSY);
        assert_int_equal(number_of(f, 'a'), err == ERR_OK ? 1 : -1);
        assert_int_equal(number_of(f, 'e'), err == ERR_OK ? 1 : -1);
        assert_int_equal(number_of(f, 'd'), others[1].err == ERR_OK ? 1 : -1);
        assert_int_equal(change_tear_down(state), 0);
    } while (has_failed);
}

static void test_a_changer_is_made_or_not(void **state)
{
    struct change_fixture *f;
    struct changer *changer;

    assert_int_equal(change_set_up_memory(state), 0);
    f = *state;
    failing_malloc_at(1);
    changer = changer_create(f->store, &f->env);
    assert_true(failing_malloc_stop());
    assert_null(changer);
    assert_int_equal(change_tear_down(state), 0);
}

/* Without memory from some moment on: all are told by their deadline. */
static void test_all_are_told_without_any_memory(void **state)
{
    for (size_t k = 1;; k++) {
        struct deed deeds[COUNT] = {{.kind = DEED_ADD}};
        struct change_fixture *f;
        bool has_failed;

        assert_int_equal(change_set_up_memory(state), 0);
        f = *state;
        failing_malloc_from(k);
        for (size_t i = 0; i < COUNT; i++)
            (void)try_begin(f, &deeds[i], keys[i]);
        virtual_loop_pass(&f->loop, DEADLINE_MS);
        has_failed = failing_malloc_stop();
        for (size_t i = 0; i < COUNT; i++)
            assert_null(deeds[i].change);
        virtual_loop_pass(&f->loop, 2 * DEADLINE_MS);
        assert_true(changer_is_idle(f->changer));
        assert_int_equal(change_tear_down(state), 0);
        if (!has_failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_change_is_done_whole_or_not_at_all),
        cmocka_unit_test(test_a_change_is_not_committed_in_part),
        cmocka_unit_test(test_a_changer_is_made_or_not),
        cmocka_unit_test(test_all_are_told_without_any_memory),
    };

    return cmocka_run_group_tests_name("changes out of memory", tests, NULL, NULL);
}
