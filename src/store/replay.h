/**
 * The replay ring: what a writer's store has confirmed lately, kept so that it can be sent again
 * to a store that has lost it (a fail-over to a replica that lagged behind, a tail of the log that
 * was not synced, a restored snapshot).
 *
 *     numbers   1 ………………… floor | floor + 1 …………………………… the last one
 *                  dropped    |     in the ring; those missing in between changed nothing
 *
 * Commits are packed (replay_pack.h): some bytes for each text and number in them. The ring is
 * limited in bytes; how long it keeps a commit is its owner's to say. What is dropped is remembered
 * as a sum (forgotten.h).
 */
#ifndef FOOTFALL_STORE_REPLAY_H
#define FOOTFALL_STORE_REPLAY_H

#include "base/strbuf.h"
#include "store/commit.h"
#include "store/forgotten.h"

struct replay_block;

struct replay {
    struct replay_block *first; /* the oldest; NULL when empty */
    struct replay_block *last;
    size_t bytes; /* of all blocks */
    size_t max_bytes;
    uint64_t floor;        /* every confirmed commit above it is in the ring */
    struct strbuf rollups; /* of the commit that is pushed, packed: kept for the next one */
    struct forgotten forgotten;
    /* Where replay_get() goes on looking; block NULL: from the start. */
    const struct replay_block *at_block;
    size_t at;
};

void replay_init(struct replay *replay, size_t max_bytes);
void replay_fini(struct replay *replay);

/** Keeps a commit that was just confirmed, in place of the oldest ones where room is needed.
 * Without memory, or when it is larger than the ring, all are dropped up to this one. */
void replay_push(struct replay *replay, const struct commit *commit, int64_t now_ms);

/** Drops what was confirmed before `ms`. */
void replay_drop_before(struct replay *replay, int64_t ms);

/** Drops all up to `floor`, the last number, and what was dropped before is not remembered. */
void replay_reset(struct replay *replay, uint64_t floor);

bool replay_is_empty(const struct replay *replay);

/**
 * The commit with `number`, to be sent again: its writes expect RECORD_ANY, since the versions they
 * expected may be lost too. One that is not there changed nothing, and comes out empty.
 *
 * @param number  above the floor; fastest in ascending order
 * @param out     the caller's; its identity is complete but for the writer and the shard
 * @return        ERR_NO_MEMORY
 */
enum err replay_get(struct replay *replay, uint64_t number, struct commit **out) MUST_CHECK;

/** An empty commit with `number`, as if it had not been there. */
enum err replay_get_empty(uint64_t number, struct commit **out) MUST_CHECK;

#endif
