/* The contract of rollups, names and lists. */
#include <inttypes.h>
#include <stdio.h>

#include "calls.h"
#include "calls_rollups.h"
#include "contract_fixture.h"
#include "support/cmocka.h"

#define SITE SLICE("default")

/* Days, and a month as callers number them. */
#define DAY_1 20000
#define DAY_2 20001
#define DAY_3 20002
#define MONTH 100600

static const int32_t all_days[] = {DAY_1, DAY_2, DAY_3};

static struct rollup row(int32_t bucket, enum dimension dimension, const char *page,
                         const char *value)
{
    return (struct rollup){
        .site = SITE,
        .bucket = bucket,
        .dimension = dimension,
        .page = page[0] ? value_id(slice_str(page)) : VALUE_NONE,
        .value = value[0] ? value_id(slice_str(value)) : VALUE_NONE,
    };
}

static void roll_up(struct commit *c, struct rollup rollup, struct metrics delta, uint32_t cap,
                    const char *text)
{
    const struct rollup_addition addition = {
        .rollup = rollup, .delta = delta, .cap = cap, .text = slice_str(text), .title = SLICE("")};

    assert_int_equal(commit_roll_up(c, &addition), ERR_OK);
}

static const struct metrics one_view = {.views = 1};

static struct rollup_query query_of(enum dimension dimension, enum rollup_group group)
{
    return (struct rollup_query){
        .site = SITE,
        .dimension = dimension,
        .scope = ROLLUP_OF_SITE,
        .buckets = all_days,
        .bucket_count = 3,
        .group = group,
    };
}

static void assert_metrics(struct metrics found, struct metrics expected)
{
    assert_int_equal(found.views, expected.views);
    assert_int_equal(found.visits, expected.visits);
    assert_int_equal(found.visitors, expected.visitors);
    assert_int_equal(found.bounces, expected.bounces);
    assert_int_equal(found.seconds, expected.seconds);
}

/* The sum of the group `id`; nothing when there is none. */
static struct metrics sum_of(struct fixture *f, const struct rollup_query *query, uint64_t id)
{
    size_t count;
    const struct rollup_sum *sums = call_rollups(&f->loop, f->store, query, &count);

    for (size_t i = 0; i < count; i++) {
        if (sums[i].id == id)
            return sums[i].metrics;
    }
    return (struct metrics){0};
}

static size_t count_groups(struct fixture *f, const struct rollup_query *query)
{
    size_t count;

    (void)call_rollups(&f->loop, f->store, query, &count);
    return count;
}

static void register_writer(struct fixture *f)
{
    assert_int_equal(call_register(&f->loop, f->store, &f->writer, 0), ERR_OK);
}

static void test_rollups_that_nobody_added_to_are_not_there(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_TOTAL, ROLLUP_BY_BUCKET);

    assert_int_equal(count_groups(f, &query), 0);
    query.bucket_count = 0;
    assert_int_equal(count_groups(f, &query), 0);
}

static void test_a_commit_moves_all_five_numbers_of_a_rollup(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_TOTAL, ROLLUP_BY_BUCKET);

    register_writer(f);
    for (uint64_t n = 1; n <= 3; n++) {
        struct commit *c = fixture_commit(f, n);

        roll_up(c, row(DAY_1, DIMENSION_TOTAL, "", ""), (struct metrics){5, 4, 3, 2, 1000}, 0, "");
        roll_up(c, row(DAY_3, DIMENSION_TOTAL, "", ""), (struct metrics){1, 0, 0, -1, 0}, 0, "");
        assert_int_equal(fixture_submit(f, c), COMMIT_DONE);
        assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE); /* again: changes nothing */
    }
    assert_int_equal(count_groups(f, &query), 2);
    assert_metrics(sum_of(f, &query, DAY_1), (struct metrics){15, 12, 9, 6, 3000});
    assert_metrics(sum_of(f, &query, DAY_3), (struct metrics){3, 0, 0, -3, 0});
}

static void test_large_numbers_keep_every_unit(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_TOTAL, ROLLUP_BY_BUCKET);
    const int64_t large = (INT64_C(1) << 46) + 1;
    struct commit *c = fixture_commit(f, 1);

    register_writer(f);
    roll_up(c, row(DAY_1, DIMENSION_TOTAL, "", ""),
            (struct metrics){large, large, 1, -large, large}, 0, "");
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    c = fixture_commit(f, 2);
    roll_up(c, row(DAY_1, DIMENSION_TOTAL, "", ""), (struct metrics){1, -1, 0, 1, 0}, 0, "");
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_metrics(sum_of(f, &query, DAY_1),
                   (struct metrics){large + 1, large - 1, 1, 1 - large, large});
}

static void test_a_conflict_moves_no_rollup(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_TOTAL, ROLLUP_BY_BUCKET);
    struct commit *c = fixture_commit(f, 1);

    register_writer(f);
    fixture_put(c, SLICE("visitor/default/x"), SLICE("v"), 77, 60);
    roll_up(c, row(DAY_1, DIMENSION_TOTAL, "", ""), one_view, 0, "");
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_CONFLICT);
    assert_int_equal(count_groups(f, &query), 0);
}

/* Three pages, two browsers, two days. */
static void add_visits(struct fixture *f)
{
    struct commit *c = fixture_commit(f, 1);

    register_writer(f);
    roll_up(c, row(DAY_1, DIMENSION_PAGE, "", "/a"), (struct metrics){.views = 10}, 100, "/a");
    roll_up(c, row(DAY_2, DIMENSION_PAGE, "", "/a"), (struct metrics){.views = 5}, 100, "/a");
    roll_up(c, row(DAY_2, DIMENSION_PAGE, "", "/b"), (struct metrics){.views = 3}, 100, "/b");
    roll_up(c, row(MONTH, DIMENSION_PAGE, "", "/a"), (struct metrics){.views = 99}, 100, "");
    roll_up(c, row(DAY_1, DIMENSION_BROWSER, "", "Fox"), (struct metrics){.views = 7}, 100, "Fox");
    roll_up(c, row(DAY_1, DIMENSION_BROWSER, "/a", "Fox"), (struct metrics){.views = 6}, 100, "");
    roll_up(c, row(DAY_1, DIMENSION_BROWSER, "/a", "Owl"), (struct metrics){.views = 4}, 100, "");
    roll_up(c, row(DAY_2, DIMENSION_BROWSER, "/a", "Fox"), (struct metrics){.views = 5}, 100, "");
    roll_up(c, row(DAY_2, DIMENSION_BROWSER, "/b", "Fox"), (struct metrics){.views = 3}, 100, "");
    roll_up(c, row(DAY_2, DIMENSION_SYSTEM, "/b", "Fox"), (struct metrics){.views = 50}, 100, "");
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
}

static void test_a_query_sums_by_value_by_bucket_and_by_page(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_PAGE, ROLLUP_BY_VALUE);

    add_visits(f);
    assert_int_equal(count_groups(f, &query), 2);
    assert_int_equal(sum_of(f, &query, value_id(SLICE("/a"))).views, 15);
    assert_int_equal(sum_of(f, &query, value_id(SLICE("/b"))).views, 3);
    query.group = ROLLUP_BY_BUCKET;
    assert_int_equal(sum_of(f, &query, DAY_1).views, 10);
    assert_int_equal(sum_of(f, &query, DAY_2).views, 8);
    query.value = value_id(SLICE("/b"));
    assert_int_equal(count_groups(f, &query), 1);
    assert_int_equal(sum_of(f, &query, DAY_2).views, 3);
}

static void test_a_query_keeps_the_site_and_its_pages_apart(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_BROWSER, ROLLUP_BY_VALUE);

    add_visits(f);
    assert_int_equal(count_groups(f, &query), 1);
    assert_int_equal(sum_of(f, &query, value_id(SLICE("Fox"))).views, 7);
    query.scope = ROLLUP_WITHIN_PAGES;
    assert_int_equal(sum_of(f, &query, value_id(SLICE("Fox"))).views, 14);
    query.page = value_id(SLICE("/a"));
    assert_int_equal(sum_of(f, &query, value_id(SLICE("Fox"))).views, 11);
    assert_int_equal(sum_of(f, &query, value_id(SLICE("Owl"))).views, 4);
    query.page = VALUE_NONE;
    query.value = value_id(SLICE("Fox"));
    query.group = ROLLUP_BY_PAGE;
    assert_int_equal(count_groups(f, &query), 2);
    assert_int_equal(sum_of(f, &query, value_id(SLICE("/b"))).views, 3);
}

static void test_a_query_is_of_one_site_and_of_the_buckets_asked_for(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_PAGE, ROLLUP_BY_BUCKET);
    const int32_t some[] = {DAY_2, MONTH};

    add_visits(f);
    query.buckets = some;
    query.bucket_count = 2;
    assert_int_equal(count_groups(f, &query), 2);
    assert_int_equal(sum_of(f, &query, MONTH).views, 99);
    assert_int_equal(sum_of(f, &query, DAY_2).views, 8);
    query.site = SLICE("defaul");
    assert_int_equal(count_groups(f, &query), 0);
}

static void assert_name(struct fixture *f, const char *text, const char *expected)
{
    char name[NAME_MAX_TEXT + NAME_MAX_TITLE + 2];

    call_name(&f->loop, f->store, SITE, value_id(slice_str(text)), name, sizeof(name));
    assert_string_equal(name, expected);
}

static void test_a_name_is_stored_with_a_new_row_and_its_title_is_the_last(void **state)
{
    struct fixture *f = *state;
    static const char *const titles[] = {"One", "Two", "", "Four"};
    static const int32_t days[] = {DAY_1, DAY_1, DAY_2, DAY_3};
    static const char *const expected[] = {"/\xc3\xa9|One", "/\xc3\xa9|One", "/\xc3\xa9|One",
                                           "/\xc3\xa9|Four"};

    register_writer(f);
    assert_name(f, "/\xc3\xa9", "-");
    for (uint64_t i = 0; i < 4; i++) {
        struct commit *c = fixture_commit(f, i + 1);
        struct rollup_addition addition = {
            .rollup = row(days[i], DIMENSION_PAGE, "", "/\xc3\xa9"),
            .delta = one_view,
            .text = SLICE("/\xc3\xa9"),
            .title = slice_str(titles[i]),
        };

        assert_int_equal(commit_roll_up(c, &addition), ERR_OK);
        assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
        assert_name(f, "/\xc3\xa9", expected[i]); /* the second one makes no new row */
    }
}

static void test_a_full_list_puts_new_rows_under_other(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_SOURCE, ROLLUP_BY_VALUE);
    static const char *const values[] = {"a", "b", "c", "d", "e"};
    struct commit *c = fixture_commit(f, 1);

    register_writer(f);
    for (size_t i = 0; i < 2; i++)
        roll_up(c, row(DAY_1, DIMENSION_SOURCE, "", values[i]), one_view, 3, values[i]);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    c = fixture_commit(f, 2);
    for (size_t i = 0; i < 5; i++) /* in their order: c is let in, d and e are not */
        roll_up(c, row(DAY_1, DIMENSION_SOURCE, "", values[i]), (struct metrics){10, 1, 1, 1, 1}, 3,
                values[i]);
    roll_up(c, row(DAY_2, DIMENSION_SOURCE, "", "e"), (struct metrics){.views = 100}, 3, "e");
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    assert_int_equal(count_groups(f, &query), 5);
    assert_int_equal(sum_of(f, &query, value_id(SLICE("a"))).views, 11);
    assert_int_equal(sum_of(f, &query, value_id(SLICE("c"))).views, 10);
    assert_metrics(sum_of(f, &query, VALUE_OTHER), (struct metrics){20, 2, 2, 2, 2});
    assert_int_equal(sum_of(f, &query, value_id(SLICE("e"))).views, 100); /* another day's list */
    assert_name(f, "d", "-");
    assert_name(f, "e", "e|");
}

static void test_a_full_list_within_pages_has_one_row_for_others(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_SOURCE, ROLLUP_BY_PAGE);
    static const char *const pages[] = {"/a", "/b", "/c", "/d"};
    struct commit *c = fixture_commit(f, 1);

    register_writer(f);
    for (size_t i = 0; i < 4; i++) {
        roll_up(c, row(DAY_1, DIMENSION_SOURCE, pages[i], "x"), one_view, 2, "");
        roll_up(c, row(DAY_1, DIMENSION_SOURCE, "", pages[i]), one_view, 4, "");
    }
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    query.scope = ROLLUP_WITHIN_PAGES;
    assert_int_equal(count_groups(f, &query), 3);
    assert_int_equal(sum_of(f, &query, VALUE_OTHER).views, 2);
    query = query_of(DIMENSION_SOURCE, ROLLUP_BY_VALUE);
    assert_int_equal(count_groups(f, &query), 4);
}

static void test_many_rollups_go_in_one_commit(void **state)
{
    enum { ROWS = 12000 };
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_PAGE, ROLLUP_BY_VALUE);
    char text[40];

    register_writer(f);
    for (uint64_t n = 1; n <= 2; n++) {
        struct commit *c = fixture_commit(f, n);

        for (int i = 0; i < ROWS; i++) {
            (void)snprintf(text, sizeof(text), "/page/%d", i);
            roll_up(c, row(DAY_1 + i % 3, DIMENSION_PAGE, "", text), (struct metrics){.views = i},
                    0, text);
        }
        assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    }
    assert_int_equal(count_groups(f, &query), ROWS);
    assert_int_equal(sum_of(f, &query, value_id(SLICE("/page/11999"))).views, 2 * 11999);
    query.group = ROLLUP_BY_BUCKET;
    assert_int_equal(count_groups(f, &query), 3);
    assert_name(f, "/page/777", "/page/777|");
}

static void test_a_purge_drops_a_range_of_buckets_and_makes_room_in_lists(void **state)
{
    struct fixture *f = *state;
    struct rollup_query query = query_of(DIMENSION_PAGE, ROLLUP_BY_BUCKET);
    struct commit *c;

    add_visits(f);
    call_purge(&f->loop, f->store, SITE, DAY_1, DAY_1);
    assert_int_equal(count_groups(f, &query), 1);
    assert_int_equal(sum_of(f, &query, DAY_2).views, 8);
    assert_name(f, "/a", "/a|");
    c = fixture_commit(f, 2);
    roll_up(c, row(DAY_1, DIMENSION_PAGE, "", "/c"), one_view, 1, "/c");
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    query.group = ROLLUP_BY_VALUE;
    assert_int_equal(sum_of(f, &query, value_id(SLICE("/c"))).views, 1);
    call_purge(&f->loop, f->store, SITE, DAY_1,
               DAY_1); /* a second time, and of what is not there */
    call_purge(&f->loop, f->store, SLICE("no-site"), 0, INT32_MAX);
}

static void test_a_whole_purge_leaves_nothing_of_a_site_but_its_records(void **state)
{
    struct fixture *f = *state;
    struct counter total = {SITE, DIMENSION_TOTAL, SLICE("")};
    struct counter page = {SITE, DIMENSION_PAGE, SLICE("/a")};
    struct counter neighbour = {SLICE("default-2"), DIMENSION_TOTAL, SLICE("")};
    struct contents found;
    struct commit *c;

    add_visits(f);
    c = fixture_commit(f, 2);
    assert_int_equal(commit_add(c, &(struct addition){.counter = total, .delta = 5}), ERR_OK);
    assert_int_equal(commit_add(c, &(struct addition){.counter = page, .delta = 5}), ERR_OK);
    assert_int_equal(commit_add(c, &(struct addition){.counter = neighbour, .delta = 5}), ERR_OK);
    fixture_put(c, SLICE("site/default"), SLICE("{}"), RECORD_ABSENT, RECORD_FOREVER);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
    call_purge(&f->loop, f->store, SITE, 0, INT32_MAX);
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.items.count, 2); /* the record, and the neighbour's total */
    contents_fini(&found);
    assert_int_equal(call_total(&f->loop, f->store, &neighbour), 5);
    assert_name(f, "/a", "-");
}

static void test_a_scan_tells_rollups_with_their_names(void **state)
{
    struct fixture *f = *state;
    struct contents found;

    add_visits(f);
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.items.count, 10);
    assert_int_equal(found.named, 5);
    contents_fini(&found);
}

static void put_site(struct fixture *f, uint64_t number, const char *key, bool is_removal)
{
    struct commit *c = fixture_commit(f, number);

    fixture_put(c, slice_str(key), is_removal ? slice_of(NULL, 0) : SLICE("{}"), RECORD_ANY,
                RECORD_FOREVER);
    assert_int_equal(fixture_submit_and_free(f, c), COMMIT_DONE);
}

static void test_records_are_listed_in_the_order_of_their_keys(void **state)
{
    struct fixture *f = *state;
    char keys[200];

    register_writer(f);
    call_list(&f->loop, f->store, SLICE("site/"), SLICE(""), 10, keys, sizeof(keys));
    assert_string_equal(keys, "");
    put_site(f, 1, "site/b", false);
    put_site(f, 2, "site/a", false);
    put_site(f, 3, "site/c", false);
    put_site(f, 4, "site/a-1", false);
    put_site(f, 5, "hit/default/1", false);
    call_list(&f->loop, f->store, SLICE("site/"), SLICE(""), 10, keys, sizeof(keys));
    assert_string_equal(keys, "site/a site/a-1 site/b site/c ");
    call_list(&f->loop, f->store, SLICE("site/"), SLICE("site/a"), 2, keys, sizeof(keys));
    assert_string_equal(keys, "site/a-1 site/b ");
    put_site(f, 6, "site/b", true);
    call_list(&f->loop, f->store, SLICE("site/"), SLICE(""), 10, keys, sizeof(keys));
    assert_string_equal(keys, "site/a site/a-1 site/c ");
    call_list(&f->loop, f->store, SLICE("site/a"), SLICE(""), 10, keys, sizeof(keys));
    assert_string_equal(keys, "site/a site/a-1 ");
}

static void test_a_record_for_ever_outlives_a_sweep_and_is_told_so(void **state)
{
    struct fixture *f = *state;
    struct contents found;
    char value[8];
    size_t len;

    register_writer(f);
    put_site(f, 1, "site/b", false);
    assert_int_equal(call_sweep(&f->loop, f->store), ERR_OK);
    assert_int_not_equal(call_read(&f->loop, f->store, SLICE("site/b"), value, sizeof(value), &len),
                         RECORD_ABSENT);
    contents_read(&found, &f->loop, f->store);
    assert_int_equal(found.items.count, 1);
    assert_int_equal(found.max_ttl_s, RECORD_FOREVER);
    contents_fini(&found);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, fixture_set_up, fixture_tear_down)

int contract_run_rollups(const char *name)
{
    const struct CMUnitTest tests[] = {
        CASE(test_rollups_that_nobody_added_to_are_not_there),
        CASE(test_a_commit_moves_all_five_numbers_of_a_rollup),
        CASE(test_large_numbers_keep_every_unit),
        CASE(test_a_conflict_moves_no_rollup),
        CASE(test_a_query_sums_by_value_by_bucket_and_by_page),
        CASE(test_a_query_keeps_the_site_and_its_pages_apart),
        CASE(test_a_query_is_of_one_site_and_of_the_buckets_asked_for),
        CASE(test_a_name_is_stored_with_a_new_row_and_its_title_is_the_last),
        CASE(test_a_full_list_puts_new_rows_under_other),
        CASE(test_a_full_list_within_pages_has_one_row_for_others),
        CASE(test_many_rollups_go_in_one_commit),
        CASE(test_a_purge_drops_a_range_of_buckets_and_makes_room_in_lists),
        CASE(test_a_whole_purge_leaves_nothing_of_a_site_but_its_records),
        CASE(test_a_scan_tells_rollups_with_their_names),
        CASE(test_records_are_listed_in_the_order_of_their_keys),
        CASE(test_a_record_for_ever_outlives_a_sweep_and_is_told_so),
    };

    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
