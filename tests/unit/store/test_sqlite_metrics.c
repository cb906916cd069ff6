/* The five numbers of a rollup as bytes, and the lanes of a queue. */
#include <inttypes.h>

#include "store/sqlite_job.h"
#include "store/sqlite_metrics.h"
#include "support/cmocka.h"

static void assert_metrics(struct metrics found, struct metrics expected)
{
    assert_int_equal(found.views, expected.views);
    assert_int_equal(found.visits, expected.visits);
    assert_int_equal(found.visitors, expected.visitors);
    assert_int_equal(found.bounces, expected.bounces);
    assert_int_equal(found.seconds, expected.seconds);
}

static void test_metrics_have_one_form_and_can_be_read_back(void **state)
{
    static const struct {
        struct metrics metrics;
        struct slice packed;
    } cases[] = {
        {{0, 0, 0, 0, 0}, SLICE_INIT("")},
        {{1, 0, 0, 0, 0}, SLICE_INIT("\x02")},
        {{-1, 0, 0, 0, 0}, SLICE_INIT("\x01")},
        {{3, -4, 0, 0, 0}, SLICE_INIT("\x76")},
        {{4, 0, 0, 0, 0}, SLICE_INIT("\x18")},
        {{0, 0, 0, 0, 1}, SLICE_INIT("\x00\x00\x02")},
        {{1, 1, 1, 0, 42}, SLICE_INIT("\x22\x02\xac\x01")},
        {{31, 0, 0, 0, 0}, SLICE_INIT("\x7e")},
        {{32, 0, 0, 0, 0}, SLICE_INIT("\x88\x01")},
    };

    char text[SQLITE_METRICS_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice packed = sqlite_metrics_pack(&cases[i].metrics, text);
        struct metrics back;

        assert_true(slice_eq(packed, cases[i].packed));
        assert_true(sqlite_metrics_unpack(packed, &back));
        assert_metrics(back, cases[i].metrics);
    }
}

static void test_the_largest_metrics_fit(void **state)
{
    const struct metrics largest = {INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN};
    const struct metrics mixed = {INT64_MAX, INT64_MIN, INT64_MAX, 0, INT64_MIN + 1};
    char text[SQLITE_METRICS_MAX];
    struct metrics back;

    (void)state;
    assert_int_equal(sqlite_metrics_pack(&largest, text).len, SQLITE_METRICS_MAX);
    assert_true(sqlite_metrics_unpack(slice_of(text, SQLITE_METRICS_MAX), &back));
    assert_metrics(back, largest);
    assert_true(sqlite_metrics_unpack(sqlite_metrics_pack(&mixed, text), &back));
    assert_metrics(back, mixed);
}

/* What is read is some numbers; reading ends, and stays within the bytes. */
static void test_bytes_of_others_do_no_harm(void **state)
{
    char text[SQLITE_METRICS_MAX + 1];
    struct metrics back = {.views = 7};

    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        memset(text, byte, sizeof(text));
        for (size_t len = 0; len <= SQLITE_METRICS_MAX; len++)
            assert_true(sqlite_metrics_unpack(slice_of(text, len), &back));
    }
    back.views = 7;
    assert_false(sqlite_metrics_unpack(slice_of(text, sizeof(text)), &back));
    assert_int_equal(back.views, 7);
    assert_true(sqlite_metrics_unpack(slice_of(NULL, 0), &back));
    assert_int_equal(back.views, 0);
}

static void test_the_slow_lane_waits_for_the_quick_one(void **state)
{
    struct sqlite_queue queue;
    struct sqlite_job jobs[5];
    static const int order[] = {1, 3, 0, 2, 4};

    (void)state;
    sqlite_queue_init(&queue);
    for (int i = 0; i < 5; i++)
        sqlite_queue_push(&queue, &jobs[i], i % 2 == 1 ? LANE_QUICK : LANE_SLOW);
    sqlite_queue_close(&queue); /* what is in it can still be taken */
    for (int i = 0; i < 5; i++)
        assert_ptr_equal(sqlite_queue_wait(&queue), &jobs[order[i]]);
    assert_null(sqlite_queue_wait(&queue));
    sqlite_queue_push(&queue, &jobs[0], LANE_SLOW); /* a job that goes on after the end */
    assert_ptr_equal(sqlite_queue_wait(&queue), &jobs[0]);
    assert_null(sqlite_queue_wait(&queue));
    sqlite_queue_fini(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metrics_have_one_form_and_can_be_read_back),
        cmocka_unit_test(test_the_largest_metrics_fit),
        cmocka_unit_test(test_bytes_of_others_do_no_harm),
        cmocka_unit_test(test_the_slow_lane_waits_for_the_quick_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
