/**
 * One operation on a Redis store: its commands, its replies, its result.
 */
#ifndef FOOTFALL_STORE_REDIS_OP_H
#define FOOTFALL_STORE_REDIS_OP_H

#include "store/driver.h"
#include "store/redis_commit.h"
#include "store/redis_connection.h"
#include "store/redis_health.h"
#include "store/redis_keys.h"

/** What the driver keeps for one operation; in the operation's arena, as its driver_data. */
struct redis_op {
    struct redis_request request; /* first: the connection hands it back */
    struct store_op *op;
    struct redis_connection *connection;
    bool is_queued;              /* the connection has it */
    size_t step;                 /* how many replies were taken */
    struct redis_plan plan;      /* OP_COMMIT, OP_TOTALS */
    enum redis_script_form form; /* OP_COMMIT: how it was sent */
    int64_t *totals;             /* OP_TOTALS */
    struct redis_facts facts;    /* OP_CHECK */
    bool has_failed;             /* OP_TOTALS: refused with `detail` after the last reply */
    struct err_info detail;
};

/** The part of `op` that is the driver's; NULL without memory. */
struct redis_op *redis_op_create(struct store_op *op, struct redis_connection *connection);

/** True when there is nothing to ask the server for: finish it later with redis_op_finish_empty().
 */
bool redis_op_is_empty(const struct store_op *op);

/** Sweeps (Redis expires by itself) and reads of nothing. */
void redis_op_finish_empty(struct store_op *op);

/** Prepares it to be sent. ERR_NO_MEMORY. */
enum err redis_op_plan(struct redis_op *r) MUST_CHECK;

/**
 * Sends it, planned; from then on it finishes itself. The connection is READY.
 *
 * @return  ERR_NO_MEMORY: nothing was sent; the caller finishes it
 */
enum err redis_op_send(struct redis_op *r) MUST_CHECK;

#endif
