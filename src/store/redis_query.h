/**
 * A query of rollups: where it stands, and the commands of its next step. redis_rollups.c takes the
 * replies and leads from step to step.
 *
 * In a cluster a slot on the move is in two places, and a list that is asked for in the wrong one
 * seems to be empty. A command on several keys is refused then
 * (redis.io/docs/reference/cluster-spec, "Multiple keys operations"), so such a one goes before
 * those that look for lists.
 */
#ifndef FOOTFALL_STORE_REDIS_QUERY_H
#define FOOTFALL_STORE_REDIS_QUERY_H

#include "base/hashmap.h"
#include "store/redis_op.h"
#include "store/rollup_sums.h"

enum redis_query_phase {
    REDIS_QUERY_PICKS,  /* one row of each list */
    REDIS_QUERY_COUNTS, /* the rows of each list */
    REDIS_QUERY_READS,  /* whole lists */
    REDIS_QUERY_SCANS,  /* one list, part by part */
};

/** A list with more rows is read part by part. */
#define REDIS_QUERY_ROWS 2000

struct redis_query {
    enum redis_query_phase phase;
    uint64_t *rows;          /* of each bucket's list, as counted */
    size_t first;            /* the step: from this bucket … */
    size_t end;              /* … up to this one */
    size_t at;               /* the bucket whose reply comes next */
    bool is_guarded;         /* the reply to the command on several keys comes first */
    char cursor[24];         /* SCANS: that of HSCAN */
    struct hashmap seen;     /* SCANS: the fields, since they may come twice */
    struct arena fields;     /* what `seen` points to */
    struct rollup_sums sums; /* of what was read so far */
};

/** True when the query asks for one row of each list. */
bool redis_query_is_of_one_row(const struct rollup_query *query);

/** The row of this bucket that is asked for: page and value when one of them is, and else what
 * tells in which kind of list it is. */
struct rollup redis_query_row(const struct redis_op *r, size_t bucket);

/** The first bucket from `bucket` on whose list has rows; their number: none has. */
size_t redis_query_next_filled(const struct redis_op *r, size_t bucket);

/** Appends the commands of the step that begins with the bucket `first`; returns how many. */
size_t redis_query_encode(struct redis_op *r, struct strbuf *out);

#endif
