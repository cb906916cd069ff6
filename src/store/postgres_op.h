/**
 * One operation on a PostgreSQL store: its statements, their answers, its result.
 *
 *     commit:   POSTGRES_COUNT, POSTGRES_COMMIT, … -- a row: done, or conflict
 *                  ^                  |
 *                  |                  +-- no row: a list may have no room: POSTGRES_COUNT_CAPPED, …
 *                  |                  |
 *                  |                  +-- no row: the number is not the one before. It is asked for
 *                  |                      in a statement of its own, since this one may have begun
 *                  |                      before a twin ended: POSTGRES_WRITER_GET
 *                  +-- certainly not carried out, and worth another try: after a while, within
 *                      three quarters of the operation's time
 */
#ifndef FOOTFALL_STORE_POSTGRES_OP_H
#define FOOTFALL_STORE_POSTGRES_OP_H

#include "store/driver.h"
#include "store/postgres_commit.h"
#include "store/postgres_connection.h"
#include "store/postgres_health.h"

/** What the driver keeps for one operation; in the operation's arena, as its driver_data. */
struct postgres_op {
    struct postgres_request request; /* first: the connection hands it back */
    struct store_op *op;
    struct postgres_connection *connection;
    const char *(*find_obstacle)(const struct store_op *op); /* see postgres_op_create() */
    bool is_queued;                                          /* the connection has it */
    unsigned attempts;         /* that were certainly not carried out */
    int64_t give_up_ms;        /* no further attempt after that */
    struct timer retry;        /* for the next attempt */
    struct postgres_plan plan; /* OP_COMMIT */
    unsigned purged;           /* OP_PURGE: of so many parts nothing is left */

    enum {
        POSTGRES_STEP_ACT,   /* what the operation is about */
        POSTGRES_STEP_ASK,   /* OP_COMMIT: which number the store has */
        POSTGRES_STEP_AGAIN, /* OP_COMMIT: the records of a conflict that was told before */
    } step;
    struct err_info detail; /* why the last attempt failed */
};

/**
 * The part of `op` that is the driver's; NULL without memory.
 *
 * @param find_obstacle  why `op` cannot be sent now; NULL: it can
 */
struct postgres_op *postgres_op_create(struct store_op *op, struct postgres_connection *connection,
                                       const char *(*find_obstacle)(const struct store_op *op));

/**
 * Sends it; from then on it finishes itself. Nothing is in its way.
 *
 * @return  ERR_NO_MEMORY, ERR_UNAVAILABLE: nothing was sent; the caller finishes it
 */
enum err postgres_op_send(struct postgres_op *p) MUST_CHECK;

/** Finishes one that waits for its next attempt: nobody waits for it any more. */
void postgres_op_stop(struct postgres_op *p);

#endif
