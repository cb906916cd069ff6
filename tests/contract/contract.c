#include "contract.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/random.h"
#include "calls.h"
#include "contract_fixture.h"
#include "model.h"
#include "support/cmocka.h"

static const struct subject *subject;

static struct counter page(const char *path)
{
    return (struct counter){SLICE("default"), DIMENSION_PAGE, slice_str(path)};
}

static const struct counter site_total = {SLICE_INIT("default"), DIMENSION_TOTAL, SLICE_INIT("")};

static void add(struct commit *c, struct counter counter, int64_t delta)
{
    assert_int_equal(commit_add(c, &(struct addition){.counter = counter, .delta = delta}), ERR_OK);
    c->totals_wanted = c->addition_count;
}

static void test_a_counter_nobody_added_to_is_0(void **state)
{
    struct fixture *f = *state;
    struct counter nothing = page("/nothing");

    assert_int_equal(call_total(&f->loop, f->store, &nothing), 0);
}

static void test_a_commit_moves_its_counters_and_tells_the_totals(void **state)
{
    struct fixture *f = *state;
    struct counter about = page("/about");
    struct outcome outcome;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    for (uint64_t n = 1; n <= 3; n++) {
        struct commit *c = fixture_commit(f, n);

        add(c, site_total, 10);
        add(c, about, 3);
        outcome = call_commit(&f->loop, f->store, c);
        assert_int_equal(outcome.status, COMMIT_DONE);
        assert_int_equal(outcome.totals[0], 10 * (int64_t)n);
        assert_int_equal(outcome.totals[1], 3 * (int64_t)n);
        outcome_fini(&outcome);
        commit_unref(c);
    }
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 30);
    assert_int_equal(call_total(&f->loop, f->store, &about), 9);
}

static void test_the_same_commit_sent_again_gives_the_first_result(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);
    struct outcome first;
    struct outcome again;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    add(c, site_total, 5);
    add(c, page("/a"), 2);
    c->totals_wanted = 1;
    first = call_commit(&f->loop, f->store, c);
    again = call_commit(&f->loop, f->store, c);
    assert_int_equal(first.status, COMMIT_DONE);
    assert_int_equal(first.count, 1);
    assert_true(outcome_eq(&first, &again));
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 5);
    outcome_fini(&first);
    outcome_fini(&again);
    commit_unref(c);
}

static void test_registering_again_keeps_the_number(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    add(c, site_total, 1);
    assert_int_equal(fixture_submit(f, c), COMMIT_DONE);
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 1);
}

static void test_a_writer_that_was_lost_is_registered_with_its_number(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 42);

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 41), ERR_OK);
    add(c, site_total, 1);
    assert_int_equal(fixture_submit(f, c), COMMIT_DONE);
    /* A lower number changes nothing, ... */
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 41), ERR_OK);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 1);
    /* ... a higher one raises it. */
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 300), ERR_OK);
    c = fixture_commit(f, 43);
    add(c, site_total, 1);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_AHEAD);
    c = fixture_commit(f, 301);
    add(c, site_total, 1);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 2);
}

static void test_an_unknown_writer_is_told_so_and_nothing_moves(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);

    add(c, site_total, 1);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_NO_WRITER);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 0);
}

static void test_a_gap_before_the_number_means_the_store_is_behind(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);
    struct outcome outcome;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    add(c, site_total, 1);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    c = fixture_commit(f, 4);
    add(c, site_total, 1);
    outcome = call_commit(&f->loop, f->store, c);
    assert_int_equal(outcome.status, COMMIT_BEHIND);
    assert_int_equal(outcome.last_number, 1);
    outcome_fini(&outcome);
    commit_unref(c);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 1);
}

static void test_an_old_number_means_the_store_is_ahead(void **state)
{
    struct fixture *f = *state;
    struct outcome outcome;
    struct commit *c;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    for (uint64_t n = 1; n <= 2; n++) {
        c = fixture_commit(f, n);
        add(c, site_total, 1);
        assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    }
    c = fixture_commit(f, 1);
    add(c, site_total, 1);
    outcome = call_commit(&f->loop, f->store, c);
    assert_int_equal(outcome.status, COMMIT_AHEAD);
    assert_int_equal(outcome.last_number, 2);
    outcome_fini(&outcome);
    commit_unref(c);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 2);
}

static void test_a_record_is_written_read_replaced_and_deleted(void **state)
{
    struct fixture *f = *state;
    const struct slice key = SLICE("hit/default/\x01\xff key");
    struct commit *c = fixture_commit(f, 1);
    uint64_t version = c->version;
    char value[64];
    size_t len;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    assert_int_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len), RECORD_ABSENT);
    fixture_put(c, key, SLICE("a\0b"), RECORD_ABSENT, 3600);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len), version);
    assert_int_equal(len, 3);
    assert_memory_equal(value, "a\0b", 3);

    c = fixture_commit(f, 2);
    fixture_put(c, key, SLICE(""), version, 3600);
    version = c->version;
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len), version);
    assert_int_equal(len, 0);

    c = fixture_commit(f, 3);
    fixture_put(c, key, slice_of(NULL, 0), version, 0);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len), RECORD_ABSENT);
}

static void test_a_conflict_applies_nothing_tells_what_is_there_and_uses_up_the_number(void **state)
{
    struct fixture *f = *state;
    struct commit *first = fixture_commit(f, 1);
    struct commit *c = fixture_commit(f, 2);
    struct outcome outcome;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    fixture_put(first, SLICE("hit/default/1"), SLICE("one"), RECORD_ABSENT, 3600);
    assert_int_equal(fixture_submit(f, first), COMMIT_DONE);

    fixture_put(c, SLICE("hit/default/2"), SLICE("two"), RECORD_ABSENT, 3600);
    fixture_put(c, SLICE("hit/default/1"), SLICE("uno"), RECORD_ABSENT, 3600);
    add(c, site_total, 1);
    for (int i = 0; i < 2; i++) {
        outcome = call_commit(&f->loop, f->store, c);
        assert_int_equal(outcome.status, COMMIT_CONFLICT);
        assert_int_equal(outcome.count, 2);
        assert_int_equal(outcome.records[0].version, RECORD_ABSENT);
        assert_int_equal(outcome.records[1].version, first->version);
        assert_true(slice_eq(outcome.records[1].value, SLICE("one")));
        outcome_fini(&outcome);
    }
    commit_unref(first);
    commit_unref(c);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 0);

    c = fixture_commit(f, 3);
    add(c, site_total, 1);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
}

static void test_a_conflict_stays_one_when_its_cause_is_gone(void **state)
{
    struct fixture *f = *state;
    const struct slice key = SLICE("hit/default/1");
    struct writer_id other;
    struct commit *c = fixture_commit(f, 1);
    struct commit *stale = fixture_commit(f, 2);
    uint64_t version = c->version;

    random_bytes(other.bytes, sizeof(other.bytes));
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    assert_int_equal(call_register(&f->loop, f->store, &other, 0), ERR_OK);
    fixture_put(c, key, SLICE("x"), RECORD_ABSENT, 3600);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    fixture_put(stale, key, SLICE("y"), RECORD_ABSENT, 3600);
    add(stale, site_total, 1);
    assert_int_equal(fixture_submit(f, stale), COMMIT_CONFLICT);
    c = fixture_commit(f, 1);
    c->writer = other;
    fixture_put(c, key, slice_of(NULL, 0), version, 0);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    /* A late copy arrives when nothing stands in its way any more. */
    assert_int_equal(fixture_submit_and_free(f, stale), COMMIT_CONFLICT);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 0);
}

/* What a replay sends for a number that changed nothing. */
static void test_a_conflict_is_told_to_a_commit_without_writes_too(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);
    struct outcome outcome;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    fixture_put(c, SLICE("hit/default/1"), SLICE("x"), 5, 3600);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_CONFLICT);
    c = fixture_commit(f, 1);
    outcome = call_commit(&f->loop, f->store, c);
    assert_int_equal(outcome.status, COMMIT_CONFLICT);
    assert_int_equal(outcome.count, 0);
    outcome_fini(&outcome);
    commit_unref(c);
    c = fixture_commit(f, 2); /* an empty one uses up its number */
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    c = fixture_commit(f, 3);
    add(c, site_total, 1);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 1);
}

static void test_a_write_that_expects_anything_is_done_whatever_is_there(void **state)
{
    struct fixture *f = *state;
    const struct slice key = SLICE("hit/default/1");
    const struct slice other = SLICE("hit/default/2");
    struct commit *c = fixture_commit(f, 1);
    uint64_t version = c->version;
    char value[64];
    size_t len;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    fixture_put(c, key, SLICE("a"), RECORD_ANY, 3600);
    fixture_put(c, other, slice_of(NULL, 0), RECORD_ANY, 0);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len), version);

    c = fixture_commit(f, 2);
    version = c->version;
    fixture_put(c, key, SLICE("b"), RECORD_ANY, 3600);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len), version);
    assert_memory_equal(value, "b", 1);

    c = fixture_commit(f, 3);
    fixture_put(c, key, slice_of(NULL, 0), RECORD_ANY, 0);
    fixture_put(c, other, SLICE("x"), version, 3600); /* not the version there: all or nothing */
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_CONFLICT);
    assert_int_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len), version);

    c = fixture_commit(f, 4);
    fixture_put(c, key, slice_of(NULL, 0), RECORD_ANY, 0);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len), RECORD_ABSENT);
}

static void test_an_expired_record_is_absent_and_can_be_written_anew(void **state)
{
    struct fixture *f = *state;
    const struct slice key = SLICE("hit/default/1");
    struct timespec pause = {.tv_nsec = 20000000};
    struct commit *c = fixture_commit(f, 1);
    char value[64];
    size_t len;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    fixture_put(c, key, SLICE("x"), RECORD_ABSENT, 1);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_not_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len),
                         RECORD_ABSENT);
    f->loop.unix_shift_ms += subject->has_real_clock ? 0 : 1001;
    for (int i = 0; i < 200 && call_read(&f->loop, f->store, key, value, sizeof(value), &len); i++)
        nanosleep(&pause, NULL);
    assert_int_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len), RECORD_ABSENT);
    c = fixture_commit(f, 2);
    fixture_put(c, key, SLICE("y"), RECORD_ABSENT, 3600);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_sweep(&f->loop, f->store), ERR_OK);
    assert_int_not_equal(call_read(&f->loop, f->store, key, value, sizeof(value), &len),
                         RECORD_ABSENT);
}

static void test_values_of_any_bytes_and_any_size_come_back(void **state)
{
    struct fixture *f = *state;
    static char large[RECORD_MAX_VALUE];
    static char back[RECORD_MAX_VALUE];
    static char long_path[2048];
    struct counter counter = {SLICE("default"), DIMENSION_PAGE, slice_of(long_path, 2048)};
    struct counter shorter = {SLICE("default"), DIMENSION_PAGE, slice_of(long_path, 2047)};
    struct commit *c = fixture_commit(f, 1);
    size_t len;

    for (size_t i = 0; i < sizeof(large); i++)
        large[i] = (char)(i * 7);
    memset(long_path, '\'', sizeof(long_path));
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    fixture_put(c, SLICE("kind/{tag}"), slice_of(large, sizeof(large)), RECORD_ABSENT,
                RECORD_MAX_TTL_S);
    add(c, counter, 7);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_not_equal(
        call_read(&f->loop, f->store, SLICE("kind/{tag}"), back, sizeof(back), &len),
        RECORD_ABSENT);
    assert_int_equal(len, sizeof(large));
    assert_memory_equal(back, large, len);
    assert_int_equal(call_total(&f->loop, f->store, &counter), 7);
    assert_int_equal(call_total(&f->loop, f->store, &shorter), 0);
}

static void test_counters_differ_by_site_dimension_and_value(void **state)
{
    struct fixture *f = *state;
    const struct counter counters[] = {
        {SLICE("a"), DIMENSION_TOTAL, SLICE("")},  {SLICE("ab"), DIMENSION_TOTAL, SLICE("")},
        {SLICE("a"), DIMENSION_PAGE, SLICE("")},   {SLICE("a"), DIMENSION_PAGE, SLICE("b")},
        {SLICE("ab"), DIMENSION_PAGE, SLICE("b")}, {SLICE("a"), DIMENSION_PAGE, SLICE("B")},
    };
    const size_t count = sizeof(counters) / sizeof(counters[0]);
    struct commit *c = fixture_commit(f, 1);

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    for (size_t i = 0; i < count; i++)
        add(c, counters[i], (int64_t)i + 1);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(call_total(&f->loop, f->store, &counters[i]), i + 1);
}

static void test_a_site_with_many_counters_gets_no_more_of_them(void **state)
{
    struct fixture *f = *state;
    static const char *const paths[] = {"/1", "/2", "/3", "/4"};
    static const int64_t expected[2][5] = {{1, 1, 1, 1, COUNTER_NOT_MADE},
                                           {2, 2, 2, 2, COUNTER_NOT_MADE}};
    struct counter fourth = page("/4");

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    for (uint64_t n = 1; n <= 2; n++) {
        struct commit *c = fixture_commit(f, n);
        struct outcome outcome;

        add(c, site_total, 1);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(
                commit_add(c, &(struct addition){.counter = page(paths[i]), .delta = 1, .cap = 3}),
                ERR_OK);
        c->totals_wanted = c->addition_count;
        for (int again = 0; again < 2; again++) {
            outcome = call_commit(&f->loop, f->store, c);
            assert_int_equal(outcome.status, COMMIT_DONE);
            for (size_t i = 0; i < 5; i++)
                assert_int_equal(outcome.totals[i], expected[n - 1][i]);
            outcome_fini(&outcome);
        }
        commit_unref(c);
    }
    assert_int_equal(call_total(&f->loop, f->store, &fourth), 0);
}

static void test_a_full_batch_goes_in_one_commit(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);
    struct outcome outcome;
    char text[32];

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    add(c, site_total, 4096);
    for (int i = 0; i < 4096; i++) {
        int len = snprintf(text, sizeof(text), "/page/%d", i);

        add(c, (struct counter){SLICE("default"), DIMENSION_PAGE, slice_of(text, (size_t)len)}, i);
        len = snprintf(text, sizeof(text), "hit/default/%d", i);
        fixture_put(c, slice_of(text, (size_t)len), SLICE("1"), RECORD_ABSENT, 3600);
    }
    for (int round = 0; round < 2; round++) {
        outcome = call_commit(&f->loop, f->store, c);
        assert_int_equal(outcome.status, COMMIT_DONE);
        assert_int_equal(outcome.totals[0], 4096);
        for (int i = 0; i < 4096; i++)
            assert_int_equal(outcome.totals[i + 1], i);
        outcome_fini(&outcome);
    }
    commit_unref(c);
}

static void on_canceled(void *ctx, const struct commit_result *result)
{
    (void)ctx;
    (void)result;
    fail_msg("a canceled operation was told");
}

static void test_a_canceled_commit_is_not_told_and_may_be_applied(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    add(c, site_total, 1);
    store_op_cancel(store_commit(f->store, c, on_canceled, NULL));
    /* Sending it again resolves it, whatever became of the first. */
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 1);
}

static void test_closing_with_work_in_flight_tells_nobody(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    add(c, site_total, 1);
    assert_non_null(store_commit(f->store, c, on_canceled, NULL));
    commit_unref(c);
}

static void on_any(void *ctx, const struct commit_result *result)
{
    (void)result;
    ++*(size_t *)ctx;
}

static void test_too_many_in_flight_are_not_taken(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);
    struct store_stats stats;
    size_t taken = 0;
    size_t told = 0;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    add(c, site_total, 1);
    while (taken <= STORE_MAX_IN_FLIGHT && store_commit(f->store, c, on_any, &told))
        taken++;
    assert_int_equal(taken, STORE_MAX_IN_FLIGHT);
    do {
        test_loop_turn(&f->loop);
        store_get_stats(f->store, &stats);
    } while (stats.in_flight > 0);
    assert_int_equal(told, taken);
    commit_unref(c);
    assert_int_equal(call_total(&f->loop, f->store, &site_total), 1);
}

static void test_another_process_sees_what_was_committed(void **state)
{
    struct fixture *f = *state;
    struct store *second;
    struct commit *c;

    if (!subject->open_second)
        return; /* the subject has but one connection */
    second = subject->open_second(&f->loop);
    c = fixture_commit(f, 1);
    assert_non_null(second);
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    add(c, site_total, 41);
    assert_int_equal(fixture_submit(f, c), COMMIT_DONE);
    assert_int_equal(call_total(&f->loop, second, &site_total), 41);
    store_close(second);
    commit_unref(c);
}

/* ---- scans ---------------------------------------------------------------------------------- */

static void assert_contents(struct fixture *f, const struct contents *expected)
{
    struct contents found;

    contents_read(&found, &f->loop, f->store);
    assert_true(contents_eq(&found, expected));
    contents_fini(&found);
}

static void test_a_scan_of_an_empty_store_finds_nothing(void **state)
{
    struct fixture *f = *state;
    struct contents found;

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.items.count, 0);
    contents_fini(&found);
}

static void test_a_scan_tells_counters_and_records_with_their_life_but_no_writers(void **state)
{
    static char large[RECORD_MAX_VALUE];
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);
    struct contents found;

    memset(large, '\n', sizeof(large));
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    add(c, site_total, 10);
    add(c, page(""), -3);
    add(c, page("/a\nb \xc3\xa9:*?[x]"), INT64_C(1) << 60);
    add(c, (struct counter){SLICE("another-site"), DIMENSION_TOTAL, SLICE("")}, 7);
    add(c, (struct counter){SLICE("another-site"), DIMENSION_PAGE, SLICE("/")}, 7);
    add(c, page("/nothing"), 0);
    fixture_put(c, SLICE("hit/default/\x01\xff\n key"), SLICE("a\0b"), RECORD_ABSENT, 3600);
    fixture_put(c, SLICE("hit/default/empty"), SLICE(""), RECORD_ABSENT, 3500);
    fixture_put(c, SLICE("r"), slice_of(large, sizeof(large)), RECORD_ABSENT, RECORD_MAX_TTL_S);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.items.count, 5 + 3);
    assert_in_range(found.min_ttl_s, 3400, 3500);
    assert_in_range(found.max_ttl_s, RECORD_MAX_TTL_S - 100, RECORD_MAX_TTL_S);
    contents_fini(&found);
}

static void test_a_scan_of_much_takes_several_steps_and_misses_nothing(void **state)
{
    enum { COMMITS = 4, EACH = 1700 };
    struct fixture *f = *state;
    struct contents found;
    char text[32];

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    for (int n = 0; n < COMMITS; n++) {
        struct commit *c = fixture_commit(f, (uint64_t)n + 1);

        for (int i = n * EACH; i < (n + 1) * EACH; i++) {
            int len;

            (void)snprintf(text, sizeof(text), "/page/%d", i);
            add(c, page(text), i + 1);
            len = snprintf(text, sizeof(text), "hit/default/%d", i);
            fixture_put(c, slice_of(text, (size_t)len), SLICE("1"), RECORD_ABSENT, 3600);
            len = snprintf(text, sizeof(text), "site-%d", i);
            add(c, (struct counter){slice_of(text, (size_t)len), DIMENSION_TOTAL, SLICE("")}, 1);
        }
        assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    }
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.items.count, COMMITS * EACH * 3);
    assert_contents(f, &found);
    contents_fini(&found);
}

static void test_a_scan_leaves_out_what_expired_or_was_deleted(void **state)
{
    struct fixture *f = *state;
    struct commit *c = fixture_commit(f, 1);
    struct timespec pause = {.tv_nsec = 20000000};
    struct contents found = {.steps = 0};

    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
    fixture_put(c, SLICE("hit/default/1"), SLICE("x"), RECORD_ABSENT, 1);
    fixture_put(c, SLICE("hit/default/2"), SLICE("y"), RECORD_ABSENT, 3600);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    c = fixture_commit(f, 2);
    fixture_put(c, SLICE("hit/default/2"), slice_of(NULL, 0), RECORD_ANY, 0);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    f->loop.unix_shift_ms += subject->has_real_clock ? 0 : 1001;
    for (int i = 0; i < 200 && (i == 0 || found.items.count > 0); i++) {
        if (i > 0)
            contents_fini(&found);
        nanosleep(&pause, NULL);
        contents_read(&found, &f->loop, f->store);
    }
    assert_int_equal(found.items.count, 0);
    contents_fini(&found);
}

static void test_a_cursor_that_is_none_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(call_scan(&f->loop, f->store, SLICE("#")), ERR_INVALID);
    assert_int_equal(call_scan(&f->loop, f->store, SLICE("\0\n")), ERR_INVALID);
}

static void test_a_check_finds_the_store_reachable(void **state)
{
    struct fixture *f = *state;
    struct store_health health = call_check(&f->loop, f->store);

    assert_true(health.reachable);
    assert_true(health.sufficient);
    assert_string_equal(health.reason, "");
}

static void test_random_operations_give_what_the_model_gives(void **state)
{
    struct fixture *f = *state;

    model_compare(&f->loop, f->store, subject->shard, subject->name);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, fixture_set_up, fixture_tear_down)

int contract_run(const struct subject *the_subject)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_counter_nobody_added_to_is_0),
        CASE(test_a_commit_moves_its_counters_and_tells_the_totals),
        CASE(test_the_same_commit_sent_again_gives_the_first_result),
        CASE(test_registering_again_keeps_the_number),
        CASE(test_a_writer_that_was_lost_is_registered_with_its_number),
        CASE(test_an_unknown_writer_is_told_so_and_nothing_moves),
        CASE(test_a_gap_before_the_number_means_the_store_is_behind),
        CASE(test_an_old_number_means_the_store_is_ahead),
        CASE(test_a_record_is_written_read_replaced_and_deleted),
        CASE(test_a_conflict_applies_nothing_tells_what_is_there_and_uses_up_the_number),
        CASE(test_a_conflict_stays_one_when_its_cause_is_gone),
        CASE(test_a_conflict_is_told_to_a_commit_without_writes_too),
        CASE(test_a_write_that_expects_anything_is_done_whatever_is_there),
        CASE(test_an_expired_record_is_absent_and_can_be_written_anew),
        CASE(test_values_of_any_bytes_and_any_size_come_back),
        CASE(test_counters_differ_by_site_dimension_and_value),
        CASE(test_a_site_with_many_counters_gets_no_more_of_them),
        CASE(test_a_full_batch_goes_in_one_commit),
        CASE(test_a_canceled_commit_is_not_told_and_may_be_applied),
        CASE(test_closing_with_work_in_flight_tells_nobody),
        CASE(test_too_many_in_flight_are_not_taken),
        CASE(test_another_process_sees_what_was_committed),
        CASE(test_a_scan_of_an_empty_store_finds_nothing),
        CASE(test_a_scan_tells_counters_and_records_with_their_life_but_no_writers),
        CASE(test_a_scan_of_much_takes_several_steps_and_misses_nothing),
        CASE(test_a_scan_leaves_out_what_expired_or_was_deleted),
        CASE(test_a_cursor_that_is_none_is_refused),
        CASE(test_a_check_finds_the_store_reachable),
        CASE(test_random_operations_give_what_the_model_gives),
    };

    subject = the_subject;
    fixture_use(subject);
    random_init();
    return cmocka_run_group_tests_name(subject->name, tests, NULL, NULL) +
           contract_run_rollups(subject->name);
}
