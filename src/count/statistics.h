/**
 * Statistics: questions about the counts of a site, answered out of the store's rollups.
 *
 *     statistics_ask() -> the site's record -> its zone, its days -> rollups -> names -> done
 *
 *     series  the numbers of a range of days, and how they went by hour, day, week, month, year
 *     top     the values of a dimension over a range, the largest first
 *     live    how many visitors there are now
 *
 * Settings are read anew with each question, so one that was changed holds at once. Questions are
 * few and may be costly: at most STATISTICS_MAX_ASKED are under way in a process. With
 * STATISTICS_MAX_PUBLIC under way none of everybody is taken: the others are the owner's.
 *
 * What is not counted cannot be asked: hours are counted of the whole site and of pages only;
 * values of two dimensions together only where one is the page. Such a question is ERR_INVALID,
 * with a sentence that says so.
 */
#ifndef FOOTFALL_COUNT_STATISTICS_H
#define FOOTFALL_COUNT_STATISTICS_H

#include "count/definition.h"
#include "count/series.h"
#include "count/site.h"
#include "store/store.h"

#define STATISTICS_MAX_ASKED  16
#define STATISTICS_MAX_PUBLIC 8

#define STATISTICS_MAX_LIMIT  1000
#define STATISTICS_MAX_OFFSET 100000
#define STATISTICS_MAX_SEARCH 100 /* bytes */

/** A search looks through so many values at most: the largest ones. */
#define STATISTICS_MAX_SEARCHED 100000

/** What a value is called that a cap kept out, or that has no name. */
#define VALUE_OTHER_TEXT "(other)"

struct statistics;
struct statistics_query;

enum statistics_kind { STATISTICS_SERIES, STATISTICS_TOP, STATISTICS_LIVE };

/** Of a question that has no filter. */
#define DIMENSION_NO_FILTER DIMENSION_TOTAL

/** Texts are clean UTF-8. */
struct statistics_question {
    enum statistics_kind kind;
    struct slice site; /* an id */
    bool is_public;    /* asked by anybody at all */

    /* Which days; of series and top. */
    enum period period; /* PERIOD_COUNT_: from first_day to last_day */
    int32_t first_day;
    int32_t last_day; /* -1: today */
    enum comparison comparison;

    /* Of what; of series and top. */
    struct slice page;     /* a path as page_normalize() makes it, or VALUE_OTHER_TEXT; empty: the
                              whole site */
    enum dimension filter; /* DIMENSION_NO_FILTER: of all */
    struct slice filter_value;

    enum series_unit unit; /* SERIES_UNIT_COUNT_: one that fits the range */

    /* Of top. */
    enum dimension dimension;
    enum metric sort;    /* METRIC_COUNT_: dimension_first_metric() */
    size_t limit;        /* 1 … STATISTICS_MAX_LIMIT */
    size_t offset;       /* at most STATISTICS_MAX_OFFSET */
    struct slice search; /* what texts or titles have in them, whatever the case of ASCII letters;
                            empty: all. At most STATISTICS_MAX_SEARCH bytes */
};

/** The last 30 days of a series of the default site, by day. */
struct statistics_question statistics_question_init(void);

struct statistics_row {
    struct slice value; /* VALUE_OTHER_TEXT: of all that have no name, together */
    struct slice title; /* of a page; may be empty */
    struct metrics metrics;
    struct metrics previous;
};

struct statistics_top {
    const struct statistics_row *rows;
    size_t row_count;
    struct metrics total; /* of all values; of a search, all that were found */
    struct metrics other; /* of those that are not in rows */
    size_t count;         /* how many values there are, or were found */
};

/** What is not of the question's kind is zero. Lives as long as the call. */
struct statistics_answer {
    enum err err;         /* ERR_OK, or nothing else is valid but … */
    struct err_info info; /* … why, a sentence; may be empty */
    const struct statistics_question *question;
    const struct site *site;
    struct zone *zone; /* NULL: UTC */
    int64_t unix_s;    /* when it was asked */
    unsigned metrics;  /* a set: what is counted of what was asked */
    bool has_range;
    bool has_previous;
    struct date_range range;
    struct date_range previous;
    struct series series;
    struct series previous_series;
    struct statistics_top top;
    int64_t live;
};

/**
 * @param answer  its err: ERR_OK; ERR_NOT_FOUND: there is no such site; ERR_INVALID;
 *                ERR_UNAVAILABLE; ERR_BUSY; ERR_NO_MEMORY
 */
typedef void statistics_done_fn(void *ctx, const struct statistics_answer *answer);

/** @param store, clock  borrowed, outlive the statistics. NULL without memory */
struct statistics *statistics_create(struct store *store, const struct clock *clock);

/** Nobody who waits is told. NULL is fine. */
void statistics_destroy(struct statistics *statistics);

/**
 * Asks.
 *
 * @param question  copied
 * @param done      called once, never inside this call
 * @return          for statistics_cancel(); NULL without memory, or when too many are asked
 */
struct statistics_query *statistics_ask(struct statistics *statistics,
                                        const struct statistics_question *question,
                                        statistics_done_fn *done, void *ctx);

/** What is said of a site that is not there. */
void statistics_no_site(struct slice site, struct err_info *info);

/** `done` is not called. NULL is fine. */
void statistics_cancel(struct statistics_query *query);

#endif
