/**
 * The store: where all state lives. This header is the contract that every driver fulfils and that
 * callers may rely on; tests/contract holds every driver to it.
 *
 * Calls are asynchronous on the loop of the process:
 *   1. A call that returned an operation calls its `done` exactly once, never inside the call
 *      itself; unless it is canceled, then never.
 *   2. A call that returned NULL (too many in flight, no memory) calls nothing and did nothing.
 *   3. Cancel means "do not tell me", not "undo".
 *   4. Every operation ends: after `timeout_ms` of struct store_env `done` is told COMMIT_UNKNOWN,
 *      or ERR_UNAVAILABLE for calls that change nothing.
 *   5. What is passed in is copied or referenced; what `done` is given is borrowed for the call.
 *
 * A commit that is sent is applied at most once: see commit.h. Reads see every commit that was
 * answered DONE before the read began, by whichever process.
 */
#ifndef FOOTFALL_STORE_STORE_H
#define FOOTFALL_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/timers.h"
#include "store/commit.h"

/** Over this many operations in flight in one process a call returns NULL. */
#define STORE_MAX_IN_FLIGHT 256

/** At most this many keys, counters or names in one read. */
#define STORE_MAX_READ   8192

#define STORE_MAX_SHARDS 64

/** At most so many records in one list. */
#define STORE_MAX_LIST 1000

/** About so many items are told by one step of a scan, or dropped by one of a purge. */
#define STORE_SCAN_ITEMS 1000

/** A writer that did not commit for so long is forgotten. */
#define STORE_WRITER_TTL_S (INT64_C(7) * 24 * 3600)

struct store;
struct store_op;
struct uv_loop_s;

/** What a store needs of its process; all borrowed for the life of the store. */
struct store_env {
    struct uv_loop_s *loop;      /* NULL for `memory`, which does without */
    struct timers *timers;       /* deadlines, and "later, on the loop" */
    const struct clock *clock;   /* of the process */
    int64_t timeout_ms;          /* of one operation */
    const char *redis_total_key; /* Redis: the key that holds the total of the default site; NULL or
                                    empty: the usual one */
};

/** How much of what is confirmed survives, best first. */
enum durability {
    DURABILITY_STRICT,  /* survives kill and power loss */
    DURABILITY_RELAXED, /* survives kill of any process; the last second may go with the power */
    DURABILITY_LOSSY,   /* goes when the store's process ends, or when it runs out of memory */
    DURABILITY_NONE,    /* ends with this process */
};

/** "strict", "relaxed", "lossy", "none". */
const char *durability_name(enum durability durability);

/** One thing that is not as it should be. */
struct store_finding {
    char problem[160]; /* a sentence */
    char remedy[200];  /* the command or setting that mends it */
};

#define STORE_MAX_FINDINGS 8

/** A rollup as a scan tells it. */
struct scanned_rollup {
    struct rollup rollup;
    struct metrics metrics;
    struct name
        name; /* of its value, when it is of the site; else, and when it has none, nothing */
};

/** What one step of a scan has found. */
struct scan_step {
    const struct scanned_record *records;
    size_t record_count;
    const struct scanned_counter *counters; /* those that are 0 may be left out */
    size_t counter_count;
    const struct scanned_rollup *rollups; /* those that are 0 in all may be left out */
    size_t rollup_count;
    struct slice cursor; /* where the next step goes on; empty: that was all */
};

/** What a store says about itself. */
struct store_health {
    bool reachable;
    enum durability durability; /* valid when reachable */
    bool sufficient;  /* reachable, writable, and at least as durable as `require=` wants */
    char reason[200]; /* when not sufficient: why, in a sentence; else empty */
    struct store_finding findings[STORE_MAX_FINDINGS];
    size_t finding_count;
};

typedef void store_done_fn(void *ctx, enum err err);
typedef void store_commit_fn(void *ctx, const struct commit_result *result);
typedef void store_read_fn(void *ctx, enum err err, const struct record *records, size_t count);
typedef void store_totals_fn(void *ctx, enum err err, const int64_t *totals, size_t count);
typedef void store_scan_fn(void *ctx, enum err err, const struct scan_step *step);
typedef void store_rollups_fn(void *ctx, enum err err, const struct rollup_sum *sums, size_t count);
typedef void store_names_fn(void *ctx, enum err err, const struct name *names, size_t count);
typedef void store_purge_fn(void *ctx, enum err err, bool is_done);
typedef void store_check_fn(void *ctx, const struct store_health *health);

/**
 * Opens the store that `url` names: sqlite:PATH, redis://…, rediss://…, unix:PATH, postgres://…,
 * memory:. Does not wait for it: a server that is down is tried again with back-off for as long as
 * the store is open, and until then operations end with COMMIT_REFUSED or ERR_UNAVAILABLE at once.
 * Open after fork.
 *
 * @param url   borrowed for the call
 * @param env   copied
 * @param out   the store; the caller's, ends with store_close()
 * @param info  why not, with a right example and without a password; may be NULL
 * @return      ERR_CONFIG: the url is wrong, or what it names can never work; ERR_NO_MEMORY
 */
enum err store_open(const char *url, const struct store_env *env, struct store **out,
                    struct err_info *info) MUST_CHECK;

/** Checks a url without opening anything; the same errors. */
enum err store_url_check(const char *url, struct err_info *info) MUST_CHECK;

/** True when only the process that opened it can see what the store holds (`memory`). */
bool store_url_is_private(const char *url);

/** The url with its password masked, in `out` (always NUL-terminated, cut to `size`). */
void store_url_mask(const char *url, char *out, size_t size);

/**
 * Cancels what is in flight and gives the store back. With a uv loop the memory goes in later turns
 * of that loop, so run it until it has nothing left to do. Not inside a `done` of this store. NULL
 * is fine.
 */
void store_close(struct store *store);

/** "sqlite", "redis", "redis-cluster", "postgres", "memory", "faulty". */
const char *store_kind(const struct store *store);

/**
 * Why this program can do nothing with the store until somebody does something about it, a sentence
 * that says what: its schema is an older or a newer one. Empty: nothing of the kind is known. Valid
 * until the store is closed.
 */
const char *store_fault(const struct store *store);

/**
 * How many shards the store has: parts in which a commit is atomic. 1, or STORE_MAX_SHARDS for a
 * Redis Cluster; it never changes. Writers, records and counters each belong to one shard.
 */
unsigned store_shard_count(const struct store *store);

/** The shard of what belongs to `owner` (a site id): 0 … store_shard_count() - 1. */
unsigned store_shard_of(const struct store *store, struct slice owner);

/**
 * Makes `writer` known in a shard, as if `number` were that of its last commit, done. Known with a
 * lower number: raised to it. Known with the same or a higher one: nothing changes.
 *
 * @param number  0 for a new writer; others are for one that the store has lost (writer.h)
 * @param done    ERR_OK; ERR_UNAVAILABLE or ERR_UNKNOWN: call again
 */
struct store_op *store_register(struct store *store, unsigned shard, const struct writer_id *writer,
                                uint64_t number, store_done_fn *done, void *ctx);

/**
 * Sends a frozen commit once. Never sends again by itself: that is the writer's task (writer.h).
 *
 * @param commit  identity and shard set, not changed any more; the store takes its own reference
 */
struct store_op *store_commit(struct store *store, struct commit *commit, store_commit_fn *done,
                              void *ctx);

/**
 * Reads records of one shard; absent and expired ones have version RECORD_ABSENT.
 *
 * @param keys   copied; at most STORE_MAX_READ
 * @param done   ERR_OK with one record a key, in order; or ERR_UNAVAILABLE, ERR_NO_MEMORY with none
 */
struct store_op *store_read(struct store *store, unsigned shard, const struct slice *keys,
                            size_t count, store_read_fn *done, void *ctx);

/** Reads counters of one shard, 0 for those never added to; otherwise as store_read(). */
struct store_op *store_totals(struct store *store, unsigned shard, const struct counter *counters,
                              size_t count, store_totals_fn *done, void *ctx);

/**
 * Reads records of one kind in the order of their keys.
 *
 * @param prefix  what their keys begin with; of a kind that record_is_listed()
 * @param after   only keys behind this one; empty: from the first; both copied
 * @param limit   1 … STORE_MAX_LIST
 * @param done    ERR_OK with up to `limit` records, fewer: that was all; ERR_UNAVAILABLE,
 *                ERR_NO_MEMORY with none
 */
struct store_op *store_list(struct store *store, unsigned shard, struct slice prefix,
                            struct slice after, size_t limit, store_read_fn *done, void *ctx);

/**
 * Sums rollups of one site.
 *
 * @param query  copied
 * @param done   ERR_OK with a sum for each group that has rows, in ascending order of its id;
 *               ERR_UNAVAILABLE; ERR_NO_MEMORY, also for too many groups
 */
struct store_op *store_rollups(struct store *store, unsigned shard,
                               const struct rollup_query *query, store_rollups_fn *done, void *ctx);

/**
 * Reads what numbers stand for on a site.
 *
 * @param ids    copied; at most STORE_MAX_READ
 * @param done   ERR_OK with one name an id, in order; ERR_UNAVAILABLE, ERR_NO_MEMORY with none
 */
struct store_op *store_names(struct store *store, unsigned shard, struct slice site,
                             const uint64_t *ids, size_t count, store_names_fn *done, void *ctx);

/**
 * Drops some of the rollups of a site whose bucket is one of `first` … `last`. A small step. For
 * 0 … INT32_MAX also its names and its counters, when no rollups are left: all of the site but its
 * records.
 *
 * @param done  ERR_OK, and whether that was all; else call again
 */
struct store_op *store_purge(struct store *store, unsigned shard, struct slice site, int32_t first,
                             int32_t last, store_purge_fn *done, void *ctx);

/**
 * Reads out a shard, all but its writers, step by step. What is there from the first step to the
 * last is told at least once, perhaps more often; what comes, goes or moves meanwhile is told in
 * one of its states, or not. A step may find nothing and still not be the last one.
 *
 * @param cursor  as the step before told it; empty: from the beginning; copied
 * @param done    ERR_OK with the step; or ERR_UNAVAILABLE, ERR_NO_MEMORY with NULL; ERR_INVALID:
 *                the cursor is none of this store
 */
struct store_op *store_scan(struct store *store, unsigned shard, struct slice cursor,
                            store_scan_fn *done, void *ctx);

/** Drops some of what expired: records, and writers unseen for STORE_WRITER_TTL_S. A small step. */
struct store_op *store_sweep(struct store *store, store_done_fn *done, void *ctx);

/** Asks the store how it is: reachable, durable, well configured. */
struct store_op *store_check(struct store *store, store_check_fn *done, void *ctx);

/** See rule 3. NULL is fine; the operation must not have been told yet. */
void store_op_cancel(struct store_op *op);

/** Since the store was opened; for /metrics. */
struct store_stats {
    uint64_t operations;
    uint64_t timeouts;   /* operations that rule 4 ended */
    uint64_t reconnects; /* connections made, less the first; of a cluster also shards that went to
                            another node */
    size_t in_flight;
    size_t connected; /* 1: usable as far as is known */
};

void store_get_stats(const struct store *store, struct store_stats *out);

#endif
