#include "store/sqlite_file.h"

#include <errno.h>
#include <libgen.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* Of the path in a message: the rest is for the sentence. */
#define SHOWN_PATH_BYTES 80

/* File systems that several machines mount, where locks and the shared memory of the log do not
 * reach the others (https://www.sqlite.org/wal.html: "does not work over a network filesystem"),
 * and 9p, through which Windows folders are seen in WSL. FUSE is not certain: it may be a local
 * disk. */
static const struct {
    unsigned long magic;
    const char *name;
} network_file_systems[] = {
    {NFS_SUPER_MAGIC, "NFS"},   {SMB_SUPER_MAGIC, "SMB"},   {SMB2_SUPER_MAGIC, "SMB"},
    {CIFS_SUPER_MAGIC, "CIFS"}, {V9FS_MAGIC, "9p"},         {AFS_SUPER_MAGIC, "AFS"},
    {AFS_FS_MAGIC, "AFS"},      {CEPH_SUPER_MAGIC, "Ceph"},
};

/* What creating the file can meet, and what to do. */
static const struct {
    int error;
    const char *advice;
} creation_failures[] = {
    {ENOENT, "its folder does not exist: create the folder, or name another file"},
    {ENOTDIR, "a part of the path is not a folder: name another file"},
    {EACCES, "no permission to create it: let the folder belong to this user"},
    {EPERM, "no permission to create it: let the folder belong to this user"},
    {EROFS, "its file system is read-only: name a file on another one"},
    {ENOSPC, "the disk is full: free some space"},
    {EDQUOT, "the disk quota is used up: free some space"},
};

bool sqlite_file_fail(char *detail, const char *path, const char *why)
{
    size_t len = strlen(path);
    bool is_long = len > SHOWN_PATH_BYTES;

    (void)snprintf(detail, SQLITE_DETAIL_BYTES, "%s%s: %s", is_long ? "..." : "",
                   is_long ? path + len - SHOWN_PATH_BYTES : path, why);
    return false;
}

static bool fail_creation(char *detail, const char *path, int error)
{
    for (size_t i = 0; i < sizeof(creation_failures) / sizeof(creation_failures[0]); i++) {
        if (creation_failures[i].error == error)
            return sqlite_file_fail(detail, path, creation_failures[i].advice);
    }
    return sqlite_file_fail(detail, path, strerrordesc_np(error));
}

/* The file system of the file, or of the folder where it is to be made. */
static bool find_file_system(const char *path, struct statfs *out)
{
    char folder[PATH_MAX];

    if (statfs(path, out) == 0)
        return true;
    if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
        return false;
    return statfs(dirname(folder), out) == 0;
}

static bool check_file_system(const char *path, char *detail)
{
    struct statfs fs;
    char why[100];

    if (!find_file_system(path, &fs))
        return true;
    for (size_t i = 0; i < sizeof(network_file_systems) / sizeof(network_file_systems[0]); i++) {
        if (network_file_systems[i].magic != ((unsigned long)fs.f_type & 0xffffffff))
            continue;
        (void)snprintf(why, sizeof(why),
                       "it is on %s, where SQLite loses data: use a local disk, or Redis",
                       network_file_systems[i].name);
        return sqlite_file_fail(detail, path, why);
    }
    return true;
}

bool sqlite_file_prepare(const char *path, struct sqlite_file *out, char *detail)
{
    char resolved[PATH_MAX];
    struct stat st;

    if (!check_file_system(path, detail))
        return false;
    /* Not open(2): closing a descriptor drops every lock that SQLite holds on the file in this
     * process (POSIX advisory locks), in the other thread too. */
    if (mknod(path, S_IFREG | S_IRUSR | S_IWUSR, 0) != 0 && errno != EEXIST)
        return fail_creation(detail, path, errno);
    if (!realpath(path, resolved) || stat(resolved, &st) != 0)
        return fail_creation(detail, path, errno);
    if (!S_ISREG(st.st_mode))
        return sqlite_file_fail(detail, path, "it is not a file: name a file");
    if (snprintf(out->path, sizeof(out->path), "%s", resolved) >= (int)sizeof(out->path) ||
        snprintf(out->lock_path, sizeof(out->lock_path), "%s.lock", resolved) >=
            (int)sizeof(out->lock_path))
        return sqlite_file_fail(detail, path, "its full path is too long: use a shorter one");
    out->mode = st.st_mode & (S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH);
    return true;
}
