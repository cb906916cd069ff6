/* A copy between two memory stores, page by page. */
#include "cli/copy.h"

#include <stdio.h>

#include "base/random.h"
#include "cli/db_tally.h"
#include "count/bucket.h"
#include "store/memory.h"
#include "support/cmocka.h"

#define DAY_1     20000
#define DAY_2     20001
#define MINUTE    (BUCKET_FIRST_MINUTE + 5)
#define ROWS      12000 /* more than go in one commit */
#define NAME_SIZE 40

struct fixture {
    struct config config;
    struct db_session session;
    struct store *from;
    struct store *to;
    struct commit *commit; /* that is made for the source */
    struct writer_id writer;
    uint64_t number; /* of its last commit */
    size_t pending;
    struct copy copy;
    struct db_page page; /* all of the source */
};

static int set_up(void **state)
{
    static struct fixture f;
    struct store_env env;

    f = (struct fixture){.config = {.store_timeout_ms = 1000}};
    assert_int_equal(db_session_open(&f.session, &f.config), ERR_OK);
    env = db_session_env(&f.session);
    assert_int_equal(memory_open("memory:", &env, &f.from, NULL), ERR_OK);
    assert_int_equal(memory_open("memory:", &env, &f.to, NULL), ERR_OK);
    f.commit = commit_create();
    assert_non_null(f.commit);
    db_page_init(&f.page);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    copy_close(&f->copy);
    db_page_fini(&f->page);
    commit_unref(f->commit);
    store_close(f->to);
    store_close(f->from);
    db_session_close(&f->session);
    return 0;
}

/* ---- the source, or whatever is counted on -------------------------------------------------- */

static void on_done(void *ctx, enum err err)
{
    struct fixture *f = ctx;

    assert_int_equal(err, ERR_OK);
    db_told(&f->session, &f->pending);
}

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct fixture *f = ctx;

    assert_int_equal(result->status, COMMIT_DONE);
    db_told(&f->session, &f->pending);
}

static void wait(struct fixture *f)
{
    assert_true(db_wait(&f->session, &f->pending));
}

/* Commits what was prepared, and begins anew. */
static void commit_to(struct fixture *f, struct store *store)
{
    f->commit->writer = f->writer;
    f->commit->number = ++f->number;
    f->commit->version = random_nonzero_u64();
    f->pending = 1;
    assert_non_null(store_register(store, 0, &f->writer, f->number - 1, on_done, f));
    wait(f);
    f->pending = 1;
    assert_non_null(store_commit(store, f->commit, on_committed, f));
    wait(f);
    commit_unref(f->commit);
    f->commit = commit_create();
    assert_non_null(f->commit);
}

static struct rollup row(int32_t bucket, enum dimension dimension, uint64_t page, const char *text)
{
    uint64_t value = dimension == DIMENSION_TOTAL ? VALUE_NONE : value_id(slice_str(text));

    return (struct rollup){SLICE("default"), bucket, dimension, page, value};
}

static void roll_up(struct fixture *f, struct rollup rollup, struct metrics delta, const char *text,
                    const char *title)
{
    const struct rollup_addition addition = {
        .rollup = rollup, .delta = delta, .text = slice_str(text), .title = slice_str(title)};

    assert_int_equal(commit_roll_up(f->commit, &addition), ERR_OK);
}

static void count(struct fixture *f, int64_t views)
{
    const struct addition addition = {.counter = {SLICE("default"), DIMENSION_TOTAL, SLICE("")},
                                      .delta = views};

    assert_int_equal(commit_add(f->commit, &addition), ERR_OK);
    roll_up(f, row(DAY_1, DIMENSION_TOTAL, VALUE_NONE, ""), (struct metrics){views, 2, 1, 1, 30},
            "", "");
}

static void fill_source(struct fixture *f)
{
    const struct record_write writes[] = {
        {SLICE("site/default"), SLICE("{}"), RECORD_ABSENT, RECORD_FOREVER},
        {SLICE("hit/default/1"), SLICE("/a"), RECORD_ABSENT, 3600},
    };

    count(f, 10);
    roll_up(f, row(DAY_1, DIMENSION_PAGE, VALUE_NONE, "/a"), (struct metrics){7, 2, 1, 1, 30}, "/a",
            "About");
    roll_up(f, row(DAY_1, DIMENSION_PAGE, VALUE_NONE, "/b"), (struct metrics){3, 0, 0, 0, 0}, "/b",
            "");
    roll_up(f, row(DAY_1, DIMENSION_BROWSER, value_id(SLICE("/a")), "Firefox"),
            (struct metrics){7, 2, 1, 0, 30}, "", "");
    roll_up(f, row(MINUTE, DIMENSION_TOTAL, VALUE_NONE, ""), (struct metrics){.views = 10}, "", "");
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(commit_write(f->commit, &writes[i]), ERR_OK);
    commit_to(f, f->from);
}

static void fill_source_with_many(struct fixture *f)
{
    char path[NAME_SIZE];

    for (int i = 0; i < ROWS; i++) {
        (void)snprintf(path, sizeof(path), "/page/%d", i);
        roll_up(f, row(DAY_1, DIMENSION_PAGE, VALUE_NONE, path), (struct metrics){.views = i}, path,
                "");
    }
    commit_to(f, f->from);
}

/* ---- the copy ------------------------------------------------------------------------------- */

/* As far as the first page is to come; what the destination holds is known, if it was begun. */
static void begin(struct fixture *f)
{
    struct db_page held;
    bool resumed;

    assert_int_equal(copy_open(&f->copy, &f->session, f->to, "the source", &resumed), COPY_WELL);
    assert_int_equal(copy_mark(&f->copy), COPY_WELL);
    db_page_init(&held);
    assert_int_equal(db_scan(&f->session, f->to, 0, &held), ERR_OK);
    assert_int_equal(copy_note_held(&f->copy, &held), ERR_OK);
    db_page_fini(&held);
    f->page.cursor = SLICE("");
    assert_int_equal(db_scan(&f->session, f->from, 0, &f->page), ERR_OK);
}

static void end_copy(struct fixture *f)
{
    copy_close(&f->copy);
    f->copy = (struct copy){.shards = 0};
}

static void finish(struct fixture *f)
{
    assert_int_equal(copy_page(&f->copy, &f->page), COPY_WELL);
    assert_int_equal(copy_finish(&f->copy), COPY_WELL);
    end_copy(f);
}

static void copy_all(struct fixture *f)
{
    begin(f);
    finish(f);
}

/* The copy ends in the midst of a page: only so many of its rollups have arrived. */
static void copy_in_part(struct fixture *f, size_t rollups)
{
    begin(f);
    assert_true(rollups < f->page.rollup_count);
    f->page.rollup_count = rollups;
    assert_int_equal(copy_page(&f->copy, &f->page), COPY_WELL);
    end_copy(f);
}

static struct db_tally tally_of(struct fixture *f, struct store *store)
{
    struct db_page page;
    struct db_tally tally;

    db_tally_init(&tally);
    db_page_init(&page);
    assert_int_equal(db_scan(&f->session, store, 0, &page), ERR_OK);
    for (size_t i = 0; i < page.counter_count; i++)
        assert_int_equal(db_tally_add_counter(&tally, &page.counters[i]), ERR_OK);
    for (size_t i = 0; i < page.rollup_count; i++)
        assert_int_equal(db_tally_add_rollup(&tally, &page.rollups[i]), ERR_OK);
    for (size_t i = 0; i < page.record_count; i++)
        assert_int_equal(db_tally_add_record(&tally, page.records[i].key), ERR_OK);
    db_page_fini(&page);
    db_tally_end(&tally);
    return tally;
}

static void assert_copied(struct fixture *f, uint64_t rollups)
{
    struct db_tally from = tally_of(f, f->from);
    struct db_tally to = tally_of(f, f->to);

    assert_true(db_tally_same_counts(&from, &to));
    assert_int_equal(from.records, to.records);
    assert_int_equal(to.rollups, rollups);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_all_arrives_but_the_minutes(void **state)
{
    struct fixture *f = *state;

    fill_source(f);
    copy_all(f);
    assert_copied(f, 4);
    copy_all(f); /* nothing is added to what is there */
    assert_copied(f, 4);
}

static void on_names(void *ctx, enum err err, const struct name *names, size_t name_count)
{
    struct fixture *f = ctx;

    assert_int_equal(err, ERR_OK);
    assert_int_equal(name_count, 2);
    assert_true(slice_eq(names[0].text, SLICE("/a")) && slice_eq(names[0].title, SLICE("About")));
    assert_null(names[1].text.ptr); /* one that is met within pages alone has none */
    db_told(&f->session, &f->pending);
}

static void test_names_arrive_with_their_titles(void **state)
{
    struct fixture *f = *state;
    const uint64_t ids[] = {value_id(SLICE("/a")), value_id(SLICE("Firefox"))};

    fill_source(f);
    copy_all(f);
    f->pending = 1;
    assert_non_null(store_names(f->to, 0, SLICE("default"), ids, 2, on_names, f));
    wait(f);
}

static void test_a_record_for_ever_stays_one(void **state)
{
    struct fixture *f = *state;
    size_t lasting = 0;

    fill_source(f);
    copy_all(f);
    f->page.cursor = SLICE("");
    assert_int_equal(db_scan(&f->session, f->to, 0, &f->page), ERR_OK);
    assert_int_equal(f->page.record_count, 2);
    for (size_t i = 0; i < 2; i++)
        lasting += f->page.records[i].ttl_s == RECORD_FOREVER ? 1 : 0;
    assert_int_equal(lasting, 1);
}

static void test_what_was_interrupted_goes_on_and_doubles_nothing(void **state)
{
    struct fixture *f = *state;

    for (size_t rollups = 0; rollups < 4; rollups++) {
        if (rollups > 0) {
            tear_down(state);
            set_up(state);
            f = *state;
        }
        fill_source(f);
        copy_in_part(f, rollups);
        copy_all(f);
        assert_copied(f, 4);
    }
}

static void test_many_rollups_on_a_page_go_in_several_commits(void **state)
{
    struct fixture *f = *state;

    fill_source_with_many(f);
    copy_in_part(f, ROWS / 2);
    copy_all(f);
    assert_copied(f, ROWS - 1); /* one is 0 in all */
}

/* A page that is told again, as a scan may do, and one that moved meanwhile. */
static void test_what_is_told_again_is_not_added_again(void **state)
{
    struct fixture *f = *state;

    fill_source(f);
    begin(f);
    assert_int_equal(copy_page(&f->copy, &f->page), COPY_WELL);
    assert_int_equal(copy_page(&f->copy, &f->page), COPY_WELL);
    count(f, 5);
    roll_up(f, row(DAY_2, DIMENSION_PAGE, VALUE_NONE, "/a"), (struct metrics){5, 1, 1, 1, 0}, "/a",
            "Another title");
    commit_to(f, f->from);
    assert_int_equal(db_scan(&f->session, f->from, 0, &f->page), ERR_OK);
    finish(f);
    assert_copied(f, 5);
}

static void test_a_source_that_was_counted_on_is_caught_up_with(void **state)
{
    struct fixture *f = *state;

    fill_source(f);
    copy_in_part(f, 2);
    count(f, 1);
    roll_up(f, row(DAY_1, DIMENSION_PAGE, VALUE_NONE, "/a"), (struct metrics){1, 0, 0, -1, 60}, "",
            "");
    roll_up(f, row(DAY_1, DIMENSION_BROWSER, value_id(SLICE("/a")), "Firefox"),
            (struct metrics){1, 0, 0, -1, 60}, "", "");
    commit_to(f, f->from);
    copy_all(f);
    assert_copied(f, 4);
}

static void test_a_destination_that_was_counted_on_is_found_out(void **state)
{
    struct fixture *f = *state;

    fill_source(f);
    copy_all(f);
    roll_up(f, row(DAY_1, DIMENSION_TOTAL, VALUE_NONE, ""), (struct metrics){1, 0, 0, 0, 0}, "",
            "");
    commit_to(f, f->to);
    begin(f);
    assert_int_equal(copy_page(&f->copy, &f->page), COPY_TOO_MUCH);
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_all_arrives_but_the_minutes),
        CASE(test_names_arrive_with_their_titles),
        CASE(test_a_record_for_ever_stays_one),
        CASE(test_what_was_interrupted_goes_on_and_doubles_nothing),
        CASE(test_many_rollups_on_a_page_go_in_several_commits),
        CASE(test_what_is_told_again_is_not_added_again),
        CASE(test_a_source_that_was_counted_on_is_caught_up_with),
        CASE(test_a_destination_that_was_counted_on_is_found_out),
    };

    random_init();
    return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
