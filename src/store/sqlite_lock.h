/**
 * The turn of one process: a lock on PATH.lock, held around every commit and every checkpoint.
 *
 * SQLite's own waiting (busy_timeout) sleeps and looks again, so a busy process starves the others.
 * Here the kernel queues who waits. Two places in the file are locked, as a turnstile:
 *
 *     take:     lock the gate, lock the room, unlock the gate
 *     release:  unlock the room
 *
 * Who waits for the room holds the gate; so a process that releases the room and comes back at once
 * finds the gate closed, and the one that waited goes first.
 *
 * A third place says who has the database open at all: everybody shares it, and who wants the file
 * for itself asks for it alone.
 *
 * They are open file description locks (F_OFD_SETLKW): the kernel releases them with the last
 * descriptor, also by kill -9, and two threads with a descriptor each exclude one another.
 */
#ifndef FOOTFALL_STORE_SQLITE_LOCK_H
#define FOOTFALL_STORE_SQLITE_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

struct sqlite_lock {
    int fd; /* -1: not open */
};

/** @return false with errno; `mode` as for open(2), for a lock file that is made */
bool sqlite_lock_open(struct sqlite_lock *lock, const char *path, mode_t mode);

/** Releases it too. Fine when it is not open. */
void sqlite_lock_close(struct sqlite_lock *lock);

/** Waits for its turn, for as long as it takes. @return false with errno, for example ENOLCK */
bool sqlite_lock_take(const struct sqlite_lock *lock);

/** Takes it only when nobody has it or waits for it. */
bool sqlite_lock_try(const struct sqlite_lock *lock);

void sqlite_lock_release(const struct sqlite_lock *lock);

/**
 * Joins those who have the database open. Inside a turn, so that two that come at the same time do
 * not both find somebody.
 *
 * @param is_first  nobody else has it open
 * @return          false with errno
 */
bool sqlite_lock_join(const struct sqlite_lock *lock, bool *is_first);

/** Leaves them; so does closing the lock. Fine when it is not open. */
void sqlite_lock_leave(const struct sqlite_lock *lock);

/** Keeps everybody else from joining. @return false: somebody has it open */
bool sqlite_lock_join_alone(const struct sqlite_lock *lock);

#endif
