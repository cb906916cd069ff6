/**
 * Backups of an SQLite store: one file that holds all there was at one moment, taken while any
 * number of processes count on.
 */
#ifndef FOOTFALL_STORE_SQLITE_BACKUP_H
#define FOOTFALL_STORE_SQLITE_BACKUP_H

#include "base/err.h"

/**
 * Writes what the store holds now to the file `to`, which has everything or is not there: it gets
 * its name when it is on disk. Commits go on meanwhile; only the log cannot start over for so long.
 *
 * @param path  of the database; it is there
 * @return      ERR_INVALID: `to` is there already; ERR_UNAVAILABLE: with the reason in `info`
 */
enum err sqlite_backup(const char *path, const char *to, struct err_info *info) MUST_CHECK;

/**
 * Puts the backup `from` in the place of the database at `path`, which need not be there. It is
 * checked first: whose file it is, its schema, every page. The old database becomes
 * PATH.before-restore. At any moment there is one of the two under `path`, whole.
 *
 * @return  ERR_INVALID: `from` is no sound backup, or there is a PATH.before-restore already;
 *          ERR_BUSY: a process has the database open; ERR_UNAVAILABLE; with the reason in `info`
 */
enum err sqlite_restore(const char *path, const char *from, struct err_info *info) MUST_CHECK;

#endif
