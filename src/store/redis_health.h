/**
 * What a Redis server says about itself, and what that means for what is confirmed by it. No I/O.
 *
 *     redis_health_encode()            REDIS_HEALTH_REPLIES commands
 *     redis_facts_take() for each reply
 *     redis_health_judge()             facts -> durability, findings with the command that mends
 */
#ifndef FOOTFALL_STORE_REDIS_HEALTH_H
#define FOOTFALL_STORE_REDIS_HEALTH_H

#include "base/strbuf.h"
#include "store/redis_reply.h"
#include "store/store.h"

#define REDIS_HEALTH_REPLIES 5

enum redis_fsync { REDIS_FSYNC_UNKNOWN, REDIS_FSYNC_NO, REDIS_FSYNC_EVERYSEC, REDIS_FSYNC_ALWAYS };

struct redis_facts {
    char write_error[128]; /* why the commands of a commit are not carried out; empty: they are */
    bool info_refused;     /* INFO: nothing below is known */
    bool config_refused;   /* CONFIG GET: `fsync` is not known */
    bool loading;
    bool is_replica;
    bool has_log;      /* the append-only file is on */
    bool log_failed;   /* the last write to it failed */
    bool evicts;       /* may drop our keys to stay below maxmemory */
    bool pauses_fsync; /* while it rewrites its log */
    enum redis_fsync fsync;
};

/** Appends the commands. */
void redis_health_encode(struct strbuf *out);

/** Takes the reply to command number `step`, from 0 to REDIS_HEALTH_REPLIES - 1; errors too. */
void redis_facts_take(struct redis_facts *facts, size_t step, const struct redis_value *reply);

/** @param require  DURABILITY_LOSSY: anything is sufficient */
void redis_health_judge(const struct redis_facts *facts, enum durability require,
                        struct store_health *out);

#endif
