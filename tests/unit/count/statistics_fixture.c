#include "statistics_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "count/bucket.h"
#include "count/civil_date.h"
#include "support/cmocka.h"

int statistics_set_up(void **state)
{
    struct statistics_fixture *f = calloc(1, sizeof(*f));
    struct store_env env = {.timeout_ms = 500};

    assert_non_null(f);
    random_init();
    log_setup(LOG_LOGFMT, LOG_ERROR);
    virtual_loop_init(&f->loop);
    env.timers = &f->loop.timers;
    env.clock = &f->loop.clock;
    f->db = memory_db_create();
    assert_non_null(f->db);
    assert_int_equal(memory_open_on(f->db, &env, &f->store), ERR_OK);
    f->statistics = statistics_create(f->store, &f->loop.clock);
    assert_non_null(f->statistics);
    arena_init(&f->arena, 65536, (size_t)1 << 28);
    strbuf_init(&f->labels, (size_t)1 << 20);
    strbuf_init(&f->rows, (size_t)1 << 20);
    *state = f;
    return 0;
}

int statistics_tear_down(void **state)
{
    struct statistics_fixture *f = *state;

    statistics_destroy(f->statistics);
    store_close(f->store);
    memory_db_destroy(f->db);
    virtual_loop_fini(&f->loop);
    arena_fini(&f->arena);
    strbuf_fini(&f->labels);
    strbuf_fini(&f->rows);
    free(f);
    return 0;
}

/* ---- what is there -------------------------------------------------------------------------- */

static void on_registered(void *ctx, enum err err)
{
    (void)ctx;
    assert_int_equal(err, ERR_OK);
}

static void on_committed(void *ctx, const struct commit_result *result)
{
    (void)ctx;
    assert_int_equal(result->status, COMMIT_DONE);
}

static void commit(struct statistics_fixture *f, struct commit *c)
{
    if (f->number == 0) {
        memset(&f->writer, 7, sizeof(f->writer));
        assert_non_null(store_register(f->store, 0, &f->writer, 0, on_registered, NULL));
    }
    c->writer = f->writer;
    c->number = ++f->number;
    c->version = f->number;
    assert_non_null(store_commit(f->store, c, on_committed, NULL));
    virtual_loop_settle(&f->loop);
    commit_unref(c);
}

void put_row(struct statistics_fixture *f, enum dimension dimension, int32_t bucket,
             const char *page, const char *value, int64_t views)
{
    struct commit *c = commit_create();
    struct rollup_addition addition = {
        .rollup = {.site = SLICE("default"), .bucket = bucket, .dimension = dimension},
        .delta = {views, views / 2, views / 4, 1, 10 * views},
        .text = SLICE(""),
        .title = SLICE(""),
    };

    assert_non_null(c);
    if (page)
        addition.rollup.page = value_id(slice_str(page));
    if (value)
        addition.rollup.value = value_id(slice_str(value));
    if (value && !page)
        addition.text = slice_str(value);
    if (value && dimension == DIMENSION_PAGE)
        addition.title = SLICE("A Title");
    assert_int_equal(commit_roll_up(c, &addition), ERR_OK);
    commit(f, c);
}

void put_day(struct statistics_fixture *f, const char *text, const char *page, int64_t views)
{
    int32_t day = day_of(text);
    int32_t hour = bucket_hour_of(day * DAY_S + INT64_C(12) * HOUR_S, 0);
    const int32_t buckets[] = {day, bucket_month_of_day(day), hour};

    for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++) {
        put_row(f, DIMENSION_TOTAL, buckets[i], NULL, NULL, views);
        put_row(f, DIMENSION_PAGE, buckets[i], NULL, page, views);
    }
}

void put_site(struct statistics_fixture *f, const char *id, const char *json)
{
    struct commit *c = commit_create();
    char key[80];
    int len = snprintf(key, sizeof(key), "site/%s", id);
    const struct record_write write = {.key = slice_of(key, (size_t)len),
                                       .value = slice_str(json),
                                       .expect_version = RECORD_ABSENT,
                                       .ttl_s = RECORD_FOREVER};

    assert_non_null(c);
    assert_int_equal(commit_write(c, &write), ERR_OK);
    commit(f, c);
}

int32_t day_of(const char *text)
{
    int32_t day;

    assert_true(bucket_parse_day(slice_str(text), &day));
    return day;
}

/* ---- asking --------------------------------------------------------------------------------- */

static void note_series(struct statistics_fixture *f, struct series *series, struct zone *zone)
{
    size_t bytes = (series->count + 1) * sizeof(*series->points);
    struct series_point *copy = arena_alloc(&f->arena, bytes);

    assert_non_null(copy);
    if (series->count > 0)
        memcpy(copy, series->points, series->count * sizeof(*copy));
    series->points = copy;
    for (size_t i = 0; i < series->count; i++) {
        series_format_label(series, &copy[i], zone, &f->labels);
        strbuf_append_char(&f->labels, ' ');
    }
}

static void note_rows(struct statistics_fixture *f, struct statistics_top *top)
{
    struct statistics_row *copy = arena_alloc(&f->arena, (top->row_count + 1) * sizeof(*copy));

    assert_non_null(copy);
    for (size_t i = 0; i < top->row_count; i++) {
        copy[i] = top->rows[i];
        copy[i].value = arena_dup(&f->arena, top->rows[i].value);
        copy[i].title = arena_dup(&f->arena, top->rows[i].title);
        strbuf_append(&f->rows, copy[i].value);
        strbuf_append_char(&f->rows, ' ');
        strbuf_append_int(&f->rows, copy[i].metrics.views);
        strbuf_append_char(&f->rows, ',');
    }
    top->rows = copy;
}

static void on_answer(void *ctx, const struct statistics_answer *answer)
{
    struct statistics_fixture *f = ctx;

    assert_false(f->is_told);
    f->is_told = true;
    f->answer = *answer;
    note_series(f, &f->answer.series, answer->zone);
    note_rows(f, &f->answer.top);
}

enum err ask(struct statistics_fixture *f, const struct statistics_question *question)
{
    f->is_told = false;
    strbuf_clear(&f->labels);
    strbuf_clear(&f->rows);
    assert_non_null(statistics_ask(f->statistics, question, on_answer, f));
    assert_false(f->is_told);
    virtual_loop_settle(&f->loop);
    assert_true(f->is_told);
    return f->answer.err;
}

struct statistics_question question_of(enum statistics_kind kind, const char *from, const char *to)
{
    struct statistics_question question = statistics_question_init();

    question.kind = kind;
    question.period = PERIOD_COUNT_;
    question.first_day = day_of(from);
    question.last_day = day_of(to);
    return question;
}
