/**
 * Statistics as a person reads them in a terminal: blocks of lines, which are put side by side
 * where there is room.
 */
#ifndef FOOTFALL_CLI_STATS_SCREEN_H
#define FOOTFALL_CLI_STATS_SCREEN_H

#include "cli/terminal.h"
#include "count/statistics.h"

/** Lines of a list: its heading and its rows. */
#define STATS_SCREEN_MAX_ROWS 10

/** How much room there is. */
struct stats_screen_plan {
    unsigned list_columns; /* of one list */
    unsigned lists_across; /* side by side: 1 or 2 */
    unsigned list_rows;    /* without the heading */
};

/** @param lists  how many there will be
 *  @param fits   all has to be seen at once */
struct stats_screen_plan stats_screen_plan(const struct terminal *terminal, unsigned lists,
                                           bool fits);

/** Appends the head: site, days, totals with what they are compared with, and a sparkline. */
void stats_screen_append_head(const struct terminal *terminal, struct strbuf *out,
                              const struct statistics_answer *series);

/** Appends how many there are now. */
void stats_screen_append_live(const struct terminal *terminal, struct strbuf *out,
                              const struct statistics_answer *live);

/** Appends a list: its heading and up to plan->list_rows rows, of plan->list_columns columns. */
void stats_screen_append_list(const struct terminal *terminal, const struct stats_screen_plan *plan,
                              struct strbuf *out, const struct statistics_answer *top,
                              const char *title);

/** Appends two lists side by side, line by line; one of them may be shorter, and `right` empty. */
void stats_screen_append_beside(const struct stats_screen_plan *plan, struct strbuf *out,
                                struct slice left, struct slice right);

#endif
