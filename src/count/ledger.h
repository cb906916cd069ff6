/**
 * The statistics of a batch: what its hits do to visitors and rollups. For plan.c. Pure: no I/O, no
 * clock.
 *
 *     ledger_take() each hit  ->  ledger_keys(): visitors to be read  ->  ledger_learn(): who they
 * are
 *              ->  ledger_begin(), ledger_count() each hit that counts, in order of arrival
 *              ->  ledger_commit(): the visitors that changed, and the rollups that moved
 *              ->  (conflict: ledger_learn(), ledger_begin(), …)
 *
 * Hits that agree in site, hour, page and profile move the same forty rollups. So their numbers are
 * summed up first, in a cell, and only cells are spread over rollups.
 */
#ifndef FOOTFALL_COUNT_LEDGER_H
#define FOOTFALL_COUNT_LEDGER_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "count/hit_facts.h"
#include "count/rollup_fold.h"

/**
 * So many different hits, or visitors, are enough for a batch. Each cell comes to some 50 rollups
 * at most, and each visitor to two further cells, of the visit he is in: all of them fit into a
 * commit, and it keeps a store of one thread for some milliseconds only.
 */
#define LEDGER_MAX_CELLS    512
#define LEDGER_MAX_VISITORS 1024

_Static_assert((LEDGER_MAX_CELLS + 2 * LEDGER_MAX_VISITORS) * 60 <= COMMIT_MAX_ROLLUPS, "fits");

struct ledger_site;
struct ledger_visitor;

/** Sums of hits that move the same rollups. */
struct ledger_cell {
    struct ledger_site *site;
    const struct ledger_profile *profile;
    int32_t hour;
    int32_t day;
    uint64_t page;     /* VALUE_NONE: none, of events */
    struct slice path; /* text of `page`, and its title; may be empty */
    struct slice title;
    struct metrics of_site;
    struct metrics of_page;
    struct ledger_cell *next;
};

/** An event, or a bot: what a hit is besides, or instead of, a view of a page. */
struct ledger_extra;

/** One hit; embedded by the plan. */
struct ledger_hit {
    struct ledger_cell *cell;       /* NULL: it is in no statistics */
    struct ledger_visitor *visitor; /* NULL: nobody is recognised */
    struct ledger_extra *extra;     /* NULL: a page view */
    struct moment moment;
    int64_t unix_s;
};

struct ledger {
    struct arena *arena; /* the batch's */
    struct hashmap sites;
    struct hashmap profiles;
    struct hashmap cells;
    struct hashmap visitors; /* key of the record -> struct ledger_visitor */
    struct ledger_cell *first_cell;
    struct ledger_cell *recent; /* the last one found: often it comes again */
    struct ledger_visitor *first_visitor;
    struct ledger_visitor **last_visitor;
    size_t cell_count;
    size_t key_count; /* of visitors, to be read */
    struct rollup_fold fold;
};

void ledger_init(struct ledger *ledger, struct arena *arena);
void ledger_fini(struct ledger *ledger);

/** Empties it, before its arena is reset. */
void ledger_clear(struct ledger *ledger);

/**
 * Takes in a hit.
 *
 * @param site, path  in the arena
 * @param facts       copied as far as needed; NULL: it is in no statistics
 * @return            ERR_NO_MEMORY: nothing of the hit will be counted
 */
enum err ledger_take(struct ledger *ledger, struct slice site, struct slice path,
                     const struct hit_facts *facts, struct ledger_hit *out) MUST_CHECK;

/** The keys of all `key_count` records, in `out`; returns the place behind them. */
struct slice *ledger_keys(const struct ledger *ledger, struct slice *out);

/** Takes in what the store has under a key; false: it is none of a visitor. */
bool ledger_learn(struct ledger *ledger, const struct record *record, enum err *err);

/** Forgets what was counted; the visitors are as they were read. */
void ledger_begin(struct ledger *ledger);

/** ERR_NO_MEMORY: the ledger must begin anew. */
enum err ledger_count(struct ledger *ledger, const struct ledger_hit *hit) MUST_CHECK;

/** Adds writes and rollups to `commit`. Errors of commit_write(). */
enum err ledger_commit(struct ledger *ledger, struct commit *commit) MUST_CHECK;

#endif
