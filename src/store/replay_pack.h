/**
 * A commit as the replay ring keeps it: its head, and behind that bytes for each text and number in
 * it. Nothing is aligned, and nothing is checked when it is read: the ring wrote it itself.
 */
#ifndef FOOTFALL_STORE_REPLAY_PACK_H
#define FOOTFALL_STORE_REPLAY_PACK_H

#include "store/commit.h"

struct replay_head {
    uint64_t number;
    uint64_t version;
    int64_t confirmed_ms;
    size_t bytes; /* with this head */
    uint32_t write_count;
    uint32_t addition_count;
    uint32_t rollup_count;
    uint32_t totals_wanted;
};

/** How many bytes it takes. @param rollups  of the commit, by rollup_pack_write() */
size_t replay_packed_bytes(const struct commit *commit, struct slice rollups);

/** Writes so many bytes to `out`. */
void replay_pack(char *out, const struct commit *commit, struct slice rollups, int64_t now_ms);

struct replay_head replay_head_of(const char *packed);

/** Fills an empty commit, all but its writer, number and shard; writes expect RECORD_ANY.
 * ERR_NO_MEMORY */
enum err replay_unpack(const char *packed, struct commit *out) MUST_CHECK;

/** Called with the views that a commit adds to a site. */
typedef void replay_views_fn(void *ctx, uint64_t number, struct slice site, int64_t views);

/** Calls `fn` for each site of a packed commit. */
void replay_each_site(const char *packed, replay_views_fn *fn, void *ctx);

#endif
