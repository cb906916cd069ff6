/**
 * The file of an SQLite store: that it is there, and that it may be used.
 */
#ifndef FOOTFALL_STORE_SQLITE_FILE_H
#define FOOTFALL_STORE_SQLITE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/** Room for a sentence about what is wrong with a file. */
#define SQLITE_DETAIL_BYTES 200

struct sqlite_file {
    char path[PATH_MAX]; /* absolute, symbolic links resolved: every process gets the same name */
    char lock_path[PATH_MAX];
    mode_t mode; /* permissions of the database; its lock gets the same */
};

/**
 * Makes sure that the file is there, for its owner alone (mode 0600) when it is new, and on a file
 * system that can be trusted with locks and shared memory.
 *
 * @param detail  on false: why not, and what to do; SQLITE_DETAIL_BYTES
 */
bool sqlite_file_prepare(const char *path, struct sqlite_file *out, char *detail);

/** Says "PATH: WHY" in `detail`, a long path cut from the left. @return false, always */
bool sqlite_file_fail(char *detail, const char *path, const char *why);

#endif
