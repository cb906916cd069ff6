/**
 * What tally.c and tally_count.c share.
 */
#ifndef FOOTFALL_COUNT_TALLY_PART_H
#define FOOTFALL_COUNT_TALLY_PART_H

#include "count/tally.h"

struct tally_site {
    struct slice id;
    uint32_t page_cap;
    uint32_t value_cap;
};

struct tally_profile {
    struct profile values;
    bool has_texts; /* false: they are stored already */
    struct slice texts[PROFILE_MAX_VALUES];
};

struct tally_visitor {
    struct slice key; /* of the record */
    uint32_t ttl_s;
    struct tally_visitor *before; /* the same one under the key of the day before, or NULL */
    uint64_t version;             /* as read; RECORD_ABSENT */
    struct slice stored;
    struct visitor now; /* after the hits that were counted */
    bool is_known;      /* today */
    bool is_written;
    bool is_removed; /* its visit went on, or could have, in the next day's record */
    struct tally_visitor *next;
};

/** All in the arena. */
struct tally_extra {
    struct slice bot;
    struct event event;
    uint64_t event_id;
};

/** NULL without memory. */
struct tally_extra *tally_extra_create(struct arena *arena, const struct hit_facts *facts);

/** The cell of a visit: of the hour in which it began, and `page`. NULL without memory.
 * @param hit  as tally_hit_cell() gave it */
struct tally_cell *tally_visit_cell(struct tally *tally, const struct tally_cell *hit,
                                    const struct visitor *visitor, uint64_t page);

/** The cell of a hit, under the profile of its visit. NULL without memory. */
struct tally_cell *tally_hit_cell(struct tally *tally, struct tally_cell *hit,
                                  const struct visitor *visitor);

/** Spreads the cells over the rollups. ERR_NO_MEMORY. */
enum err tally_spread(struct tally *tally) MUST_CHECK;

#endif
