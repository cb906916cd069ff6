/**
 * Answers about statistics as JSON, for programs and the dashboard, and as CSV, for spreadsheets.
 *
 *     series {"site","name","zone","from","to","by","totals":{…},"series":[{"start","label",…}, …],
 *             "previous":{"from","to","totals"},"previous_series":[…]}
 *     top    {"site","name","zone","from","to","dimension","count","rows":[{"value","title",…,
 *             "previous":{…}}, …],"other":{…},"total":{…},"previous":{"from","to"}}
 *     live   {"site","name","at","live","minutes"}
 *
 * A metric is a number, or null when there is none: the bounce rate of no visits. Points of a
 * series begin at `start`, in seconds since 1970; the n-th point of both series belong together.
 */
#ifndef FOOTFALL_WEB_STATS_TEXT_H
#define FOOTFALL_WEB_STATS_TEXT_H

#include "count/statistics.h"

/** No answer is longer: a thousand rows of the longest names, all of them to be escaped. */
#define STATS_MAX_BYTES (8 << 20)

/** Appends an answer that is ERR_OK, of any kind. @param metrics  a set: those to show */
void stats_append_json(struct strbuf *out, const struct statistics_answer *answer,
                       unsigned metrics);

/**
 * The same of a series or a list, with a head line (RFC 4180). A field that a spreadsheet might
 * take for a formula has a ' before it.
 */
void stats_append_csv(struct strbuf *out, const struct statistics_answer *answer, unsigned metrics);

/** Appends what all metrics and dimensions mean, as JSON. */
void stats_append_definitions(struct strbuf *out);

#endif
