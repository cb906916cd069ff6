/* What the settings of a Redis mean for the counts. */
#include "store/health_rule.h"
#include "store/redis_error.h"
#include "store/redis_health.h"

static bool is_loading(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->loading;
}

static bool is_replica(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->is_replica;
}

static bool is_no_cluster(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->is_no_cluster;
}

static bool is_in_cluster(const void *facts)
{
    const struct redis_facts *f = facts;

    return redis_error_is_redirection(slice_str(f->write_error));
}

static bool refuses_cluster(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->cluster_refused;
}

static bool lacks_replicas(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->lacks_replicas && !f->is_replica;
}

static bool confirms_alone(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->confirms_alone;
}

static bool refuses_writes(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->write_error[0] != '\0' && !f->is_replica && !f->loading && !is_in_cluster(facts);
}

static bool refuses_info(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->info_refused;
}

static bool has_no_log(const void *facts)
{
    const struct redis_facts *f = facts;

    return !f->info_refused && !f->has_log;
}

static bool log_failed(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->log_failed;
}

static bool refuses_config(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->has_log && f->config_refused;
}

static bool never_syncs(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->has_log && f->fsync == REDIS_FSYNC_NO;
}

static bool syncs_late(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->has_log && f->fsync == REDIS_FSYNC_EVERYSEC;
}

static bool pauses_fsync(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->has_log && f->pauses_fsync && f->fsync > REDIS_FSYNC_NO;
}

static bool evicts(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->evicts;
}

static const char *write_error(const void *facts)
{
    const struct redis_facts *f = facts;

    return f->write_error;
}

/* The gravest first: the first that counts is the reason why a server is not sufficient. */
static const struct health_rule rules[] = {
    {is_loading, true, DURABILITY_STRICT, "Redis still reads its data from disk",
     "wait until redis-cli INFO persistence says loading:0", NULL},
    {is_replica, true, DURABILITY_STRICT, "this Redis is a replica and takes no writes",
     "name the primary in the store url, or: redis-cli REPLICAOF NO ONE", NULL},
    {is_in_cluster, true, DURABILITY_STRICT, "this Redis belongs to a cluster",
     "name the cluster in the store url: redis+cluster://HOST:PORT", NULL},
    {is_no_cluster, true, DURABILITY_STRICT, "this Redis is no cluster",
     "name it in the store url as redis://HOST:PORT", NULL},
    {refuses_cluster, true, DURABILITY_STRICT, "the Redis user may not ask for the cluster's state",
     "redis-cli ACL SETUSER USER +cluster|info +cluster|slots +asking, on every node", NULL},
    {refuses_writes, true, DURABILITY_STRICT, "Redis does not carry out commits",
     "see the error; a user needs the rights listed in the manual (ACL SETUSER)", write_error},
    {lacks_replicas, true, DURABILITY_STRICT,
     "Redis has fewer replicas than wait= in the store url asks for",
     "start a replica (redis-cli INFO replication shows them), or ask for fewer", NULL},
    {log_failed, true, DURABILITY_LOSSY, "Redis could not write its append-only file",
     "make room on its disk; redis-cli INFO persistence shows aof_last_write_status", NULL},
    {refuses_info, false, DURABILITY_LOSSY,
     "the Redis user may not use INFO, so nobody knows what survives",
     "redis-cli ACL SETUSER USER +info", NULL},
    {has_no_log, false, DURABILITY_LOSSY,
     "the append-only file is off: counts since the last snapshot are lost when Redis ends",
     "redis-cli CONFIG SET appendonly yes, then CONFIG REWRITE", NULL},
    {refuses_config, false, DURABILITY_LOSSY,
     "the Redis user may not use CONFIG GET, so nobody knows what survives",
     "redis-cli ACL SETUSER USER +config|get", NULL},
    {never_syncs, false, DURABILITY_LOSSY,
     "appendfsync is no: the last half minute of counts is lost with the power",
     "redis-cli CONFIG SET appendfsync always, then CONFIG REWRITE", NULL},
    {evicts, false, DURABILITY_LOSSY,
     "Redis drops keys when maxmemory is reached, counters and writers too",
     "redis-cli CONFIG SET maxmemory-policy noeviction, then CONFIG REWRITE", NULL},
    {pauses_fsync, false, DURABILITY_RELAXED,
     "no-appendfsync-on-rewrite is yes: while the file is rewritten nothing is synced",
     "redis-cli CONFIG SET no-appendfsync-on-rewrite no, then CONFIG REWRITE", NULL},
    {syncs_late, false, DURABILITY_RELAXED,
     "appendfsync is everysec: the last second of counts may go with the power",
     "redis-cli CONFIG SET appendfsync always, then CONFIG REWRITE", NULL},
    {confirms_alone, false, DURABILITY_RELAXED,
     "replicas follow behind: a fail-over may lose the counts confirmed last",
     "add wait=1 to the store url: a replica then has each count before it is confirmed", NULL},
};

void redis_health_judge(const struct redis_facts *facts, enum durability require,
                        struct store_health *out)
{
    health_judge(rules, sizeof(rules) / sizeof(rules[0]), facts, require, out);
}
