#include "cli/db_page.h"

#include "base/random.h"
#include "count/bucket.h"
#include "support/cmocka.h"

static struct scanned_rollup rollup(int32_t bucket, uint64_t value)
{
    return (struct scanned_rollup){
        .rollup = {SLICE("a"), bucket, DIMENSION_PAGE, VALUE_NONE, value},
        .metrics = {.views = 1},
        .name = {SLICE("/a"), SLICE("A")},
    };
}

static void take(struct db_page *page, const struct scan_step *step)
{
    assert_int_equal(db_page_take(page, step), ERR_OK);
}

static void what_a_step_tells_twice_is_on_the_page_once(void **state)
{
    const struct scanned_rollup rollups[] = {rollup(1, 7), rollup(1, 8), rollup(1, 7)};
    const struct scanned_record records[] = {{SLICE("site/a"), SLICE("{}"), RECORD_FOREVER},
                                             {SLICE("site/a"), SLICE("{}"), RECORD_FOREVER}};
    const struct scanned_counter counters[] = {{{SLICE("a"), DIMENSION_TOTAL, SLICE("")}, 3},
                                               {{SLICE("a"), DIMENSION_TOTAL, SLICE("")}, 3}};
    const struct scan_step step = {records, 2, counters, 2, rollups, 3, SLICE("next")};
    struct db_page page;

    (void)state;
    db_page_init(&page);
    for (int round = 0; round < 2; round++) { /* the second one takes the place of the first */
        take(&page, &step);
        assert_int_equal(page.record_count, 1);
        assert_int_equal(page.counter_count, 1);
        assert_int_equal(page.rollup_count, 2);
        assert_int_equal(page.records[0].ttl_s, RECORD_FOREVER);
        assert_true(slice_eq(page.rollups[1].name.title, SLICE("A")));
        assert_int_equal(page.rollups[1].rollup.value, 8);
        assert_true(slice_eq(page.cursor, SLICE("next")));
    }
    db_page_fini(&page);
}

static void rollups_of_minutes_are_left_out(void **state)
{
    const struct scanned_rollup rollups[] = {
        rollup(BUCKET_FIRST_MINUTE, 1), rollup(BUCKET_FIRST_MINUTE - 1, 1), rollup(INT32_MAX, 1)};
    struct db_page page;

    (void)state;
    db_page_init(&page);
    take(&page, &(struct scan_step){.rollups = rollups, .rollup_count = 3, .cursor = SLICE("")});
    assert_int_equal(page.rollup_count, 1);
    assert_int_equal(page.rollups[0].rollup.bucket, BUCKET_FIRST_MINUTE - 1);
    db_page_fini(&page);
}

static void what_is_none_of_ours_is_left_out(void **state)
{
    static char text[NAME_MAX_TEXT + 1];
    struct scanned_rollup rollups[6];
    const struct scanned_counter counter = {{SLICE("a"), DIMENSION_ENTRY, SLICE("/")}, 3};
    struct db_page page;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        rollups[i] = rollup(1, i);
    rollups[0].rollup.site = slice_of(text, COUNTER_MAX_SITE + 1);
    rollups[1].rollup.site = SLICE("");
    rollups[2].rollup.bucket = -1;
    rollups[3].rollup.dimension = DIMENSION_COUNT_;
    rollups[4].name.text = slice_of(text, sizeof(text));
    rollups[5].name.title = slice_of(text, NAME_MAX_TITLE + 1);
    db_page_init(&page);
    take(&page, &(struct scan_step){.rollups = rollups,
                                    .rollup_count = 6,
                                    .counters = &counter,
                                    .counter_count = 1,
                                    .cursor = SLICE("")});
    assert_int_equal(page.rollup_count, 0);
    assert_int_equal(page.counter_count, 0);
    db_page_fini(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_step_tells_twice_is_on_the_page_once),
        cmocka_unit_test(rollups_of_minutes_are_left_out),
        cmocka_unit_test(what_is_none_of_ours_is_left_out),
    };

    random_init();
    return cmocka_run_group_tests_name("page of a scan", tests, NULL, NULL);
}
