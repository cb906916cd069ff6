/**
 * A lease: a record that says which process does something that only one should do at a time. Who
 * has it renews it now and then; it expires by itself when that process is gone.
 *
 *     record  lease/NAME    value "held ID", or "done": it was done, and is not to be done again
 *                           until the record expires
 *
 * It is no lock: a process that was stopped for longer than its lease goes on without knowing that
 * another one has begun. So what is done under it has to be harmless when it is done twice.
 */
#ifndef FOOTFALL_COUNT_LEASE_H
#define FOOTFALL_COUNT_LEASE_H

#include "base/err.h"
#include "store/store.h"

struct lease;

enum lease_answer {
    LEASE_OURS,
    LEASE_HELD,    /* by another process; also when it was ours, and is not any more */
    LEASE_DONE,    /* it was done lately */
    LEASE_UNKNOWN, /* the store did not answer, or there is no memory */
};

typedef void lease_fn(void *ctx, enum lease_answer answer);

/**
 * @param store  borrowed, outlives it
 * @param name   lives as long; at most LEASE_MAX_NAME bytes
 * @return       NULL without memory
 */
#define LEASE_MAX_NAME 32
struct lease *lease_create(struct store *store, const struct store_env *env, const char *name);

/** Nobody is told any more. What is held expires. Not inside its own callback. NULL is fine. */
void lease_destroy(struct lease *lease);

/* Of these calls one at a time. `done` is called once; LEASE_UNKNOWN may come inside the call. */

/** Takes it. @param even_if_done  it is not asked whether it was done lately */
void lease_take(struct lease *lease, uint32_t ttl_s, bool even_if_done, lease_fn *done, void *ctx);

/** Ours: for some more time. */
void lease_renew(struct lease *lease, uint32_t ttl_s, lease_fn *done, void *ctx);

/** Ours: gives it back. @param done_s  so long nobody is to do it again; 0: whoever wants, may */
void lease_end(struct lease *lease, uint32_t done_s, lease_fn *done, void *ctx);

#endif
