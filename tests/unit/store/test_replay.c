#include "store/replay.h"

#include <stdio.h>

#include "base/random.h"
#include "support/cmocka.h"

#define MAX_BYTES ((size_t)1 << 20)

static void roll_up(struct commit *c, uint64_t number, struct slice text)
{
    const struct rollup_addition additions[] = {
        {.rollup = {SLICE("a"), (int32_t)number, DIMENSION_TOTAL, VALUE_NONE, VALUE_NONE},
         .delta = {2, 1, 1, -1, 30}},
        {.rollup = {SLICE("a"), (int32_t)number, DIMENSION_PAGE, VALUE_NONE, value_id(text)},
         .delta = {.views = 2},
         .cap = 10000,
         .text = text,
         .title = SLICE("A title")},
    };

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(commit_roll_up(c, &additions[i]), ERR_OK);
}

static struct commit *make(uint64_t number)
{
    struct commit *c = commit_create();
    char text[40];

    assert_non_null(c);
    (void)snprintf(text, sizeof(text), "/page/%u", (unsigned)number);
    c->number = number;
    c->version = 1000 + number;
    assert_int_equal(
        commit_add(c, &(struct addition){.counter = (struct counter){SLICE("a"), DIMENSION_TOTAL,
                                                                     SLICE("")},
                                         .delta = 2}),
        ERR_OK);
    assert_int_equal(
        commit_add(c, &(struct addition){.counter = (struct counter){SLICE("a"), DIMENSION_PAGE,
                                                                     slice_str(text)},
                                         .delta = -7}),
        ERR_OK);
    c->totals_wanted = 1;
    assert_int_equal(
        commit_write(c, &(struct record_write){slice_str(text), SLICE("v\0w"), number, 60}),
        ERR_OK);
    assert_int_equal(
        commit_write(c, &(struct record_write){SLICE("gone"), slice_of(NULL, 0), 5, 0}), ERR_OK);
    roll_up(c, number, slice_str(text));
    return c;
}

static void push(struct replay *r, uint64_t number, int64_t ms)
{
    struct commit *c = make(number);

    replay_push(r, c, ms);
    commit_unref(c);
}

static void assert_same_rollups(const struct commit *c, const struct commit *expected)
{
    assert_int_equal(c->rollup_count, expected->rollup_count);
    for (size_t i = 0; i < c->rollup_count; i++) {
        const struct rollup_addition *a = &c->rollups[i];
        const struct rollup_addition *b = &expected->rollups[i];
        char texts[2][ROLLUP_KEY_MAX];

        assert_true(slice_eq(rollup_key(&a->rollup, texts[0]), rollup_key(&b->rollup, texts[1])));
        assert_memory_equal(&a->delta, &b->delta, sizeof(a->delta));
        assert_int_equal(a->cap, b->cap);
        assert_true(slice_eq(a->text, b->text) && slice_eq(a->title, b->title));
    }
}

static void assert_same(const struct commit *c, uint64_t number)
{
    struct commit *expected = make(number);

    assert_int_equal(c->number, number);
    assert_int_equal(c->version, expected->version);
    assert_int_equal(c->totals_wanted, 1);
    assert_int_equal(c->addition_count, 2);
    assert_int_equal(c->write_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(c->additions[i].delta, expected->additions[i].delta);
        assert_int_equal(c->additions[i].counter.dimension,
                         expected->additions[i].counter.dimension);
        assert_true(slice_eq(c->additions[i].counter.site, expected->additions[i].counter.site));
        assert_true(slice_eq(c->additions[i].counter.value, expected->additions[i].counter.value));
        assert_true(slice_eq(c->writes[i].key, expected->writes[i].key));
        assert_true(c->writes[i].expect_version == RECORD_ANY);
    }
    assert_true(slice_eq(c->writes[0].value, SLICE("v\0w")));
    assert_int_equal(c->writes[0].ttl_s, 60);
    assert_null(c->writes[1].value.ptr);
    assert_same_rollups(c, expected);
    commit_unref(expected);
}

static void assert_has(struct replay *r, uint64_t number)
{
    struct commit *c;

    assert_int_equal(replay_get(r, number, &c), ERR_OK);
    assert_same(c, number);
    commit_unref(c);
}

static void test_what_was_pushed_comes_out_whole_in_any_order(void **state)
{
    struct replay r;
    struct commit *c;

    (void)state;
    replay_init(&r, MAX_BYTES);
    assert_true(replay_is_empty(&r));
    for (uint64_t n = 1; n <= 2000; n += 1 + n % 2) /* 1, 3, 5 …: the others changed nothing */
        push(&r, n, (int64_t)n);
    for (uint64_t n = 1; n <= 1999; n += 2)
        assert_has(&r, n);
    assert_has(&r, 3);
    assert_has(&r, 1001);
    assert_int_equal(replay_get(&r, 500, &c), ERR_OK);
    assert_int_equal(c->number, 500);
    assert_int_equal(c->addition_count + c->write_count + c->rollup_count, 0);
    commit_unref(c);
    assert_has(&r, 501);
    assert_int_equal(r.floor, 0);
    replay_fini(&r);
}

static void test_the_old_are_dropped_by_time_and_remembered_as_a_sum(void **state)
{
    struct replay r;

    (void)state;
    replay_init(&r, MAX_BYTES);
    for (uint64_t n = 1; n <= 1000; n++)
        push(&r, n, (int64_t)n * 10);
    replay_drop_before(&r, 5000);
    assert_int_equal(r.floor, 499);
    assert_has(&r, 500);
    assert_has(&r, 1000);
    replay_drop_before(&r, 100000);
    assert_true(replay_is_empty(&r));
    assert_int_equal(r.floor, 1000);
    assert_int_equal(r.bytes, 0);
    push(&r, 1001, 1);
    assert_has(&r, 1001);
    replay_reset(&r, 2000);
    assert_true(replay_is_empty(&r));
    assert_int_equal(r.floor, 2000);
    replay_fini(&r);
}

static void test_it_stays_within_its_bytes(void **state)
{
    struct replay r;

    (void)state;
    replay_init(&r, MAX_BYTES);
    for (uint64_t n = 1; n <= 50000; n++) {
        push(&r, n, 0);
        assert_true(r.bytes <= MAX_BYTES);
    }
    assert_in_range(r.floor, 1, 50000 - 1000);
    assert_has(&r, r.floor + 1);
    assert_has(&r, 50000);
    replay_fini(&r);
}

static void test_a_commit_larger_than_the_ring_is_dropped_with_all_before(void **state)
{
    struct replay r;
    struct commit *c = commit_create();
    static char value[RECORD_MAX_VALUE];

    (void)state;
    assert_non_null(c);
    replay_init(&r, MAX_BYTES);
    push(&r, 1, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(
            commit_write(c,
                         &(struct record_write){SLICE("k"), slice_of(value, sizeof(value)), 1, 1}),
            ERR_OK);
    c->number = 2;
    replay_push(&r, c, 0);
    assert_int_equal(r.floor, 2);
    assert_true(replay_is_empty(&r));
    push(&r, 3, 0);
    assert_has(&r, 3);
    commit_unref(c);
    replay_fini(&r);
}

/* Little is left over at the ends of blocks. */
static void test_large_commits_share_blocks(void **state)
{
    enum { COMMITS = 400, ROWS = 300 };
    struct commit *c = commit_create();
    struct replay r;

    (void)state;
    assert_non_null(c);
    replay_init(&r, 16 * MAX_BYTES);
    for (uint64_t i = 0; i < ROWS; i++)
        assert_int_equal(
            commit_roll_up(c,
                           &(struct rollup_addition){
                               .rollup = {SLICE("a"), 1, DIMENSION_PAGE, VALUE_NONE, i << 32},
                               .text = SLICE("/some/path/of/forty/bytes/or/a/little/so")}),
            ERR_OK);
    for (uint64_t n = 1; n <= COMMITS; n++) {
        c->number = n;
        replay_push(&r, c, 0);
    }
    assert_int_equal(r.floor, 0);
    assert_in_range(r.bytes, COMMITS * ROWS * 50, COMMITS * ROWS * 60);
    replay_fini(&r);
    commit_unref(c);
}

static void test_rollups_larger_than_the_ring_are_dropped_with_all_before(void **state)
{
    static char text[NAME_MAX_TEXT];
    struct commit *c = commit_create();
    struct replay r;

    (void)state;
    assert_non_null(c);
    replay_init(&r, MAX_BYTES);
    push(&r, 1, 0);
    for (uint64_t i = 0; i < 1 + MAX_BYTES / NAME_MAX_TEXT; i++) {
        struct rollup rollup = {SLICE("a"), 1, DIMENSION_PAGE, VALUE_NONE, i};

        assert_int_equal(
            commit_roll_up(c, &(struct rollup_addition){.rollup = rollup,
                                                        .text = slice_of(text, sizeof(text))}),
            ERR_OK);
    }
    c->number = 2;
    replay_push(&r, c, 0);
    assert_int_equal(r.floor, 2);
    assert_true(replay_is_empty(&r));
    push(&r, 3, 0);
    assert_has(&r, 3);
    commit_unref(c);
    replay_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_pushed_comes_out_whole_in_any_order),
        cmocka_unit_test(test_the_old_are_dropped_by_time_and_remembered_as_a_sum),
        cmocka_unit_test(test_it_stays_within_its_bytes),
        cmocka_unit_test(test_a_commit_larger_than_the_ring_is_dropped_with_all_before),
        cmocka_unit_test(test_large_commits_share_blocks),
        cmocka_unit_test(test_rollups_larger_than_the_ring_are_dropped_with_all_before),
    };

    random_init();
    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
