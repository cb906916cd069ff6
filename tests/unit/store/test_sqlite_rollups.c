/* What is special about rollups in the SQLite store: numbers, lists, steps. */
#include <stdio.h>
#include <stdlib.h>

#include "calls_rollups.h"
#include "sqlite_fixture.h"
#include "support/cmocka.h"

#define SITE SLICE("default")
#define DAY  20000

static const int32_t one_day[] = {DAY};

static struct rollup row_of(struct slice site, struct slice page, struct slice value)
{
    return (struct rollup){
        .site = site,
        .bucket = DAY,
        .dimension = DIMENSION_SOURCE,
        .page = page.len > 0 ? value_id(page) : VALUE_NONE,
        .value = value_id(value),
    };
}

static void roll_up(struct commit *commit, struct rollup rollup, int64_t views, uint32_t cap,
                    struct slice text)
{
    const struct rollup_addition addition = {
        .rollup = rollup,
        .delta = {.views = views},
        .cap = cap,
        .text = text,
        .title = SLICE(""),
    };

    assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
}

static struct rollup_query query_of(struct slice site, enum rollup_scope scope)
{
    return (struct rollup_query){
        .site = site,
        .dimension = DIMENSION_SOURCE,
        .scope = scope,
        .buckets = one_day,
        .bucket_count = 1,
        .group = ROLLUP_BY_VALUE,
    };
}

static int64_t views_of(struct fixture *f, const struct rollup_query *query, uint64_t id)
{
    size_t count;
    const struct rollup_sum *sums = call_rollups(&f->loop, f->store, query, &count);

    for (size_t i = 0; i < count; i++) {
        if (sums[i].id == id)
            return sums[i].metrics.views;
    }
    return 0;
}

static void assert_lists_are_right(struct fixture *f)
{
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM list WHERE rows <>"
                                    " (SELECT count(*) FROM rollup WHERE list = list.number)"),
                     0);
    assert_int_equal(
        fixture_ask(f, "SELECT count(*) FROM rollup WHERE list NOT IN (SELECT number FROM list)"),
        0);
}

/* `count` sources "0", "1", … of one view each, with their names. */
static void add_sources(struct fixture *f, uint64_t number, int first, int count)
{
    struct commit *commit = fixture_commit(f, number);
    char text[16];

    for (int i = first; i < first + count; i++) {
        struct slice value = slice_of(text, (size_t)snprintf(text, sizeof(text), "%d", i));

        roll_up(commit, row_of(SITE, SLICE(""), value), 1, 0, value);
    }
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
}

/* ---- what rows are called ------------------------------------------------------------------- */

static void test_two_sites_share_no_rows_and_no_names(void **state)
{
    struct fixture *f = *state;
    struct commit *commit = fixture_commit(f, 1);
    struct rollup_query query = query_of(SLICE("b"), ROLLUP_OF_SITE);
    char name[64];

    fixture_register(f);
    roll_up(commit, row_of(SLICE("a"), SLICE(""), SLICE("x")), 3, 0, SLICE("x"));
    roll_up(commit, row_of(SLICE("b"), SLICE(""), SLICE("x")), 5, 0, SLICE(""));
    roll_up(commit, row_of(SLICE("a"), SLICE(""), SLICE("y")), 7, 0, SLICE("y"));
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    assert_int_equal(views_of(f, &query, value_id(SLICE("x"))), 5);
    assert_int_equal(views_of(f, &query, value_id(SLICE("y"))), 0);
    call_name(&f->loop, f->store, SLICE("b"), value_id(SLICE("x")), name, sizeof(name));
    assert_string_equal(name, "-");
    call_purge(&f->loop, f->store, SLICE("a"), 0, INT32_MAX);
    assert_int_equal(views_of(f, &query, value_id(SLICE("x"))), 5);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM site"), 1);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM name"), 1);
}

static void test_hostile_names_come_back_as_they_were(void **state)
{
    static const struct slice texts[] = {
        SLICE_INIT("a\0b"), SLICE_INIT("\xff\xfe"), SLICE_INIT("x'); DROP TABLE name; --"),
        SLICE_INIT("1"),    SLICE_INIT("1.0"),
    };
    struct fixture *f = *state;
    struct commit *commit = fixture_commit(f, 1);
    struct contents found;

    fixture_register(f);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        roll_up(commit, row_of(SITE, SLICE(""), texts[i]), 1, 0, texts[i]);
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.named, 5);
    contents_fini(&found);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM name"
                                    " WHERE hex(text) IN ('610062', 'FFFE', '31', '312E30')"),
                     4);
}

/* ---- full lists ----------------------------------------------------------------------------- */

static void test_what_a_batch_keeps_out_goes_to_one_row(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(SITE, ROLLUP_WITHIN_PAGES);
    static const char *const values[] = {"a", "b", "c", "d", "e", "f"};

    fixture_register(f);
    for (uint64_t n = 1; n <= 2; n++) {
        struct commit *commit = fixture_commit(f, n);

        for (int i = 0; i < 6; i++)
            roll_up(commit, row_of(SITE, SLICE("/"), slice_str(values[i])), 1 << i, 2, SLICE(""));
        assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    }
    assert_int_equal(views_of(f, &query, value_id(SLICE("b"))), 4);
    assert_int_equal(views_of(f, &query, VALUE_OTHER), 2 * (4 + 8 + 16 + 32));
    assert_int_equal(fixture_ask(f, "SELECT rows FROM list"), 3);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM name"), 4); /* none of c, d, e, f */
    assert_lists_are_right(f);
}

static void test_a_row_for_others_may_be_added_to_by_name(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(SITE, ROLLUP_OF_SITE);
    struct rollup other = row_of(SITE, SLICE(""), SLICE("x"));

    other.value = VALUE_OTHER;
    fixture_register(f);
    for (uint64_t n = 1; n <= 2; n++) {
        struct commit *commit = fixture_commit(f, n);

        roll_up(commit, row_of(SITE, SLICE(""), SLICE("a")), 1, 1, SLICE("a"));
        roll_up(commit, row_of(SITE, SLICE(""), SLICE("b")), 10, 1, SLICE("b"));
        roll_up(commit, other, 100, 0, SLICE(""));
        roll_up(commit, row_of(SITE, SLICE(""), SLICE("c")), 1000, 3, SLICE("c"));
        assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    }
    assert_int_equal(views_of(f, &query, VALUE_OTHER), 220);
    assert_int_equal(views_of(f, &query, value_id(SLICE("c"))), 2000); /* the third row */
    assert_lists_are_right(f);
}

static void test_a_rollup_that_is_full_refuses_the_whole_commit(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(SITE, ROLLUP_OF_SITE);
    struct commit *commit = fixture_commit(f, 1);
    char detail[160];

    fixture_register(f);
    roll_up(commit, row_of(SITE, SLICE(""), SLICE("a")), INT64_MAX, 0, SLICE("a"));
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    commit = fixture_commit(f, 2);
    roll_up(commit, row_of(SITE, SLICE(""), SLICE("b")), 1, 0, SLICE("b"));
    roll_up(commit, row_of(SITE, SLICE(""), SLICE("a")), 1, 0, SLICE("a"));
    assert_int_equal(fixture_submit(f, commit, detail), COMMIT_REFUSED);
    assert_non_null(strstr(detail, "a counter is full"));
    assert_int_equal(views_of(f, &query, value_id(SLICE("b"))), 0);
    assert_lists_are_right(f);
}

/* ---- steps ---------------------------------------------------------------------------------- */

struct told {
    volatile bool is_done;
    size_t count;
    bool read_came_first;
};

static void on_record(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct told *query = ctx;

    (void)records;
    (void)count;
    assert_int_equal(err, ERR_OK);
    query->read_came_first = !query->is_done;
}

static void on_sums(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    struct told *query = ctx;

    assert_int_equal(err, ERR_OK);
    for (size_t i = 1; i < count; i++)
        assert_true(sums[i - 1].id < sums[i].id);
    query->is_done = true;
    query->count = count;
}

static void test_a_read_overtakes_a_long_query(void **state)
{
    enum { ROWS = 60000 };
    struct fixture *f = *state;
    struct rollup_query query = query_of(SITE, ROLLUP_OF_SITE);
    struct slice key = SLICE("visitor/default/x");
    struct told told = {.is_done = false};

    fixture_register(f);
    add_sources(f, 1, 0, ROWS);
    assert_int_equal(fixture_total(f), 0); /* the reader has opened the file */
    assert_non_null(store_rollups(f->store, 0, &query, on_sums, &told));
    assert_non_null(store_read(f->store, 0, &key, 1, on_record, &told));
    assert_true(test_loop_wait(&f->loop, &told.is_done));
    assert_true(told.read_came_first);
    assert_int_equal(told.count, ROWS);
}

static void on_nobody(void *ctx, enum err err, const struct rollup_sum *sums, size_t count)
{
    (void)ctx;
    (void)err;
    (void)sums;
    (void)count;
    fail_msg("told after all");
}

static void test_a_query_that_nobody_waits_for_ends_early(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(SITE, ROLLUP_OF_SITE);

    fixture_register(f);
    add_sources(f, 1, 0, 30000);
    for (int i = 0; i < 100; i++)
        store_op_cancel(store_rollups(f->store, 0, &query, on_nobody, NULL));
    assert_int_equal(fixture_total(f), 0);
    for (int i = 0; i < 100; i++)
        assert_non_null(store_rollups(f->store, 0, &query, on_nobody, NULL));
    fixture_reopen(f); /* with all of them under way */
    assert_int_equal(fixture_total(f), 0);
}

static void on_names(void *ctx, enum err err, const struct name *names, size_t count)
{
    struct told *told = ctx;
    char text[24];

    assert_int_equal(err, ERR_OK);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(text, sizeof(text), "%zu", i);
        assert_true(slice_eq(names[i].text, slice_str(text)));
    }
    told->count = count;
    told->is_done = true;
}

static void test_many_names_are_read_at_once(void **state)
{
    enum { NAMES = STORE_MAX_READ };
    struct fixture *f = *state;
    struct told told = {.is_done = false};
    uint64_t *ids = calloc(NAMES, sizeof(*ids));
    char text[16];

    assert_non_null(ids);
    for (int i = 0; i < NAMES; i++)
        ids[i] = value_id(slice_of(text, (size_t)snprintf(text, sizeof(text), "%d", i)));
    fixture_register(f);
    add_sources(f, 1, 0, NAMES);
    assert_non_null(store_names(f->store, 0, SITE, ids, NAMES, on_names, &told));
    free(ids);
    assert_true(test_loop_wait(&f->loop, &told.is_done));
    assert_int_equal(told.count, NAMES);
}

static void test_a_scan_tells_more_rollups_than_a_step_has(void **state)
{
    struct fixture *f = *state;
    struct contents found;

    fixture_register(f);
    add_sources(f, 1, 0, 2 * STORE_SCAN_ITEMS + 1);
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.items.count, 2 * STORE_SCAN_ITEMS + 1);
    assert_int_equal(found.named, 2 * STORE_SCAN_ITEMS + 1);
    contents_fini(&found);
    assert_int_equal(call_scan(&f->loop, f->store, SLICE("n")), ERR_OK);
    assert_int_equal(call_scan(&f->loop, f->store, SLICE("n1234567")), ERR_INVALID);
    assert_int_equal(call_scan(&f->loop, f->store, SLICE("nABCDEFGHABCDEFGHABCDEFGH")), ERR_OK);
}

/* ---- purging -------------------------------------------------------------------------------- */

static void on_purge(void *ctx, enum err err, bool is_all)
{
    struct told *told = ctx;

    assert_int_equal(err, ERR_OK);
    told->count = is_all ? 1 : 0;
    told->is_done = true;
}

static bool purge_step(struct fixture *f, int32_t first, int32_t last)
{
    struct told told = {.is_done = false};

    assert_non_null(store_purge(f->store, 0, SITE, first, last, on_purge, &told));
    assert_true(test_loop_wait(&f->loop, &told.is_done));
    return told.count == 1;
}

static void test_a_purge_goes_in_small_steps_and_keeps_lists_right(void **state)
{
    struct fixture *f = *state;

    fixture_register(f);
    add_sources(f, 1, 0, 2500);
    assert_false(purge_step(f, DAY, DAY));
    assert_int_equal(fixture_ask(f, "SELECT rows FROM list"), 1500);
    assert_lists_are_right(f);
    assert_false(purge_step(f, DAY, DAY));
    assert_true(purge_step(f, DAY, DAY));
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM list"), 0);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM rollup"), 0);
    assert_int_equal(fixture_ask(f, "SELECT count(*) FROM name"), 2500);
    add_sources(f, 2, 0, 10);
    assert_lists_are_right(f);
}

static void test_a_whole_purge_goes_in_small_steps_too(void **state)
{
    struct fixture *f = *state;
    struct commit *commit = fixture_commit(f, 2);
    char path[16];
    int steps = 1;

    fixture_register(f);
    add_sources(f, 1, 0, 1500);
    for (int i = 0; i < 1500; i++) {
        int len = snprintf(path, sizeof(path), "/%d", i);
        struct counter page = {SITE, DIMENSION_PAGE, slice_of(path, (size_t)len)};

        commit_add_views(commit, page, 1);
    }
    assert_int_equal(fixture_submit(f, commit, NULL), COMMIT_DONE);
    while (!purge_step(f, 0, INT32_MAX))
        steps++;
    assert_int_equal(steps, 5); /* 4,500 things, and the list */
    assert_int_equal(fixture_ask(f, "SELECT (SELECT count(*) FROM rollup) + (SELECT count(*)"
                                    " FROM list) + (SELECT count(*) FROM name) + (SELECT count(*)"
                                    " FROM site) + (SELECT count(*) FROM counter)"),
                     0);
}

/* ---- the file ------------------------------------------------------------------------------- */

static void test_numbers_that_nobody_can_read_are_told_as_such(void **state)
{
    struct fixture *f = *state;
    struct commit *commit;
    char detail[160];

    fixture_register(f);
    add_sources(f, 1, 0, 1);
    fixture_execute(f, "UPDATE rollup SET metrics = zeroblob(56)");
    commit = fixture_commit(f, 2);
    roll_up(commit, row_of(SITE, SLICE(""), SLICE("0")), 1, 0, SLICE("0"));
    assert_int_equal(fixture_submit(f, commit, detail), COMMIT_REFUSED);
    assert_non_null(strstr(detail, "a rollup is not readable"));
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_two_sites_share_no_rows_and_no_names),
        CASE(test_hostile_names_come_back_as_they_were),
        CASE(test_what_a_batch_keeps_out_goes_to_one_row),
        CASE(test_a_row_for_others_may_be_added_to_by_name),
        CASE(test_a_rollup_that_is_full_refuses_the_whole_commit),
        CASE(test_a_read_overtakes_a_long_query),
        CASE(test_a_query_that_nobody_waits_for_ends_early),
        CASE(test_many_names_are_read_at_once),
        CASE(test_a_scan_tells_more_rollups_than_a_step_has),
        CASE(test_a_purge_goes_in_small_steps_and_keeps_lists_right),
        CASE(test_a_whole_purge_goes_in_small_steps_too),
        CASE(test_numbers_that_nobody_can_read_are_told_as_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
