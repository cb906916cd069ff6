/**
 * One operation on a Redis store: its commands, its replies, its result. Some take several steps,
 * in which Redis does other things between two of them; what is particular to each kind of
 * operation is in redis_kind.h.
 *
 * With `wait` a WAIT goes right behind a commit (or a registration) and its reply decides: fewer
 * replicas than asked for make it unknown. It is sent again then, finds itself stored, writes what
 * is there once more (REDIS_REPEAT_WRITES), and so the next WAIT waits for it on any connection.
 *
 * In a cluster ASKING goes before each command that is sent to where a redirection pointed
 * (redis.io/docs/reference/cluster-spec, "ASK redirection").
 */
#ifndef FOOTFALL_STORE_REDIS_OP_H
#define FOOTFALL_STORE_REDIS_OP_H

#include "store/driver.h"
#include "store/redis_keys.h"
#include "store/redis_node.h"
#include "store/redis_read.h"

struct redis_op;

/**
 * An attempt that was certainly not carried out. A cluster takes the operation back then, to try it
 * elsewhere, or later.
 *
 * @param error   the error reply, as "MOVED 7638 127.0.0.1:7002"; nothing when there was no reply
 * @param detail  a sentence; both are borrowed
 * @return        false: there is nothing more to try; the caller refuses it
 */
typedef bool redis_op_retry_fn(struct redis_op *r, struct slice error, const char *detail);

/** What the driver keeps for one operation; in the operation's arena, as its driver_data. */
struct redis_op {
    struct redis_request request; /* first: the connection hands it back */
    struct store_op *op;
    struct redis_node *node;  /* where it is sent to */
    redis_op_retry_fn *retry; /* NULL: there is none */
    unsigned sent;            /* how often; the owner may begin anew */
    struct redis_prefix prefix;
    bool is_queued;           /* the connection has it */
    bool is_continued;        /* with a further step: the server is not silent */
    size_t step;              /* how many replies were taken, those to ASKING aside */
    enum redis_asking asking; /* ASKING goes before each command */
    bool is_asked;            /* and its reply has come */
    enum err failure;         /* of a reply: what comes of it after the last one */
    struct err_info detail;   /* of ERR_UNAVAILABLE: an error reply, or a sentence of ours */
    void *state;              /* of its kind; in the operation's arena */
};

/** The part of `op` that is the driver's; NULL without memory. */
struct redis_op *redis_op_create(struct store_op *op);

/** True when there is nothing to ask the server for: op_finish_nothing() ends it, later. */
bool redis_op_is_empty(const struct store_op *op);

/** Prepares it to be sent, once. ERR_NO_MEMORY. */
enum err redis_op_plan(struct redis_op *r) MUST_CHECK;

/**
 * Sends it, planned, to a node that is connected; from then on it finishes itself, or is handed to
 * `retry`. Not OP_CHECK, OP_SWEEP.
 *
 * @return  ERR_NO_MEMORY: nothing was sent; the caller finishes it
 */
enum err redis_op_send(struct redis_op *r, struct redis_node *node,
                       enum redis_asking asking) MUST_CHECK;

/** True when it was sent and not even its first step is answered: Redis may be silent. */
bool redis_op_is_unanswered(const struct redis_op *r);

#endif
