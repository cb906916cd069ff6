/**
 * The SQLite store: one file that every process of the machine opens (`sqlite:footfall.db`).
 *
 *     loop thread   start() --> writer's queue --> writer thread: commits, registrations, sweeps,
 *                        |                         purges, checks, checkpoints
 *                        +----> reader's queue --> reader thread: records and totals
 *                        +----> a queue ---------> thread of the statistics, which is nice(1)
 *                   on_wake() <-- one uv_async --- queue of what is done
 *
 * A query for a year may read a million rows. It is done in steps of about a millisecond, so that
 * several queries take turns, and that a checkpoint finds a moment without a reader.
 *
 * The threads open the file with the first operation that needs it, so the loop never waits for a
 * disk or a lock. A commit is one transaction, synchronised before it is answered (WAL,
 * synchronous=FULL): what was answered survives kill and power loss. Commits and checkpoints of all
 * processes take turns by sqlite_lock.h. Who opens the file first brings what is in its log to
 * safety before anything is answered from it (sqlite_db.c).
 *
 * store_close() drops what has not begun and lets the threads end; the loop has nothing left to do
 * when they have. A thread that hangs in the disk or waits for a process that was stopped with
 * SIGSTOP inside its commit cannot be ended, so who runs the loop to its end at exit gives it a
 * deadline and calls _exit() after that. Nothing is lost then: what was answered is on disk.
 */
#ifndef FOOTFALL_STORE_SQLITE_H
#define FOOTFALL_STORE_SQLITE_H

#include "store/driver.h"
#include "store/schema.h"

/** `sqlite:PATH` or `sqlite:///ABSOLUTE/PATH`, taken as it is; no parameters. Needs env->loop. */
store_open_fn sqlite_open;
store_url_check_fn sqlite_url_check;

/** The path in a url; NULL: it is none of SQLite's. Points into `url`. */
const char *sqlite_url_path(const char *url);

/** Of a file that is not there the version is 0, and migrating makes it. */
schema_read_fn sqlite_url_schema_read;
schema_migrate_fn sqlite_url_schema_migrate;

#endif
