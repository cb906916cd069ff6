/**
 * The writer: this process's identity in a shard of the store, and the one who makes exactly once
 * come true.
 *
 * It registers itself, numbers the commits, sends one at a time, and sends the same frozen commit
 * again, with back-off, until the store has said what became of it:
 *
 *                    +--------------------- unknown, or refused after an unknown: again ---+
 *                    v                                                                     |
 *     idle -> registering -> sending -> DONE, CONFLICT: told, number used up -> idle       |
 *                    ^          +-----> REFUSED at the first try: told, number free -> idle|
 *                    |          +----------------------------------------------------------+
 *                    +--------- BEHIND, NO_WRITER: the store lost commits. Counted, logged; the
 *                               writer draws a new identity and sends the commit under that one.
 *
 * A refusal is only believed when no earlier attempt is unknown: that one may still have been
 * applied.
 */
#ifndef FOOTFALL_STORE_WRITER_H
#define FOOTFALL_STORE_WRITER_H

#include "store/store.h"

struct writer;

/**
 * @param result  status DONE, CONFLICT or REFUSED; borrowed for the call
 */
typedef void writer_done_fn(void *ctx, const struct commit_result *result);

/** @param store borrowed, outlives the writer; NULL is returned without memory */
struct writer *writer_create(struct store *store, unsigned shard, const struct store_env *env);

/** Forgets what is in flight; its `done` is not called. NULL is fine. */
void writer_destroy(struct writer *writer);

/** True while a commit is being resolved; then writer_commit() must not be called. */
bool writer_is_busy(const struct writer *writer);

/**
 * Commits: gives `commit` its identity and resolves it. `done` is called exactly once, never inside
 * this call, however long it takes.
 *
 * @param commit  the writer takes its own reference; not to be changed until `done`
 */
void writer_commit(struct writer *writer, struct commit *commit, writer_done_fn *done, void *ctx);

struct writer_stats {
    uint64_t commits; /* DONE */
    uint64_t conflicts;
    uint64_t refused;      /* told as REFUSED */
    uint64_t retries;      /* attempts beyond the first */
    uint64_t went_back;    /* times the store was found to have gone back in time */
    uint64_t lost_commits; /* confirmed commits that it had lost then */
    uint64_t replaced;     /* times the store did not know the writer any more */
    uint64_t unresolved;   /* 1 while an attempt is unknown */
};

void writer_get_stats(const struct writer *writer, struct writer_stats *out);

#endif
