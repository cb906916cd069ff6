#include "store/redis_health.h"

#include <stdio.h>

#include "store/redis_command.h"
#include "store/redis_commit.h"
#include "store/redis_error.h"
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

/* The first error is the one that is told. */
static void take_right(struct redis_facts *facts, const struct redis_questions *questions,
                       const struct redis_value *reply)
{
    (void)questions;
    if (reply->type == REDIS_ERROR && facts->write_error[0] == '\0')
        (void)snprintf(facts->write_error, sizeof(facts->write_error), "%.*s",
                       SLICE_ARG(reply->text));
}

static void take_probe(struct redis_facts *facts, const struct redis_questions *questions,
                       const struct redis_value *reply)
{
    facts->is_redirected = questions->is_cluster && reply->type == REDIS_ERROR &&
                           redis_error_is_redirection(reply->text);
    if (!facts->is_redirected)
        take_right(facts, questions, reply);
}

static void take_persistence(struct redis_facts *facts, const struct redis_questions *questions,
                             const struct redis_value *reply)
{
    (void)questions;
    if (reply->type != REDIS_STRING) {
        facts->info_refused = true;
        return;
    }
    facts->loading = info_is(reply->text, "loading", "1");
    facts->has_log = info_is(reply->text, "aof_enabled", "1");
    facts->log_failed = facts->has_log && info_is(reply->text, "aof_last_write_status", "err");
}

static uint64_t info_number(struct slice text, const char *name)
{
    int64_t number = 0;

    return redis_parse_int(info_value(text, name), &number) && number > 0 ? (uint64_t)number : 0;
}

/* A replica says each second how far it is. One that has been silent for longer confirms nothing,
 * and Redis takes a minute to give it up. */
#define MAX_LAG_S 5

/* So many are looked at; no primary has as many. */
#define MAX_REPLICAS 64

static bool contains(struct slice text, struct slice part)
{
    return text.len > 0 && memmem(text.ptr, text.len, part.ptr, part.len);
}

/* "ip=127.0.0.1,port=7004,state=online,offset=4712,lag=0"; before it is online it gets a copy of
 * everything, and at offset 0 it has not said anything since. */
static bool is_in_step(struct slice replica)
{
    const char *lag = replica.len > 0 ? memrchr(replica.ptr, '=', replica.len) : NULL;
    int64_t lag_s;

    return lag && contains(replica, SLICE(",state=online,")) &&
           !contains(replica, SLICE(",offset=0,")) &&
           redis_parse_int(slice_from(replica, (size_t)(lag - replica.ptr) + 1), &lag_s) &&
           lag_s <= MAX_LAG_S;
}

/* How many of the `replicas` that text names are. */
static unsigned count_in_step(struct slice text, unsigned replicas)
{
    unsigned count = 0;

    for (unsigned i = 0; i < replicas && i < MAX_REPLICAS; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "slave%u", i);
        count += is_in_step(info_value(text, name));
    }
    return count;
}

static void take_replication(struct redis_facts *facts, const struct redis_questions *questions,
                             const struct redis_value *reply)
{
    if (reply->type != REDIS_STRING) {
        facts->info_refused = true;
        return;
    }
    facts->replicas = (unsigned)info_number(reply->text, "connected_slaves");
    facts->is_replica = info_is(reply->text, "role", "slave");
    facts->lacks_replicas = count_in_step(reply->text, facts->replicas) < questions->wait;
    facts->confirms_alone = questions->is_cluster && questions->wait == 0 && facts->replicas > 0;
}

static void take_memory(struct redis_facts *facts, const struct redis_questions *questions,
                        const struct redis_value *reply)
{
    (void)questions;
    if (reply->type != REDIS_STRING)
        facts->info_refused = true;
    else
        facts->evicts = !info_is(reply->text, "maxmemory", "0") &&
                        !info_is(reply->text, "maxmemory_policy", "noeviction");
}

static void take_cluster(struct redis_facts *facts, const struct redis_questions *questions,
                         const struct redis_value *reply)
{
    (void)questions;
    if (reply->type == REDIS_STRING) {
        facts->cluster_is_down = !info_is(reply->text, "cluster_state", "ok");
        facts->epoch = info_number(reply->text, "cluster_current_epoch");
        return;
    }
    /* "ERR This instance has cluster support disabled" */
    facts->is_no_cluster = slice_starts_with(reply->text, SLICE("ERR"));
    facts->cluster_refused = !facts->is_no_cluster;
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

static void take_config(struct redis_facts *facts, const struct redis_questions *questions,
                        const struct redis_value *reply)
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

    (void)questions;
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (slice_eq(fsync, settings[i].name))
            facts->fsync = settings[i].fsync;
    }
    facts->config_refused = facts->fsync == REDIS_FSYNC_UNKNOWN;
    facts->pauses_fsync = slice_eq(config_value(reply, "no-appendfsync-on-rewrite"), SLICE("yes"));
}

static bool always(const struct redis_questions *questions)
{
    (void)questions;
    return true;
}

static bool has_keys(const struct redis_questions *questions)
{
    return questions->prefix != NULL;
}

static bool waits(const struct redis_questions *questions)
{
    return questions->wait > 0;
}

static bool is_cluster(const struct redis_questions *questions)
{
    return questions->is_cluster;
}

static const struct step {
    const char *args[4]; /* without: the probe */
    bool (*is_asked)(const struct redis_questions *questions);
    void (*take)(struct redis_facts *facts, const struct redis_questions *questions,
                 const struct redis_value *reply);
} steps[] = {
    {{NULL}, has_keys, take_probe},
    {{"INFO", "persistence", NULL}, always, take_persistence},
    {{"INFO", "replication", NULL}, always, take_replication},
    {{"INFO", "memory", NULL}, always, take_memory},
    {{"CONFIG", "GET", "*append*", NULL}, always, take_config},
    {{"WAIT", "0", "1", NULL}, waits, take_right},
    {{"ASKING", NULL}, is_cluster, take_right},
    {{"CLUSTER", "INFO", NULL}, is_cluster, take_cluster},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static void put_probe(struct strbuf *out, const struct redis_prefix *prefix)
{
    char key[REDIS_RECORD_PREFIX_BYTES];

    redis_command(out, 4);
    redis_arg(out, SLICE("EVAL"));
    redis_arg(out, redis_probe_script());
    redis_arg_int(out, 1);
    redis_arg(out, redis_probe_key(prefix, key));
}

static void put_step(struct strbuf *out, const struct step *step,
                     const struct redis_questions *questions)
{
    size_t count = 0;

    while (step->args[count])
        count++;
    if (count > 0)
        redis_command_of(out, step->args, count);
    else
        put_probe(out, questions->prefix);
}

size_t redis_health_encode(struct strbuf *out, const struct redis_questions *questions)
{
    size_t count = 0;

    for (size_t i = 0; i < STEPS; i++) {
        if (!steps[i].is_asked(questions))
            continue;
        put_step(out, &steps[i], questions);
        count++;
    }
    return count;
}

void redis_facts_take(struct redis_facts *facts, const struct redis_questions *questions,
                      size_t step, const struct redis_value *reply)
{
    for (size_t i = 0; i < STEPS; i++) {
        if (steps[i].is_asked(questions) && step-- == 0) {
            steps[i].take(facts, questions, reply);
            return;
        }
    }
}
