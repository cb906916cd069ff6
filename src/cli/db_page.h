/**
 * A page: one step of a scan, copied, so that it can be worked on while other calls are made.
 */
#ifndef FOOTFALL_CLI_DB_PAGE_H
#define FOOTFALL_CLI_DB_PAGE_H

#include "base/hashmap.h"
#include "store/store.h"

/** Nothing is in it twice, and nothing that is none of Footfall's; nor rollups of minutes, which
 * show what happens now and are dropped soon, perhaps while they are copied and compared. */
struct db_page {
    struct arena arena;
    struct hashmap seen;
    struct scanned_record *records;
    size_t record_count;
    struct scanned_counter *counters;
    size_t counter_count;
    struct scanned_rollup *rollups; /* without a name: its texts are empty */
    size_t rollup_count;
    struct slice cursor; /* of the next step; empty: the beginning, and again the end */
};

void db_page_init(struct db_page *page);
void db_page_fini(struct db_page *page);

/** The step takes the place of what was on the page. ERR_NO_MEMORY */
enum err db_page_take(struct db_page *page, const struct scan_step *step) MUST_CHECK;

#endif
