/* Reading out the rollups, in the order of the numbers of their lists, pages and values. These
 * three numbers are the cursor, too. */
#include "store/sqlite_job.h"

enum { CURSOR_NUMBERS = 3, CURSOR_BYTES = 1 + CURSOR_NUMBERS * (int)sizeof(int64_t) };

/* The columns of STATEMENT_ROLLUP_SCAN; the first CURSOR_NUMBERS are the key. */
enum column {
    COLUMN_METRICS = CURSOR_NUMBERS,
    COLUMN_SITE,
    COLUMN_BUCKET,
    COLUMN_DIMENSION,
    COLUMN_PAGE,
    COLUMN_VALUE,
    COLUMN_TEXT,
    COLUMN_TITLE
};

/* A letter alone is the beginning. */
static bool bind_cursor(sqlite3_stmt *scan, struct slice cursor)
{
    int64_t numbers[CURSOR_NUMBERS] = {0};

    if (cursor.len != 1 && cursor.len != CURSOR_BYTES)
        return false;
    if (cursor.len == CURSOR_BYTES)
        memcpy(numbers, cursor.ptr + 1, sizeof(numbers));
    for (int i = 0; i < CURSOR_NUMBERS; i++)
        sqlite_bind_number(scan, i + 1, numbers[i]);
    return true;
}

/* The place of the row that the statement stands on. */
static void write_cursor(sqlite3_stmt *scan, char out[static CURSOR_BYTES])
{
    int64_t numbers[CURSOR_NUMBERS];

    for (int i = 0; i < CURSOR_NUMBERS; i++)
        numbers[i] = sqlite3_column_int64(scan, i);
    out[0] = SQLITE_SCAN_ROLLUPS;
    memcpy(out + 1, numbers, sizeof(numbers));
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* The site of the last row is mostly that of this one. */
static struct slice copy_site(struct sqlite_job *job, struct slice site)
{
    if (job->scan.rollup_count > 0) {
        struct slice last = job->scan.rollups[job->scan.rollup_count - 1].rollup.site;

        if (slice_eq(last, site))
            return last;
    }
    return arena_dup(&job->op->arena, site);
}

static int copy_name(sqlite3_stmt *scan, struct arena *arena, struct name *out)
{
    *out = (struct name){.text = {NULL, 0}};
    if (sqlite3_column_type(scan, COLUMN_TEXT) == SQLITE_NULL)
        return SQLITE_OK;
    out->text = arena_dup(arena, sqlite_column_slice(scan, COLUMN_TEXT));
    out->title = arena_dup(arena, sqlite_column_slice(scan, COLUMN_TITLE));
    return out->text.ptr && out->title.ptr ? SQLITE_OK : SQLITE_NOMEM;
}

/* Without a page its column is NULL, which reads as 0. */
static int copy_row(sqlite3_stmt *scan, struct sqlite_job *job, struct scanned_rollup *out)
{
    *out = (struct scanned_rollup){
        .rollup =
            {
                .site = copy_site(job, sqlite_column_slice(scan, COLUMN_SITE)),
                .bucket = sqlite3_column_int(scan, COLUMN_BUCKET),
                .dimension = (enum dimension)sqlite3_column_int(scan, COLUMN_DIMENSION),
                .page = (uint64_t)sqlite3_column_int64(scan, COLUMN_PAGE),
                .value = (uint64_t)sqlite3_column_int64(scan, COLUMN_VALUE),
            },
    };
    if (!out->rollup.site.ptr)
        return SQLITE_NOMEM;
    if (!sqlite_metrics_unpack(sqlite_column_slice(scan, COLUMN_METRICS), &out->metrics))
        return SQLITE_MISMATCH;
    return out->rollup.page == VALUE_NONE ? copy_name(scan, &job->op->arena, &out->name)
                                          : SQLITE_OK;
}

/* ---- the body ------------------------------------------------------------------------------- */

static int scan_rows(sqlite3_stmt *scan, struct sqlite_job *job, char cursor[static CURSOR_BYTES])
{
    struct scanned_rollup *rollups =
        arena_alloc(&job->op->arena, STORE_SCAN_ITEMS * sizeof(*rollups));
    int rc = rollups ? SQLITE_ROW : SQLITE_NOMEM;

    job->scan.rollups = rollups;
    while (rc == SQLITE_ROW && (rc = sqlite3_step(scan)) == SQLITE_ROW) {
        int copied = copy_row(scan, job, &rollups[job->scan.rollup_count]);

        if (copied != SQLITE_OK)
            return copied;
        write_cursor(scan, cursor);
        job->scan.rollup_count++;
    }
    return rc;
}

int sqlite_scan_rollups(struct sqlite_db *db, struct sqlite_job *job)
{
    sqlite3_stmt *scan = db->statements[STATEMENT_ROLLUP_SCAN];
    char cursor[CURSOR_BYTES];
    int rc;

    if (!bind_cursor(scan, job->op->cursor)) {
        job->is_cursor_wrong = true;
        return SQLITE_DONE;
    }
    sqlite_bind_number(scan, CURSOR_NUMBERS + 1, STORE_SCAN_ITEMS);
    rc = scan_rows(scan, job, cursor);
    (void)sqlite3_reset(scan);
    if (rc != SQLITE_DONE || job->scan.rollup_count < STORE_SCAN_ITEMS)
        return rc;
    job->scan.cursor = arena_dup(&job->op->arena, slice_of(cursor, sizeof(cursor)));
    return job->scan.cursor.ptr ? SQLITE_DONE : SQLITE_NOMEM;
}
