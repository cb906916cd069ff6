/**
 * The rollups of a commit as a part of its command: see redis_rollups.lua. No I/O.
 */
#ifndef FOOTFALL_STORE_REDIS_ROW_PLAN_H
#define FOOTFALL_STORE_REDIS_ROW_PLAN_H

#include "base/strbuf.h"
#include "store/commit.h"
#include "store/redis_keys.h"

/** Rows of one list that are read and written by one command. All have the same cap. */
struct redis_row_group {
    const struct rollup *list; /* one of its rows */
    uint32_t cap;
    size_t site;  /* place in struct redis_row_plan's sites */
    size_t first; /* place in its order */
    size_t count; /* at most REDIS_GROUP_MAX */
};

/**
 * Additions to rollups in the order in which the command names them: group by group. Within a list
 * they keep the order they had, on which it hangs what a cap keeps out.
 */
struct redis_row_plan {
    size_t *order; /* of all additions: their indices */
    struct redis_row_group *groups;
    size_t group_count;
    struct slice *sites; /* of the groups, none twice */
    size_t site_count;
};

/** Plans the rollups of `commit`, in whose texts it points. ERR_NO_MEMORY. */
enum err redis_row_plan_make(struct redis_row_plan *plan, const struct commit *commit,
                             struct arena *arena) MUST_CHECK;

/** How many keys and how many further arguments the functions below put. */
size_t redis_row_plan_keys(const struct redis_row_plan *plan);
size_t redis_row_plan_args(const struct redis_row_plan *plan, const struct commit *commit);

/** Appends names and index of each site, and the lists. */
void redis_row_plan_put_keys(struct strbuf *out, const struct redis_row_plan *plan,
                             const struct redis_prefix *prefix);

/** Appends the groups. */
void redis_row_plan_put_args(struct strbuf *out, const struct redis_row_plan *plan,
                             const struct commit *commit);

#endif
