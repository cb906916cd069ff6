/**
 * Load on a store with shards: some sites, each in a shard of its own, each counted one hit after
 * the other by a writer of its own. What the store confirmed is remembered, and compared at the
 * end.
 */
#ifndef FOOTFALL_TESTS_STORE_LOAD_H
#define FOOTFALL_TESTS_STORE_LOAD_H

#include "store/writer.h"
#include "support/test_loop.h"

#define STORE_LOAD_MAX_SITES STORE_MAX_SHARDS

struct store_load;

struct store_load_site {
    struct store_load *load;
    char id[16];
    unsigned shard;
    struct writer *writer;
    struct commit *commit; /* under way; NULL: none */
    uint64_t confirmed;    /* hits that were answered DONE */
    uint64_t refused;      /* certainly not counted, not sent again */
};

struct store_load {
    struct test_loop *loop;
    struct store *store;
    struct store_load_site sites[STORE_LOAD_MAX_SITES];
    size_t site_count;
    bool has_ids;     /* each hit writes a record too */
    bool has_rollups; /* each hit moves rollups too; from the first one on, or not at all */
    uint64_t next_id;
};

/** No hit is under way yet. `env` is the store's; `site_count` at most the number of shards. */
void store_load_start(struct store_load *load, struct test_loop *loop, struct store *store,
                      const struct store_env *env, size_t site_count);

/** A turn of the loop; sites without a hit under way begin the next one. */
void store_load_turn(struct store_load *load);

/** Turns until each site has so many more hits confirmed, at most 60 s. */
void store_load_run(struct store_load *load, uint64_t hits);

/** Turns until no hit is under way; none begins. At most 60 s. */
void store_load_settle(struct store_load *load);

/** Hits confirmed and refused, of all sites. */
uint64_t store_load_confirmed(const struct store_load *load);
uint64_t store_load_refused(const struct store_load *load);

/** What all writers say together. */
struct writer_stats store_load_stats(const struct store_load *load);

/** Settles; each site's total in the store, and its rollups, are what was confirmed, less what the
 * writer says that the store had lost. */
void store_load_check(struct store_load *load);

/** The writers go; hits under way are forgotten. */
void store_load_end(struct store_load *load);

#endif
