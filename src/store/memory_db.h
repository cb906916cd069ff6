/**
 * What a memory store holds, and what may be done to it. For memory*.c alone; others use memory.h.
 */
#ifndef FOOTFALL_STORE_MEMORY_DB_H
#define FOOTFALL_STORE_MEMORY_DB_H

#include "base/hashmap.h"
#include "store/memory.h"
#include "store/rollup_sums.h"

/* Each entry lies in one allocation, its key behind it; the maps' keys point there. */
struct memory_record {
    struct slice key; /* behind the struct, in the same allocation */
    struct slice value;
    uint64_t version;
    int64_t expires_unix_ms;
};

struct memory_counter {
    int64_t views;
    char key[];
};

struct memory_writer {
    struct writer_id id;
    uint64_t number;
    enum commit_status status; /* result of `number`: DONE or CONFLICT */
    int64_t *totals;           /* of DONE */
    size_t total_count;
    int64_t seen_unix_ms;
};

struct memory_db {
    struct hashmap records;
    struct hashmap counters;
    struct hashmap writers;
    struct hashmap rollups; /* the rest is memory_rollup.c's */
    struct hashmap lists;
    struct hashmap names;
    bool ignores_numbers;
};

/** The entry of `writer`, or NULL. */
struct memory_writer *memory_writer_find(const struct memory_db *db, const struct writer_id *id);

/** The same, made with number 0 when there is none; NULL without memory. */
struct memory_writer *memory_writer_make(struct memory_db *db, const struct writer_id *id,
                                         int64_t now_unix_ms);

int64_t memory_counter_views(const struct memory_db *db, const struct counter *counter);

/** The counter, made with 0 when it is new; `out` is NULL when the cap forbids that.
 * ERR_NO_MEMORY. */
enum err memory_counter_make(struct memory_db *db, const struct addition *addition,
                             struct memory_counter **out) MUST_CHECK;

/** How many counters the site has in this dimension; NULL without memory. */
uint64_t *memory_counter_list(struct memory_db *db, const struct counter *counter);

/** The record as a reader sees it now; borrowed from the db. */
struct record memory_record_look(const struct memory_db *db, struct slice key, int64_t now_unix_ms);

/** A record ready to be put in; the caller's; NULL without memory. */
struct memory_record *memory_record_create(const struct record_write *write, uint64_t version,
                                           int64_t now_unix_ms);

/** Puts it in the place of what is there, and owns it then. There is room: hashmap_reserve(). */
void memory_record_put(struct memory_db *db, struct memory_record *record);

/** Fine when it is not there. */
void memory_record_remove(struct memory_db *db, struct slice key);

/** The numbers of the row that an addition goes to, made with 0 when it is new; then its name is
 * stored, too. NULL without memory. */
struct metrics *memory_rollup_make(struct memory_db *db, const struct rollup_addition *addition);

/** Borrowed from the db. */
struct name memory_name_look(const struct memory_db *db, struct slice site, uint64_t id);

/** Adds what `query` asks for to `sums`. */
enum err memory_rollups_sum(const struct memory_db *db, const struct rollup_query *query,
                            struct rollup_sums *sums) MUST_CHECK;

void memory_rollups_purge(struct memory_db *db, struct slice site, int32_t first, int32_t last);
void memory_rollups_clear(struct memory_db *db);

/** For tests: ends the process without memory. */
void memory_rollups_copy(struct memory_db *db, const struct memory_db *from);

/** As memory_db_scan(). */
enum err memory_rollups_scan(const struct memory_db *db, struct arena *arena,
                             struct scan_step *out) MUST_CHECK;

/** Records whose keys begin with `prefix` and are behind `after`, in order. ERR_NO_MEMORY. */
enum err memory_db_list(const struct memory_db *db, const struct store_op *op, struct arena *arena,
                        int64_t now_unix_ms, struct record **out, size_t *count) MUST_CHECK;

/** All there is, in one step; the arrays are in `arena`, the texts are the db's. ERR_NO_MEMORY. */
enum err memory_db_scan(const struct memory_db *db, struct arena *arena, int64_t now_unix_ms,
                        struct scan_step *out) MUST_CHECK;

/** Drops what expired. */
void memory_db_sweep(struct memory_db *db, int64_t now_unix_ms);

/** Carries out a commit and finishes `op`: memory_commit.c. */
void memory_commit(struct memory_db *db, struct store_op *op, int64_t now_unix_ms);

#endif
