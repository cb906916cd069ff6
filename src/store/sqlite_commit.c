/* What writes: commits, registrations, sweeps. */
#include "store/sqlite_job.h"
#include "store/sqlite_rollup.h"
#include "store/sqlite_schema.h"

/* Rows of each kind that one sweep removes: some milliseconds, so that commits hardly wait. */
#define SWEEP_ROWS 500

/* ---- the result that is stored with the writer's number ------------------------------------- */

/* As it was stored: the totals, or NULL for a conflict. `get` stands on the writer's row. */
static int read_result(sqlite3_stmt *get, struct sqlite_job *job)
{
    const struct commit *commit = job->op->commit;
    size_t bytes = commit->totals_wanted * sizeof(int64_t);
    int64_t *totals;

    if (sqlite3_column_type(get, 1) == SQLITE_NULL) {
        job->commit.status = COMMIT_CONFLICT;
        return SQLITE_OK;
    }
    if ((size_t)sqlite3_column_bytes(get, 1) != bytes)
        return SQLITE_MISMATCH;
    totals = arena_alloc(&job->op->arena, bytes + sizeof(int64_t));
    if (!totals)
        return SQLITE_NOMEM;
    if (bytes > 0)
        memcpy(totals, sqlite3_column_blob(get, 1), bytes);
    job->commit.status = COMMIT_DONE;
    job->commit.totals = totals;
    return SQLITE_OK;
}

static int store_result(struct sqlite_db *db, const struct sqlite_job *job)
{
    const struct commit *commit = job->op->commit;
    sqlite3_stmt *set = db->statements[STATEMENT_WRITER_SET];

    sqlite_bind_writer(set, &commit->writer);
    sqlite_bind_number(set, 2, (int64_t)commit->number);
    sqlite_bind_number(set, 3, job->now_unix_ms);
    if (job->commit.status == COMMIT_DONE)
        sqlite_bind_blob(set, 4,
                         slice_of(job->commit.totals, commit->totals_wanted * sizeof(int64_t)));
    else
        sqlite_bind_null(set, 4);
    return sqlite_db_run(set);
}

/* What there is now, one for each write: the answer to a conflict, first or repeated. */
static int read_current(struct sqlite_db *db, struct sqlite_job *job)
{
    const struct commit *commit = job->op->commit;
    struct record *records =
        arena_alloc(&job->op->arena, (commit->write_count + 1) * sizeof(*records));

    if (!records)
        return SQLITE_NOMEM;
    for (size_t i = 0; i < commit->write_count; i++) {
        int rc = sqlite_record_look(db, commit->writes[i].key, job->now_unix_ms, &job->op->arena,
                                    &records[i]);

        if (rc != SQLITE_OK)
            return rc;
    }
    job->commit.records = records;
    return SQLITE_OK;
}

/* ---- applying ------------------------------------------------------------------------------- */

static int check_versions(struct sqlite_db *db, struct sqlite_job *job, bool *fit)
{
    const struct commit *commit = job->op->commit;

    *fit = true;
    for (size_t i = 0; i < commit->write_count && *fit; i++) {
        struct record record;
        int rc = sqlite_record_look(db, commit->writes[i].key, job->now_unix_ms, NULL, &record);

        if (rc != SQLITE_OK)
            return rc;
        *fit = record_fits(&commit->writes[i], record.version);
    }
    return SQLITE_OK;
}

static int64_t expiry_of(const struct record_write *write, int64_t now_unix_ms)
{
    if (write->ttl_s == RECORD_FOREVER)
        return SQLITE_NEVER_UNIX_MS;
    return now_unix_ms + (int64_t)write->ttl_s * 1000;
}

static int apply_write(struct sqlite_db *db, const struct sqlite_job *job,
                       const struct record_write *write)
{
    bool is_removal = !write->value.ptr;
    sqlite3_stmt *change =
        db->statements[is_removal ? STATEMENT_RECORD_REMOVE : STATEMENT_RECORD_PUT];

    sqlite_bind_blob(change, 1, write->key);
    if (!is_removal) {
        sqlite_bind_number(change, 2, (int64_t)job->op->commit->version);
        sqlite_bind_number(change, 3, expiry_of(write, job->now_unix_ms));
        sqlite_bind_blob(change, 4, write->value);
    }
    return sqlite_db_run(change);
}

/* Runs STATEMENT_COUNTER_MOVE or STATEMENT_COUNTER_ADD. */
static int change_counter(struct sqlite_db *db, enum sqlite_statement which,
                          const struct addition *addition)
{
    sqlite3_stmt *change = db->statements[which];

    sqlite_bind_counter(change, &addition->counter);
    sqlite_bind_number(change, 4, addition->delta);
    return sqlite_db_run(change);
}

/* Counts a new counter in the list of its site, if there is room. */
static int take_place(struct sqlite_db *db, const struct addition *addition, bool *is_taken)
{
    static const enum sqlite_statement tries[] = {STATEMENT_COUNTER_LIST_MOVE,
                                                  STATEMENT_COUNTER_LIST_ADD};

    int rc = SQLITE_OK;

    *is_taken = false;
    for (size_t i = 0; rc == SQLITE_OK && !*is_taken && i < 2; i++) {
        sqlite3_stmt *change = db->statements[tries[i]];

        sqlite_bind_text(change, 1, addition->counter.site);
        sqlite_bind_number(change, 2, (int64_t)addition->counter.dimension);
        if (tries[i] == STATEMENT_COUNTER_LIST_MOVE)
            sqlite_bind_number(change, 3, addition->cap);
        rc = sqlite_db_run(change);
        *is_taken = sqlite3_changes(db->handle) == 1;
    }
    return rc;
}

static int make_counter(struct sqlite_db *db, const struct addition *addition, int64_t *total)
{
    bool is_taken;
    int rc = take_place(db, addition, &is_taken);

    *total = is_taken ? addition->delta : COUNTER_NOT_MADE;
    if (rc != SQLITE_OK || !is_taken)
        return rc;
    return change_counter(db, STATEMENT_COUNTER_ADD, addition);
}

static int apply_addition(struct sqlite_db *db, const struct addition *addition, int64_t *total)
{
    int rc;

    db->moved = false;
    rc = change_counter(db, STATEMENT_COUNTER_MOVE, addition);
    if (rc == SQLITE_OK && !db->moved)
        return make_counter(db, addition, total);
    *total = db->moved_views;
    return rc;
}

static int apply(struct sqlite_db *db, struct sqlite_job *job)
{
    const struct commit *commit = job->op->commit;
    int64_t *totals = arena_alloc(&job->op->arena, (commit->addition_count + 1) * sizeof(*totals));
    int rc = totals ? SQLITE_OK : SQLITE_NOMEM;

    for (size_t i = 0; rc == SQLITE_OK && i < commit->write_count; i++)
        rc = apply_write(db, job, &commit->writes[i]);
    for (size_t i = 0; rc == SQLITE_OK && i < commit->addition_count; i++)
        rc = apply_addition(db, &commit->additions[i], &totals[i]);
    if (rc == SQLITE_OK)
        rc = sqlite_rollups_apply(db, commit, &job->op->arena);
    job->commit.status = COMMIT_DONE;
    job->commit.totals = totals;
    return rc;
}

/* ---- the bodies ----------------------------------------------------------------------------- */

/* s = n - 1: it is new. */
static int commit_new(struct sqlite_db *db, struct sqlite_job *job)
{
    bool fit;
    int rc = check_versions(db, job, &fit);

    if (rc == SQLITE_OK && fit) {
        rc = apply(db, job);
    } else if (rc == SQLITE_OK) {
        job->commit.status = COMMIT_CONFLICT;
        rc = read_current(db, job);
    }
    return rc == SQLITE_OK ? store_result(db, job) : rc;
}

/* s = n: it was here before, and `result` is what it was told. */
static int commit_again(struct sqlite_db *db, struct sqlite_job *job)
{
    int rc = SQLITE_OK;

    if (job->commit.status == COMMIT_CONFLICT)
        rc = read_current(db, job);
    return rc == SQLITE_OK ? SQLITE_DONE : rc;
}

/* The writer's last number, and its result if that is the number of this commit. */
static int read_writer(struct sqlite_db *db, struct sqlite_job *job, bool *known)
{
    const struct commit *commit = job->op->commit;
    sqlite3_stmt *get = db->statements[STATEMENT_WRITER_GET];
    int rc;

    sqlite_bind_writer(get, &commit->writer);
    rc = sqlite3_step(get);
    *known = rc == SQLITE_ROW;
    if (*known) {
        rc = SQLITE_OK;
        job->commit.last_number = (uint64_t)sqlite3_column_int64(get, 0);
        if (job->commit.last_number == commit->number)
            rc = read_result(get, job);
    }
    (void)sqlite3_reset(get);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int sqlite_commit_body(struct sqlite_db *db, struct sqlite_job *job)
{
    uint64_t number = job->op->commit->number;
    bool known;
    int rc = read_writer(db, job, &known);

    if (rc != SQLITE_OK)
        return rc;
    if (!known) {
        job->commit.status = COMMIT_NO_WRITER;
        return SQLITE_DONE;
    }
    if (job->commit.last_number == number - 1)
        return commit_new(db, job);
    if (job->commit.last_number == number)
        return commit_again(db, job);
    job->commit.status = job->commit.last_number < number ? COMMIT_BEHIND : COMMIT_AHEAD;
    return SQLITE_DONE;
}

int sqlite_register_body(struct sqlite_db *db, struct sqlite_job *job)
{
    sqlite3_stmt *add = db->statements[STATEMENT_WRITER_ADD];

    sqlite_bind_writer(add, &job->op->writer);
    sqlite_bind_number(add, 2, (int64_t)job->op->number);
    sqlite_bind_number(add, 3, job->now_unix_ms);
    return sqlite_db_run(add);
}

/* Removes some rows that are `limit_unix_ms` old or older. */
static int sweep(struct sqlite_db *db, enum sqlite_statement which, int64_t limit_unix_ms)
{
    sqlite3_stmt *remove = db->statements[which];

    sqlite_bind_number(remove, 1, limit_unix_ms);
    sqlite_bind_number(remove, 2, SWEEP_ROWS);
    return sqlite_db_run(remove);
}

int sqlite_sweep_body(struct sqlite_db *db, struct sqlite_job *job)
{
    int64_t writer_limit = job->now_unix_ms - INT64_C(1000) * (int64_t)STORE_WRITER_TTL_S;
    int rc = sweep(db, STATEMENT_RECORD_SWEEP, job->now_unix_ms);

    return rc == SQLITE_OK ? sweep(db, STATEMENT_WRITER_SWEEP, writer_limit) : rc;
}
