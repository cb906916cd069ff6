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
 *                    +--------- BEHIND, NO_WRITER: the store lost commits. Counted, logged, and
 *                               replayed from the ring (replay.h) under their old numbers, or the
 *                               commits of other numbers that it had by then; then it goes on.
 *
 * A refusal is only believed when no earlier attempt is unknown: that one may still have been
 * applied.
 *
 * The identity stays for the life of the process. So a store that finds its commits again (the
 * connection led to another one for a while) is found AHEAD of the replay, which then skips them. A
 * store that forgot a writer which was silent for days has lost nothing, and gets nothing again.
 *
 * Commits are kept for replay for WRITER_KEEP_MS after they were confirmed, and longer while the
 * store cannot be reached. When the store was connected anew and nothing is to be committed, an
 * empty commit is sent, to find out whether it lost something.
 */
#ifndef FOOTFALL_STORE_WRITER_H
#define FOOTFALL_STORE_WRITER_H

#include "store/forgotten.h"
#include "store/store.h"

/** What was confirmed so long ago, with the store still there, is taken to be safe. */
#define WRITER_KEEP_MS 60000

/** The most that all writers of a process keep for replay, each its part. */
#define WRITER_KEEP_BYTES ((size_t)32 << 20)

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

/** True while confirmed commits are being sent again. */
bool writer_is_replaying(const struct writer *writer);

/**
 * False while a process that ends now may take confirmed commits with it that the store has lost:
 * it is being replayed to, or asked, or away, or was connected anew since it last confirmed.
 */
bool writer_is_settled(const struct writer *writer);

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
    uint64_t unresolved;   /* 1 while an attempt is unknown */
    uint64_t went_back;    /* times the store was found to have gone back in time */
    uint64_t replaced;     /* times the store did not know the writer any more */
    uint64_t replayed;     /* confirmed commits that were sent again after that */
    uint64_t lost_commits; /* confirmed commits that could not be replayed */
};

void writer_get_stats(const struct writer *writer, struct writer_stats *out);

/** Calls `fn` with each site of which views were lost for good. */
void writer_each_lost(const struct writer *writer, forgotten_fn *fn, void *ctx);

#endif
