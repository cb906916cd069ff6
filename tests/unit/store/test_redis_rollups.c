/* Rollups, names and lists on a real Redis: what is kept where, what strangers do to it, and lists
 * of any size. */
#include <inttypes.h>
#include <stdio.h>

#include "calls_rollups.h"
#include "redis_fixture.h"
#include "store/redis_row.h"
#include "support/cmocka.h"

#define SITE SLICE("default")
#define DAY  20000

static const struct metrics one_view = {.views = 1};

static void roll_up(struct commit *commit, const struct rollup *rollup, struct metrics delta,
                    uint32_t cap, const char *text)
{
    const struct rollup_addition addition = {.rollup = *rollup,
                                             .delta = delta,
                                             .cap = cap,
                                             .text = slice_str(text),
                                             .title = slice_str(text)};

    assert_int_equal(commit_roll_up(commit, &addition), ERR_OK);
}

static struct rollup source(int32_t bucket, uint64_t page, uint64_t value)
{
    return (struct rollup){SITE, bucket, DIMENSION_SOURCE, page, value};
}

static void commit_now(struct redis_fixture *f, struct commit *commit)
{
    struct outcome outcome = redis_fixture_send(f, commit);

    if (outcome.status != COMMIT_DONE)
        fail_msg("%s", outcome.detail);
    outcome_fini(&outcome);
    commit_unref(commit);
}

static void send_one(struct redis_fixture *f, const struct rollup *rollup, const char *text)
{
    struct commit *commit = redis_fixture_commit(f);

    roll_up(commit, rollup, one_view, 0, text);
    commit_now(f, commit);
}

/* The views of one group on DAY. */
static int64_t views(struct redis_fixture *f, struct rollup_query query, uint64_t id, size_t *count)
{
    static const int32_t day = DAY;
    const struct rollup_sum *sums;

    query.site = SITE;
    query.dimension = DIMENSION_SOURCE;
    query.buckets = &day;
    query.bucket_count = 1;
    sums = call_rollups(&f->loop, f->store, &query, count);
    for (size_t i = 0; i < *count; i++) {
        if (sums[i].id == id)
            return sums[i].metrics.views;
    }
    return 0;
}

static int64_t views_of_value(struct redis_fixture *f, uint64_t value)
{
    size_t count;

    return views(f, (struct rollup_query){.group = ROLLUP_BY_VALUE}, value, &count);
}

/* ---- what is kept where --------------------------------------------------------------------- */

static void test_lists_and_names_are_where_they_are_documented(void **state)
{
    struct redis_fixture *f = *state;
    struct rollup row = source(DAY, VALUE_NONE, 0x0102030405060708);
    struct rollup within = source(DAY, 9, VALUE_OTHER);
    char text[16] = ""; /* numbers are bytes of 0, at which the copying ends */

    send_one(f, &row, "a source");
    send_one(f, &within, "");
    send_one(f, &within, "");
    redis_server_text(&f->server, text, sizeof(text), "HGET footfall:rollup:default:20000:4 %b",
                      "\1\2\3\4\5\6\7\10", (size_t)8);
    assert_memory_equal(text, "\1\0\0\0\0", 5);
    memset(text, 0, sizeof(text));
    redis_server_text(&f->server, text, sizeof(text), "HGET footfall:within:default:20000:4 %b",
                      "\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\1", (size_t)16);
    assert_memory_equal(text, "\2\0\0\0\0", 5);
    redis_server_text(&f->server, text, sizeof(text), "HGET footfall:name:default %b",
                      "\1\2\3\4\5\6\7\10", (size_t)8);
    assert_string_equal(text, "a source");
    assert_int_equal(redis_server_int(&f->server, "ZCARD footfall:lists:default"), 2);
    assert_int_equal(redis_server_int(&f->server, "ZSCORE footfall:lists:default "
                                                  "footfall:within:default:20000:4"),
                     DAY);
    assert_int_equal(redis_server_int(&f->server, "TTL footfall:rollup:default:20000:4"), -1);
}

static void test_lists_of_minutes_end_and_leave_the_index(void **state)
{
    struct redis_fixture *f = *state;
    struct rollup row = source(REDIS_FIRST_MINUTE + 1000, VALUE_NONE, 7);

    send_one(f, &row, "");
    assert_in_range(redis_server_int(&f->server, "TTL footfall:rollup:default:40001000:4"), 3500,
                    REDIS_MINUTE_TTL_S);
    row.bucket += 60;
    send_one(f, &row, "");
    row.bucket = DAY;
    send_one(f, &row, "");
    assert_int_equal(redis_server_int(&f->server, "ZCARD footfall:lists:default"), 3);
    row.bucket = REDIS_FIRST_MINUTE + 1061;
    send_one(f, &row, "");
    assert_int_equal(redis_server_int(&f->server, "ZCARD footfall:lists:default"), 3);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void test_keys_that_strangers_made_refuse_the_whole_commit(void **state)
{
    static const char *const cases[][2] = {
        {"SET footfall:rollup:default:20000:4 x", "footfall:rollup:default:20000:4"},
        {"HSET footfall:rollup:default:20000:4 abcdefgh x", "footfall:rollup:default:20000:4"},
        {"HSET footfall:rollup:default:20000:4 abcdefgh 123456", "footfall:rollup:default:20000:4"},
        {"LPUSH footfall:within:default:20000:4 x", "footfall:within:default:20000:4"},
        {"SET footfall:name:default x", "footfall:name:default"},
        {"SET footfall:lists:default x", "footfall:lists:default"},
        {"SET footfall:listed x", "footfall:listed"},
    };
    const struct record_write write = {SLICE("site/default"), SLICE("{}"), RECORD_ANY,
                                       RECORD_FOREVER};
    struct redis_fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct commit *commit = redis_fixture_commit(f);
        struct rollup row = source(DAY, VALUE_NONE, 0x6162636465666768);
        struct rollup within = source(DAY, 9, 8);

        redis_server_words(&f->server, cases[i][0]);
        redis_fixture_add(commit, "/", 1);
        roll_up(commit, &row, one_view, 0, "a name");
        roll_up(commit, &within, one_view, 0, "");
        assert_int_equal(commit_write(commit, &write), ERR_OK);
        redis_fixture_refused(f, commit, cases[i][1]);
        redis_server_do(&f->server, "DEL %s", cases[i][1]);
    }
}

static void test_a_number_that_is_full_refuses_the_whole_commit(void **state)
{
    static const struct metrics large[] = {
        {.views = INT64_C(100000000000000)},
        {.bounces = INT64_C(-100000000000000)},
        {.seconds = INT64_MAX},
        {.visits = INT64_MIN},
    };
    struct redis_fixture *f = *state;
    struct rollup row = source(DAY, VALUE_NONE, 7);
    struct rollup other = source(DAY, VALUE_NONE, 8);

    for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
        struct commit *commit = redis_fixture_commit(f);

        redis_fixture_add(commit, "/", 1);
        roll_up(commit, &other, one_view, 0, "");
        roll_up(commit, &row, large[i], 0, "");
        redis_fixture_refused(f, commit, "footfall:rollup:default:20000:4");
    }
}

static void test_a_row_that_is_none_makes_a_query_fail_and_no_more(void **state)
{
    static const int32_t day = DAY;
    struct redis_fixture *f = *state;
    struct rollup row = source(DAY + 1, VALUE_NONE, 7);
    const struct rollup_query query = {.site = SITE,
                                       .dimension = DIMENSION_SOURCE,
                                       .buckets = &day,
                                       .bucket_count = 1,
                                       .group = ROLLUP_BY_VALUE};
    struct store_stats stats;

    redis_server_do(&f->server, "HSET footfall:rollup:default:20000:4 seven 12345");
    call_rollups_unavailable(&f->loop, f->store, &query);
    redis_server_do(&f->server, "DEL footfall:rollup:default:20000:4");
    redis_server_do(&f->server, "SET footfall:rollup:default:20000:4 text");
    call_rollups_unavailable(&f->loop, f->store, &query);
    send_one(f, &row, "");
    store_get_stats(f->store, &stats);
    assert_int_equal(stats.reconnects, 0);
}

/* ---- caps ----------------------------------------------------------------------------------- */

static void test_what_is_added_to_others_and_what_a_cap_adds_go_together(void **state)
{
    struct redis_fixture *f = *state;

    for (int round = 1; round <= 2; round++) {
        struct commit *commit = redis_fixture_commit(f);

        for (uint64_t value = 5; value < 9; value++) {
            struct rollup row = source(DAY, VALUE_NONE, value);

            roll_up(commit, &row, (struct metrics){.views = 10}, 2, "");
            if (value == 7) {
                struct rollup others = source(DAY, VALUE_NONE, VALUE_OTHER);

                roll_up(commit, &others, one_view, 0, "");
            }
        }
        commit_now(f, commit);
        assert_int_equal(views_of_value(f, VALUE_OTHER), round * 21);
        assert_int_equal(views_of_value(f, 5), round * 10);
        assert_int_equal(views_of_value(f, 7), 0);
    }
}

static void test_each_addition_has_a_cap_of_its_own(void **state)
{
    static const uint32_t caps[] = {2, 2, 2, 0, 4, 5};
    struct redis_fixture *f = *state;
    struct commit *commit = redis_fixture_commit(f);

    for (uint64_t i = 0; i < 6; i++) {
        struct rollup row = source(DAY, VALUE_NONE, 10 + i);

        roll_up(commit, &row, one_view, caps[i], "");
    }
    commit_now(f, commit); /* the third and the fifth are kept out; their row counts too */
    for (uint64_t i = 0; i < 6; i++)
        assert_int_equal(views_of_value(f, 10 + i), i != 2 && i != 4);
    assert_int_equal(views_of_value(f, VALUE_OTHER), 2);
}

/* ---- lists of any size ---------------------------------------------------------------------- */

#define PAGES  UINT64_C(100)
#define VALUES UINT64_C(60)

/* Bytes that mean something in a pattern. */
#define PAGE(i_)  (UINT64_C(0x2a3f5b5d5c5e2d00) + (i_))
#define VALUE(i_) (UINT64_C(0x5c5c2a2a5b2d3f00) + (i_))

static void add_large_list(struct redis_fixture *f)
{
    struct commit *commit = redis_fixture_commit(f);

    for (uint64_t i = 0; i < PAGES * VALUES; i++) {
        struct rollup row = source(DAY, PAGE(i / VALUES), VALUE(i % VALUES));
        struct rollup of_site = source(DAY, VALUE_NONE, 1000 + i);

        roll_up(commit, &row, (struct metrics){.views = (int64_t)i}, 0, "");
        roll_up(commit, &of_site, (struct metrics){.views = (int64_t)i}, 0, "");
    }
    commit_now(f, commit);
}

static void assert_large_list(struct redis_fixture *f)
{
    struct rollup_query query = {.group = ROLLUP_BY_VALUE};
    const uint64_t all = PAGES * VALUES;
    size_t count;

    assert_int_equal(views(f, query, 1000 + 5999, &count), 5999);
    assert_int_equal(count, all);
    query.scope = ROLLUP_WITHIN_PAGES;
    assert_int_equal(views(f, query, VALUE(3), &count),
                     PAGES * 3 + VALUES * (PAGES * (PAGES - 1) / 2));
    assert_int_equal(count, VALUES);
    query.page = PAGE(42);
    assert_int_equal(views(f, query, VALUE(3), &count), 42 * VALUES + 3);
    assert_int_equal(count, VALUES);
    query.page = VALUE_NONE;
    query.value = VALUE(59);
    query.group = ROLLUP_BY_PAGE;
    assert_int_equal(views(f, query, PAGE(99), &count), 5999);
    assert_int_equal(count, PAGES);
    query.group = ROLLUP_BY_BUCKET;
    query.value = VALUE_NONE;
    assert_int_equal(views(f, query, DAY, &count), all * (all - 1) / 2);
}

static void test_a_large_list_is_read_in_parts(void **state)
{
    struct redis_fixture *f = *state;

    add_large_list(f);
    redis_server_do(&f->server, "CONFIG RESETSTAT");
    assert_large_list(f);
    assert_int_equal(redis_server_int(&f->server, "EVAL %s 0",
                                      "return redis.call('INFO', 'commandstats'):match("
                                      "'hgetall:calls') and 1 or 0"),
                     0);
}

/* However many rows HSCAN is asked for, it gives all that are in one piece. */
static void test_a_large_list_that_redis_keeps_in_one_piece_is_read_too(void **state)
{
    struct redis_fixture *f = *state;

    redis_server_do(&f->server, "CONFIG SET hash-max-listpack-entries 100000");
    add_large_list(f);
    assert_large_list(f);
}

/* ---- names, purges, lists of records -------------------------------------------------------- */

struct names {
    bool is_done;
    size_t count;
};

static void on_names(void *ctx, enum err err, const struct name *names, size_t count)
{
    struct names *n = ctx;

    assert_int_equal(err, ERR_OK);
    for (size_t i = 0; i < count; i++) {
        char text[32];

        (void)snprintf(text, sizeof(text), "name %zu", i);
        if (i % 2 == 0) {
            assert_null(names[i].text.ptr);
            continue;
        }
        assert_true(slice_eq(names[i].text, slice_str(text)));
        assert_true(slice_eq(names[i].title, slice_str(text)));
    }
    n->count = count;
    n->is_done = true;
}

static void test_thousands_of_names_are_read_at_once(void **state)
{
    enum { NAMES = 7777 };
    struct redis_fixture *f = *state;
    struct commit *commit = redis_fixture_commit(f);
    struct names names = {.is_done = false};
    static uint64_t ids[NAMES];

    for (uint64_t i = 0; i < NAMES; i++) {
        struct rollup row = source(DAY, VALUE_NONE, 100 + i);
        char text[32];

        (void)snprintf(text, sizeof(text), "name %" PRIu64, i);
        ids[i] = row.value;
        if (i % 2 == 1)
            roll_up(commit, &row, one_view, 0, text);
    }
    commit_now(f, commit);
    assert_non_null(store_names(f->store, 0, SITE, ids, NAMES, on_names, &names));
    assert_true(test_loop_wait(&f->loop, &names.is_done));
    assert_int_equal(names.count, NAMES);
}

static void test_a_purge_goes_through_many_lists_and_forgets_the_total(void **state)
{
    struct redis_fixture *f = *state;
    struct commit *commit = redis_fixture_commit(f);

    store_close(f->store);
    f->store = redis_fixture_open(f, NULL, 10000, "visitorCounter");
    redis_fixture_wait(f, f->store, true);
    for (int32_t i = 0; i < 500; i++) {
        struct rollup row = source(DAY + i, VALUE_NONE, 7);

        roll_up(commit, &row, one_view, 0, "a name");
    }
    redis_fixture_add(commit, "/", 1);
    commit_now(f, commit);
    call_purge(&f->loop, f->store, SITE, DAY, DAY + 449);
    assert_int_equal(redis_server_int(&f->server, "ZCARD footfall:lists:default"), 50);
    assert_int_equal(redis_server_int(&f->server, "GET visitorCounter"), 1);
    call_purge(&f->loop, f->store, SITE, 0, INT32_MAX);
    assert_int_equal(redis_server_int(&f->server, "DBSIZE"), 1); /* the writer */
}

static void test_records_that_are_gone_are_not_listed(void **state)
{
    struct redis_fixture *f = *state;
    struct commit *commit = redis_fixture_commit(f);
    char keys[200];

    for (int i = 0; i < 9; i++) {
        char key[16];
        const struct record_write write = {
            slice_of(key, (size_t)snprintf(key, sizeof(key), "site/%d", i)), SLICE("{}"),
            RECORD_ANY, RECORD_FOREVER};

        assert_int_equal(commit_write(commit, &write), ERR_OK);
    }
    commit_now(f, commit);
    redis_server_do(&f->server, "DEL footfall:record:site/1 footfall:record:site/2 "
                                "footfall:record:site/3 footfall:record:site/8");
    call_list(&f->loop, f->store, SLICE("site/"), SLICE("site/0"), 3, keys, sizeof(keys));
    assert_string_equal(keys, "site/4 site/5 site/6 ");
    call_list(&f->loop, f->store, SLICE("site/"), SLICE("site/6"), 3, keys, sizeof(keys));
    assert_string_equal(keys, "site/7 ");
    call_list(&f->loop, f->store, SLICE("site/"), SLICE("site/7"), 3, keys, sizeof(keys));
    assert_string_equal(keys, "");
}

#define CASE(test_)                                                                                \
    cmocka_unit_test_setup_teardown(test_, redis_fixture_set_up, redis_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_lists_and_names_are_where_they_are_documented),
        CASE(test_lists_of_minutes_end_and_leave_the_index),
        CASE(test_keys_that_strangers_made_refuse_the_whole_commit),
        CASE(test_a_number_that_is_full_refuses_the_whole_commit),
        CASE(test_a_row_that_is_none_makes_a_query_fail_and_no_more),
        CASE(test_what_is_added_to_others_and_what_a_cap_adds_go_together),
        CASE(test_each_addition_has_a_cap_of_its_own),
        CASE(test_a_large_list_is_read_in_parts),
        CASE(test_a_large_list_that_redis_keeps_in_one_piece_is_read_too),
        CASE(test_thousands_of_names_are_read_at_once),
        CASE(test_a_purge_goes_through_many_lists_and_forgets_the_total),
        CASE(test_records_that_are_gone_are_not_listed),
    };

    return cmocka_run_group_tests_name("redis, rollups", tests, NULL, NULL);
}
