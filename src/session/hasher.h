/**
 * Passwords are hashed on threads, so that counting goes on: at most HASHER_THREADS at once, and
 * HASHER_MAX_WAITING more wait. Passwords are wiped from memory when they are done.
 */
#ifndef FOOTFALL_SESSION_HASHER_H
#define FOOTFALL_SESSION_HASHER_H

#include "session/password.h"

#define HASHER_THREADS     2
#define HASHER_MAX_WAITING 32

struct uv_loop_s;
struct hasher;
struct hash_order;

/** @param loop  `done` is called on it. NULL without memory */
struct hasher *hasher_create(struct uv_loop_s *loop);

/**
 * Nobody is told any more, and the orders are gone. What is being hashed ends on its own; the
 * memory goes in later turns of the loop, which has to be run until it has nothing left to do. NULL
 * is fine.
 */
void hasher_destroy(struct hasher *hasher);

/**
 * The order is gone with this call.
 *
 * @param err       ERR_OK; ERR_NO_MEMORY: of a hashing. A check without memory is not right
 * @param is_right  of a check
 * @param hash      of a hashing: the PHC string; of a right check of a hash that
 *                  password_wants_rehash(): the new one; else NULL. Borrowed for the call
 */
typedef void hasher_done_fn(void *ctx, enum err err, bool is_right, const char *hash);

/**
 * Each calls `done` once, never inside the call. Texts are copied. NULL: *err says why.
 *
 * A password of more than PASSWORD_MAX_BYTES is nobody's: its check takes as long as another's, and
 * it is not hashed.
 *
 * @param err  ERR_OK; ERR_NO_MEMORY; ERR_BUSY: too many wait; ERR_INVALID: too long to be hashed
 */
struct hash_order *hasher_check(struct hasher *hasher, struct slice password, const char *hash,
                                hasher_done_fn *done, void *ctx, enum err *err);
struct hash_order *hasher_hash(struct hasher *hasher, struct slice password, hasher_done_fn *done,
                               void *ctx, enum err *err);

/** `done` is not called. One that waits does not begin. NULL is fine. */
void hash_order_cancel(struct hash_order *order);

/** Waiting and working, and cancelled ones that still work; for /metrics. */
size_t hasher_busy(const struct hasher *hasher);

#endif
