/* Reading everything out: the records in the order of their keys, then the counters in theirs, then
 * the rollups, which have a file of their own. */
#include "store/scan_cursor.h"
#include "store/sqlite_job.h"
#include "store/sqlite_schema.h"

/* From the first rollup on. */
static const char rollups_cursor[] = {SQLITE_SCAN_ROLLUPS};

static int set_cursor(struct sqlite_job *job, enum scan_part part, struct slice key)
{
    job->scan.cursor = scan_cursor_make(&job->op->arena, part, key);
    return job->scan.cursor.ptr ? SQLITE_OK : SQLITE_NOMEM;
}

/* ---- records -------------------------------------------------------------------------------- */

static uint32_t ttl_s(int64_t expires_unix_ms, int64_t now_unix_ms)
{
    if (expires_unix_ms == SQLITE_NEVER_UNIX_MS)
        return RECORD_FOREVER;
    return (uint32_t)((expires_unix_ms - now_unix_ms + 999) / 1000);
}

static int copy_record(sqlite3_stmt *scan, struct sqlite_job *job, struct scanned_record *out)
{
    out->key = arena_dup(&job->op->arena, sqlite_column_slice(scan, 0));
    out->value = arena_dup(&job->op->arena, sqlite_column_slice(scan, 1));
    out->ttl_s = ttl_s(sqlite3_column_int64(scan, 2), job->now_unix_ms);
    return out->key.ptr && out->value.ptr ? SQLITE_OK : SQLITE_NOMEM;
}

static int scan_records(struct sqlite_db *db, struct sqlite_job *job, struct slice after)
{
    sqlite3_stmt *scan = db->statements[STATEMENT_RECORD_SCAN];
    struct scanned_record *records =
        arena_alloc(&job->op->arena, STORE_SCAN_ITEMS * sizeof(*records));
    size_t count = 0;
    int rc = records ? SQLITE_ROW : SQLITE_NOMEM;

    sqlite_bind_blob(scan, 1, after);
    sqlite_bind_number(scan, 2, job->now_unix_ms);
    sqlite_bind_number(scan, 3, STORE_SCAN_ITEMS);
    while (rc == SQLITE_ROW && (rc = sqlite3_step(scan)) == SQLITE_ROW) {
        if (copy_record(scan, job, &records[count++]) != SQLITE_OK)
            rc = SQLITE_NOMEM;
    }
    (void)sqlite3_reset(scan);
    job->scan.records = records;
    job->scan.record_count = count;
    if (rc != SQLITE_DONE)
        return rc;
    return count == STORE_SCAN_ITEMS ? set_cursor(job, SCAN_RECORDS, records[count - 1].key)
                                     : set_cursor(job, SCAN_COUNTERS, SLICE(""));
}

/* ---- counters ------------------------------------------------------------------------------- */

static int copy_counter(sqlite3_stmt *scan, struct sqlite_job *job, struct scanned_counter *out)
{
    out->counter.site = arena_dup(&job->op->arena, sqlite_column_slice(scan, 0));
    out->counter.dimension = (enum dimension)sqlite3_column_int(scan, 1);
    out->counter.value = arena_dup(&job->op->arena, sqlite_column_slice(scan, 2));
    out->views = sqlite3_column_int64(scan, 3);
    return out->counter.site.ptr && out->counter.value.ptr ? SQLITE_OK : SQLITE_NOMEM;
}

static int scan_counters(struct sqlite_db *db, struct sqlite_job *job, const struct counter *after)
{
    sqlite3_stmt *scan = db->statements[STATEMENT_COUNTER_SCAN];
    struct scanned_counter *counters =
        arena_alloc(&job->op->arena, STORE_SCAN_ITEMS * sizeof(*counters));
    char key[COUNTER_KEY_MAX];
    size_t count = 0;
    int rc = counters ? SQLITE_ROW : SQLITE_NOMEM;

    sqlite_bind_counter(scan, after);
    sqlite_bind_number(scan, 4, STORE_SCAN_ITEMS);
    while (rc == SQLITE_ROW && (rc = sqlite3_step(scan)) == SQLITE_ROW) {
        if (copy_counter(scan, job, &counters[count++]) != SQLITE_OK)
            rc = SQLITE_NOMEM;
    }
    (void)sqlite3_reset(scan);
    job->scan.counters = counters;
    job->scan.counter_count = count;
    if (rc != SQLITE_DONE)
        return rc;
    if (count == STORE_SCAN_ITEMS)
        return set_cursor(job, SCAN_COUNTERS, counter_key(&counters[count - 1].counter, key));
    job->scan.cursor = slice_of(rollups_cursor, sizeof(rollups_cursor));
    return SQLITE_OK;
}

/* ---- the body ------------------------------------------------------------------------------- */

int sqlite_scan_body(struct sqlite_db *db, struct sqlite_job *job)
{
    struct scan_cursor from;
    int rc;

    job->scan = (struct scan_step){.cursor = SLICE("")};
    if (slice_starts_with(job->op->cursor, slice_of(rollups_cursor, sizeof(rollups_cursor))))
        return sqlite_scan_rollups(db, job);
    if (!scan_cursor_parse(job->op->cursor, &from)) {
        job->is_cursor_wrong = true;
        return SQLITE_DONE;
    }
    rc = from.part == SCAN_RECORDS ? scan_records(db, job, from.key)
                                   : scan_counters(db, job, &from.counter);
    return rc == SQLITE_OK ? SQLITE_DONE : rc;
}
