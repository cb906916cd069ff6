/**
 * What a driver is: for those who write one. Callers use store.h.
 *
 * A driver embeds `struct store base` as its first member, speaks its protocol and nothing else.
 * store.c does for all of them: limits, deadlines, cancel, statistics, and the choice by url.
 *
 * The life of an operation:
 *
 *     store_commit()  store.c makes the op, starts its deadline, calls driver->commit(op)
 *     …               the driver works; it must not complete inside that call
 *     op_finish_*()   the driver, once: tells the caller (unless canceled or timed out) and frees
 *
 * After cancel or timeout the caller is out of the game, but the op lives on until the driver
 * finishes it, as it must: the driver reads its reply to the end and drops it. A driver whose peer
 * is silent learns of the timeout by driver->on_timeout (Redis then drops the connection).
 */
#ifndef FOOTFALL_STORE_DRIVER_H
#define FOOTFALL_STORE_DRIVER_H

#include "store/store.h"

enum store_op_kind {
    OP_REGISTER,
    OP_COMMIT,
    OP_READ,
    OP_TOTALS,
    OP_LIST,
    OP_ROLLUPS,
    OP_NAMES,
    OP_PURGE,
    OP_SCAN,
    OP_SWEEP,
    OP_CHECK
};

struct store_op {
    struct store *store;
    enum store_op_kind kind;
    bool abandoned; /* canceled or timed out: finish it, nobody is told */
    struct timer deadline;
    void *ctx;

    union {
        store_done_fn *done;
        store_commit_fn *commit;
        store_read_fn *read;
        store_totals_fn *totals;
        store_rollups_fn *rollups;
        store_names_fn *names;
        store_purge_fn *purge;
        store_scan_fn *scan;
        store_check_fn *check;
    } fn;

    /* The request; owned by the op. */
    unsigned shard;            /* of all kinds but OP_SWEEP, OP_CHECK */
    struct writer_id writer;   /* OP_REGISTER */
    uint64_t number;           /* likewise */
    struct commit *commit;     /* OP_COMMIT: a reference */
    struct slice *keys;        /* OP_READ */
    struct counter *counters;  /* OP_TOTALS */
    struct slice prefix;       /* OP_LIST */
    struct slice after;        /* OP_LIST: the key behind which it begins */
    struct rollup_query query; /* OP_ROLLUPS */
    struct slice site;         /* OP_NAMES, OP_PURGE */
    uint64_t *ids;             /* OP_NAMES */
    int32_t first_bucket;      /* OP_PURGE */
    int32_t last_bucket;       /* likewise */
    size_t count;              /* of keys, counters or ids; the limit of OP_LIST */
    struct slice cursor;       /* OP_SCAN */
    struct arena arena;        /* what is above; drivers may put their results here */

    /* For the driver alone: */
    struct store_op *next; /* in whatever queue it stands */
    const char *refusal;   /* of later.h: in the arena, or constant */
    void *driver_data;     /* freed by the driver before it finishes the op */

    /* For store.c alone. The list is of all in flight. */
    bool is_telling;  /* its deadline is being told: it is not freed before that has ended */
    bool is_finished; /* the driver finished it meanwhile */
    struct store_op *prev_in_flight;
    struct store_op *next_in_flight;
};

struct store_driver {
    const char *kind;

    unsigned shards; /* 0: one */

    /** Starts an operation of any kind. The driver owns `op` until it finishes it. */
    void (*start)(struct store *store, struct store_op *op);

    /** The deadline of `op` passed; its caller has been told. NULL: nothing to do. */
    void (*on_timeout)(struct store *store, struct store_op *op);

    /** Finishes all operations (all are abandoned by then), frees the store, now or on the loop. */
    void (*close)(struct store *store);
};

struct store {
    const struct store_driver *driver;
    struct store_env env;
    struct store_stats stats;
    struct store_op *in_flight; /* all that are not finished */
    bool closing;
    char fault[200]; /* see store_fault() */
};

/** How a driver is opened; store.c holds the table of schemes. `url` as in store_open(). */
typedef enum err store_open_fn(const char *url, const struct store_env *env, struct store **out,
                               struct err_info *info);
typedef enum err store_url_check_fn(const char *url, struct err_info *info);

/** Each finishes `op` in the way its kind asks for; `op` is gone afterwards. */
void op_finish_done(struct store_op *op, enum err err);
void op_finish_commit(struct store_op *op, const struct commit_result *result);
void op_finish_records(struct store_op *op, enum err err, const struct record *records);
void op_finish_totals(struct store_op *op, enum err err, const int64_t *totals);
/** OP_LIST: at most op->count records. */
void op_finish_list(struct store_op *op, enum err err, const struct record *records, size_t count);
void op_finish_rollups(struct store_op *op, enum err err, const struct rollup_sum *sums,
                       size_t count);
/** @param names  op->count of them, in the order of op->ids */
void op_finish_names(struct store_op *op, enum err err, const struct name *names);
void op_finish_purge(struct store_op *op, enum err err, bool is_done);
void op_finish_scan(struct store_op *op, enum err err, const struct scan_step *step);
void op_finish_check(struct store_op *op, const struct store_health *health);

/**
 * Finishes an op of any kind that was certainly not carried out: COMMIT_REFUSED, ERR_UNAVAILABLE,
 * or an unreachable health.
 *
 * @param detail  why, for the log and for /readyz
 */
void op_finish_refused(struct store_op *op, const char *detail);

/** Finishes a read of nothing, a sweep with nothing to do, or a scan from where none ends. */
void op_finish_nothing(struct store_op *op);

/** Finishes an op of which nobody knows whether it was carried out: COMMIT_UNKNOWN, ERR_UNKNOWN. */
void op_finish_unknown(struct store_op *op, const char *detail);

#endif
