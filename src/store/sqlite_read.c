#include "store/sqlite_job.h"
#include "store/sqlite_number.h"

/* Names that one step of a job reads: about a millisecond. */
#define STEP_NAMES 500

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

/* ---- lists ---------------------------------------------------------------------------------- */

/* The first key that is asked for: that behind `after`, which is the one with a byte 0 more. */
static struct slice first_key(const struct store_op *op, char out[static RECORD_MAX_KEY + 1])
{
    if (slice_compare(op->after, op->prefix) < 0 || op->after.len > RECORD_MAX_KEY)
        return op->prefix;
    memcpy(out, op->after.ptr, op->after.len);
    out[op->after.len] = '\0';
    return slice_of(out, op->after.len + 1);
}

/* Of the row the statement stands on. @return SQLITE_DONE: it is not one of the list */
static int copy_listed(sqlite3_stmt *list, struct store_op *op, struct record *out)
{
    struct slice key = sqlite_column_slice(list, 0);

    if (!slice_starts_with(key, op->prefix))
        return SQLITE_DONE;
    out->key = arena_dup(&op->arena, key);
    out->version = (uint64_t)sqlite3_column_int64(list, 1);
    out->value = arena_dup(&op->arena, sqlite_column_slice(list, 2));
    return out->key.ptr && out->value.ptr ? SQLITE_ROW : SQLITE_NOMEM;
}

int sqlite_list_body(struct sqlite_db *db, struct sqlite_job *job)
{
    struct store_op *op = job->op;
    sqlite3_stmt *list = db->statements[STATEMENT_RECORD_LIST];
    struct record *records = arena_alloc(&op->arena, op->count * sizeof(*records));
    char first[RECORD_MAX_KEY + 1];
    int rc = records ? SQLITE_ROW : SQLITE_NOMEM;

    sqlite_bind_blob(list, 1, first_key(op, first));
    sqlite_bind_number(list, 2, job->now_unix_ms);
    job->record_count = 0;
    while (rc == SQLITE_ROW && job->record_count < op->count) {
        rc = sqlite3_step(list);
        if (rc == SQLITE_ROW)
            rc = copy_listed(list, op, &records[job->record_count]);
        if (rc == SQLITE_ROW)
            job->record_count++;
    }
    (void)sqlite3_reset(list);
    job->records = records;
    return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

/* ---- names ---------------------------------------------------------------------------------- */

static int read_name(struct sqlite_db *db, const struct sqlite_site *site, uint64_t id,
                     struct arena *arena, struct name *out)
{
    sqlite3_stmt *get = db->statements[STATEMENT_NAME_GET];
    int rc;

    *out = (struct name){.text = {NULL, 0}};
    sqlite_bind_number(get, 1, site->number);
    sqlite_bind_number(get, 2, (int64_t)id);
    rc = sqlite3_step(get);
    if (rc == SQLITE_ROW && sqlite3_column_type(get, 0) != SQLITE_NULL) {
        out->text = arena_dup(arena, sqlite_column_slice(get, 0));
        out->title = arena_dup(arena, sqlite_column_slice(get, 1));
        if (!out->text.ptr || !out->title.ptr)
            rc = SQLITE_NOMEM;
    }
    (void)sqlite3_reset(get);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int sqlite_names_body(struct sqlite_db *db, struct sqlite_job *job)
{
    struct store_op *op = job->op;
    struct sqlite_site site = {.id = op->site};
    int rc = sqlite_site_find(db, &site);

    if (!job->names)
        job->names = arena_alloc(&op->arena, (op->count + 1) * sizeof(*job->names));
    if (!job->names)
        return SQLITE_NOMEM;
    for (size_t i = 0; rc == SQLITE_OK && i < STEP_NAMES && job->names_read < op->count; i++) {
        rc = read_name(db, &site, op->ids[job->names_read], &op->arena,
                       &job->names[job->names_read]);
        job->names_read++;
    }
    job->is_unfinished = job->names_read < op->count;
    return rc == SQLITE_OK ? SQLITE_DONE : rc;
}
