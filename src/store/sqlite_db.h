/**
 * One thread's connection to the database: opened when it is needed, opened anew when it broke.
 *
 * While the file cannot be opened the connection waits between attempts (0.1 s, doubled up to 5 s)
 * and says at once why it is not open.
 */
#ifndef FOOTFALL_STORE_SQLITE_DB_H
#define FOOTFALL_STORE_SQLITE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/sqlite_file.h"
#include "store/sqlite_lock.h"
#include "store/sqlite_metrics.h"
#include "store/sqlite_statement.h"

/** From so many pages in the write-ahead log on they are moved into the database, … */
#define SQLITE_CHECKPOINT_PAGES 1000

/** … and from so many bytes on (somebody kept the log from starting over) it is truncated. */
#define SQLITE_TRUNCATE_BYTES ((int64_t)64 << 20)

struct sqlite_db {
    const char *path; /* as in the url; borrowed */
    sqlite3 *handle;  /* NULL: not open */
    struct sqlite_lock lock;
    sqlite3_stmt *statements[STATEMENT_COUNT_]; /* reset, ready to be bound */
    bool moved;                      /* STATEMENT_COUNTER_MOVE or _ROLLUP_MOVE found its row */
    int64_t moved_views;             /* of _COUNTER_MOVE: the new total */
    const struct metrics *delta;     /* what _ROLLUP_MOVE adds; borrowed */
    char packed[SQLITE_METRICS_MAX]; /* what it has made of the row */
    int64_t wal_pages;               /* in the log after the last commit here */
    int64_t checkpointed_pages;      /* of those, how many the last checkpoint here has seen */
    int64_t retry_at_ms;             /* monotonic; not to be opened before */
    int64_t backoff_ms;
    uint64_t opens;                    /* how often it was opened */
    bool is_newer;                     /* than this program: found when it was opened last */
    char detail[SQLITE_DETAIL_BYTES];  /* why it is not open */
    char failure[SQLITE_DETAIL_BYTES]; /* why the last COMMIT failed; empty when it did not */
};

/** A connection that is not open. @param path  borrowed, outlives it */
void sqlite_db_init(struct sqlite_db *db, const char *path);

/**
 * Opens it if it is not open, or if its file is not the one under its name any more; makes the file
 * and its tables when there is none. Waits for its turn.
 *
 * @return  false with `db->detail`
 */
bool sqlite_db_ensure_open(struct sqlite_db *db, int64_t now_mono_ms);

/** Closes it at once, leaving the log to the others. Fine when it is not open. */
void sqlite_db_drop(struct sqlite_db *db);

/**
 * Closes it for good. The last connection of the last process moves the log into the database, so
 * that a footfall that is not running is one file.
 */
void sqlite_db_close(struct sqlite_db *db);

/** Moves the log into the database when it has grown long enough. Waits for its turn. */
void sqlite_db_checkpoint(struct sqlite_db *db);

/** Runs a statement that gives no rows, and resets it. @return SQLITE_OK or an error */
int sqlite_db_run(sqlite3_stmt *statement);

#endif
