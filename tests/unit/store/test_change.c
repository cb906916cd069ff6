/* Changes on a memory store: what is in it afterwards. */
#include "change_fixture.h"

#include "support/cmocka.h"

static void test_a_change_reads_plans_and_writes(void **state)
{
    struct change_fixture *f = *state;

    assert_true(changer_is_idle(f->changer));
    for (long i = 1; i <= 3; i++) {
        struct deed deed = {.kind = DEED_ADD};

        begin(f, &deed, "ab");
        assert_false(changer_is_idle(f->changer));
        virtual_loop_settle(&f->loop);
        assert_told(&deed, ERR_OK);
        assert_int_equal(deed.plans, 1);
        assert_int_equal(number_of(f, 'a'), i);
        assert_int_equal(number_of(f, 'b'), i);
    }
    assert_true(changer_is_idle(f->changer));
}

static void test_the_keys_are_copied(void **state)
{
    struct change_fixture *f = *state;
    struct deed deed = {.kind = DEED_ADD};
    char keys[] = "ab";

    begin(f, &deed, keys);
    keys[0] = 'x';
    keys[1] = 'y';
    virtual_loop_settle(&f->loop);
    assert_told(&deed, ERR_OK);
    assert_int_equal(number_of(f, 'a'), 1);
    assert_int_equal(number_of(f, 'b'), 1);
    assert_int_equal(number_of(f, 'x'), -1);
}

static void test_all_that_overlap_are_done_in_their_order(void **state)
{
    static const char *const keys[] = {"a", "abc", "bd", "d", "e", "ea", "c"};
    struct deed deeds[7] = {{.kind = DEED_ADD}};
    struct change_fixture *f = *state;

    for (size_t i = 0; i < 7; i++)
        begin(f, &deeds[i], keys[i]);
    virtual_loop_settle(&f->loop);
    for (size_t i = 0; i < 7; i++) {
        assert_told(&deeds[i], ERR_OK);
        for (size_t k = 0; k < i; k++) {
            if (strpbrk(keys[i], keys[k]))
                assert_true(deeds[k].place < deeds[i].place);
        }
    }
    for (const char *key = "abcde"; *key; key++) {
        long expected = 0;

        for (size_t i = 0; i < 7; i++)
            expected += strchr(keys[i], *key) != NULL;
        assert_int_equal(number_of(f, *key), expected);
    }
}

static void test_what_a_plan_returns_ends_its_change_alone(void **state)
{
    struct change_fixture *f = *state;
    struct deed first = {.kind = DEED_ADD};
    struct deed wrong = {.plan_err = ERR_NOT_FOUND};
    struct deed last = {.kind = DEED_ADD};

    begin(f, &first, "a");
    begin(f, &wrong, "bc");
    begin(f, &last, "d");
    virtual_loop_settle(&f->loop);
    assert_told(&first, ERR_OK);
    assert_told(&wrong, ERR_NOT_FOUND);
    assert_told(&last, ERR_OK);
    assert_int_equal(number_of(f, 'a'), 1);
    assert_int_equal(number_of(f, 'b'), -1);
    assert_int_equal(number_of(f, 'c'), -1);
    assert_int_equal(number_of(f, 'd'), 1);
}

static void test_records_are_deleted_and_may_be_absent_already(void **state)
{
    struct change_fixture *f = *state;
    struct deed add = {.kind = DEED_ADD};
    struct deed deed = {.kind = DEED_DELETE};

    begin(f, &add, "a");
    virtual_loop_settle(&f->loop);
    for (uint64_t i = 0; i < 2; i++) {
        struct store_stats before;
        struct store_stats after;

        store_get_stats(f->store, &before);
        begin(f, &deed, "ab");
        virtual_loop_settle(&f->loop);
        store_get_stats(f->store, &after);
        /* A read and a commit; then there is nothing to commit. */
        assert_int_equal(after.operations - before.operations, 2 - i);
        assert_told(&deed, ERR_OK);
        assert_int_equal(number_of(f, 'a'), -1);
    }
}

static void test_what_expired_is_absent(void **state)
{
    struct change_fixture *f = *state;
    struct deed deed = {.ttl_s = 10};

    begin(f, &deed, "a");
    virtual_loop_pass(&f->loop, 9000);
    assert_int_equal(number_of(f, 'a'), 1);
    virtual_loop_pass(&f->loop, 2000);
    assert_int_equal(number_of(f, 'a'), -1);
    begin(f, &deed, "a");
    virtual_loop_settle(&f->loop);
    assert_int_equal(number_of(f, 'a'), 1);
}

/* ---- what a plan writes --------------------------------------------------------------------- */

struct wish {
    const char *name;
    enum err (*plan)(struct change_writes *out);
    enum err err;
    long number; /* afterwards; before it is 1 */
};

static enum err write_twice(struct change_writes *out)
{
    enum err err = change_write(out, 0, SLICE("7"), 60);

    return err == ERR_OK ? change_write(out, 0, SLICE("8"), 60) : err;
}

static enum err write_and_delete(struct change_writes *out)
{
    enum err err = change_write(out, 0, SLICE("7"), 60);

    return err == ERR_OK ? change_delete(out, 0) : err;
}

static enum err delete_and_write(struct change_writes *out)
{
    enum err err = change_delete(out, 0);

    return err == ERR_OK ? change_write(out, 0, SLICE("7"), 60) : err;
}

static enum err write_no_key(struct change_writes *out)
{
    return change_write(out, 1, SLICE("7"), 60);
}

static enum err delete_no_key(struct change_writes *out)
{
    return change_delete(out, 1);
}

static enum err write_no_value(struct change_writes *out)
{
    return change_write(out, 0, slice_of(NULL, 0), 60);
}

static enum err write_too_long(struct change_writes *out)
{
    static const char bytes[RECORD_MAX_VALUE + 1];

    return change_write(out, 0, slice_of(bytes, sizeof(bytes)), 60);
}

static enum err write_no_ttl(struct change_writes *out)
{
    return change_write(out, 0, SLICE("7"), 0);
}

static enum err write_long_ttl(struct change_writes *out)
{
    return change_write(out, 0, SLICE("7"), RECORD_MAX_TTL_S + 1);
}

/* The error of the first call is not passed on. */
static enum err write_in_part(struct change_writes *out)
{
    (void)!change_write(out, 1, SLICE("7"), 60);
    return change_write(out, 0, SLICE("7"), 60);
}

static const struct wish wishes[] = {
    {"the last write counts", write_twice, ERR_OK, 8},
    {"deleted at last", write_and_delete, ERR_OK, -1},
    {"written at last", delete_and_write, ERR_OK, 7},
    {"writes no key", write_no_key, ERR_INVALID, 1},
    {"deletes no key", delete_no_key, ERR_INVALID, 1},
    {"no value", write_no_value, ERR_INVALID, 1},
    {"too long", write_too_long, ERR_INVALID, 1},
    {"no time to live", write_no_ttl, ERR_INVALID, 1},
    {"too long to live", write_long_ttl, ERR_INVALID, 1},
    {"an error is dropped", write_in_part, ERR_INVALID, 1},
};

struct granted {
    const struct wish *wish;
    size_t told;
    enum err err;
};

static enum err plan_wish(void *ctx, const struct record *now, size_t count,
                          struct change_writes *out)
{
    (void)now;
    assert_int_equal(count, 1);
    return ((struct granted *)ctx)->wish->plan(out);
}

static void on_wish(void *ctx, enum err err)
{
    struct granted *granted = ctx;

    granted->told++;
    granted->err = err;
}

static void test_what_plans_write(void **state)
{
    struct change_fixture *f = *state;

    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        struct granted granted = {.wish = &wishes[i]};
        struct deed deed = {.kind = DEED_DELETE};
        struct slice key = SLICE("a");

        begin(f, &deed, "a");
        virtual_loop_settle(&f->loop);
        deed.kind = DEED_ADD;
        begin(f, &deed, "a");
        virtual_loop_settle(&f->loop);
        assert_non_null(change_start(f->changer, 0, &key, 1, plan_wish, on_wish, &granted));
        virtual_loop_settle(&f->loop);
        if (granted.err != wishes[i].err || number_of(f, 'a') != wishes[i].number)
            print_error("%s\n", wishes[i].name);
        assert_int_equal(granted.told, 1);
        assert_int_equal(granted.err, wishes[i].err);
        assert_int_equal(number_of(f, 'a'), wishes[i].number);
    }
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, change_set_up_memory, change_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_change_reads_plans_and_writes),
        CASE(test_the_keys_are_copied),
        CASE(test_all_that_overlap_are_done_in_their_order),
        CASE(test_what_a_plan_returns_ends_its_change_alone),
        CASE(test_records_are_deleted_and_may_be_absent_already),
        CASE(test_what_expired_is_absent),
        CASE(test_what_plans_write),
    };

    return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
