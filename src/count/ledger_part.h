/**
 * What ledger.c and ledger_count.c share.
 */
#ifndef FOOTFALL_COUNT_LEDGER_PART_H
#define FOOTFALL_COUNT_LEDGER_PART_H

#include "count/ledger.h"

struct ledger_site {
    struct slice id;
    uint32_t page_cap;
    uint32_t value_cap;
};

struct ledger_profile {
    struct profile values;
    bool has_texts; /* false: they are stored already */
    struct slice texts[PROFILE_MAX_VALUES];
};

struct ledger_visitor {
    struct slice key; /* of the record */
    uint32_t ttl_s;
    struct ledger_visitor *before; /* the same one under the key of the day before, or NULL */
    uint64_t version;              /* as read; RECORD_ABSENT */
    struct slice stored;
    struct visitor now; /* after the hits that were counted */
    bool is_known;      /* today */
    bool is_written;
    bool is_removed; /* its visit went on, or could have, in the next day's record */
    struct ledger_visitor *next;
};

/** All in the arena. */
struct ledger_extra {
    struct slice bot;
    struct event event;
    uint64_t event_id;
};

/** NULL without memory. */
struct ledger_extra *ledger_extra_create(struct arena *arena, const struct hit_facts *facts);

/** The cell of a visit: of the hour in which it began, and `page`. NULL without memory.
 * @param hit  as ledger_hit_cell() gave it */
struct ledger_cell *ledger_visit_cell(struct ledger *ledger, const struct ledger_cell *hit,
                                      const struct visitor *visitor, uint64_t page);

/** The cell of a hit, under the profile of its visit. NULL without memory. */
struct ledger_cell *ledger_hit_cell(struct ledger *ledger, struct ledger_cell *hit,
                                    const struct visitor *visitor);

/** Spreads the cells over the rollups. ERR_NO_MEMORY. */
enum err ledger_spread(struct ledger *ledger) MUST_CHECK;

#endif
