/**
 * The keys of a question about statistics, as addresses and flags have them: from=2026-11-01,
 * by=week, page=/about, source=Google …
 *
 *     stats_query_init() -> stats_query_set() for each key -> stats_query_end() -> its question
 *
 * The name of a dimension is the key of a filter. A key without a value counts as not given.
 */
#ifndef FOOTFALL_WEB_STATS_QUERY_H
#define FOOTFALL_WEB_STATS_QUERY_H

#include "count/statistics.h"

enum stats_format { STATS_JSON, STATS_CSV };

struct stats_query {
    struct statistics_question question; /* its texts borrow from the values */
    unsigned metrics;                    /* a set: those to show; 0: all that are counted */
    enum stats_format format;
    bool has_format;
    unsigned given; /* bits by row of the table of keys */
    struct arena *arena;
};

/** @param arena  for what has to be put together anew; outlives the query */
void stats_query_init(struct stats_query *query, enum statistics_kind kind, struct arena *arena);

/**
 * Takes a key.
 *
 * @param value  decoded; any bytes, checked here; borrowed for the life of the query
 * @param info   what is wrong, a sentence that names the key
 * @return       ERR_INVALID: there is no such key for this kind of question, it is given twice, or
 *               its value is wrong; ERR_NO_MEMORY
 */
enum err stats_query_set(struct stats_query *query, struct slice key, struct slice value,
                         struct err_info *info) MUST_CHECK;

/** Checks what keys say together. ERR_INVALID */
enum err stats_query_end(struct stats_query *query, struct err_info *info) MUST_CHECK;

/**
 * The metrics to show of an answer.
 *
 * @param asked  those of the query
 * @return       ERR_INVALID: one of them is not counted of what was asked
 */
enum err stats_query_metrics(unsigned asked, const struct statistics_answer *answer, unsigned *out,
                             struct err_info *info) MUST_CHECK;

#endif
