/**
 * Dropping statistics that are older than their sites keep them: see prune_cut.h. In small steps
 * with pauses between them, so that counting does not wait, and under a lease, so that one process
 * does it however many there are.
 *
 *     leasing -> the default site, then shard by shard the others:  purging <-> pausing -> ending
 *
 * Each step only drops what any other process would drop too; so it may be broken off at any
 * moment, and whoever does it next begins anew.
 */
#ifndef FOOTFALL_COUNT_PRUNE_H
#define FOOTFALL_COUNT_PRUNE_H

#include "count/prune_cut.h"
#include "count/site.h"
#include "store/store.h"

struct prune;

/** A site is about to be pruned. */
typedef void prune_site_fn(void *ctx, const struct site *site, struct zone *zone,
                           const struct prune_cut *cut);

struct prune_order {
    struct slice site;      /* only this one; empty: all. Lives as long as the prune */
    bool is_dry;            /* nothing is dropped, and no lease is needed: only `on_site` is told */
    bool even_if_done;      /* also when it was done lately */
    uint32_t lease_s;       /* it is renewed when half of this is over */
    uint32_t done_s;        /* so long nobody is to do it again; 0: whoever wants, may */
    prune_site_fn *on_site; /* NULL: nobody wants to know */
};

enum prune_outcome {
    PRUNE_FINISHED,
    PRUNE_HELD,    /* another process is at it */
    PRUNE_DONE,    /* it was done lately */
    PRUNE_NO_SITE, /* there is none of this id */
    PRUNE_FAILED,  /* the store did not answer, or no memory */
};

/** "finished", "held", … for the log. */
const char *prune_outcome_name(enum prune_outcome outcome);

struct prune_result {
    enum prune_outcome outcome;
    uint64_t sites;
    uint64_t skipped; /* sites whose settings cannot be used, which was logged */
    uint64_t steps;
};

typedef void prune_done_fn(void *ctx, const struct prune_result *result);

/**
 * @param store  borrowed, outlives it
 * @param done   called once, never inside this call; the prune is gone then
 * @param ctx    also of `on_site`
 * @return       for prune_cancel(); NULL without memory
 */
struct prune *prune_start(struct store *store, const struct store_env *env,
                          const struct prune_order *order, prune_done_fn *done, void *ctx);

/** `done` is not called; the lease expires. Not inside `on_site`. NULL is fine. */
void prune_cancel(struct prune *prune);

#endif
