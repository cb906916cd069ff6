/**
 * What a Redis server says about itself, and what that means for what is confirmed by it. No I/O.
 *
 *     redis_health_encode()            so many commands
 *     redis_facts_take() for each reply
 *     redis_health_judge()             facts -> durability, findings with the command that mends
 */
#ifndef FOOTFALL_STORE_REDIS_HEALTH_H
#define FOOTFALL_STORE_REDIS_HEALTH_H

#include "base/strbuf.h"
#include "store/redis_keys.h"
#include "store/redis_reply.h"
#include "store/store.h"

/** What a server is asked. */
struct redis_questions {
    const struct redis_prefix *prefix; /* of keys it has, to try commits on; NULL: it has none */
    bool is_cluster;
    unsigned wait; /* so many replicas have to confirm a commit */
};

enum redis_fsync { REDIS_FSYNC_UNKNOWN, REDIS_FSYNC_NO, REDIS_FSYNC_EVERYSEC, REDIS_FSYNC_ALWAYS };

struct redis_facts {
    char write_error[128]; /* why the commands of a commit are not carried out; empty: they are */
    bool is_redirected;    /* a cluster: the keys to try it on are elsewhere, so it was not tried */
    bool info_refused;     /* INFO: nothing below is known */
    bool config_refused;   /* CONFIG GET: `fsync` is not known */
    bool loading;
    bool is_replica;
    bool has_log;         /* the append-only file is on */
    bool log_failed;      /* the last write to it failed */
    bool evicts;          /* may drop our keys to stay below maxmemory */
    bool pauses_fsync;    /* while it rewrites its log */
    unsigned replicas;    /* that follow it, in step or not */
    bool lacks_replicas;  /* fewer are in step than have to confirm a commit */
    bool confirms_alone;  /* of a cluster: has replicas and waits for none of them */
    bool is_no_cluster;   /* asked as one, it says that it is none */
    bool cluster_refused; /* CLUSTER INFO: not for this user */
    bool cluster_is_down; /* the node thinks so: slots without a node, or no majority */
    uint64_t epoch;       /* of a cluster: the highest one it knows; moves with each fail-over */
    enum redis_fsync fsync;
};

/** Appends the commands; returns how many. */
size_t redis_health_encode(struct strbuf *out, const struct redis_questions *questions);

/** Takes the reply to command number `step`, from 0 to one less than their number; errors too. */
void redis_facts_take(struct redis_facts *facts, const struct redis_questions *questions,
                      size_t step, const struct redis_value *reply);

/** @param require  DURABILITY_LOSSY: anything is sufficient */
void redis_health_judge(const struct redis_facts *facts, enum durability require,
                        struct store_health *out);

#endif
