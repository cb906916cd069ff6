/**
 * What change*.c share; others use change.h.
 */
#ifndef FOOTFALL_STORE_CHANGE_PART_H
#define FOOTFALL_STORE_CHANGE_PART_H

#include "base/arena.h"
#include "store/change.h"

struct change {
    struct change_shard *shard;
    struct change *prev; /* in the list it is in */
    struct change *next;
    change_plan_fn *plan;
    change_done_fn *done;
    void *ctx;
    int64_t deadline_ms;
    unsigned tries;   /* conflicts it met */
    bool is_waiting;  /* it is in its shard's queue, and ends at once when it is canceled */
    bool is_detached; /* told or canceled: nobody knows it any more, it only ends with its round */
    size_t key_count;
    struct slice keys[]; /* their bytes are behind them */
};

/** Zero-initialised is empty. */
struct change_list {
    struct change *first;
    struct change *last;
};

enum change_state {
    CHANGE_IDLE,       /* no round; one begins in the next turn when a change waits */
    CHANGE_READING,    /* what the round's changes have to know */
    CHANGE_PLANNING,   /* nothing is in flight, but the round is not over */
    CHANGE_COMMITTING, /* its commit may have been sent */
    CHANGE_PAUSED,     /* after a conflict */
};

struct change_shard {
    struct changer *changer;
    unsigned shard;
    struct writer *writer; /* NULL: not needed yet */
    enum change_state state;
    struct timer wake;     /* kept; begins a round */
    struct timer deadline; /* kept; of the oldest change, or an earlier one */
    struct change_list waiting;
    struct change_list round; /* only the round itself takes changes out */
    size_t round_keys;
    unsigned conflicts; /* in a row */
    struct store_op *read;
    struct commit *commit;
};

struct changer {
    struct store *store;
    struct store_env env;
    size_t count; /* changes there are, detached ones too */
    unsigned shard_count;
    struct change_shard shards[];
};

/* ---- change.c ------------------------------------------------------------------------------- */

void change_list_add(struct change_list *list, struct change *change);
void change_list_add_first(struct change_list *list, struct change *change);
void change_list_remove(struct change_list *list, struct change *change);

/** The first, taken out; NULL when there is none. */
struct change *change_list_take(struct change_list *list);

/** Tells it, unless nobody knows it any more, and frees it. It is in no list. */
void change_end(struct change *change, enum err err);

/* ---- change_round.c ------------------------------------------------------------------------- */

/** Begins a round with what waits; nothing waiting: the shard is idle. A timer_fn of a shard. */
void change_round_begin(void *ctx);

/* ---- change_writes.c ------------------------------------------------------------------------ */

enum planned_kind { PLANNED_NOTHING, PLANNED_WRITE, PLANNED_DELETE };

/** What a plan wants to become of one record. */
struct planned_write {
    enum planned_kind kind;
    struct slice value; /* in the arena */
    uint32_t ttl_s;
};

/** What one plan wants. */
struct change_writes {
    struct arena arena; /* used for one plan after the other */
    enum err err;       /* the first that a call returned */
    size_t count;
    struct planned_write planned[CHANGE_MAX_KEYS];
};

void change_writes_init(struct change_writes *writes);
void change_writes_fini(struct change_writes *writes);

/**
 * Calls the plan and adds what it wants to `commit`, all or nothing.
 *
 * @param has_written  whether that was anything
 * @return             of the plan; ERR_NO_MEMORY, ERR_INVALID
 */
enum err change_writes_plan(struct change_writes *writes, struct change *change,
                            const struct record *now, struct commit *commit,
                            bool *has_written) MUST_CHECK;

#endif
