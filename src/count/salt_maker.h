/**
 * Makes the salt of a site's day: 32 random bytes in the record salt/SITE/DAY, by whichever process
 * writes it first.
 */
#ifndef FOOTFALL_COUNT_SALT_MAKER_H
#define FOOTFALL_COUNT_SALT_MAKER_H

#include "count/visitor_key.h"
#include "store/store.h"
#include "store/writer.h"

struct salt_maker;
struct salt_order;

/** @param salt  SALT_BYTES, ours or that of who was first; NULL when `err` is not ERR_OK */
typedef void salt_done_fn(void *ctx, enum err err, const unsigned char *salt);

/** @param store  borrowed, outlives it; NULL is returned without memory */
struct salt_maker *salt_maker_create(struct store *store, const struct store_env *env);

/** Nobody is told. NULL is fine. */
void salt_maker_destroy(struct salt_maker *maker);

#define SALT_KEY_BYTES (5 + COUNTER_MAX_SITE + 12)

/** salt/SITE/DAY */
struct slice salt_key(struct slice site, int32_t day, char out[static SALT_KEY_BYTES]);

/**
 * Makes a salt, unless there is one. `done` is called once, never inside this call: ERR_OK,
 * ERR_UNAVAILABLE.
 *
 * @param ttl_s  how long it is to live
 * @return       for salt_cancel(); NULL without memory
 */
struct salt_order *salt_make(struct salt_maker *maker, struct slice site, int32_t day,
                             uint32_t ttl_s, salt_done_fn *done, void *ctx);

/** `done` is not called; the salt may be made all the same. NULL is fine. */
void salt_cancel(struct salt_order *order);

/** True when nothing is being written, and nothing that was is in doubt. */
bool salt_maker_is_idle(const struct salt_maker *maker);

#endif
