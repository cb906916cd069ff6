/**
 * A VFS for SQLite whose power can be cut, and whose disk can fail: a shim over the real "unix".
 *
 *     SQLite --> powercut --> unix --> files (what the system has in its cache)
 *                   +-------> simulated_disk.h (what is on disk)
 *
 * It becomes the default, so whoever opens a database without naming a VFS is under it. At the
 * call that was planned, of whichever connection, the power goes: just before the call or just
 * after it, by chance. From then on every call fails and nothing reaches the files. When all
 * connections are closed, powercut_restore() turns the power on: the files are then what a disk
 * might hold.
 *
 * Nothing is really synchronised: that would only cost time.
 */
#ifndef FOOTFALL_TESTS_POWERCUT_VFS_H
#define FOOTFALL_TESTS_POWERCUT_VFS_H

#include <stdbool.h>
#include <stdint.h>

/** Calls that change something. */
enum powercut_call {
    POWERCUT_WRITE,
    POWERCUT_TRUNCATE,
    POWERCUT_SYNC,
    POWERCUT_REMOVE,
    POWERCUT_CALLS_ /* how many kinds there are */
};

enum powercut_place {
    POWERCUT_LOG,      /* the write-ahead log */
    POWERCUT_DATABASE, /* or its rollback journal, while it is made */
    POWERCUT_PLACES_   /* how many there are */
};

/** Registers it as the default; all chance comes from `seed`. */
void powercut_install(uint64_t seed);

/** When all connections are closed. Fine when it is not there. */
void powercut_uninstall(void);

/** A number below `below`, of the same seed. For the caller's own decisions between two runs. */
uint64_t powercut_draw(uint64_t below);

/** The power goes at the n-th such call from now; 0: it stays. */
void powercut_plan(enum powercut_place place, enum powercut_call call, uint64_t n);

/** The power goes now. */
void powercut_now(void);

bool powercut_is_off(void);

/** Turns the power on. */
void powercut_restore(void);

/**
 * Nothing was wrong with the power: all processes had been killed. What they wrote is in the cache
 * of the system, and not on disk yet.
 */
void powercut_revive(void);

/** From now on synchronising does nothing and says that it did: a disk that lies. */
void powercut_lie(bool lies);

/**
 * The n-th call of a kind from now fails, and those behind it, `times` in all. A write may have
 * reached the file in part by then, a synchronisation the disk.
 *
 * @param code  what SQLite is told, for example SQLITE_IOERR_FSYNC
 */
void powercut_fail(enum powercut_call call, uint64_t n, uint64_t times, int code);

/** How many calls have failed by powercut_fail() since it was called. */
uint64_t powercut_failures(void);

/** At which calls the power went since powercut_install(): for the report of a test. */
struct powercut_stats {
    uint64_t cuts[POWERCUT_PLACES_][POWERCUT_CALLS_];
};

void powercut_get_stats(struct powercut_stats *out);

#endif
