/**
 * The statistics of a batch: what its hits do to visitors and rollups. For plan.c. Pure: no I/O, no
 * clock.
 *
 *     tally_take() each hit  ->  tally_keys(): visitors to be read  ->  tally_learn(): who they are
 *              ->  tally_begin(), tally_count() each hit that counts, in order of arrival
 *              ->  tally_commit(): the visitors that changed, and the rollups that moved
 *              ->  (conflict: tally_learn(), tally_begin(), …)
 *
 * Hits that agree in site, hour, page and profile move the same forty rollups. So their numbers are
 * summed up first, in a cell, and only cells are spread over rollups.
 */
#ifndef FOOTFALL_COUNT_TALLY_H
#define FOOTFALL_COUNT_TALLY_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "count/hit_facts.h"
#include "count/rollup_fold.h"

/**
 * So many different hits, or visitors, are enough for a batch. Each cell comes to some 50 rollups
 * at most, and each visitor to two further cells, of the visit he is in: all of them fit into a
 * commit, and it keeps a store of one thread for some milliseconds only.
 */
#define TALLY_MAX_CELLS    512
#define TALLY_MAX_VISITORS 1024

_Static_assert((TALLY_MAX_CELLS + 2 * TALLY_MAX_VISITORS) * 60 <= COMMIT_MAX_ROLLUPS, "fits");

struct tally_site;
struct tally_visitor;

/** Sums of hits that move the same rollups. */
struct tally_cell {
    struct tally_site *site;
    const struct tally_profile *profile;
    int32_t hour;
    int32_t day;
    uint64_t page;     /* VALUE_NONE: none, of events */
    struct slice path; /* text of `page`, and its title; may be empty */
    struct slice title;
    struct metrics of_site;
    struct metrics of_page;
    struct tally_cell *next;
};

/** An event, or a bot: what a hit is besides, or instead of, a view of a page. */
struct tally_extra;

/** One hit; embedded by the plan. */
struct tallied_hit {
    struct tally_cell *cell;       /* NULL: it is in no statistics */
    struct tally_visitor *visitor; /* NULL: nobody is recognised */
    struct tally_extra *extra;     /* NULL: a page view */
    struct moment moment;
    int64_t unix_s;
};

struct tally {
    struct arena *arena; /* the batch's */
    struct hashmap sites;
    struct hashmap profiles;
    struct hashmap cells;
    struct hashmap visitors; /* key of the record -> struct tally_visitor */
    struct tally_cell *first_cell;
    struct tally_cell *recent; /* the last one found: often it comes again */
    struct tally_visitor *first_visitor;
    struct tally_visitor **last_visitor;
    size_t cell_count;
    size_t key_count; /* of visitors, to be read */
    struct rollup_fold fold;
};

void tally_init(struct tally *tally, struct arena *arena);
void tally_fini(struct tally *tally);

/** Empties it, before its arena is reset. */
void tally_clear(struct tally *tally);

/**
 * Takes in a hit.
 *
 * @param site, path  in the arena
 * @param facts       copied as far as needed; NULL: it is in no statistics
 * @return            ERR_NO_MEMORY: nothing of the hit will be counted
 */
enum err tally_take(struct tally *tally, struct slice site, struct slice path,
                    const struct hit_facts *facts, struct tallied_hit *out) MUST_CHECK;

/** The keys of all `key_count` records, in `out`; returns the place behind them. */
struct slice *tally_keys(const struct tally *tally, struct slice *out);

/** Takes in what the store has under a key; false: it is none of a visitor. */
bool tally_learn(struct tally *tally, const struct record *record, enum err *err);

/** Forgets what was counted; the visitors are as they were read. */
void tally_begin(struct tally *tally);

/** ERR_NO_MEMORY: the tally must begin anew. */
enum err tally_count(struct tally *tally, const struct tallied_hit *hit) MUST_CHECK;

/** Adds writes and rollups to `commit`. Errors of commit_write(). */
enum err tally_commit(struct tally *tally, struct commit *commit) MUST_CHECK;

#endif
