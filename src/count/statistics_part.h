/**
 * What the files of statistics share. A query is a heap object with one operation of the store at a
 * time; each step ends in the next one, or in statistics_finish().
 */
#ifndef FOOTFALL_COUNT_STATISTICS_PART_H
#define FOOTFALL_COUNT_STATISTICS_PART_H

#include "count/ranking.h"
#include "count/statistics.h"

struct statistics {
    struct store *store;
    const struct clock *clock;
    struct statistics_query *first; /* all that are under way */
    size_t count;
};

struct statistics_query {
    struct statistics *owner;
    struct statistics_query *prev;
    struct statistics_query *next;
    struct arena arena; /* texts of the question, points, rows */
    struct store_op *op;
    struct statistics_question question;
    struct statistics_answer answer; /* as far as it is known */
    struct site *site;               /* also in the answer, const there */
    struct ranking ranking;          /* of top */
    size_t searched;                 /* so many of its rows were looked at, from the first one, */
    size_t found;                    /* and so many of these are kept, at its beginning */
    struct statistics_row *rows;     /* of the list, before they are told */
    statistics_done_fn *done;
    void *ctx;
};

/** Tells what the answer has become and ends the query. */
void statistics_finish(struct statistics_query *query, enum err err);

/** Asks the store about the site; finishes when it cannot. `rollups` gets its site here. */
void statistics_read_rollups(struct statistics_query *query, struct rollup_query *rollups,
                             store_rollups_fn *done);
void statistics_read_names(struct statistics_query *query, const uint64_t *ids, size_t count,
                           store_names_fn *done);

/** The rows that a question is about, and what they are summed by; but for the buckets. */
struct rollup_query statistics_rollups(const struct statistics_question *question);

/** ERR_INVALID when it asks for what is not counted; `info` says what that is. */
enum err statistics_check(const struct statistics_question *question,
                          struct err_info *info) MUST_CHECK;

/** The set of metrics that are counted of what is asked for. */
unsigned statistics_metrics(const struct statistics_question *question);

/** They go on when the site and the days are known. */
void statistics_begin_series(struct statistics_query *query);
void statistics_begin_top(struct statistics_query *query);
void statistics_begin_live(struct statistics_query *query);

#endif
