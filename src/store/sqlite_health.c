#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "store/sqlite_job.h"

/* With less than this there may be no room for the log and what a checkpoint adds. */
#define MIN_FREE_MIB 64

#define MIB          ((uint64_t)1 << 20)

/* What the checks look at. */
struct subject {
    const char *path; /* of the database: full */
    struct statfs fs;
    struct stat file;
    int64_t wal_bytes;
};

/** One check: fills in `out` and returns true when something is not as it should be. */
typedef bool finding_fn(const struct subject *subject, struct store_finding *out);

static void say_problem(struct store_finding *out, const char *path, const char *problem)
{
    char detail[SQLITE_DETAIL_BYTES];

    (void)sqlite_file_fail(detail, path, problem);
    (void)snprintf(out->problem, sizeof(out->problem), "%.*s", (int)sizeof(out->problem) - 1,
                   detail);
}

static bool is_in_memory(const struct subject *subject)
{
    return subject->fs.f_type == TMPFS_MAGIC || subject->fs.f_type == RAMFS_MAGIC;
}

static bool find_volatile(const struct subject *subject, struct store_finding *out)
{
    if (!is_in_memory(subject))
        return false;
    say_problem(out, subject->path, "is on a file system in memory: a restart loses it");
    (void)snprintf(out->remedy, sizeof(out->remedy), "name a file on a disk");
    return true;
}

static bool find_full_disk(const struct subject *subject, struct store_finding *out)
{
    uint64_t free_mib = (uint64_t)subject->fs.f_bavail * (uint64_t)subject->fs.f_bsize / MIB;
    char problem[64];

    if (free_mib >= MIN_FREE_MIB)
        return false;
    (void)snprintf(problem, sizeof(problem), "its disk has only %u MiB left", (unsigned)free_mib);
    say_problem(out, subject->path, problem);
    (void)snprintf(out->remedy, sizeof(out->remedy), "free at least %d MiB", MIN_FREE_MIB);
    return true;
}

static bool find_readable_by_others(const struct subject *subject, struct store_finding *out)
{
    if ((subject->file.st_mode & S_IROTH) == 0)
        return false;
    say_problem(out, subject->path, "every user of this machine can read it");
    (void)snprintf(out->remedy, sizeof(out->remedy), "chmod o= %.140s", subject->path);
    return true;
}

static bool find_long_log(const struct subject *subject, struct store_finding *out)
{
    char problem[96];

    /* Twice the size at which it is truncated: something keeps it from being. */
    if (subject->wal_bytes < 2 * SQLITE_TRUNCATE_BYTES)
        return false;
    (void)snprintf(problem, sizeof(problem), "its log has grown to %u MiB: some program reads on",
                   (unsigned)((uint64_t)subject->wal_bytes / MIB));
    say_problem(out, subject->path, problem);
    (void)snprintf(out->remedy, sizeof(out->remedy),
                   "end the program that has the file open: fuser -v %.100s", subject->path);
    return true;
}

static finding_fn *const checks[] = {find_volatile, find_full_disk, find_readable_by_others,
                                     find_long_log};

_Static_assert(sizeof(checks) / sizeof(checks[0]) <= STORE_MAX_FINDINGS, "room for all findings");

static int64_t wal_bytes(const struct sqlite_db *db)
{
    struct stat st;

    return stat(sqlite3_filename_wal(sqlite3_db_filename(db->handle, "main")), &st) == 0
               ? (int64_t)st.st_size
               : 0;
}

void sqlite_health_check(const struct sqlite_db *db, struct store_health *out)
{
    struct subject subject = {.path = sqlite3_db_filename(db->handle, "main")};

    *out = (struct store_health){.durability = DURABILITY_STRICT};
    if (stat(subject.path, &subject.file) != 0 || statfs(subject.path, &subject.fs) != 0) {
        (void)snprintf(out->reason, sizeof(out->reason), "%.120s: the file is gone", subject.path);
        return;
    }
    out->reachable = true;
    out->sufficient = db->failure[0] == '\0';
    (void)snprintf(out->reason, sizeof(out->reason), "%s", db->failure);
    if (is_in_memory(&subject))
        out->durability = DURABILITY_LOSSY;
    subject.wal_bytes = wal_bytes(db);
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (checks[i](&subject, &out->findings[out->finding_count]))
            out->finding_count++;
    }
}
