/**
 * One Redis server: the connection to it, and whether it is fit for commits. That is looked at
 * after each connect, then each minute, and in short steps while it is not fit.
 *
 * Commits go out only when all commands of the script would be carried out: one that is refused in
 * its midst, for want of a right, would leave half a commit behind.
 */
#ifndef FOOTFALL_STORE_REDIS_NODE_H
#define FOOTFALL_STORE_REDIS_NODE_H

#include "store/driver.h"
#include "store/redis_connection.h"
#include "store/redis_health.h"

struct redis_node;

/** What its owner is told. Members may be NULL, but for on_closed. */
struct redis_node_events {
    void (*on_ready)(struct redis_node *node); /* connected; a check is under way */
    void (*on_down)(struct redis_node *node);  /* an attempt failed, or the connection ended */
    void (*on_checked)(struct redis_node *node);

    /** A cluster's slots as the node sees them: CLUSTER SLOTS; before on_checked. */
    void (*on_slots)(struct redis_node *node, const struct redis_value *slots);
    void (*on_closed)(struct redis_node *node);
};

/** What the store's url asks of each server. */
struct redis_terms {
    enum durability require;
    unsigned wait;
    bool is_cluster;
    int64_t timeout_ms;
};

struct redis_node {
    struct redis_connection connection;
    char name[280]; /* host:port or path, for people */
    struct redis_terms terms;
    const struct redis_node_events *events;
    void *owner;
    unsigned open_parts;  /* the connection and the timer: each closes on the loop */
    bool was_ready;       /* ever */
    bool is_down_logged;  /* since it was last ready */
    bool is_unfit_logged; /* since it was last fit for commits */

    /* The checks. */
    struct redis_request check;
    struct redis_questions questions; /* of the check under way */
    struct redis_facts facts;         /* likewise */
    size_t check_step;
    bool is_checking;
    unsigned unfit_checks;      /* in a row */
    bool takes_commits;         /* as of the last check on this connection */
    bool is_checked;            /* on this connection; then: */
    struct store_health health; /* as of the last check */
    uint64_t epoch;             /* of a cluster, as of the last check */
    bool cluster_is_down;       /* likewise */
    unsigned replicas;          /* likewise */
    bool was_tried;             /* the commands of a commit, on this connection, with success */
    uv_timer_t check_timer;     /* for the next check; or the deadline of the one under way */
    const struct redis_prefix *prefix; /* of keys it has; the owner's; NULL: it has none */
    bool is_replica; /* of a cluster, says the owner: it takes no commits and need not */
};

/**
 * @param target  copied
 * @param prefix  of keys the server has, on which commits are tried; NULL: of none
 * @param events  borrowed for the life of the node; `owner` is for them
 */
void redis_node_init(struct redis_node *node, uv_loop_t *loop, const struct redis_target *target,
                     const struct redis_terms *terms, const struct redis_prefix *prefix,
                     const struct redis_node_events *events, void *owner);

/** The first attempt to connect. */
void redis_node_start(struct redis_node *node);

bool redis_node_is_ready(const struct redis_node *node);

/** Why an operation of this kind cannot be sent to it now, in a sentence; NULL: it can. */
const char *redis_node_obstacle(const struct redis_node *node, enum store_op_kind kind);

/**
 * Tells it keys that it has; commits go out when they were tried on those.
 *
 * @param prefix  as in redis_node_init(): lives as long as the node
 */
void redis_node_give_keys(struct redis_node *node, const struct redis_prefix *prefix);

/** Checks it now, unless it is not connected or a check is under way. */
void redis_node_check(struct redis_node *node);

/** Ends it for good; its memory must live until on_closed. */
void redis_node_close(struct redis_node *node);

#endif
