/**
 * Statistics on a memory store whose rows the test writes. It is 2023-11-14, 22:13:21 UTC.
 */
#ifndef FOOTFALL_TESTS_STATISTICS_FIXTURE_H
#define FOOTFALL_TESTS_STATISTICS_FIXTURE_H

#include "count/statistics.h"
#include "store/memory.h"
#include "support/virtual_loop.h"

struct statistics_fixture {
    struct virtual_loop loop;
    struct memory_db *db;
    struct store *store;
    struct statistics *statistics;
    struct writer_id writer;
    uint64_t number; /* of its last commit */
    struct arena arena;

    /* The last answer; texts and arrays are in the arena. */
    bool is_told;
    struct statistics_answer answer;
    struct strbuf labels; /* of the series, a space behind each */
    struct strbuf rows;   /* of the list: "VALUE VIEWS" and a comma, for each */
};

/** cmocka's set-up and tear-down; the state is the fixture. */
int statistics_set_up(void **state);
int statistics_tear_down(void **state);

/** A row of views; visits are views / 2, visitors views / 4, bounces 1, seconds 10 times the views.
 *  @param page, value  texts; NULL: none */
void put_row(struct statistics_fixture *f, enum dimension dimension, int32_t bucket,
             const char *page, const char *value, int64_t views);

/** The same of the day of a date, its month, and at 12 o'clock UTC: of the whole site, and of a
 * page. */
void put_day(struct statistics_fixture *f, const char *text, const char *page, int64_t views);

/** @param json  the record of site/ID */
void put_site(struct statistics_fixture *f, const char *id, const char *json);

int32_t day_of(const char *text);

/** Asks and lets the store answer; the answer's err. */
enum err ask(struct statistics_fixture *f, const struct statistics_question *question);

/** A question about a range: from and to as dates. */
struct statistics_question question_of(enum statistics_kind kind, const char *from, const char *to);

#endif
