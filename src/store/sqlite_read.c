#include "store/sqlite_job.h"

struct slice sqlite_column_slice(sqlite3_stmt *statement, int column)
{
    const void *bytes = sqlite3_column_blob(statement, column);

    /* SQLite gives NULL for an empty blob. */
    return bytes ? slice_of(bytes, (size_t)sqlite3_column_bytes(statement, column)) : SLICE("");
}

/* Of the row the statement stands on. */
static int copy_record(sqlite3_stmt *get, struct arena *arena, struct record *out)
{
    out->version = (uint64_t)sqlite3_column_int64(get, 0);
    if (!arena)
        return SQLITE_OK;
    out->value = arena_dup(arena, sqlite_column_slice(get, 1));
    return out->value.ptr ? SQLITE_OK : SQLITE_NOMEM;
}

int sqlite_record_look(struct sqlite_db *db, struct slice key, int64_t now_unix_ms,
                       struct arena *arena, struct record *out)
{
    sqlite3_stmt *get = db->statements[STATEMENT_RECORD_GET];
    int rc;

    *out = (struct record){.key = key, .value = SLICE(""), .version = RECORD_ABSENT};
    sqlite_bind_blob(get, 1, key);
    sqlite_bind_number(get, 2, now_unix_ms);
    rc = sqlite3_step(get);
    if (rc == SQLITE_ROW)
        rc = copy_record(get, arena, out);
    (void)sqlite3_reset(get);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int sqlite_read_body(struct sqlite_db *db, struct sqlite_job *job)
{
    struct store_op *op = job->op;
    struct record *records = arena_alloc(&op->arena, (op->count + 1) * sizeof(*records));

    if (!records)
        return SQLITE_NOMEM;
    for (size_t i = 0; i < op->count; i++) {
        int rc = sqlite_record_look(db, op->keys[i], job->now_unix_ms, &op->arena, &records[i]);

        if (rc != SQLITE_OK)
            return rc;
    }
    job->records = records;
    return SQLITE_DONE;
}

static int read_counter(struct sqlite_db *db, const struct counter *counter, int64_t *out)
{
    sqlite3_stmt *get = db->statements[STATEMENT_COUNTER_GET];
    int rc;

    sqlite_bind_counter(get, counter);
    rc = sqlite3_step(get);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(get, 0) : 0;
    (void)sqlite3_reset(get);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int sqlite_totals_body(struct sqlite_db *db, struct sqlite_job *job)
{
    struct store_op *op = job->op;
    int64_t *totals = arena_alloc(&op->arena, (op->count + 1) * sizeof(*totals));

    if (!totals)
        return SQLITE_NOMEM;
    for (size_t i = 0; i < op->count; i++) {
        int rc = read_counter(db, &op->counters[i], &totals[i]);

        if (rc != SQLITE_OK)
            return rc;
    }
    job->totals = totals;
    return SQLITE_DONE;
}
