/**
 * A commit: record writes, and additions to counters and rollups, that a store applies together or
 * not at all, exactly once.
 *
 * Exactly once, because a commit carries its writer and a number. Writers number their commits
 * 1, 2, 3 …; the store keeps, for each writer, the number s of the last one and its result, and
 * moves s in the same atomic step as the counters. A commit that finds
 *
 *     s = n - 1      is checked against the versions it expects, and either applied whole (DONE) or
 *                    not at all (CONFLICT). Both set s = n and store that result.
 *     s = n          was here before: nothing happens, the stored result is given again
 *     s < n - 1      finds a store that went back in time: nothing happens (BEHIND)
 *     no writer      finds another store, or an emptied one: nothing happens (NO_WRITER)
 *     s > n          is a bug of the caller: nothing happens (AHEAD)
 *
 * A conflict uses up its number too: a copy of the commit that is still under way somewhere (in the
 * buffers of a lost connection, say) can then never be applied after all.
 *
 * A commit is built, then frozen by giving it its identity, then sent as often as it takes; from
 * then on it is read-only and reference-counted, since a driver's thread may still read it after
 * the caller has stopped waiting.
 */
#ifndef FOOTFALL_STORE_COMMIT_H
#define FOOTFALL_STORE_COMMIT_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/counter.h"
#include "store/record.h"
#include "store/rollup.h"

#define COMMIT_MAX_WRITES    8192
#define COMMIT_MAX_ADDITIONS 16384
#define COMMIT_MAX_ROLLUPS   196608

/** One process's identity in the store: 128 random bits, drawn after fork. */
struct writer_id {
    unsigned char bytes[16];
};

/** The total of a counter that was not made. */
#define COUNTER_NOT_MADE INT64_C(-1)

struct addition {
    struct counter counter;
    int64_t delta;
    uint32_t cap; /* counters of its site and dimension; 0: none. When it would make a new one, and
                     there are so many already, nothing is added and its total is
                     COUNTER_NOT_MADE. Processes that add at the same moment may exceed the cap by
                     what they add */
};

struct commit {
    struct writer_id writer;
    uint64_t number;  /* 1, 2, 3 … for each writer */
    uint64_t version; /* of every record this commit writes; random, none of RECORD_ABSENT, _ANY */
    unsigned shard;   /* of the store, where all its records and counters belong; store.h */
    struct record_write *writes;
    size_t write_count;
    struct addition *additions; /* no counter twice */
    size_t addition_count;
    size_t totals_wanted; /* of the first so many additions the new totals are the result */
    struct rollup_addition *rollups; /* no rollup twice; they have no result */
    size_t rollup_count;
    /* Private to commit.c: */
    struct arena arena; /* keys and values */
    size_t write_capacity;
    size_t addition_capacity;
    size_t rollup_capacity;
    atomic_uint refs; /* threads of drivers hold references */
};

enum commit_status {
    COMMIT_DONE,      /* applied, now or earlier: `totals` */
    COMMIT_CONFLICT,  /* not applied, and never will be: a record had another version: `records` */
    COMMIT_BEHIND,    /* this attempt did nothing: `last_number` */
    COMMIT_NO_WRITER, /* this attempt did nothing */
    COMMIT_AHEAD,     /* this attempt did nothing: `last_number` */
    COMMIT_REFUSED,   /* this attempt was certainly not applied, and will not be */
    COMMIT_UNKNOWN,   /* this attempt may have been applied, or may be later */
};

/** What came of one attempt. All of it is borrowed for the length of the callback. */
struct commit_result {
    enum commit_status status;
    uint64_t last_number;         /* BEHIND, AHEAD: the number the store has */
    const int64_t *totals;        /* DONE: `totals_wanted` totals, in the order of the additions */
    const struct record *records; /* CONFLICT: what is there now, one for each write, in order */
    const char *detail;           /* REFUSED, UNKNOWN: why, for the log; else NULL */
};

/** "done", "conflict", … for logs and metrics. */
const char *commit_status_name(enum commit_status status);

/** An empty commit with one reference, which is the caller's; NULL without memory. */
struct commit *commit_create(void);

struct commit *commit_ref(struct commit *commit);

/** Gives a reference back; the last one frees. NULL is fine. */
void commit_unref(struct commit *commit);

/** A copy with one reference, without identity; NULL without memory. */
struct commit *commit_dup(const struct commit *commit);

/** Empties it for new content; only while nobody else holds a reference. */
void commit_clear(struct commit *commit);

/** Adds a write; key and value are copied. ERR_INVALID over a limit, ERR_NO_MEMORY. */
enum err commit_write(struct commit *commit, const struct record_write *write) MUST_CHECK;

/** Adds an addition; the texts of the counter are copied. The caller folds equal counters. Errors
 * as above. */
enum err commit_add(struct commit *commit, const struct addition *addition) MUST_CHECK;

/** Adds to a rollup; its texts are copied. The caller folds equal rollups. Errors as above. */
enum err commit_roll_up(struct commit *commit, const struct rollup_addition *addition) MUST_CHECK;

#endif
