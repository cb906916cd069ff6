/**
 * A guess at a password or a code, paid for in the store before it is evaluated: see throttle.h.
 */
#ifndef FOOTFALL_SESSION_GUESS_H
#define FOOTFALL_SESSION_GUESS_H

#include "session/throttle.h"
#include "store/change.h"

#define GUESS_MAX_BUCKETS 4

/** Guesses of one process that wait for the store. Fewer than CHANGE_MAX_WAITING by far, so that a
 * flood of them, when the store is slow, leaves room for logins, ends of sessions and all else. */
#define GUESS_MAX_WAITING 64

/** The guesses of one process; borrows both. */
struct guesses {
    struct changer *changer;
    struct store *store;
    size_t waiting;
};

/** A bucket that a guess is taken from. */
struct guess_bucket {
    enum throttle_kind kind;
    struct slice subject; /* copied; at most 256 bytes */
};

struct guess;

/**
 * @param err      ERR_OK: go on, if wait_ms is 0; ERR_UNAVAILABLE, ERR_UNKNOWN, ERR_BUSY,
 *                 ERR_NO_MEMORY: the store did not say
 * @param wait_ms  more than 0: a bucket is empty, for so long; nothing was taken from any
 */
typedef void guess_done_fn(void *ctx, enum err err, int64_t wait_ms);

/** Takes one guess from each bucket, from all or from none. `done` is called once, never inside
 * this call. NULL: no memory, or too much waits: then the client is told 503, and tries again. */
struct guess *guess_take(struct guesses *guesses, const struct guess_bucket *buckets, size_t count,
                         int64_t now_ms, guess_done_fn *done, void *ctx);

/** The guess was right: gives it back (throttle_succeed()). Otherwise as above, but it is not among
 * those of GUESS_MAX_WAITING; not done, there are only fewer guesses next time. */
struct guess *guess_succeed(struct guesses *guesses, const struct guess_bucket *bucket,
                            int64_t now_ms, guess_done_fn *done, void *ctx);

/** `done` is not called. NULL is fine. */
void guess_cancel(struct guess *guess);

#endif
