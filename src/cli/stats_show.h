/**
 * What "footfall stats" shows: some questions, asked together, and their answers as one text.
 */
#ifndef FOOTFALL_CLI_STATS_SHOW_H
#define FOOTFALL_CLI_STATS_SHOW_H

#include "cli/db_session.h"
#include "cli/stats_screen.h"

#define STATS_SHOW_MAX_LISTS 6

/** The series, live, and lists. */
#define STATS_SHOW_MAX_PARTS (2 + STATS_SHOW_MAX_LISTS)

struct stats_show;

/** One question, and its answer as text. */
struct stats_show_part {
    struct stats_show *show;
    struct statistics_query *query; /* NULL: answered, or never asked */
    const char *title;              /* of a list */
    const char *key;                /* in JSON */
    struct strbuf text;
};

struct stats_show {
    /* Filled by who shows: */
    struct db_session *session;
    struct statistics *statistics;
    struct statistics_question question; /* the series; its texts outlive the show */
    bool is_json;
    bool is_watch; /* all has to be seen at once */

    struct terminal terminal; /* as it was at the last fetch */
    /* Private: */
    struct stats_screen_plan plan;
    struct stats_show_part parts[STATS_SHOW_MAX_PARTS];
    size_t part_count;
    size_t pending;
    enum err err; /* of the first part that failed */
    struct err_info info;
};

void stats_show_init(struct stats_show *show);
void stats_show_fini(struct stats_show *show);

/**
 * Asks, and waits for the answers.
 *
 * @param info  what is wrong, a sentence
 * @return      as statistics_done_fn; ERR_UNAVAILABLE also when patience has ended
 */
enum err stats_show_fetch(struct stats_show *show, struct err_info *info) MUST_CHECK;

/** Appends what was fetched: for a terminal, or one line of JSON. */
void stats_show_append(const struct stats_show *show, struct strbuf *out);

/** No text of it is longer. */
#define STATS_SHOW_MAX_BYTES (2 << 20)

#endif
