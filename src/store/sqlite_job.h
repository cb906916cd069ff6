/**
 * A job: one operation on its way through a thread and back. It belongs to the loop thread until it
 * is pushed, then to the thread that took it, then to the loop thread again; only `abandoned` may
 * be touched by the loop thread in between. It lives in the arena of its operation.
 *
 * A job that would take long is done in steps, each in a transaction of its own, with other jobs in
 * between.
 */
#ifndef FOOTFALL_STORE_SQLITE_JOB_H
#define FOOTFALL_STORE_SQLITE_JOB_H

#include <stdatomic.h>

#include "store/driver.h"
#include "store/sqlite_bind.h"
#include "store/sqlite_db.h"
#include "store/sqlite_error.h"
#include "store/sqlite_queue.h"

struct sqlite_job {
    struct sqlite_job *next; /* in a queue */
    struct store_op *op;     /* NULL: not an operation, but the word that the thread has ended */
    int64_t now_unix_ms;     /* when it was started, by the clock of the store */
    int64_t now_mono_ms;
    atomic_bool abandoned; /* nobody waits for it: drop it, if its transaction has not begun */

    /* What came of it; memory is in the arena of the op. */
    enum sqlite_fate fate;
    struct commit_result commit;  /* OP_COMMIT that is done */
    const struct record *records; /* OP_READ, OP_LIST that is done */
    size_t record_count;          /* OP_LIST that is done */
    const int64_t *totals;        /* OP_TOTALS that is done */
    struct scan_step scan;        /* OP_SCAN that is done */
    bool is_cursor_wrong;         /* OP_SCAN: there is no step */
    struct sqlite_query *query;   /* OP_ROLLUPS that has begun: sqlite_query.h */
    struct name *names;           /* OP_NAMES that has begun */
    size_t names_read;            /* OP_NAMES: so many of them are read */
    bool is_purged;               /* OP_PURGE that is done: nothing is left */
    bool is_unfinished;           /* this was but a step: run it again */
    struct store_health *health;  /* OP_CHECK that is done */
    char detail[SQLITE_DETAIL_BYTES];
    bool is_open;   /* the connection, afterwards */
    uint64_t opens; /* how often it was opened so far */
    bool is_newer;  /* its schema, than this program */
};

/** True for operations that need no lock: the writer thread has no part in them. */
bool sqlite_job_only_reads(const struct sqlite_job *job);

/** Where it waits. */
enum sqlite_lane sqlite_job_lane(const struct sqlite_job *job);

/**
 * Carries the job out on the thread's connection and fills in what came of it.
 *
 * @return  false: it did a step, and is not finished; run it again
 */
bool sqlite_job_run(struct sqlite_job *job, struct sqlite_db *db);

/** Tells the caller of the job's operation, on the loop; both are gone afterwards. */
void sqlite_job_finish(struct sqlite_job *job);

/**
 * The work of one kind of operation, inside a transaction.
 *
 * @return  SQLITE_OK: commit what was written; SQLITE_DONE: nothing was written; or an error
 */
typedef int sqlite_body_fn(struct sqlite_db *db, struct sqlite_job *job);

sqlite_body_fn sqlite_commit_body, sqlite_register_body, sqlite_sweep_body; /* sqlite_commit.c */
sqlite_body_fn sqlite_read_body, sqlite_totals_body;                        /* sqlite_read.c */
sqlite_body_fn sqlite_list_body, sqlite_names_body;                         /* likewise */
sqlite_body_fn sqlite_query_body;                                           /* sqlite_query.c */
sqlite_body_fn sqlite_purge_body;                                           /* sqlite_purge.c */
sqlite_body_fn sqlite_scan_body;                                            /* sqlite_scan.c */

/** Reads some rollups behind the place that a cursor names: sqlite_scan_rollups.c. */
sqlite_body_fn sqlite_scan_rollups;

/** The beginning of the cursors of sqlite_scan_rollups(). */
#define SQLITE_SCAN_ROLLUPS 'n'

/** sqlite_health.c: what there is to say about the open database and its file. */
void sqlite_health_check(const struct sqlite_db *db, struct store_health *out);

/** The bytes in a column of the row that the statement stands on; borrowed from it. */
struct slice sqlite_column_slice(sqlite3_stmt *statement, int column);

/**
 * Looks up one record, inside a transaction.
 *
 * @param key    borrowed by `out`
 * @param arena  takes the value; NULL: `out->value` is left empty
 * @return       SQLITE_OK, also when it is absent, or an error
 */
int sqlite_record_look(struct sqlite_db *db, struct slice key, int64_t now_unix_ms,
                       struct arena *arena, struct record *out);

#endif
