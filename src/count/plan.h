/**
 * The plan of a batch: what its hits do to the store. Pure: no I/O, no clock.
 *
 *     plan_hit() each hit  ->  plan_keys(): ids and visitors to be read
 *                          ->  plan_learn(): what is there
 *                          ->  plan_commit(): writes and additions, equal counters folded
 *                          ->  (conflict: plan_learn(), plan_commit() again)
 *                          ->  plan_answer() each hit
 *
 * All counting logic is here, once; the stores know nothing of it.
 */
#ifndef FOOTFALL_COUNT_PLAN_H
#define FOOTFALL_COUNT_PLAN_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "count/hit.h"
#include "count/ledger.h"
#include "store/commit.h"

struct plan_id;
struct plan_fold;

/** One hit in the plan; embedded by the batch. All slices live in the batch's arena. */
struct planned_hit {
    struct hit_input input;
    bool is_dropped; /* told that it was not counted, so it must not be */
    bool is_bot;     /* moves no counter, only statistics */
    bool is_event;   /* likewise */
    bool has_facts;
    uint64_t settings_version; /* that its facts were made under */
    uint32_t counter_cap;      /* pages of the site that have a counter; 0: any number */
    struct ledger_hit ledger;
    struct plan_id *id;       /* NULL: the hit has none */
    struct planned_hit *next; /* in order of arrival */
    /* Set by plan_commit(): */
    bool is_duplicate;
    struct plan_fold *site;
    struct plan_fold *page; /* NULL: of a bot or an event */
    int64_t site_rank;      /* 1 … n among the hits of the batch that move this counter */
    int64_t page_rank;
};

struct plan {
    struct arena *arena; /* the batch's */
    struct planned_hit *first;
    struct planned_hit **last;
    struct hashmap ids; /* key of the record -> struct plan_id */
    struct plan_id *first_id;
    struct plan_id **last_id;
    size_t id_count;
    struct hashmap folds; /* counter -> struct plan_fold */
    struct plan_fold *first_fold;
    struct plan_fold **last_fold;
    struct plan_fold *recent[COUNTER_DIMENSIONS]; /* the last one folded: often it comes again */
    struct ledger ledger;                         /* the statistics */
    struct slice settings_key; /* record that tells whether settings changed; empty: do not look */
    uint64_t settings_version; /* as read */
    bool has_facts;            /* some hit has: so the record is to be read */
    size_t counted; /* hits that the last plan_commit() counts: all but dropped, duplicate */
    size_t duplicates;
    size_t bots;
};

void plan_init(struct plan *plan, struct arena *arena);
void plan_fini(struct plan *plan);

/** Empties it, before its arena is reset. */
void plan_clear(struct plan *plan);

/**
 * Adds a hit whose input is set; ERR_NO_MEMORY leaves the plan as it was.
 *
 * @param facts  for the statistics, copied; NULL: it is only counted
 */
enum err plan_hit(struct plan *plan, struct planned_hit *hit,
                  const struct hit_facts *facts) MUST_CHECK;

/** True when it is as large as a plan should be: further hits belong into another one. */
bool plan_is_full(const struct plan *plan);

/** True for a hit whose facts were made under settings that are not those any more. After the
 * records were learned. */
bool plan_is_stale(const struct plan *plan, const struct planned_hit *hit);

/** How many records have to be read. */
size_t plan_key_count(const struct plan *plan);

/** Their keys, in `out`. */
void plan_keys(const struct plan *plan, struct slice *out);

/** Takes in what the store has under some of the keys. */
enum err plan_learn(struct plan *plan, const struct record *records, size_t count) MUST_CHECK;

/** Fills `commit` (empty) for all hits that are not dropped. */
enum err plan_commit(struct plan *plan, struct commit *commit) MUST_CHECK;

/** @param totals  of the commit that plan_commit() filled. 0 for the page of a bot or an
 * event, and for one that has no counter, since the site has too many. */
int64_t plan_page_count(const struct planned_hit *hit, const int64_t *totals);
int64_t plan_site_count(const struct planned_hit *hit, const int64_t *totals);

#endif
