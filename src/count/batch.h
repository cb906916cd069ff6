/**
 * The batch: hits that share one commit. The heart of Footfall.
 *
 *     hits arrive ->  waiting batches (4,096 hits each, 65,536 in all)
 *                         |  batcher_turn(), when none is in flight
 *                         v
 *                     read (ids, visitors) -> plan, fold -> commit -> answers, in order of arrival
 *                         ^                                          |
 *                         +------------------ conflict --------------+
 *
 * One commit is in flight for each shard of the store; what arrives meanwhile waits and goes
 * together in the next one. No timer delays anything: the busier it is the larger the batches, the
 * cheaper a hit.
 *
 * A hit is answered with its own numbers although the batch moved each counter once: of n hits of
 * one counter in a batch, the one of rank r (from 1) has the number total - (n - r).
 *
 * A hit whose deadline passes is told ERR_UNKNOWN when its commit was sent already, and
 * ERR_UNAVAILABLE, with nothing counted, when it was not. The batch itself goes on being resolved.
 */
#ifndef FOOTFALL_COUNT_BATCH_H
#define FOOTFALL_COUNT_BATCH_H

#include "base/err.h"
#include "base/timers.h"
#include "count/histogram.h"
#include "count/hit.h"
#include "count/hit_facts.h"
#include "store/store.h"
#include "store/writer.h"

#define BATCH_MAX_HITS    4096
#define BATCH_MAX_WAITING 65536

struct batcher;
struct hit;

/** What a hit is told. Valid when `err` is ERR_OK. */
struct hit_answer {
    enum err err;       /* ERR_OK; ERR_UNAVAILABLE: certainly not counted; ERR_UNKNOWN;
                           ERR_STALE: not counted, since the settings that its facts were made under
                           have changed */
    int64_t count;      /* of the page, with this hit */
    int64_t site_count; /* of the site, with this hit */
    bool duplicate;     /* the id was counted before: the numbers are the current ones */
    bool is_bot;        /* counted apart: `site_count` is the current one, `count` is 0 */
};

typedef void hit_done_fn(void *ctx, const struct hit_answer *answer);

/**
 * @param store     borrowed, outlives the batcher
 * @param env       copied
 * @param hit_ms    deadline of a hit, from its arrival to its answer
 * @return          NULL without memory
 */
struct batcher *batcher_create(struct store *store, const struct store_env *env, int64_t hit_ms);

/** Forgets everything; nobody is told. Not inside a `done`. NULL is fine. */
void batcher_destroy(struct batcher *batcher);

/**
 * Takes a hit. `done` is called exactly once, never inside this call, unless the hit is abandoned.
 * It may add further hits, and abandon others.
 *
 * @param input  checked by hit_check(); copied
 * @param facts  for the statistics, copied; NULL: it is in no statistics
 * @return       NULL when 65,536 hits wait already or without memory: nothing is counted then
 */
struct hit *batcher_add(struct batcher *batcher, const struct hit_input *input,
                        const struct hit_facts *facts, hit_done_fn *done, void *ctx);

/** The client left: the hit is counted all the same, but `done` will not be called. */
void hit_abandon(struct hit *hit);

/** Starts the next batch when none is in flight. Call once a turn of the loop, after the sockets;
 *  not inside a `done`. */
void batcher_turn(struct batcher *batcher);

/** True when batcher_turn() would start a batch. */
bool batcher_is_ready(const struct batcher *batcher);

/** True when no hit waits, no commit is in flight, and the store has all that it confirmed, as far
 * as is known (writer_is_settled()): then the process may end. */
bool batcher_is_idle(const struct batcher *batcher);

struct batcher_stats {
    uint64_t hits; /* counted */
    uint64_t duplicates;
    uint64_t bots;
    uint64_t unavailable; /* told so: certainly not counted */
    uint64_t unknown;     /* told so */
    uint64_t rejected;    /* not taken: full */
    uint64_t batches;     /* committed */
    size_t waiting;       /* hits, now */
    struct histogram batch_hits;
    struct histogram commit_us;
    struct writer_stats writer;
};

/** Calls `fn` with each site of which the store lost views for good. */
void batcher_each_lost(const struct batcher *batcher, forgotten_fn *fn, void *ctx);

void batcher_get_stats(const struct batcher *batcher, struct batcher_stats *out);

#endif
