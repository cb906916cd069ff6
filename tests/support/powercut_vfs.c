#include "support/powercut_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>

#include "support/cmocka.h"
#include "support/simulated_disk.h"

/* One open file; the real one's lies behind it. */
struct handle {
    sqlite3_file base;
    struct disk_file *file; /* NULL: a temporary one, which no power cut spares */
    enum powercut_place place;
    bool syncs_folder;               /* with its first synchronisation */
    alignas(8) unsigned char real[]; /* SQLite aligns its files so */
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *below;    /* "unix" */
    pthread_mutex_t mutex; /* over all below: the threads of all connections come here */
    struct disk *disk;
    bool is_off;
    bool lies;
    enum powercut_place cut_place;
    enum powercut_call cut_call;
    uint64_t cut_in; /* so many calls like that; 0: never */
    enum powercut_call failing;
    uint64_t fails_in; /* so many calls of that kind; 0: never */
    uint64_t fail_times;
    int fail_code;
    uint64_t failures;
    struct powercut_stats stats;
} shim = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static sqlite3_file *real_of(sqlite3_file *file)
{
    return (sqlite3_file *)((struct handle *)file)->real;
}

static void lock(void)
{
    (void)pthread_mutex_lock(&shim.mutex);
}

static void unlock(void)
{
    (void)pthread_mutex_unlock(&shim.mutex);
}

/* ---- what becomes of a changing call -------------------------------------------------------- */

enum outcome { OUTCOME_WORKS, OUTCOME_FAILS, OUTCOME_IS_LOST };

static bool fails_now(enum powercut_call call)
{
    if (shim.fails_in == 0 || call != shim.failing)
        return false;
    if (shim.fails_in > 1) {
        shim.fails_in--;
        return false;
    }
    if (shim.failures == shim.fail_times)
        return false;
    shim.failures++;
    return true;
}

static bool is_cut_now(enum powercut_call call, enum powercut_place place)
{
    if (shim.cut_in == 0 || call != shim.cut_call || place != shim.cut_place)
        return false;
    shim.cut_in--;
    return shim.cut_in == 0;
}

/* Counts a call; the lock is held. */
static enum outcome decide(enum powercut_call call, enum powercut_place place)
{
    if (shim.is_off)
        return OUTCOME_IS_LOST;
    if (is_cut_now(call, place)) {
        shim.is_off = true;
        shim.stats.cuts[place][call]++;
        return disk_draw(shim.disk, 2) == 0 ? OUTCOME_IS_LOST : OUTCOME_WORKS;
    }
    return fails_now(call) ? OUTCOME_FAILS : OUTCOME_WORKS;
}

static bool has_power(void)
{
    bool is_off;

    lock();
    is_off = shim.is_off;
    unlock();
    return !is_off;
}

/* ---- files ---------------------------------------------------------------------------------- */

static int write_all(struct handle *handle, const void *bytes, int len, sqlite3_int64 offset)
{
    int rc = real_of(&handle->base)->pMethods->xWrite(real_of(&handle->base), bytes, len, offset);

    if (rc == SQLITE_OK && handle->file)
        disk_write(handle->file, bytes, (size_t)len, (uint64_t)offset);
    return rc;
}

/* Some of it, from the front. */
static int fail_write(struct handle *handle, const void *bytes, int len, sqlite3_int64 offset)
{
    int part = (int)disk_draw(shim.disk, (uint64_t)len + 1);

    (void)write_all(handle, bytes, part, offset);
    return shim.fail_code;
}

static int on_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    struct handle *handle = (struct handle *)file;
    int rc = SQLITE_IOERR_WRITE;

    lock();
    switch (decide(POWERCUT_WRITE, handle->place)) {
    case OUTCOME_WORKS:
        rc = write_all(handle, bytes, len, offset);
        break;
    case OUTCOME_FAILS:
        rc = fail_write(handle, bytes, len, offset);
        break;
    case OUTCOME_IS_LOST:
        break;
    }
    unlock();
    return rc;
}

static int truncate_to(struct handle *handle, sqlite3_int64 size)
{
    int rc = real_of(&handle->base)->pMethods->xTruncate(real_of(&handle->base), size);

    if (rc == SQLITE_OK && handle->file)
        disk_truncate(handle->file, (uint64_t)size);
    return rc;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct handle *handle = (struct handle *)file;
    int rc = SQLITE_IOERR_TRUNCATE;

    lock();
    switch (decide(POWERCUT_TRUNCATE, handle->place)) {
    case OUTCOME_WORKS:
        rc = truncate_to(handle, size);
        break;
    case OUTCOME_FAILS:
        rc = shim.fail_code;
        break;
    case OUTCOME_IS_LOST:
        break;
    }
    unlock();
    return rc;
}

static void sync_now(struct handle *handle)
{
    if (!handle->file || shim.lies)
        return;
    disk_sync(handle->file);
    if (handle->syncs_folder)
        disk_sync_folder(shim.disk);
    handle->syncs_folder = false;
}

static int on_sync(sqlite3_file *file, int flags)
{
    struct handle *handle = (struct handle *)file;
    int rc = SQLITE_IOERR_FSYNC;

    (void)flags;
    lock();
    switch (decide(POWERCUT_SYNC, handle->place)) {
    case OUTCOME_WORKS:
        sync_now(handle);
        rc = SQLITE_OK;
        break;
    case OUTCOME_FAILS:
        if (handle->file)
            disk_fail_sync(shim.disk, handle->file);
        rc = shim.fail_code;
        break;
    case OUTCOME_IS_LOST:
        break;
    }
    unlock();
    return rc;
}

static int on_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int on_read(sqlite3_file *file, void *out, int len, sqlite3_int64 offset)
{
    return has_power() ? real_of(file)->pMethods->xRead(real_of(file), out, len, offset)
                       : SQLITE_IOERR_READ;
}

static int on_file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    return has_power() ? real_of(file)->pMethods->xFileSize(real_of(file), out)
                       : SQLITE_IOERR_FSTAT;
}

static int on_lock(sqlite3_file *file, int level)
{
    return has_power() ? real_of(file)->pMethods->xLock(real_of(file), level) : SQLITE_IOERR_LOCK;
}

static int on_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int on_check_reserved_lock(sqlite3_file *file, int *out)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int on_file_control(sqlite3_file *file, int op, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}

static int on_sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int on_device_characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int on_shm_map(sqlite3_file *file, int region, int bytes, int extend, void volatile **out)
{
    return has_power() ? real_of(file)->pMethods->xShmMap(real_of(file), region, bytes, extend, out)
                       : SQLITE_IOERR_SHMMAP;
}

static int on_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return has_power() || (flags & SQLITE_SHM_UNLOCK) != 0
               ? real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags)
               : SQLITE_IOERR_SHMLOCK;
}

static void on_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int on_shm_unmap(sqlite3_file *file, int remove)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

/* Version 2: without the methods that map a file, which would let writes past us. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_file_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_reserved_lock,
    .xFileControl = on_file_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_device_characteristics,
    .xShmMap = on_shm_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_shm_barrier,
    .xShmUnmap = on_shm_unmap,
};

/* ---- the VFS -------------------------------------------------------------------------------- */

/* The files whose folder "unix" synchronises with their first synchronisation: os_unix.c,
 * UNIXFILE_DIRSYNC. */
static bool syncs_folder(int flags)
{
    return (flags & SQLITE_OPEN_CREATE) != 0 &&
           (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL)) != 0;
}

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                   int *out_flags)
{
    struct handle *handle = (struct handle *)file;
    int rc = SQLITE_CANTOPEN;

    (void)vfs;
    *handle = (struct handle){.base = {NULL}};
    lock();
    if (!shim.is_off)
        rc = shim.below->xOpen(shim.below, path, real_of(file), flags, out_flags);
    if (rc == SQLITE_OK) {
        handle->base.pMethods = &methods;
        handle->place = (flags & SQLITE_OPEN_WAL) != 0 ? POWERCUT_LOG : POWERCUT_DATABASE;
        handle->syncs_folder = syncs_folder(flags);
        if (path)
            handle->file = disk_open(shim.disk, path);
    }
    unlock();
    return rc;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    size_t len = strlen(path);
    bool is_log = len > 4 && strcmp(path + len - 4, "-wal") == 0;
    enum powercut_place place = is_log ? POWERCUT_LOG : POWERCUT_DATABASE;
    int rc = SQLITE_IOERR_DELETE;

    (void)vfs;
    lock();
    switch (decide(POWERCUT_REMOVE, place)) {
    case OUTCOME_WORKS:
        rc = shim.below->xDelete(shim.below, path, 0);
        disk_remove(shim.disk, path);
        if (sync_folder && !shim.lies)
            disk_sync_folder(shim.disk);
        break;
    case OUTCOME_FAILS:
        rc = shim.fail_code;
        break;
    case OUTCOME_IS_LOST:
        break;
    }
    unlock();
    return rc;
}

static int on_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    (void)vfs;
    return has_power() ? shim.below->xAccess(shim.below, path, flags, out) : SQLITE_IOERR_ACCESS;
}

void powercut_install(uint64_t seed)
{
    shim.below = sqlite3_vfs_find("unix");
    assert_non_null(shim.below);
    shim.vfs = *shim.below; /* all that is not below goes to it straight */
    shim.vfs.pNext = NULL;
    shim.vfs.zName = "powercut";
    shim.vfs.szOsFile = (int)offsetof(struct handle, real) + shim.below->szOsFile;
    shim.vfs.xOpen = on_open;
    shim.vfs.xDelete = on_delete;
    shim.vfs.xAccess = on_access;
    shim.disk = disk_create(seed);
    shim.is_off = false;
    shim.lies = false;
    shim.cut_in = 0;
    shim.fails_in = 0;
    shim.stats = (struct powercut_stats){{{0}}};
    assert_int_equal(sqlite3_vfs_register(&shim.vfs, 1), SQLITE_OK);
}

void powercut_uninstall(void)
{
    if (!shim.disk)
        return;
    assert_int_equal(sqlite3_vfs_unregister(&shim.vfs), SQLITE_OK);
    disk_destroy(shim.disk);
    shim.disk = NULL;
}

/* ---- what the test decides ------------------------------------------------------------------ */

uint64_t powercut_draw(uint64_t below)
{
    uint64_t drawn;

    lock();
    drawn = disk_draw(shim.disk, below);
    unlock();
    return drawn;
}

void powercut_plan(enum powercut_place place, enum powercut_call call, uint64_t n)
{
    lock();
    shim.cut_place = place;
    shim.cut_call = call;
    shim.cut_in = n;
    unlock();
}

void powercut_now(void)
{
    lock();
    shim.is_off = true;
    shim.cut_in = 0;
    unlock();
}

bool powercut_is_off(void)
{
    return !has_power();
}

void powercut_restore(void)
{
    lock();
    disk_power_back(shim.disk);
    shim.is_off = false;
    shim.cut_in = 0;
    unlock();
}

void powercut_revive(void)
{
    lock();
    shim.is_off = false;
    shim.cut_in = 0;
    unlock();
}

void powercut_lie(bool lies)
{
    lock();
    shim.lies = lies;
    unlock();
}

void powercut_fail(enum powercut_call call, uint64_t n, uint64_t times, int code)
{
    lock();
    shim.failing = call;
    shim.fails_in = n;
    shim.fail_times = times;
    shim.fail_code = code;
    shim.failures = 0;
    unlock();
}

uint64_t powercut_failures(void)
{
    uint64_t failures;

    lock();
    failures = shim.failures;
    unlock();
    return failures;
}

void powercut_get_stats(struct powercut_stats *out)
{
    lock();
    *out = shim.stats;
    unlock();
}
