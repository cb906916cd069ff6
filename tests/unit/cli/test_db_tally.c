#include "cli/db_tally.h"

#include <stdio.h>

#include "support/cmocka.h"

static void add(struct db_tally *tally, const char *site, const char *value, int64_t views)
{
    struct scanned_counter scanned = {{slice_str(site), DIMENSION_PAGE, slice_str(value)}, views};

    assert_int_equal(db_tally_add_counter(tally, &scanned), ERR_OK);
}

static void what_is_told_twice_counts_once(void **state)
{
    struct db_tally tally;

    (void)state;
    db_tally_init(&tally);
    for (int round = 0; round < 2; round++) {
        add(&tally, "a", "/", 3);
        add(&tally, "a", "/b", -1);
        assert_int_equal(db_tally_add_record(&tally, SLICE("hit/a/1")), ERR_OK);
    }
    assert_int_equal(tally.counters, 2);
    assert_int_equal(tally.views, 2);
    assert_int_equal(tally.records, 1);
    db_tally_fini(&tally);
}

static void a_counter_of_nothing_is_as_good_as_none(void **state)
{
    struct db_tally with;
    struct db_tally without;

    (void)state;
    db_tally_init(&with);
    db_tally_init(&without);
    add(&with, "a", "/", 0);
    assert_true(db_tally_same_counts(&with, &without));
    db_tally_fini(&with);
}

static void the_order_does_not_matter_and_every_difference_does(void **state)
{
    static const struct {
        const char *site;
        const char *value;
        int64_t views;
    } others[] = {{"a", "/1", 6}, {"a", "/1", 4}, {"b", "/1", 5}, {"a", "/2", 5}};
    struct db_tally one;
    struct db_tally same;

    (void)state;
    db_tally_init(&one);
    db_tally_init(&same);
    add(&one, "a", "/0", 5);
    add(&one, "a", "/1", 5);
    add(&same, "a", "/1", 5);
    add(&same, "a", "/0", 5);
    assert_true(db_tally_same_counts(&one, &same));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct db_tally other;

        db_tally_init(&other);
        add(&other, "a", "/0", 5);
        add(&other, others[i].site, others[i].value, others[i].views);
        assert_false(db_tally_same_counts(&one, &other));
        db_tally_fini(&other);
    }
    db_tally_fini(&one);
    db_tally_fini(&same);
}

/* The sums are the same, and still it is noticed. */
static void views_that_changed_places_are_a_difference(void **state)
{
    struct db_tally one;
    struct db_tally other;

    (void)state;
    db_tally_init(&one);
    db_tally_init(&other);
    add(&one, "a", "/0", 1);
    add(&one, "a", "/1", 2);
    add(&other, "a", "/0", 2);
    add(&other, "a", "/1", 1);
    assert_int_equal(one.views, other.views);
    assert_false(db_tally_same_counts(&one, &other));
    db_tally_fini(&one);
    db_tally_fini(&other);
}

static void add_rollup(struct db_tally *tally, const struct scanned_rollup *scanned)
{
    assert_int_equal(db_tally_add_rollup(tally, scanned), ERR_OK);
}

static const struct scanned_rollup a_rollup = {
    .rollup = {SLICE_INIT("a"), 20000, DIMENSION_PAGE, VALUE_NONE, 7},
    .metrics = {5, 4, 3, 2, 1},
    .name = {SLICE_INIT("/a"), SLICE_INIT("A")},
};

static void rollups_are_counted_beside_the_counters(void **state)
{
    struct scanned_rollup nothing = a_rollup;
    struct db_tally tally;

    (void)state;
    db_tally_init(&tally);
    add(&tally, "a", "/", 3);
    add_rollup(&tally, &a_rollup);
    add_rollup(&tally, &a_rollup);
    nothing.rollup.value = 8;
    nothing.metrics = (struct metrics){0};
    add_rollup(&tally, &nothing);
    assert_int_equal(tally.rollups, 1);
    assert_int_equal(tally.counters, 1);
    assert_int_equal(tally.views, 3);
    db_tally_fini(&tally);
}

static void every_part_of_a_rollup_makes_a_difference(void **state)
{
    struct scanned_rollup others[12];
    struct db_tally one;

    (void)state;
    for (size_t i = 0; i < 12; i++)
        others[i] = a_rollup;
    others[0].rollup.site = SLICE("b");
    others[1].rollup.bucket = 20001;
    others[2].rollup.dimension = DIMENSION_ENTRY;
    others[3].rollup.page = 7;
    others[4].rollup.value = 8;
    others[5].metrics = (struct metrics){4, 5, 3, 2, 1};
    others[6].metrics.visits = -4;
    others[7].metrics.visitors++;
    others[8].metrics.bounces = 0;
    others[9].metrics.seconds = INT64_MAX;
    others[10].name.text = SLICE("/b");
    others[11].name = (struct name){SLICE("/a"), SLICE("")};
    db_tally_init(&one);
    add_rollup(&one, &a_rollup);
    for (size_t i = 0; i < 12; i++) {
        struct db_tally other;

        db_tally_init(&other);
        add_rollup(&other, &others[i]);
        assert_false(db_tally_same_counts(&one, &other));
        db_tally_fini(&other);
    }
    db_tally_fini(&one);
}

static void it_grows_with_what_there_is(void **state)
{
    struct db_tally tally;
    char path[32];

    (void)state;
    db_tally_init(&tally);
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(path, sizeof(path), "/page/%d", i);
        add(&tally, "a", path, INT64_MAX); /* the sum goes around, and does no harm */
    }
    assert_int_equal(tally.counters, 20000);
    db_tally_fini(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_twice_counts_once),
        cmocka_unit_test(a_counter_of_nothing_is_as_good_as_none),
        cmocka_unit_test(the_order_does_not_matter_and_every_difference_does),
        cmocka_unit_test(views_that_changed_places_are_a_difference),
        cmocka_unit_test(rollups_are_counted_beside_the_counters),
        cmocka_unit_test(every_part_of_a_rollup_makes_a_difference),
        cmocka_unit_test(it_grows_with_what_there_is),
    };

    return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
