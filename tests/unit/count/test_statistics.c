#include "count/statistics.h"

#include <stdio.h>

#include "count/bucket.h"
#include "statistics_fixture.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

#define BERLIN "{\"id\":\"default\",\"zone\":\"Europe/Berlin\"}"

static void assert_text(const struct strbuf *text, const char *expected)
{
    if (!slice_eq(strbuf_slice(text), slice_str(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(strbuf_slice(text)), expected);
}

static void assert_refused(struct statistics_fixture *f, const struct statistics_question *question,
                           const char *reason)
{
    assert_int_equal(ask(f, question), ERR_INVALID);
    if (!strstr(f->answer.info.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", f->answer.info.text, reason);
}

/* ---- series --------------------------------------------------------------------------------- */

static void test_a_series_has_totals_and_points(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question =
        question_of(STATISTICS_SERIES, "2023-11-10", "2023-11-12");

    put_day(f, "2023-11-09", "/", 1000);
    put_day(f, "2023-11-10", "/", 8);
    put_day(f, "2023-11-12", "/a", 40);
    put_day(f, "2023-11-13", "/", 1000);
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->labels, "2023-11-10 2023-11-11 2023-11-12 ");
    assert_int_equal(f->answer.series.totals.views, 48);
    assert_int_equal(f->answer.series.totals.visits, 24);
    assert_int_equal(f->answer.series.totals.visitors, 12);
    assert_int_equal(f->answer.series.totals.seconds, 480);
    assert_int_equal(f->answer.series.points[0].metrics.views, 8);
    assert_int_equal(f->answer.series.points[1].metrics.views, 0);
    assert_int_equal(f->answer.series.points[2].metrics.views, 40);
    assert_false(f->answer.has_previous);
    assert_int_equal(f->answer.metrics, METRICS_OF_VISITS);
}

static void test_the_default_are_thirty_days_that_end_today(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = statistics_question_init();

    put_day(f, "2023-10-15", "/", 1);
    put_day(f, "2023-10-16", "/", 2);
    put_day(f, "2023-11-14", "/", 4);
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.series.unit, SERIES_DAY);
    assert_int_equal(f->answer.series.count, 30);
    assert_int_equal(f->answer.series.totals.views, 6);
}

/* At 22:13 UTC it is tomorrow already in Asia/Tokyo. */
static void test_today_is_that_of_the_site(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = statistics_question_init();

    put_site(f, "default", "{\"id\":\"default\",\"zone\":\"Asia/Tokyo\"}");
    question.period = PERIOD_TODAY;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.range.first_day, day_of("2023-11-15"));
    assert_int_equal(f->answer.series.count, 24);
    assert_memory_equal(f->labels.ptr, "2023-11-15T00:00:00+09:00 ", 26);
}

static void test_days_have_as_many_hours_as_the_clocks_say(void **state)
{
    static const struct {
        const char *day;
        size_t hours;
        int32_t midnight_utc; /* hours from the day's UTC midnight */
    } cases[] = {{"2023-03-26", 23, -1}, {"2023-10-29", 25, -2}, {"2023-11-10", 24, -1}};
    struct statistics_fixture *f = *state;

    put_site(f, "default", BERLIN);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct statistics_question question =
            question_of(STATISTICS_SERIES, cases[i].day, cases[i].day);
        int32_t first = BUCKET_FIRST_HOUR + 24 * day_of(cases[i].day) + cases[i].midnight_utc;

        put_row(f, DIMENSION_TOTAL, first - 1, NULL, NULL, 1000);
        put_row(f, DIMENSION_TOTAL, first, NULL, NULL, 1);
        put_row(f, DIMENSION_TOTAL, first + (int32_t)cases[i].hours - 1, NULL, NULL, 2);
        put_row(f, DIMENSION_TOTAL, first + (int32_t)cases[i].hours, NULL, NULL, 1000);
        question.unit = SERIES_HOUR;
        assert_int_equal(ask(f, &question), ERR_OK);
        assert_int_equal(f->answer.series.count, cases[i].hours);
        assert_int_equal(f->answer.series.totals.views, 3);
        assert_int_equal(f->answer.series.points[0].metrics.views, 1);
    }
}

static void test_whole_months_are_read_as_months(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question =
        question_of(STATISTICS_SERIES, "2023-01-31", "2023-03-01");

    put_row(f, DIMENSION_TOTAL, day_of("2023-01-31"), NULL, NULL, 1);
    put_row(f, DIMENSION_TOTAL, bucket_month_of_day(day_of("2023-02-01")), NULL, NULL, 20);
    put_row(f, DIMENSION_TOTAL, day_of("2023-02-01"), NULL, NULL, 777); /* is in the month */
    put_row(f, DIMENSION_TOTAL, day_of("2023-03-01"), NULL, NULL, 300);
    put_row(f, DIMENSION_TOTAL, bucket_month_of_day(day_of("2023-03-01")), NULL, NULL, 7777);
    question.unit = SERIES_MONTH;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->labels, "2023-01 2023-02 2023-03 ");
    assert_int_equal(f->answer.series.totals.views, 321);
    assert_int_equal(f->answer.series.points[1].metrics.views, 20);
}

static void test_weeks_and_years_are_sums(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question =
        question_of(STATISTICS_SERIES, "2022-12-31", "2023-01-02");

    put_day(f, "2022-12-31", "/", 1);
    put_day(f, "2023-01-01", "/", 2);
    put_day(f, "2023-01-02", "/", 4);
    question.unit = SERIES_WEEK;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->labels, "2022-W52 2023-W01 ");
    assert_int_equal(f->answer.series.points[0].metrics.views, 3);
    question.unit = SERIES_YEAR;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->labels, "2022 2023 ");
    assert_int_equal(f->answer.series.points[1].metrics.views, 6);
}

static void test_ranges_are_compared(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question =
        question_of(STATISTICS_SERIES, "2023-11-10", "2023-11-11");

    put_day(f, "2023-11-08", "/", 1);
    put_day(f, "2023-11-09", "/", 2);
    put_day(f, "2023-11-10", "/", 4);
    put_day(f, "2022-11-11", "/", 8);
    question.comparison = COMPARISON_PREVIOUS;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_true(f->answer.has_previous);
    assert_int_equal(f->answer.previous.first_day, day_of("2023-11-08"));
    assert_int_equal(f->answer.series.totals.views, 4);
    assert_int_equal(f->answer.previous_series.totals.views, 3);
    question.comparison = COMPARISON_YEAR;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.previous.last_day, day_of("2022-11-11"));
    assert_int_equal(f->answer.previous_series.totals.views, 8);
}

static void test_a_series_of_a_page_and_of_a_value(void **state)
{
    struct statistics_fixture *f = *state;
    int32_t day = day_of("2023-11-10");
    struct statistics_question question =
        question_of(STATISTICS_SERIES, "2023-11-10", "2023-11-10");

    put_day(f, "2023-11-10", "/a", 5);
    put_day(f, "2023-11-10", "/b", 7);
    put_row(f, DIMENSION_SOURCE, day, NULL, "Google", 11);
    put_row(f, DIMENSION_SOURCE, day, "/a", "Google", 3);
    put_row(f, DIMENSION_SOURCE, day, "/a", "Bing", 100);
    question.page = SLICE("/a");
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.series.unit, SERIES_HOUR);
    assert_int_equal(f->answer.series.totals.views, 5);
    question.filter = DIMENSION_SOURCE;
    question.filter_value = SLICE("Google");
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.series.unit, SERIES_DAY); /* hours are not counted */
    assert_int_equal(f->answer.series.totals.views, 3);
    question.page = SLICE("");
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.series.totals.views, 11);
    question.filter_value = SLICE("nobody");
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.series.totals.views, 0);
}

static void test_all_begins_with_the_first_month_that_has_counts(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = statistics_question_init();

    question.period = PERIOD_ALL;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.range.first_day, day_of("2023-11-14"));
    put_day(f, "2020-02-20", "/", 5);
    put_day(f, "2023-11-14", "/", 6);
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.range.first_day, day_of("2020-02-01"));
    assert_int_equal(f->answer.series.unit, SERIES_MONTH);
    assert_int_equal(f->answer.series.totals.views, 11);
}

static void test_questions_that_make_no_sense_are_refused(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question =
        question_of(STATISTICS_SERIES, "2023-11-10", "2023-11-09");
    struct statistics_question all = statistics_question_init();

    assert_refused(f, &question, "ends before it begins");
    question = question_of(STATISTICS_SERIES, "2023-11-15", "2023-11-15");
    question.last_day = -1;
    assert_refused(f, &question, "ends before it begins");
    question = question_of(STATISTICS_SERIES, "2023-01-01", "2023-11-09");
    question.unit = SERIES_HOUR;
    assert_refused(f, &question, "at most 92 days");
    question = question_of(STATISTICS_SERIES, "2023-11-09", "2023-11-09");
    question.unit = SERIES_HOUR;
    question.filter = DIMENSION_SOURCE;
    question.filter_value = SLICE("Google");
    assert_refused(f, &question, "hours are counted");
    question.unit = SERIES_DAY;
    question.filter = DIMENSION_SIZE;
    question.page = SLICE("/");
    assert_refused(f, &question, "size is counted for the whole site only");
    question = question_of(STATISTICS_SERIES, "1970-01-01", "1970-01-01");
    question.comparison = COMPARISON_PREVIOUS;
    assert_refused(f, &question, "1970");
    all.period = PERIOD_ALL;
    all.comparison = COMPARISON_YEAR;
    assert_refused(f, &all, "before all");
}

/* ---- lists ---------------------------------------------------------------------------------- */

static struct statistics_question top_of(enum dimension dimension)
{
    struct statistics_question question = question_of(STATISTICS_TOP, "2023-11-10", "2023-11-11");

    question.dimension = dimension;
    return question;
}

static void put_sources(struct statistics_fixture *f)
{
    int32_t day = day_of("2023-11-10");

    put_row(f, DIMENSION_SOURCE, day, NULL, "Google", 40);
    put_row(f, DIMENSION_SOURCE, day, NULL, "Bing", 8);
    put_row(f, DIMENSION_SOURCE, day + 1, NULL, "Bing", 100);
    put_row(f, DIMENSION_SOURCE, day, NULL, "goo.example", 20);
    put_row(f, DIMENSION_SOURCE, day + 2, NULL, "Reddit", 1000);
}

static void test_a_list_has_the_largest_first_and_the_rest(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = top_of(DIMENSION_SOURCE);

    put_sources(f);
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "Bing 108,Google 40,goo.example 20,");
    assert_int_equal(f->answer.top.total.views, 168);
    assert_int_equal(f->answer.top.other.views, 0);
    assert_int_equal(f->answer.top.count, 3);
    question.limit = 1;
    question.offset = 1;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "Google 40,");
    assert_int_equal(f->answer.top.other.views, 128);
    question.offset = 3;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "");
    assert_int_equal(f->answer.top.other.views, 168);
    assert_int_equal(f->answer.top.count, 3);
}

static void test_a_list_is_sorted_by_what_is_asked(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = top_of(DIMENSION_SOURCE);

    put_sources(f);
    question.sort = METRIC_BOUNCES; /* Bing has two rows */
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "Bing 108,Google 40,goo.example 20,");
    question.sort = METRIC_BOUNCE_RATE;
    assert_refused(f, &question, "cannot be sorted by bounce_rate");
    question = top_of(DIMENSION_ENTRY);
    question.sort = METRIC_VIEWS;
    assert_refused(f, &question, "entry cannot be sorted by views");
}

static void test_a_search_finds_parts_of_texts_and_titles(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = top_of(DIMENSION_SOURCE);

    put_sources(f);
    question.search = SLICE("GOO");
    question.limit = 1;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "Google 40,");
    assert_int_equal(f->answer.top.count, 2);
    assert_int_equal(f->answer.top.total.views, 60);
    assert_int_equal(f->answer.top.other.views, 20);
    question.search = SLICE("nothing of it");
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "");
    assert_int_equal(f->answer.top.count, 0);
    put_day(f, "2023-11-10", "/a", 4);
    question = top_of(DIMENSION_PAGE);
    question.search = SLICE("a title");
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "/a 4,");
    assert_true(slice_eq(f->answer.top.rows[0].title, SLICE("A Title")));
}

/* More values than names are read at once. */
static void test_a_search_goes_through_many_values(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = top_of(DIMENSION_SOURCE);
    char text[32];

    for (int i = 0; i < STORE_MAX_READ + 20; i++) {
        (void)snprintf(text, sizeof(text), "value-%d-", i);
        put_row(f, DIMENSION_SOURCE, day_of("2023-11-10"), NULL, text, 4 + i);
    }
    question.search = SLICE("value-7-");
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "value-7- 11,");
    assert_int_equal(f->answer.top.count, 1);
}

static void test_values_within_a_page_and_pages_of_a_value(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = top_of(DIMENSION_SOURCE);
    int32_t day = day_of("2023-11-10");

    put_sources(f);
    put_day(f, "2023-11-10", "/a", 50);
    put_day(f, "2023-11-10", "/b", 60);
    put_row(f, DIMENSION_SOURCE, day, "/a", "Google", 30);
    put_row(f, DIMENSION_SOURCE, day, "/a", "Bing", 6);
    put_row(f, DIMENSION_SOURCE, day, "/b", "Google", 10);
    question.page = SLICE("/a");
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "Google 30,Bing 6,");
    question = top_of(DIMENSION_PAGE);
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "/b 60,/a 50,");
    question.filter = DIMENSION_SOURCE;
    question.filter_value = SLICE("Google");
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "/a 30,/b 10,");
    assert_int_equal(f->answer.top.total.views, 40);
}

static void test_lists_are_compared(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = top_of(DIMENSION_SOURCE);

    put_sources(f);
    put_row(f, DIMENSION_SOURCE, day_of("2023-11-08"), NULL, "Google", 5);
    put_row(f, DIMENSION_SOURCE, day_of("2023-11-09"), NULL, "Google", 6);
    question.comparison = COMPARISON_PREVIOUS;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "Bing 108,Google 40,goo.example 20,");
    assert_int_equal(f->answer.top.rows[0].previous.views, 0);
    assert_int_equal(f->answer.top.rows[1].previous.views, 11);
}

static void test_what_has_no_name_is_one_row(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = top_of(DIMENSION_PAGE);
    int32_t day = day_of("2023-11-10");

    put_day(f, "2023-11-10", "/a", 1);
    put_row(f, DIMENSION_BROWSER, day, "/x", "Firefox", 8);
    put_row(f, DIMENSION_BROWSER, day, "/a", "Firefox", 6);
    put_row(f, DIMENSION_BROWSER, day, "/y", "Firefox", 4);
    question.filter = DIMENSION_BROWSER;
    question.filter_value = SLICE("Firefox");
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_text(&f->rows, "(other) 12,/a 6,");
    assert_int_equal(f->answer.top.other.views, 0);
}

static void test_lists_that_are_not_counted_are_refused(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = top_of(DIMENSION_TOTAL);

    assert_refused(f, &question, "no values");
    question = top_of(DIMENSION_BROWSER);
    question.filter = DIMENSION_SOURCE;
    question.filter_value = SLICE("Google");
    assert_refused(f, &question, "browser is not counted for each source");
    question = top_of(DIMENSION_PAGE);
    question.filter = DIMENSION_SIZE;
    question.filter_value = SLICE("phone");
    assert_refused(f, &question, "size is counted for the whole site only");
    question = top_of(DIMENSION_ENTRY);
    question.page = SLICE("/");
    assert_refused(f, &question, "entry is counted for the whole site only");
    question = top_of(DIMENSION_PAGE);
    question.page = SLICE("/");
    assert_refused(f, &question, "page is counted for the whole site only");
    question.filter = DIMENSION_SOURCE;
    assert_refused(f, &question, "not of both");
}

/* ---- live ----------------------------------------------------------------------------------- */

static void test_live_are_those_of_five_minutes(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = statistics_question_init();
    int32_t now = bucket_minute_of((VIRTUAL_EPOCH_MS + f->loop.now_ms) / 1000);

    question.kind = STATISTICS_LIVE;
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.live, 0);
    put_row(f, DIMENSION_TOTAL, now, NULL, NULL, 4);
    put_row(f, DIMENSION_TOTAL, now - 4, NULL, NULL, 8);
    put_row(f, DIMENSION_TOTAL, now - 5, NULL, NULL, 400);
    put_row(f, DIMENSION_TOTAL, now + 1, NULL, NULL, 400);
    assert_int_equal(ask(f, &question), ERR_OK);
    assert_int_equal(f->answer.live, 3);
}

/* ---- sites, limits and ends ----------------------------------------------------------------- */

static void test_a_site_that_is_not_there_is_told(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = statistics_question_init();

    question.site = SLICE("blog");
    assert_int_equal(ask(f, &question), ERR_NOT_FOUND);
    assert_non_null(strstr(f->answer.info.text, "\"blog\""));
    put_site(f, "blog", "{\"id\":\"blog\"}");
    assert_int_equal(ask(f, &question), ERR_OK);
}

static void count_answer(void *ctx, const struct statistics_answer *answer)
{
    size_t *told = ctx;

    assert_int_equal(answer->err, ERR_OK);
    (*told)++;
}

static void test_only_so_many_are_asked_at_once(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = statistics_question_init();
    size_t told = 0;

    for (int i = 0; i < STATISTICS_MAX_ASKED; i++)
        assert_non_null(statistics_ask(f->statistics, &question, count_answer, &told));
    assert_null(statistics_ask(f->statistics, &question, count_answer, &told));
    virtual_loop_settle(&f->loop);
    assert_int_equal(told, STATISTICS_MAX_ASKED);
    assert_non_null(statistics_ask(f->statistics, &question, count_answer, &told));
    virtual_loop_settle(&f->loop);
}

static void test_everybody_leaves_room_for_the_owner(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = statistics_question_init();
    struct statistics_question of_everybody = statistics_question_init();
    size_t told = 0;

    of_everybody.is_public = true;
    for (int i = 0; i < STATISTICS_MAX_PUBLIC; i++)
        assert_non_null(statistics_ask(f->statistics, &of_everybody, count_answer, &told));
    assert_null(statistics_ask(f->statistics, &of_everybody, count_answer, &told));
    assert_non_null(statistics_ask(f->statistics, &question, count_answer, &told));
    virtual_loop_settle(&f->loop);
    assert_int_equal(told, STATISTICS_MAX_PUBLIC + 1);
}

static void test_who_has_left_is_not_told(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = top_of(DIMENSION_SOURCE);
    size_t told = 0;

    put_sources(f);
    question.comparison = COMPARISON_PREVIOUS;
    question.search = SLICE("o");
    for (int turns = 0; turns < 6; turns++) {
        struct statistics_query *query =
            statistics_ask(f->statistics, &question, count_answer, &told);

        assert_non_null(query);
        for (int i = 0; i < turns && told == 0; i++)
            virtual_loop_turn(&f->loop);
        if (told > 0)
            break;
        statistics_cancel(query);
        virtual_loop_settle(&f->loop);
        assert_int_equal(told, 0);
    }
    statistics_cancel(NULL);
}

static void test_those_who_wait_at_the_end_are_not_told(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = statistics_question_init();
    size_t told = 0;

    assert_non_null(statistics_ask(f->statistics, &question, count_answer, &told));
    assert_non_null(statistics_ask(f->statistics, &question, count_answer, &told));
    statistics_destroy(f->statistics);
    f->statistics = NULL;
    virtual_loop_settle(&f->loop);
    assert_int_equal(told, 0);
}

static void note_err(void *ctx, const struct statistics_answer *answer)
{
    enum err *err = ctx;

    *err = answer->err;
}

static void assert_survives_without_memory(struct statistics_fixture *f,
                                           const struct statistics_question *question)
{
    for (size_t k = 1;; k++) {
        enum err err = ERR_COUNT_;
        struct statistics_query *query;

        failing_malloc_at(k);
        query = statistics_ask(f->statistics, question, note_err, &err);
        virtual_loop_settle(&f->loop);
        if (!failing_malloc_stop()) {
            assert_int_equal(err, ERR_OK);
            return;
        }
        assert_true(query ? err != ERR_COUNT_ : err == ERR_COUNT_);
    }
}

static void test_without_memory_one_question_is_given_up(void **state)
{
    struct statistics_fixture *f = *state;
    struct statistics_question question = top_of(DIMENSION_SOURCE);

    put_sources(f);
    question.comparison = COMPARISON_PREVIOUS;
    question.search = SLICE("o");
    assert_survives_without_memory(f, &question);
    question.kind = STATISTICS_SERIES;
    assert_survives_without_memory(f, &question);
    question.kind = STATISTICS_LIVE;
    assert_survives_without_memory(f, &question);
}

/* ---- metrics -------------------------------------------------------------------------------- */

static void test_metrics_are_written_as_numbers(void **state)
{
    static const struct {
        enum metric metric;
        struct metrics of;
        const char *text;
    } cases[] = {
        {METRIC_VIEWS, {7, 0, 0, 0, 0}, "7"},
        {METRIC_SECONDS, {0, 0, 0, 0, INT64_MIN}, "-9223372036854775808"},
        {METRIC_BOUNCE_RATE, {0, 3, 0, 1, 0}, "0.3333"},
        {METRIC_BOUNCE_RATE, {9, 0, 0, 0, 0}, ""},
        {METRIC_VISIT_DURATION, {0, 2, 0, 0, 125}, "62.5"},
        {METRIC_VIEWS_PER_VISIT, {7, 2, 0, 0, 0}, "3.50"},
        {METRIC_SUM, {1, 0, 0, 0, 59900}, "59.900"},
        {METRIC_SUM, {0, 0, 0, 0, -1}, "-0.001"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char storage[64];
        struct strbuf text;

        strbuf_init_fixed(&text, storage, sizeof(storage));
        metric_format(cases[i].metric, &cases[i].of, &text);
        assert_text(&text, cases[i].text);
    }
}

static void test_everything_is_defined(void **state)
{
    (void)state;
    for (enum metric metric = 0; metric < METRIC_COUNT_; metric++) {
        enum metric again;

        assert_true(metric_parse(slice_str(metric_name(metric)), &again));
        assert_int_equal(again, metric);
        assert_true(strlen(metric_definition(metric)->text) > 10);
    }
    for (enum dimension dimension = 0; dimension < DIMENSION_COUNT_; dimension++) {
        const struct dimension_definition *definition = dimension_definition(dimension);

        assert_true(strlen(definition->text) > 10);
        assert_true(definition->metrics & METRIC_BIT(dimension_first_metric(dimension)));
    }
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, statistics_set_up, statistics_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_series_has_totals_and_points),
        TEST(test_the_default_are_thirty_days_that_end_today),
        TEST(test_today_is_that_of_the_site),
        TEST(test_days_have_as_many_hours_as_the_clocks_say),
        TEST(test_whole_months_are_read_as_months),
        TEST(test_weeks_and_years_are_sums),
        TEST(test_ranges_are_compared),
        TEST(test_a_series_of_a_page_and_of_a_value),
        TEST(test_all_begins_with_the_first_month_that_has_counts),
        TEST(test_questions_that_make_no_sense_are_refused),
        TEST(test_a_list_has_the_largest_first_and_the_rest),
        TEST(test_a_list_is_sorted_by_what_is_asked),
        TEST(test_a_search_finds_parts_of_texts_and_titles),
        TEST(test_a_search_goes_through_many_values),
        TEST(test_values_within_a_page_and_pages_of_a_value),
        TEST(test_lists_are_compared),
        TEST(test_what_has_no_name_is_one_row),
        TEST(test_lists_that_are_not_counted_are_refused),
        TEST(test_live_are_those_of_five_minutes),
        TEST(test_a_site_that_is_not_there_is_told),
        TEST(test_only_so_many_are_asked_at_once),
        TEST(test_everybody_leaves_room_for_the_owner),
        TEST(test_who_has_left_is_not_told),
        TEST(test_those_who_wait_at_the_end_are_not_told),
        TEST(test_without_memory_one_question_is_given_up),
        cmocka_unit_test(test_metrics_are_written_as_numbers),
        cmocka_unit_test(test_everything_is_defined),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
