#include "store/sqlite_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_db.h"
#include "store/sqlite_schema.h"

/* Names beside a file: the name and a suffix. */
struct beside {
    char path[PATH_MAX];
};

static enum err fail(enum err err, struct err_info *info, const char *path, const char *why)
{
    char detail[SQLITE_DETAIL_BYTES];

    (void)sqlite_file_fail(detail, path, why);
    err_info_set(info, "%s", detail);
    return err;
}

static enum err fail_errno(struct err_info *info, const char *path)
{
    return fail(ERR_UNAVAILABLE, info, path, strerrordesc_np(errno));
}

static bool name_beside(struct beside *out, const char *path, const char *suffix)
{
    return snprintf(out->path, sizeof(out->path), "%s%s", path, suffix) < (int)sizeof(out->path);
}

static bool is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

/* ---- files that stay ------------------------------------------------------------------------ */

static bool sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        (void)close(fd);
    return is_synced;
}

static bool sync_folder_of(const char *path)
{
    struct beside folder;

    return name_beside(&folder, path, "") &&
           sync_path(dirname(folder.path), O_RDONLY | O_DIRECTORY);
}

/* An empty file of a new name beside `path`, for this user alone. */
static bool make_temporary(struct beside *out, const char *path)
{
    int fd;

    if (!name_beside(out, path, ".XXXXXX"))
        return false;
    fd = mkostemp(out->path, O_CLOEXEC);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

/* Everything in `handle`, as of one moment, in the empty file `to`, and on disk. */
static enum err write_copy(sqlite3 *handle, const char *to, struct err_info *info)
{
    sqlite3_stmt *vacuum = NULL;
    int rc = sqlite3_prepare_v2(handle, "VACUUM INTO ?1", -1, &vacuum, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(vacuum, 1, to, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite_db_run(vacuum);
    (void)sqlite3_finalize(vacuum);
    if (rc != SQLITE_OK)
        return fail(ERR_UNAVAILABLE, info, to, sqlite3_errmsg(handle));
    return sync_path(to, O_RDWR) ? ERR_OK : fail_errno(info, to);
}

/* ---- backup --------------------------------------------------------------------------------- */

static enum err copy_open_database(const char *path, const char *to, struct err_info *info)
{
    struct sqlite_db db;
    enum err err = ERR_UNAVAILABLE;

    sqlite_db_init(&db, path);
    if (sqlite_db_ensure_open(&db, 0))
        err = write_copy(db.handle, to, info);
    else
        err_info_set(info, "%s", db.detail);
    sqlite_db_close(&db);
    return err;
}

enum err sqlite_backup(const char *path, const char *to, struct err_info *info)
{
    struct beside temporary;
    enum err err;

    if (is_there(to))
        return fail(ERR_INVALID, info, to, "is there already: name a file that is not");
    if (!make_temporary(&temporary, to))
        return fail_errno(info, to);
    err = copy_open_database(path, temporary.path, info);
    if (err == ERR_OK && (rename(temporary.path, to) != 0 || !sync_folder_of(to)))
        err = fail_errno(info, to);
    (void)unlink(temporary.path); /* it is not there any more when all went well */
    return err;
}

/* ---- is it sound? --------------------------------------------------------------------------- */

static void to_one_line(char *text)
{
    for (char *end; (end = strchr(text, '\n'));)
        *end = ' ';
}

static enum err check_pages(sqlite3 *handle, const char *path, struct err_info *info)
{
    sqlite3_stmt *check = NULL;
    char said[100] = "it is damaged: ";
    size_t start = strlen(said);

    if (sqlite3_prepare_v2(handle, "PRAGMA integrity_check(1)", -1, &check, NULL) == SQLITE_OK &&
        sqlite3_step(check) == SQLITE_ROW)
        (void)snprintf(said + start, sizeof(said) - start, "%s",
                       (const char *)sqlite3_column_text(check, 0));
    else
        (void)snprintf(said + start, sizeof(said) - start, "%s", sqlite3_errmsg(handle));
    (void)sqlite3_finalize(check);
    to_one_line(said);
    return strcmp(said + start, "ok") == 0 ? ERR_OK : fail(ERR_INVALID, info, path, said);
}

static enum err check_backup(sqlite3 *handle, const char *path, struct err_info *info)
{
    char detail[SQLITE_DETAIL_BYTES];
    int64_t version;

    if (!sqlite_schema_read(handle, path, &version, detail)) {
        err_info_set(info, "%s", detail);
        return ERR_INVALID;
    }
    if (version == 0)
        return fail(ERR_INVALID, info, path, "it is empty: name a backup");
    if (version > SQLITE_SCHEMA_VERSION)
        return fail(ERR_INVALID, info, path,
                    "it was written by a newer Footfall: restore it with that one");
    return check_pages(handle, path, info);
}

/* Copies a sound backup into the empty file `to`. */
static enum err copy_backup(const char *from, const char *to, struct err_info *info)
{
    sqlite3 *handle = NULL;
    enum err err;

    if (!is_there(from))
        return fail(ERR_INVALID, info, from, "is not there");
    if (sqlite3_open_v2(from, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_EXRESCODE, NULL) ==
        SQLITE_OK)
        err = check_backup(handle, from, info);
    else
        err = fail(ERR_INVALID, info, from, sqlite3_errmsg(handle));
    if (err == ERR_OK)
        err = write_copy(handle, to, info);
    (void)sqlite3_close(handle);
    return err;
}

/* ---- restore -------------------------------------------------------------------------------- */

/* Opened and closed by whoever is the last, a database is one file; one that is broken, which may
 * be why it is replaced, keeps its log. */
static void fold_log(const char *path)
{
    struct sqlite_db db;

    sqlite_db_init(&db, path);
    (void)sqlite_db_ensure_open(&db, 0);
    sqlite_db_close(&db);
}

/* Who may use the old one may use the new one. */
static bool take_owner(const char *from, const char *to)
{
    struct stat st;

    if (stat(from, &st) != 0)
        return errno == ENOENT;
    if (chmod(to, st.st_mode & 0777) != 0)
        return false;
    return (st.st_uid == geteuid() && st.st_gid == getegid()) ||
           chown(to, st.st_uid, st.st_gid) == 0;
}

/* Gives the old database, with its log, a second name. The log goes away from the first one before
 * the new database comes: it would take the log for its own. */
static bool keep_old(const char *path)
{
    struct beside kept;
    struct beside log;
    struct beside kept_log;
    struct beside index;

    if (!is_there(path))
        return true;
    if (!name_beside(&kept, path, ".before-restore") || !name_beside(&log, path, "-wal") ||
        !name_beside(&kept_log, kept.path, "-wal") || !name_beside(&index, path, "-shm"))
        return false;
    if (link(path, kept.path) != 0 || (is_there(log.path) && rename(log.path, kept_log.path) != 0))
        return false;
    (void)unlink(index.path);
    return sync_folder_of(path);
}

/* Alone, in our turn. */
static enum err replace(const char *path, const char *by, struct err_info *info)
{
    if (!take_owner(path, by))
        return fail_errno(info, path);
    if (!keep_old(path))
        return fail_errno(info, path);
    if (rename(by, path) != 0 || !sync_folder_of(path))
        return fail_errno(info, path);
    return ERR_OK;
}

static enum err replace_alone(const struct sqlite_file *file, const char *by, struct err_info *info)
{
    struct sqlite_lock lock;
    enum err err;

    if (!sqlite_lock_open(&lock, file->lock_path, file->mode))
        return fail_errno(info, file->lock_path);
    if (!sqlite_lock_join_alone(&lock))
        err = fail(ERR_BUSY, info, file->path,
                   "a Footfall has it open: end all of them first, then restore");
    else if (!sqlite_lock_take(&lock))
        err = fail_errno(info, file->lock_path);
    else
        err = replace(file->path, by, info);
    sqlite_lock_close(&lock);
    return err;
}

/* The path with symbolic links resolved, as every process has it. */
static enum err resolve(const char *path, struct sqlite_file *out, struct err_info *info)
{
    char detail[SQLITE_DETAIL_BYTES];
    struct beside kept;
    bool was_there = is_there(path);

    if (!sqlite_file_prepare(path, out, detail)) {
        err_info_set(info, "%s", detail);
        return ERR_UNAVAILABLE;
    }
    if (!was_there)
        (void)unlink(path); /* it was only made to be named */
    if (!name_beside(&kept, out->path, ".before-restore"))
        return fail(ERR_UNAVAILABLE, info, path, "its name is too long");
    if (is_there(kept.path))
        return fail(ERR_INVALID, info, kept.path,
                    "is there from an earlier restore: move it away first");
    return ERR_OK;
}

enum err sqlite_restore(const char *path, const char *from, struct err_info *info)
{
    struct sqlite_file file;
    struct beside temporary;
    enum err err = resolve(path, &file, info);

    if (err != ERR_OK)
        return err;
    if (!make_temporary(&temporary, file.path))
        return fail_errno(info, file.path);
    err = copy_backup(from, temporary.path, info);
    if (err == ERR_OK && is_there(file.path))
        fold_log(file.path);
    if (err == ERR_OK)
        err = replace_alone(&file, temporary.path, info);
    (void)unlink(temporary.path);
    return err;
}
