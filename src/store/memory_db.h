/**
 * What a memory store holds, and what may be done to it. For memory*.c alone; others use memory.h.
 */
#ifndef FOOTFALL_STORE_MEMORY_DB_H
#define FOOTFALL_STORE_MEMORY_DB_H

#include "base/hashmap.h"
#include "store/memory.h"

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
    bool ignores_numbers;
};

/** The entry of `writer`, or NULL. */
struct memory_writer *memory_writer_find(const struct memory_db *db, const struct writer_id *id);

/** The same, made with number 0 when there is none; NULL without memory. */
struct memory_writer *memory_writer_make(struct memory_db *db, const struct writer_id *id,
                                         int64_t now_unix_ms);

int64_t memory_counter_views(const struct memory_db *db, const struct counter *counter);

/** The counter, made with 0 when it is new; NULL without memory. */
struct memory_counter *memory_counter_make(struct memory_db *db, const struct counter *counter);

/** The record as a reader sees it now; borrowed from the db. */
struct record memory_record_look(const struct memory_db *db, struct slice key, int64_t now_unix_ms);

/** A record ready to be put in; the caller's; NULL without memory. */
struct memory_record *memory_record_create(const struct record_write *write, uint64_t version,
                                           int64_t now_unix_ms);

/** Puts it in the place of what is there, and owns it then. There is room: hashmap_reserve(). */
void memory_record_put(struct memory_db *db, struct memory_record *record);

/** Fine when it is not there. */
void memory_record_remove(struct memory_db *db, struct slice key);

/** All there is, in one step; the arrays are in `arena`, the texts are the db's. ERR_NO_MEMORY. */
enum err memory_db_scan(const struct memory_db *db, struct arena *arena, int64_t now_unix_ms,
                        struct scan_step *out) MUST_CHECK;

/** Drops what expired. */
void memory_db_sweep(struct memory_db *db, int64_t now_unix_ms);

/** Carries out a commit and finishes `op`: memory_commit.c. */
void memory_commit(struct memory_db *db, struct store_op *op, int64_t now_unix_ms);

#endif
