#include "store/redis_health.h"

#include <stdio.h>

#include "store/redis_command.h"
#include "store/redis_commit.h"
#include "store/redis_script.h"

/* ---- asking --------------------------------------------------------------------------------- */

/* The value of `name` in the text of INFO: lines of name:value. */
static struct slice info_value(struct slice text, const char *name)
{
    size_t name_len = strlen(name);

    while (text.len > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t)(end - text.ptr) : text.len;
        struct slice line = slice_of(text.ptr, len);

        text = slice_from(text, end ? len + 1 : len);
        if (line.len <= name_len || line.ptr[name_len] != ':' ||
            memcmp(line.ptr, name, name_len) != 0)
            continue;
        line = slice_from(line, name_len + 1);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        return line;
    }
    return slice_of(NULL, 0);
}

static bool info_is(struct slice text, const char *name, const char *value)
{
    return slice_eq(info_value(text, name), slice_str(value));
}

static void take_probe(struct redis_facts *facts, const struct redis_value *reply)
{
    if (reply->type == REDIS_ERROR)
        (void)snprintf(facts->write_error, sizeof(facts->write_error), "%.*s",
                       SLICE_ARG(reply->text));
}

static void take_persistence(struct redis_facts *facts, const struct redis_value *reply)
{
    if (reply->type != REDIS_STRING) {
        facts->info_refused = true;
        return;
    }
    facts->loading = info_is(reply->text, "loading", "1");
    facts->has_log = info_is(reply->text, "aof_enabled", "1");
    facts->log_failed = facts->has_log && info_is(reply->text, "aof_last_write_status", "err");
}

static void take_replication(struct redis_facts *facts, const struct redis_value *reply)
{
    if (reply->type != REDIS_STRING)
        facts->info_refused = true;
    else
        facts->is_replica = info_is(reply->text, "role", "slave");
}

static void take_memory(struct redis_facts *facts, const struct redis_value *reply)
{
    if (reply->type != REDIS_STRING)
        facts->info_refused = true;
    else
        facts->evicts = !info_is(reply->text, "maxmemory", "0") &&
                        !info_is(reply->text, "maxmemory_policy", "noeviction");
}

/* The value of `name` in the reply to CONFIG GET: names and values in turn. */
static struct slice config_value(const struct redis_value *reply, const char *name)
{
    for (size_t i = 0; i + 1 < reply->count; i += 2) {
        if (slice_eq(reply->elements[i].text, slice_str(name)))
            return reply->elements[i + 1].text;
    }
    return slice_of(NULL, 0);
}

static void take_config(struct redis_facts *facts, const struct redis_value *reply)
{
    static const struct {
        struct slice name;
        enum redis_fsync fsync;
    } settings[] = {
        {SLICE_INIT("always"), REDIS_FSYNC_ALWAYS},
        {SLICE_INIT("everysec"), REDIS_FSYNC_EVERYSEC},
        {SLICE_INIT("no"), REDIS_FSYNC_NO},
    };
    struct slice fsync = config_value(reply, "appendfsync");

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (slice_eq(fsync, settings[i].name))
            facts->fsync = settings[i].fsync;
    }
    facts->config_refused = facts->fsync == REDIS_FSYNC_UNKNOWN;
    facts->pauses_fsync = slice_eq(config_value(reply, "no-appendfsync-on-rewrite"), SLICE("yes"));
}

static const struct {
    const char *args[3]; /* without: the probe */
    void (*take)(struct redis_facts *facts, const struct redis_value *reply);
} steps[REDIS_HEALTH_REPLIES] = {
    {{NULL}, take_probe},
    {{"INFO", "persistence", NULL}, take_persistence},
    {{"INFO", "replication", NULL}, take_replication},
    {{"INFO", "memory", NULL}, take_memory},
    {{"CONFIG", "GET", "*append*"}, take_config},
};

static void put_probe(struct strbuf *out)
{
    redis_command(out, 4);
    redis_arg(out, SLICE("EVAL"));
    redis_arg(out, redis_probe_script());
    redis_arg_int(out, 1);
    redis_arg(out, SLICE("footfall:probe"));
}

void redis_health_encode(struct strbuf *out)
{
    for (size_t i = 0; i < REDIS_HEALTH_REPLIES; i++) {
        if (!steps[i].args[0])
            put_probe(out);
        else
            redis_command_of(out, steps[i].args, steps[i].args[2] ? 3 : 2);
    }
}

void redis_facts_take(struct redis_facts *facts, size_t step, const struct redis_value *reply)
{
    steps[step].take(facts, reply);
}

/* ---- judging -------------------------------------------------------------------------------- */

static bool is_loading(const struct redis_facts *f)
{
    return f->loading;
}

static bool is_replica(const struct redis_facts *f)
{
    return f->is_replica;
}

static bool refuses_writes(const struct redis_facts *f)
{
    return f->write_error[0] != '\0' && !f->is_replica && !f->loading;
}

static bool refuses_info(const struct redis_facts *f)
{
    return f->info_refused;
}

static bool has_no_log(const struct redis_facts *f)
{
    return !f->info_refused && !f->has_log;
}

static bool log_failed(const struct redis_facts *f)
{
    return f->log_failed;
}

static bool refuses_config(const struct redis_facts *f)
{
    return f->has_log && f->config_refused;
}

static bool never_syncs(const struct redis_facts *f)
{
    return f->has_log && f->fsync == REDIS_FSYNC_NO;
}

static bool syncs_late(const struct redis_facts *f)
{
    return f->has_log && f->fsync == REDIS_FSYNC_EVERYSEC;
}

static bool pauses_fsync(const struct redis_facts *f)
{
    return f->has_log && f->pauses_fsync && f->fsync > REDIS_FSYNC_NO;
}

static bool evicts(const struct redis_facts *f)
{
    return f->evicts;
}

/* The gravest first: the first that counts is the reason why a server is not sufficient. */
static const struct rule {
    bool (*holds)(const struct redis_facts *facts);
    bool blocks;             /* commits cannot be carried out */
    enum durability at_best; /* nothing better than this while it holds */
    const char *problem;     /* a sentence */
    const char *remedy;
} rules[] = {
    {is_loading, true, DURABILITY_STRICT, "Redis still reads its data from disk",
     "wait until redis-cli INFO persistence says loading:0"},
    {is_replica, true, DURABILITY_STRICT, "this Redis is a replica and takes no writes",
     "name the primary in the store url, or: redis-cli REPLICAOF NO ONE"},
    {refuses_writes, true, DURABILITY_STRICT, "Redis does not carry out commits",
     "see the error; a user needs the rights listed in the manual (ACL SETUSER)"},
    {log_failed, true, DURABILITY_LOSSY, "Redis could not write its append-only file",
     "make room on its disk; redis-cli INFO persistence shows aof_last_write_status"},
    {refuses_info, false, DURABILITY_LOSSY,
     "the Redis user may not use INFO, so nobody knows what survives",
     "redis-cli ACL SETUSER USER +info"},
    {has_no_log, false, DURABILITY_LOSSY,
     "the append-only file is off: counts since the last snapshot are lost when Redis ends",
     "redis-cli CONFIG SET appendonly yes, then CONFIG REWRITE"},
    {refuses_config, false, DURABILITY_LOSSY,
     "the Redis user may not use CONFIG GET, so nobody knows what survives",
     "redis-cli ACL SETUSER USER +config|get"},
    {never_syncs, false, DURABILITY_LOSSY,
     "appendfsync is no: the last half minute of counts is lost with the power",
     "redis-cli CONFIG SET appendfsync always, then CONFIG REWRITE"},
    {evicts, false, DURABILITY_LOSSY,
     "Redis drops keys when maxmemory is reached, counters and writers too",
     "redis-cli CONFIG SET maxmemory-policy noeviction, then CONFIG REWRITE"},
    {pauses_fsync, false, DURABILITY_RELAXED,
     "no-appendfsync-on-rewrite is yes: while the file is rewritten nothing is synced",
     "redis-cli CONFIG SET no-appendfsync-on-rewrite no, then CONFIG REWRITE"},
    {syncs_late, false, DURABILITY_RELAXED,
     "appendfsync is everysec: the last second of counts may go with the power",
     "redis-cli CONFIG SET appendfsync always, then CONFIG REWRITE"},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

static void add_finding(struct store_health *health, const struct redis_facts *facts,
                        const struct rule *rule)
{
    struct store_finding *finding = &health->findings[health->finding_count];

    if (health->finding_count == STORE_MAX_FINDINGS)
        return;
    health->finding_count++;
    (void)snprintf(finding->remedy, sizeof(finding->remedy), "%s", rule->remedy);
    if (rule->holds == refuses_writes)
        (void)snprintf(finding->problem, sizeof(finding->problem), "%s: %s", rule->problem,
                       facts->write_error);
    else
        (void)snprintf(finding->problem, sizeof(finding->problem), "%s", rule->problem);
}

void redis_health_judge(const struct redis_facts *facts, enum durability require,
                        struct store_health *out)
{
    *out = (struct store_health){.reachable = true, .sufficient = true};
    for (size_t i = 0; i < RULES; i++) {
        if (!rules[i].holds(facts))
            continue;
        add_finding(out, facts, &rules[i]);
        if (rules[i].at_best > out->durability)
            out->durability = rules[i].at_best;
        if ((rules[i].blocks || rules[i].at_best > require) && out->sufficient) {
            out->sufficient = false;
            (void)snprintf(out->reason, sizeof(out->reason), "%s",
                           out->findings[out->finding_count - 1].problem);
        }
    }
}
