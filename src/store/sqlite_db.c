#include "store/sqlite_db.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/sqlite_schema.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS   5000

/* Footfall's processes wait at the lock, never in SQLite: what can be in the way there is another
 * program. All wait behind us then, so not for long. */
#define BUSY_TIMEOUT_MS 500

/* A frame in the log: the page and its header. */
#define FRAME_BYTES (4096 + 24)

void sqlite_db_init(struct sqlite_db *db, const char *path)
{
    *db = (struct sqlite_db){.path = path, .lock = {.fd = -1}};
}

static void refuse_full(sqlite3_context *context)
{
    sqlite3_result_error(context, "a counter is full", -1);
    sqlite3_result_error_code(context, SQLITE_CONSTRAINT_FUNCTION);
}

/* footfall_move(views, delta): the sum, which it also leaves in the connection. */
static void move(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct sqlite_db *db = sqlite3_user_data(context);

    (void)count;
    db->moved = !__builtin_add_overflow(sqlite3_value_int64(values[0]),
                                        sqlite3_value_int64(values[1]), &db->moved_views);
    if (db->moved) {
        sqlite3_result_int64(context, db->moved_views);
        return;
    }
    refuse_full(context);
}

/* footfall_roll_up(metrics): the sum with what stands in the connection. It is not copied: it goes
 * into the row before the next one is made. */
static void roll_up(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct sqlite_db *db = sqlite3_user_data(context);
    struct slice packed =
        slice_of(sqlite3_value_blob(values[0]), (size_t)sqlite3_value_bytes(values[0]));
    struct metrics sum;

    (void)count;
    if (!sqlite_metrics_unpack(packed, &sum)) {
        sqlite3_result_error(context, "a rollup is not readable", -1);
        sqlite3_result_error_code(context, SQLITE_MISMATCH);
        return;
    }
    db->moved = metrics_add_checked(&sum, db->delta);
    if (!db->moved) {
        refuse_full(context);
        return;
    }
    packed = sqlite_metrics_pack(&sum, db->packed);
    sqlite3_result_blob(context, packed.ptr, (int)packed.len, SQLITE_STATIC);
}

/* How long the log is; SQLite calls this at the end of each commit. */
static int on_wal_commit(void *ctx, sqlite3 *handle, const char *name, int pages)
{
    struct sqlite_db *db = ctx;

    (void)handle;
    (void)name;
    db->wal_pages = pages;
    return SQLITE_OK;
}

/* ---- opening and closing -------------------------------------------------------------------- */

static bool make_functions(struct sqlite_db *db)
{
    const int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;

    return sqlite3_create_function_v2(db->handle, "footfall_move", 2, flags, db, move, NULL, NULL,
                                      NULL) == SQLITE_OK &&
           sqlite3_create_function_v2(db->handle, "footfall_roll_up", 1, flags, db, roll_up, NULL,
                                      NULL, NULL) == SQLITE_OK;
}

static bool connect(struct sqlite_db *db, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                SQLITE_OPEN_EXRESCODE;

    if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK)
        return sqlite_file_fail(db->detail, db->path, sqlite3_errmsg(db->handle));
    if (sqlite3_db_readonly(db->handle, "main") != 0)
        return sqlite_file_fail(db->detail, db->path,
                                "no permission to write: let the file belong to this user");
    /* Closing moves the log only in sqlite_db_close(), which holds the lock then. */
    if (sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK ||
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS) != SQLITE_OK || !make_functions(db))
        return sqlite_file_fail(db->detail, db->path, sqlite3_errmsg(db->handle));
    /* Takes the place of SQLite's own hook, which makes a checkpoint without our lock. */
    (void)sqlite3_wal_hook(db->handle, on_wal_commit, db);
    return true;
}

static bool prepare_statements(struct sqlite_db *db)
{
    for (size_t i = 0; i < STATEMENT_COUNT_; i++) {
        if (sqlite3_prepare_v3(db->handle, sqlite_statement_sql((enum sqlite_statement)i), -1,
                               SQLITE_PREPARE_PERSISTENT, &db->statements[i], NULL) != SQLITE_OK)
            return sqlite_file_fail(db->detail, db->path, sqlite3_errmsg(db->handle));
    }
    return true;
}

static int sync_log(sqlite3 *handle)
{
    sqlite3_file *log = NULL;
    int rc = sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

    return rc == SQLITE_OK && log && log->pMethods ? log->pMethods->xSync(log, SQLITE_SYNC_NORMAL)
                                                   : rc;
}

/* What is in the log may be there by recovery alone: a process was killed, or its disk failed,
 * after it had written a commit and before that was on disk. Nothing is answered from it before it
 * is. To synchronise it would do after a kill, but not after a failure, since the kernel does not
 * try that again (https://lwn.net/Articles/752063): so all of it is copied into the database, and
 * the log, whose old part would hide the copy after a power cut, begins anew.
 *
 * Recovery is only done by who opens it first. For others this is a checkpoint that makes room,
 * which is needed after the disk was full; it may fail. */
static bool secure_log(struct sqlite_db *db, bool is_first)
{
    int rc;

    /* Who is in the way is not waited for: all others wait for us. */
    (void)sqlite3_busy_timeout(db->handle, 0);
    rc = sqlite3_wal_checkpoint_v2(db->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    if (!is_first)
        return true;
    if (rc == SQLITE_OK || rc == SQLITE_BUSY)
        rc = sync_log(db->handle);
    return rc == SQLITE_OK || sqlite_file_fail(db->detail, db->path, sqlite3_errstr(rc));
}

static bool fail_lock(struct sqlite_db *db)
{
    char why[100];

    (void)snprintf(why, sizeof(why), "its lock file (.lock beside it) cannot be used: %s",
                   strerrordesc_np(errno));
    return sqlite_file_fail(db->detail, db->path, why);
}

/* In our turn. */
static bool open_file(struct sqlite_db *db, const char *path)
{
    bool is_first;

    if (!sqlite_lock_join(&db->lock, &is_first))
        return fail_lock(db);
    return connect(db, path) &&
           sqlite_schema_prepare(db->handle, db->path, db->detail, &db->is_newer) &&
           secure_log(db, is_first) && prepare_statements(db);
}

static bool open_now(struct sqlite_db *db)
{
    struct sqlite_file file;
    bool is_open;

    db->is_newer = false;
    if (!sqlite_file_prepare(db->path, &file, db->detail))
        return false;
    if (!sqlite_lock_open(&db->lock, file.lock_path, file.mode) || !sqlite_lock_take(&db->lock))
        return fail_lock(db);
    is_open = open_file(db, file.path);
    sqlite_lock_release(&db->lock);
    return is_open;
}

static void back_off(struct sqlite_db *db, int64_t now_mono_ms)
{
    db->backoff_ms = db->backoff_ms > 0 ? 2 * db->backoff_ms : BACKOFF_FIRST_MS;
    if (db->backoff_ms > BACKOFF_MAX_MS)
        db->backoff_ms = BACKOFF_MAX_MS;
    db->retry_at_ms = now_mono_ms + db->backoff_ms;
}

/* Removed, or replaced by another file: what went into it now would be lost. */
static bool has_moved(const struct sqlite_db *db)
{
    int moved = 0;

    return sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved != 0;
}

bool sqlite_db_ensure_open(struct sqlite_db *db, int64_t now_mono_ms)
{
    if (db->handle && !has_moved(db))
        return true;
    sqlite_db_drop(db);
    if (now_mono_ms < db->retry_at_ms)
        return false;
    if (!open_now(db)) {
        sqlite_db_drop(db);
        back_off(db, now_mono_ms);
        return false;
    }
    db->backoff_ms = 0;
    db->opens++;
    return true;
}

void sqlite_db_drop(struct sqlite_db *db)
{
    /* Before the file is closed: who opens it in between secures the log once too often. */
    sqlite_lock_leave(&db->lock);
    for (size_t i = 0; i < STATEMENT_COUNT_; i++) {
        (void)sqlite3_finalize(db->statements[i]); /* NULL is fine */
        db->statements[i] = NULL;
    }
    (void)sqlite3_close(db->handle);
    db->handle = NULL;
    db->wal_pages = 0;
    db->checkpointed_pages = 0;
    sqlite_lock_close(&db->lock);
}

void sqlite_db_close(struct sqlite_db *db)
{
    /* Who has the lock is another process, and will be the last one in our place. */
    if (db->handle && sqlite_lock_try(&db->lock))
        (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    sqlite_db_drop(db);
}

/* ---- the log -------------------------------------------------------------------------------- */

/* The log starts over by itself when all of it is in the database and no reader is in it; a
 * checkpoint only moves pages. It is not due again before as many pages came on top. */
static bool is_checkpoint_due(struct sqlite_db *db)
{
    if (db->wal_pages < db->checkpointed_pages)
        db->checkpointed_pages = 0;
    return db->wal_pages - db->checkpointed_pages >= SQLITE_CHECKPOINT_PAGES;
}

void sqlite_db_checkpoint(struct sqlite_db *db)
{
    bool is_long = db->wal_pages * FRAME_BYTES >= SQLITE_TRUNCATE_BYTES;

    if (!db->handle || !is_checkpoint_due(db) || !sqlite_lock_take(&db->lock))
        return;
    /* One that fails leaves the log as it is; it is due again 1,000 pages later. */
    (void)sqlite3_wal_checkpoint_v2(
        db->handle, "main", is_long ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, NULL,
        NULL);
    sqlite_lock_release(&db->lock);
    db->checkpointed_pages = db->wal_pages;
}

int sqlite_db_run(sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);

    (void)sqlite3_reset(statement);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
