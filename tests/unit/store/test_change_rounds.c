/* What goes together in a commit. */
#include "change_fixture.h"

#include <stdio.h>

#include "support/cmocka.h"

#define ROUND_CHANGES 64
#define ROUND_KEYS    1024

static void test_those_of_one_turn_share_a_commit_on_top_of_what_was_read(void **state)
{
    struct change_fixture *f = *state;
    struct deed deeds[4] = {{.ttl_s = 60}, {.kind = DEED_DELETE}, {.kind = DEED_ADD}};
    const struct record_write *writes;

    start_up(f);
    begin(f, &deeds[0], "a");
    begin(f, &deeds[1], "bc");
    begin(f, &deeds[2], "d");
    virtual_loop_settle(&f->loop);
    assert_reads(f, "abcd");
    answer_read(f, ERR_OK);
    assert_writes(f, "abcd");
    writes = on_its_way(f, OP_COMMIT)->commit->writes;
    assert_int_equal(writes[0].ttl_s, 60);
    assert_memory_equal(writes[0].value.ptr, "2", 1);
    assert_null(writes[1].value.ptr);
    assert_null(writes[2].value.ptr);
    assert_int_equal(writes[3].ttl_s, RECORD_FOREVER);
    begin(f, &deeds[3], "e"); /* waits, since there is one commit at a time */
    virtual_loop_settle(&f->loop);
    assert_int_equal(scripted_waiting(f->store), 1);
    answer_commit(f, COMMIT_DONE);
    for (size_t i = 0; i < 3; i++)
        assert_told(&deeds[i], ERR_OK);
    assert_reads(f, "e");
}

static void test_those_that_overlap_wait_in_their_order(void **state)
{
    static const char *const keys[] = {"a", "ab", "b", "c", "cd"};
    static const char *const rounds[] = {"ac", "abcd", "b"};
    struct change_fixture *f = *state;
    struct deed deeds[5] = {{.kind = DEED_ADD}};

    start_up(f);
    for (size_t i = 0; i < 5; i++)
        begin(f, &deeds[i], keys[i]);
    virtual_loop_settle(&f->loop);
    for (size_t i = 0; i < 3; i++) {
        assert_reads(f, rounds[i]); /* `b` does not overtake `ab`, although it could go first */
        answer_read(f, ERR_OK);
        answer_commit(f, COMMIT_DONE);
    }
    assert_int_equal(f->told, 5);
    assert_int_equal(scripted_waiting(f->store), 0);
}

static void test_what_writes_nothing_needs_no_commit(void **state)
{
    struct change_fixture *f = *state;
    struct deed nothing = {.kind = DEED_NOTHING};
    struct deed wrong = {.plan_err = ERR_INVALID};
    struct deed add = {.kind = DEED_ADD};

    start_up(f);
    begin(f, &nothing, "a");
    begin(f, &wrong, "b");
    virtual_loop_settle(&f->loop);
    answer_read(f, ERR_OK);
    assert_told(&nothing, ERR_OK);
    assert_told(&wrong, ERR_INVALID);
    assert_int_equal(scripted_waiting(f->store), 0);
    assert_true(changer_is_idle(f->changer));
    begin(f, &nothing, "a");
    begin(f, &add, "b");
    virtual_loop_settle(&f->loop);
    answer_read(f, ERR_OK);
    assert_told(&nothing, ERR_OK);
    assert_int_equal(add.told, 0);
    assert_writes(f, "b");
}

static size_t begin_many(struct change_fixture *f, struct deed *deeds, size_t count,
                         size_t keys_each)
{
    size_t made = 0;

    for (size_t i = 0; i < count; i++) {
        char room[CHANGE_MAX_KEYS][8];
        struct slice keys[CHANGE_MAX_KEYS];

        for (size_t k = 0; k < keys_each; k++)
            keys[k] = slice_of(room[k], (size_t)snprintf(room[k], 8, "%zu", made++));
        assert_true(begin_with(f, &deeds[i], keys, keys_each));
    }
    return made;
}

static void test_a_round_has_limits(void **state)
{
    static const struct {
        size_t count;
        size_t keys_each;
        size_t first; /* keys of the first round */
    } rows[] = {
        {ROUND_CHANGES, 1, ROUND_CHANGES},    {ROUND_CHANGES + 1, 1, ROUND_CHANGES},
        {8, CHANGE_MAX_KEYS, ROUND_KEYS},     {9, CHANGE_MAX_KEYS, ROUND_KEYS},
        {ROUND_CHANGES, 17, 60 * (size_t)17},
    };
    struct change_fixture *f = *state;

    start_up(f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static struct deed deeds[ROUND_CHANGES + 1];
        size_t keys = begin_many(f, deeds, rows[i].count, rows[i].keys_each);

        f->told = 0;
        virtual_loop_settle(&f->loop);
        assert_int_equal(on_its_way(f, OP_READ)->count, rows[i].first);
        answer_read(f, ERR_OK);
        assert_int_equal(on_its_way(f, OP_COMMIT)->commit->write_count, rows[i].first);
        answer_commit(f, COMMIT_DONE);
        if (keys > rows[i].first) {
            assert_int_equal(on_its_way(f, OP_READ)->count, keys - rows[i].first);
            answer_read(f, ERR_OK);
            answer_commit(f, COMMIT_DONE);
        }
        assert_int_equal(f->told, rows[i].count);
        assert_true(changer_is_idle(f->changer));
    }
}

static void test_so_many_may_wait(void **state)
{
    static struct deed deeds[CHANGE_MAX_WAITING + 1];
    struct change_fixture *f = *state;
    struct deed *last = &deeds[CHANGE_MAX_WAITING];

    for (size_t i = 0; i < CHANGE_MAX_WAITING; i++) {
        deeds[i] = (struct deed){.kind = DEED_ADD};
        begin(f, &deeds[i], "a");
    }
    assert_false(try_begin(f, last, "b"));
    virtual_loop_settle(&f->loop);
    assert_false(try_begin(f, last, "b"));
    change_cancel(deeds[7].change);
    assert_true(try_begin(f, last, "b"));
    virtual_loop_pass(&f->loop, DEADLINE_MS);
    assert_int_equal(f->told, CHANGE_MAX_WAITING);
    assert_int_equal(deeds[7].told, 0);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, change_set_up_scripted, change_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_those_of_one_turn_share_a_commit_on_top_of_what_was_read),
        CASE(test_those_that_overlap_wait_in_their_order),
        CASE(test_what_writes_nothing_needs_no_commit),
        CASE(test_a_round_has_limits),
        CASE(test_so_many_may_wait),
    };

    return cmocka_run_group_tests_name("rounds of changes", tests, NULL, NULL);
}
