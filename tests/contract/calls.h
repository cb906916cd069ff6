/**
 * The store's calls as functions that wait: for the contract tests.
 */
#ifndef FOOTFALL_TESTS_CALLS_H
#define FOOTFALL_TESTS_CALLS_H

#include "base/hashmap.h"
#include "store/store.h"
#include "support/test_loop.h"

/** All calls from now on, but for commits, which say it themselves, are to this shard of a store
 * that has several; 0 at first. */
void calls_use_shard(unsigned shard);
unsigned calls_shard_in(const struct store *store);

/** What came of a commit, copied. `totals` and `records` are the caller's: outcome_fini(). */
struct outcome {
    enum commit_status status;
    uint64_t last_number;
    int64_t *totals;        /* DONE */
    struct record *records; /* CONFLICT; values copied */
    char **values;          /* the copies, which `records` point to */
    size_t count;           /* of totals or records */
    char detail[160];
};

void outcome_fini(struct outcome *outcome);

/** True when both say the same, totals and records included. */
bool outcome_eq(const struct outcome *a, const struct outcome *b);

struct outcome call_commit(struct test_loop *loop, struct store *store, struct commit *commit);
enum err call_register(struct test_loop *loop, struct store *store, const struct writer_id *id,
                       uint64_t number);
enum err call_sweep(struct test_loop *loop, struct store *store);
int64_t call_total(struct test_loop *loop, struct store *store, const struct counter *counter);

/** `value` gets at most `size` bytes; returns the version, and the length by `len`. */
uint64_t call_read(struct test_loop *loop, struct store *store, struct slice key, char *value,
                   size_t size, size_t *len);

/** A set of byte strings: everything that a store holds, in a form in which it can be compared. */
struct contents {
    struct hashmap items; /* "c", the key of a counter, its views; or "r", the key of a record, "=",
                             its value; or "u", the key of a rollup, its numbers, its name */
    struct arena arena;
    size_t named;      /* rollups with a name */
    size_t steps;      /* that the scan took */
    int64_t min_ttl_s; /* of all records */
    int64_t max_ttl_s;
};

/** Scans the shard from its beginning to its end; counters and rollups of 0 are left out. */
void contents_read(struct contents *contents, struct test_loop *loop, struct store *store);

void contents_fini(struct contents *contents);

/** True when both hold the same. */
bool contents_eq(const struct contents *a, const struct contents *b);

/** What a step with a cursor of its own making comes to. */
enum err call_scan(struct test_loop *loop, struct store *store, struct slice cursor);

struct store_health call_check(struct test_loop *loop, struct store *store);

#endif
