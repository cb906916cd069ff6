#include "store/sqlite_job.h"

#include <errno.h>
#include <stdio.h>

#include "store/sqlite_query.h"

/* How each kind of operation is carried out. */
static const struct operation {
    sqlite_body_fn *body;        /* NULL: a check, which needs no transaction */
    enum sqlite_statement begin; /* BEGIN_WRITE: under the lock, by the writer thread */
    enum sqlite_lane lane;       /* LANE_SLOW: nobody's hit waits for it */
} operations[] = {
    [OP_REGISTER] = {sqlite_register_body, STATEMENT_BEGIN_WRITE, LANE_QUICK},
    [OP_COMMIT] = {sqlite_commit_body, STATEMENT_BEGIN_WRITE, LANE_QUICK},
    [OP_READ] = {sqlite_read_body, STATEMENT_BEGIN_READ, LANE_QUICK},
    [OP_TOTALS] = {sqlite_totals_body, STATEMENT_BEGIN_READ, LANE_QUICK},
    [OP_LIST] = {sqlite_list_body, STATEMENT_BEGIN_READ, LANE_SLOW},
    [OP_ROLLUPS] = {sqlite_query_body, STATEMENT_BEGIN_READ, LANE_SLOW},
    [OP_NAMES] = {sqlite_names_body, STATEMENT_BEGIN_READ, LANE_SLOW},
    [OP_PURGE] = {sqlite_purge_body, STATEMENT_BEGIN_WRITE, LANE_SLOW},
    [OP_SCAN] = {sqlite_scan_body, STATEMENT_BEGIN_READ, LANE_SLOW},
    [OP_SWEEP] = {sqlite_sweep_body, STATEMENT_BEGIN_WRITE, LANE_QUICK},
    [OP_CHECK] = {NULL, STATEMENT_BEGIN_WRITE, LANE_QUICK},
};

bool sqlite_job_only_reads(const struct sqlite_job *job)
{
    return operations[job->op->kind].begin == STATEMENT_BEGIN_READ;
}

enum sqlite_lane sqlite_job_lane(const struct sqlite_job *job)
{
    return operations[job->op->kind].lane;
}

/* ---- in the thread -------------------------------------------------------------------------- */

static void refuse(struct sqlite_job *job, const char *why)
{
    job->fate = SQLITE_FATE_REFUSED;
    (void)snprintf(job->detail, sizeof(job->detail), "%s", why);
}

static bool is_wanted(struct sqlite_job *job)
{
    bool wanted = !atomic_load_explicit(&job->abandoned, memory_order_relaxed);

    if (!wanted)
        refuse(job, "given up before its transaction began");
    return wanted;
}

/* Says what the failed statement means, before another one replaces SQLite's message. */
static struct sqlite_verdict judge(struct sqlite_job *job, const struct sqlite_db *db, int rc)
{
    struct sqlite_verdict verdict = sqlite_error_verdict(rc);
    /* Some errors are our own: no memory, a result of another length. */
    bool is_its_own = sqlite3_extended_errcode(db->handle) == rc;

    job->fate = verdict.fate;
    (void)snprintf(job->detail, sizeof(job->detail), "SQLite: %s (code %d)%s",
                   is_its_own ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc), rc,
                   verdict.fate == SQLITE_FATE_BUG ? ": a bug, or the tables were changed" : "");
    return verdict;
}

/* Ends the transaction whose body failed or had nothing to write. */
static void roll_back(struct sqlite_db *db, bool reopen)
{
    /* SQLite rolls back by itself after some errors. */
    if (sqlite3_get_autocommit(db->handle) == 0 &&
        sqlite_db_run(db->statements[STATEMENT_ROLLBACK]) != SQLITE_OK)
        reopen = true;
    if (reopen)
        sqlite_db_drop(db);
}

static void commit(struct sqlite_job *job, struct sqlite_db *db)
{
    int rc = sqlite_db_run(db->statements[STATEMENT_COMMIT]);

    db->failure[0] = '\0';
    if (rc == SQLITE_OK)
        return;
    (void)judge(job, db, rc);
    job->fate = SQLITE_FATE_UNKNOWN;
    (void)snprintf(db->failure, sizeof(db->failure), "%s", job->detail);
    roll_back(db, true);
}

static void transact(struct sqlite_job *job, struct sqlite_db *db)
{
    const struct operation *operation = &operations[job->op->kind];
    int rc = sqlite_db_run(db->statements[operation->begin]);

    if (rc == SQLITE_OK)
        rc = operation->body(db, job);
    if (rc == SQLITE_OK)
        commit(job, db);
    else if (rc == SQLITE_DONE)
        roll_back(db, false);
    else
        roll_back(db, judge(job, db, rc).reopen);
}

static void transact_in_turn(struct sqlite_job *job, struct sqlite_db *db)
{
    if (!sqlite_lock_take(&db->lock)) {
        refuse(job, strerrordesc_np(errno));
        sqlite_db_drop(db);
        return;
    }
    /* The turn may have come long after the deadline. */
    if (is_wanted(job))
        transact(job, db);
    sqlite_lock_release(&db->lock);
}

static void check(struct sqlite_job *job, struct sqlite_db *db)
{
    job->health = arena_alloc(&job->op->arena, sizeof(*job->health));
    if (job->health)
        sqlite_health_check(db, job->health);
    else
        refuse(job, "out of memory");
}

static void run_open(struct sqlite_job *job, struct sqlite_db *db)
{
    if (!operations[job->op->kind].body)
        check(job, db);
    else if (sqlite_job_only_reads(job))
        transact(job, db);
    else
        transact_in_turn(job, db);
}

bool sqlite_job_run(struct sqlite_job *job, struct sqlite_db *db)
{
    job->fate = SQLITE_FATE_DONE;
    job->is_unfinished = false;
    if (is_wanted(job)) {
        if (sqlite_db_ensure_open(db, job->now_mono_ms))
            run_open(job, db);
        else
            refuse(job, db->detail);
    }
    job->is_open = db->handle != NULL;
    job->opens = db->opens;
    job->is_newer = db->is_newer;
    return !job->is_unfinished || job->fate != SQLITE_FATE_DONE;
}

/* ---- on the loop ---------------------------------------------------------------------------- */

static void finish_done(struct sqlite_job *job)
{
    struct store_op *op = job->op;

    switch (op->kind) {
    case OP_REGISTER:
    case OP_SWEEP:
        op_finish_done(op, ERR_OK);
        return;
    case OP_COMMIT:
        op_finish_commit(op, &job->commit);
        return;
    case OP_READ:
        op_finish_records(op, ERR_OK, job->records);
        return;
    case OP_TOTALS:
        op_finish_totals(op, ERR_OK, job->totals);
        return;
    case OP_LIST:
        op_finish_list(op, ERR_OK, job->records, job->record_count);
        return;
    case OP_ROLLUPS:
        sqlite_query_tell(job->query, op);
        return;
    case OP_NAMES:
        op_finish_names(op, ERR_OK, job->names);
        return;
    case OP_PURGE:
        op_finish_purge(op, ERR_OK, job->is_purged);
        return;
    case OP_SCAN:
        op_finish_scan(op, job->is_cursor_wrong ? ERR_INVALID : ERR_OK, &job->scan);
        return;
    case OP_CHECK:
        op_finish_check(op, job->health);
        return;
    }
}

void sqlite_job_finish(struct sqlite_job *job)
{
    struct sqlite_query *query = job->query;

    switch (job->fate) {
    case SQLITE_FATE_DONE:
        finish_done(job);
        break;
    case SQLITE_FATE_REFUSED:
    case SQLITE_FATE_BUG:
        op_finish_refused(job->op, job->detail);
        break;
    case SQLITE_FATE_UNKNOWN:
        op_finish_unknown(job->op, job->detail);
        break;
    }
    sqlite_query_destroy(query);
}
